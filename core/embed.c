// SPDX-License-Identifier: GPL-2.0-only
/* A probe's object as the build embeds it: compressed, since many tools share one executable. */
#include "embed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "tool.h"

#define GZIP_HEADER 16 /* added to windowBits: expect what gzip writes */

void *mt_embed_object(const struct mt_tool *tool, size_t *size)
{
	z_stream z = { .next_in = (Bytef *)tool->object, .avail_in = tool->object_end - tool->object };
	uint32_t whole;
	void *object;
	int rc;

	if (z.avail_in < sizeof(whole))
		return NULL;
	memcpy(&whole, tool->object_end - sizeof(whole), sizeof(whole)); /* gzip ends with it, RFC 1952 */
	object = malloc(whole);
	if (!object || inflateInit2(&z, MAX_WBITS + GZIP_HEADER) != Z_OK) {
		free(object);
		return NULL;
	}
	z.next_out = object;
	z.avail_out = whole;
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (rc != Z_STREAM_END || z.avail_out) {
		free(object);
		return NULL;
	}
	*size = whole;
	return object;
}
