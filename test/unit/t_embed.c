// SPDX-License-Identifier: GPL-2.0-only
/* embed.c: every tool's object comes out as the ELF file it was; a broken one does not come out. */
#include <stdlib.h>
#include <string.h>

#include "embed.h"
#include "test.h"
#include "tools.h"

static void test_objects(void)
{
	for (size_t i = 0; mt_tools[i]; i++) {
		size_t size = 0;
		char *object = mt_embed_object(mt_tools[i], &size);

		if (mt_tools[i]->object)
			ASSERT_TRUE(object && size > 64 && !memcmp(object, "\177ELF", 4));
		else
			ASSERT_TRUE(!object);
		free(object);
	}
}

static void test_broken(void)
{
	size_t len = mt_tools[0]->object_end - mt_tools[0]->object, size = 0;
	unsigned char *copy = malloc(len);
	struct mt_tool broken = *mt_tools[0];

	memcpy(copy, mt_tools[0]->object, len);
	copy[len / 2] ^= 0xff;
	broken.object = copy;
	broken.object_end = copy + len;
	ASSERT_TRUE(!mt_embed_object(&broken, &size));
	broken.object_end = copy + 2;
	ASSERT_TRUE(!mt_embed_object(&broken, &size));
	free(copy);
}

TESTS(test_objects, test_broken)
