// SPDX-License-Identifier: GPL-2.0-only
/* err: one line, safe to print, and the exit status that it stands for. */
#include <bpf/libbpf.h>

#include "err.h"
#include "test.h"

static void test_status(void)
{
	int failed, usage, cannot;

	test_capture(STDERR_FILENO);
	mt_err_name("tool");
	failed = mt_failed(-ENOENT, "%s", "file");
	usage = mt_usage("bad %d", 7);
	cannot = mt_cannot(EPERM, "no");
	mt_note("note");
	ASSERT_STREQ(test_capture_end(), "tool: file: No such file or directory\n"
					 "tool: bad 7\n"
					 "tool: no: Operation not permitted\n"
					 "tool: note\n");
	ASSERT_EQ(failed, MT_FAILED);
	ASSERT_EQ(usage, MT_USAGE);
	ASSERT_EQ(cannot, MT_CANNOT);
	ASSERT_STREQ(mt_err_get_name(), "tool");
}

static void test_hostile(void)
{
	test_capture(STDERR_FILENO);
	mt_err_name("t");
	mt_note("'%s'", "\x1b[31m\n\xff\r");
	ASSERT_STREQ(test_capture_end(), "t: '\\x1b[31m\\x0a\\xff\\x0d'\n");
}

/* Longer than any buffer, of bytes that all grow fourfold. */
static void test_long(void)
{
	char many[5000];
	const char *said;

	memset(many, '\x01', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	test_capture(STDERR_FILENO);
	mt_failed(ENOENT, "%s", many);
	said = test_capture_end();
	ASSERT_TRUE(strlen(said) > 1000 && strlen(said) < 4097);
	ASSERT_EQ(said[strlen(said) - 1], '\n');
	ASSERT_TRUE(strchr(said, '\n') == said + strlen(said) - 1);
}

/* libbpf speaks through the hook; what it said is kept until asked for, and then the newest of it. */
static void test_held(void)
{
	const char *said;

	mt_log_hold(false);
	test_capture(STDERR_FILENO);
	for (int i = 0; i < 3000; i++) {
		struct bpf_object *o = bpf_object__open_mem("no ELF", 6, NULL);

		bpf_object__close(o);
	}
	ASSERT_STREQ(test_capture_end(), "");
	test_capture(STDERR_FILENO);
	mt_log_print();
	said = test_capture_end();
	ASSERT_HAS(said, "libbpf: ");
	ASSERT_TRUE(strlen(said) <= 16 << 10);
	test_capture(STDERR_FILENO);
	mt_log_print();
	ASSERT_STREQ(test_capture_end(), "");
	bpf_object__close(bpf_object__open_mem("no ELF", 6, NULL));
	mt_log_clear();
	test_capture(STDERR_FILENO);
	mt_log_print();
	ASSERT_STREQ(test_capture_end(), "");
}

TESTS(test_status, test_hostile, test_long, test_held)
