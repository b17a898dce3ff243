// SPDX-License-Identifier: GPL-2.0-only
/* names: words of flags and error numbers, with nothing lost and nothing said twice. */
#include <errno.h>

#include "names.h"
#include "test.h"

static const struct mt_name table[] = {
	{ 0, ~0ULL, "NONE" },
	{ 3, 0xf, "THREE" }, /* a value of a field, before the bits that it is made of */
	{ 1, 0xf, "ONE" },
	MT_FLAG(0x10),
	{ 0x30000020, 0xf0000020, "KIND|SIZE" },
	{ 0x20, 0x20, "KIND" },
	{ 0 },
};

static const char *name(uint64_t value)
{
	static char buf[128];
	size_t n = mt_names(table, value, buf, sizeof(buf));

	ASSERT_EQ(n, strlen(buf));
	return buf;
}

static void test_words(void)
{
	ASSERT_STREQ(name(0), "NONE");
	ASSERT_STREQ(name(3), "THREE");
	ASSERT_STREQ(name(1), "ONE");
	ASSERT_STREQ(name(2), "0x2"); /* no name: a value is no sum of bits */
	ASSERT_STREQ(name(0x10), "0x10");
	ASSERT_STREQ(name(0x11), "ONE|0x10");
	ASSERT_STREQ(name(0x30000020), "KIND|SIZE");
	ASSERT_STREQ(name(0x20000020), "KIND|0x20000000");
	ASSERT_STREQ(name(0x30000000), "0x30000000"); /* a size without its kind is no size */
	ASSERT_STREQ(name(0x8000000000000000), "0x8000000000000000");
}

static void test_rest(void)
{
	char buf[64];
	uint64_t rest;

	ASSERT_EQ(mt_names_rest(table, 0x7c0 | 1, buf, sizeof(buf), &rest), 3);
	ASSERT_STREQ(buf, "ONE");
	ASSERT_EQ(rest, 0x7c0);
	ASSERT_EQ(mt_names_rest(table, 0x40, buf, sizeof(buf), &rest), 0);
	ASSERT_STREQ(buf, "");
	ASSERT_EQ(rest, 0x40);
}

/* What does not fit is left out whole. */
static void test_room(void)
{
	char buf[32];

	for (size_t size = 1; size < sizeof(buf); size++) {
		memset(buf, 'x', sizeof(buf));
		ASSERT_TRUE(mt_names(table, 0x8000000000000073, buf, size) < size);
		ASSERT_TRUE(strlen(buf) < size && buf[size] == 'x');
	}
	mt_names(table, 0x30000063, buf, 10);
	ASSERT_STREQ(buf, "THREE");
}

static void test_errors(void)
{
	ASSERT_STREQ(mt_errno_name(ENOMEM), "ENOMEM");
	ASSERT_STREQ(mt_errno_name(-EEXIST), "EEXIST");
	ASSERT_STREQ(mt_errno_name(-512), "ERESTARTSYS");
	ASSERT_STREQ(mt_errno_name(516), "ERESTART_RESTARTBLOCK");
	ASSERT_TRUE(!mt_errno_name(0));
	ASSERT_TRUE(!mt_errno_name(4000));
	ASSERT_TRUE(!mt_errno_name(INT32_MIN));
}

TESTS(test_words, test_rest, test_room, test_errors)
