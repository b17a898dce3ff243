// SPDX-License-Identifier: GPL-2.0-only
/* ksym: the name of exactly that function, or its address; never a neighbour's name. */
#include <stdlib.h>

#include "ksym.h"
#include "test.h"

static const char *file(const char *text)
{
	static char path[] = "/tmp/mt-ksym-XXXXXX";
	static int fd = -1;

	if (fd < 0) {
		fd = mkstemp(path);
		ASSERT_TRUE(fd >= 0);
	}
	ASSERT_OK(ftruncate(fd, 0));
	ASSERT_EQ(pwrite(fd, text, strlen(text), 0), strlen(text));
	return path;
}

static void takes(const char *line, uint64_t address, char type, const char *name, const char *module)
{
	struct mt_ksym_line sym;

	if (!ASSERT_TRUE(mt_ksym_parse(line, &sym)))
		return;
	ASSERT_EQ(sym.address, address);
	ASSERT_EQ(sym.type, type);
	ASSERT_TRUE(sym.name_len == strlen(name) && !memcmp(sym.name, name, sym.name_len));
	ASSERT_TRUE(!module == !sym.module);
	if (module)
		ASSERT_TRUE(sym.module_len == strlen(module) && !memcmp(sym.module, module, sym.module_len));
}

static void refuses(const char *line)
{
	struct mt_ksym_line sym;

	if (!ASSERT_TRUE(!mt_ksym_parse(line, &sym)))
		printf("  '%s'\n", line);
}

static void test_lines(void)
{
	takes("ffffffff81000000 T _text\n", 0xffffffff81000000, 'T', "_text", NULL);
	takes("ffffffffc0000000 t f\t[ext4]\n", 0xffffffffc0000000, 't', "f", "ext4");
	takes("0000000000000000 A fixed_percpu_data", 0, 'A', "fixed_percpu_data", NULL);
	takes("FFFF W a.isra.0", 0xffff, 'W', "a.isra.0", NULL);
	refuses("");
	refuses("\n");
	refuses("ffffffff81000000");
	refuses("ffffffff81000000 ");
	refuses("ffffffff81000000 T");
	refuses("ffffffff81000000 T \n");
	refuses("ffffffff81000000 TT a");
	refuses("ffffffff81000000  a");
	refuses(" ffffffff81000000 T a");
	refuses("11111111111111111 T a");
	refuses("ffff T a\t[");
	refuses("ffff T a\t[]");
	refuses("ffff T a\t[b\n");
	refuses("xyz T a");
}

static const char text[] = "0000000000001000 T __label_start\n"
			   "0000000000001000 t first\n"
			   "0000000000001000 t alias\n"
			   "0000000000001100 t second\n"
			   "0000000000001200 D data\n"
			   "0000000000001300 T common\n"
			   "0000000000009000 t in_module\t[mod]\n"
			   "0000000000009100 t common\t[mod]\n";

static void test_names(void)
{
	static const uint64_t wanted[] = { 0x1000, 0x1100, 0x1101, 0x10ff, 0x1200, 0x9000, 0x9001, 0 };

	ASSERT_STREQ(mt_ksym_name(0x1000), "0x1000"); /* nothing was learned yet */
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		mt_ksym_want(wanted[i]);
	ASSERT_OK(mt_ksym_learn(file(text)));
	ASSERT_STREQ(mt_ksym_name(0x1000), "first");
	ASSERT_STREQ(mt_ksym_name(0x1100), "second");
	ASSERT_STREQ(mt_ksym_name(0x1101), "0x1101");
	ASSERT_STREQ(mt_ksym_name(0x10ff), "0x10ff");
	ASSERT_STREQ(mt_ksym_name(0x1200), "0x1200"); /* no function */
	ASSERT_STREQ(mt_ksym_name(0x9000), "in_module [mod]");
	ASSERT_STREQ(mt_ksym_name(0x9001), "0x9001");
	ASSERT_STREQ(mt_ksym_name(0), "0x0");
	ASSERT_STREQ(mt_ksym_name(UINT64_MAX), "0xffffffffffffffff");
}

/* What was learned stays, and the file is read only for what is new. */
static void test_later(void)
{
	mt_ksym_want(0x1100);
	ASSERT_OK(mt_ksym_learn("/nowhere"));
	mt_ksym_want(0x9200);
	ASSERT_OK(mt_ksym_learn(file("0000000000009200 t late\t[other]\n0000000000001100 t other\n")));
	ASSERT_STREQ(mt_ksym_name(0x9200), "late [other]");
	ASSERT_STREQ(mt_ksym_name(0x1100), "second");
	mt_ksym_want(0x9300);
	ASSERT_EQ(mt_ksym_learn("/nowhere"), -ENOENT);
	ASSERT_STREQ(mt_ksym_name(0x9300), "0x9300");
}

static void test_hidden(void)
{
	mt_ksym_want(0x5000);
	ASSERT_EQ(mt_ksym_learn(file("0000000000000000 T a\n0000000000000000 T b\n")), -EACCES);
	ASSERT_STREQ(mt_ksym_name(0x5000), "0x5000");
	mt_ksym_want(0x5001);
	ASSERT_EQ(mt_ksym_learn(file("")), -EACCES);
}

static void test_find(void)
{
	uint64_t found[2];

	ASSERT_EQ(mt_ksym_find(file(text), "second"), 0x1100);
	ASSERT_EQ(mt_ksym_find(file(text), "secon"), 0);
	ASSERT_EQ(mt_ksym_find(file(text), "data"), 0);
	ASSERT_EQ(mt_ksym_find(file(text), "in_module"), 0);
	ASSERT_EQ(mt_ksym_find(file(text), "common"), 0x1300);
	ASSERT_EQ(mt_ksym_find("/nowhere", "second"), 0);
	ASSERT_TRUE(mt_ksym_find_variables(file(text), (const char *const[]){ "data" }, found, 1));
	ASSERT_TRUE(found[0] != 0);
	ASSERT_TRUE(!mt_ksym_find_variables(file(text), (const char *const[]){ "data", "second" }, found, 2));
	ASSERT_EQ(found[1], 0);
	ASSERT_EQ(mt_ksym_find(file("0000000000000000 T second\n"), "second"), 0);
}

/* More names than there is room for: addresses, and nothing else. */
static void test_many(void)
{
	char *lines = malloc(4000 * 80), *at = lines;

	*lines = '\0';
	for (unsigned i = 1; i <= 4000; i++) {
		at += sprintf(at, "%016x t a_function_with_a_name_that_is_long_enough_%u\n", 0x100000 + i, i);
		mt_ksym_want(0x100000 + i);
	}
	ASSERT_OK(mt_ksym_learn(file(lines)));
	for (unsigned i = 1; i <= 4000; i++) {
		char name[80], hex[32];

		snprintf(name, sizeof(name), "a_function_with_a_name_that_is_long_enough_%u", i);
		snprintf(hex, sizeof(hex), "0x%x", 0x100000 + i);
		ASSERT_TRUE(!strcmp(mt_ksym_name(0x100000 + i), name) || !strcmp(mt_ksym_name(0x100000 + i), hex));
	}
	ASSERT_STREQ(mt_ksym_name(0x100001), "a_function_with_a_name_that_is_long_enough_1");
	ASSERT_STREQ(mt_ksym_name(0x100000 + 4000), "0x100fa0");
	free(lines);
	unlink(file(""));
}

TESTS(test_lines, test_names, test_later, test_hidden, test_find, test_many)
