// SPDX-License-Identifier: GPL-2.0-only
/* path: what a probe leaves becomes the path that /proc/PID/maps shows, or says that it is not all of it. */
#include "../../probes/mt/path.h"
#include "path.h"
#include "test.h"

const char *__wrap_mt_mount_path(uint32_t dev, const char *inside);
const char *__wrap_mt_mount_path(uint32_t dev, const char *inside)
{
	static char path[512];

	snprintf(path, sizeof(path), "/mnt%s", strcmp(inside, "/") ? inside : "");
	return dev == 7 ? path : NULL;
}

static mt_path p;

#define PATH(of_kind, literal, ...)                                                    \
	(p = (mt_path){ .kind = of_kind, .used = sizeof(literal) - 1, ##__VA_ARGS__ }, \
	 memcpy(p.names, literal, sizeof(literal) - 1), mt_path_text(&p))

static void test_kinds(void)
{
	ASSERT_EQ(sizeof(mt_path), MT_PATH_BYTES);
	ASSERT_TRUE(!PATH(MT_PATH_NONE, "a\0"));
	ASSERT_TRUE(!PATH(200, "a\0"));
	ASSERT_STREQ(PATH(MT_PATH_WHOLE, "libc.so.6\0lib\0usr\0"), "/usr/lib/libc.so.6");
	ASSERT_STREQ(PATH(MT_PATH_WHOLE, ""), "/");
	ASSERT_STREQ(PATH(MT_PATH_WHOLE, "a\0b\0", .deleted = 1), "/b/a (deleted)");
	ASSERT_STREQ(PATH(MT_PATH_INSIDE, "f\0", .dev = 7), "/mnt/f");
	ASSERT_STREQ(PATH(MT_PATH_INSIDE, "f\0", .dev = 7, .deleted = 1), "/mnt/f (deleted)");
	ASSERT_STREQ(PATH(MT_PATH_INSIDE, "", .dev = 7), "/mnt");
	ASSERT_STREQ(PATH(MT_PATH_INSIDE, "f\0d\0", .dev = 8), ".../d/f");
	ASSERT_STREQ(PATH(MT_PATH_INSIDE, "", .dev = 8), ".../");
	ASSERT_STREQ(PATH(MT_PATH_CUT, "f\0d\0", .dev = 7), ".../d/f");
	ASSERT_STREQ(PATH(MT_PATH_CUT, ""), "...");
	ASSERT_STREQ(PATH(MT_PATH_OUTSIDE, "f\0"), "(unreachable)/f");
	ASSERT_STREQ(PATH(MT_PATH_ALONE, "memfd:x\0"), "/memfd:x (deleted)");
	ASSERT_STREQ(PATH(MT_PATH_ALONE, "dev/zero\0"), "/dev/zero (deleted)");
	ASSERT_STREQ(PATH(MT_PATH_ALONE, "[perf_event]\0", .magic = 0x09041934), "anon_inode:[perf_event]");
	ASSERT_STREQ(PATH(MT_PATH_ALONE, "PACKET\0", .magic = 0x534f434b), "socket:PACKET");
}

/* Whatever is in the record, the text is made of it and ends. */
static void test_any(void)
{
	memset(&p, 'x', sizeof(p));
	p.kind = MT_PATH_WHOLE;
	p.deleted = 0;
	ASSERT_EQ(strlen(mt_path_text(&p)), sizeof(p.names));
	for (int i = 0; i < 100000; i++) {
		const char *text;

		for (size_t at = 0; at < sizeof(p); at += 4)
			memcpy((char *)&p + at, &(uint32_t){ test_random() & test_random() & test_random() }, 4);
		p.kind %= MT_PATH_ALONE + 2;
		p.used %= sizeof(p.names) + 2;
		text = mt_path_text(&p);
		ASSERT_TRUE(!text || strlen(text) < 2 * sizeof(p));
	}
}

TESTS(test_kinds, test_any)
