// SPDX-License-Identifier: GPL-2.0-only
/* host: lines and numbers of the kernel's files, and whether a process is there. */
#include <sys/wait.h>
#include <time.h>

#include "host.h"
#include "test.h"

static void line_is(const char *text, size_t size, bool ok, const char *line)
{
	char buf[64] = "left from before";

	ASSERT_EQ(mt_host_line(test_file(text, strlen(text)), buf, size), ok);
	ASSERT_STREQ(buf, line);
}

static void test_line(void)
{
	line_is("one\ntwo\n", 64, true, "one");
	line_is("one", 64, true, "one");
	line_is("\n", 64, true, "");
	line_is("", 64, false, "");
	line_is("longer than the room", 7, true, "longer");
	ASSERT_TRUE(!mt_host_line("/no/such/file", (char[8]){ 0 }, 8));
}

static void number_is(const char *text, const char *key, bool ok, uint64_t wanted)
{
	uint64_t value = ~wanted;

	if (ASSERT_EQ(mt_host_number(test_file(text, strlen(text)), key, &value), ok) && ok)
		ASSERT_EQ(value, wanted);
}

static void test_number(void)
{
	static const char meminfo[] =
		"MemTotal:        8050332 kB\nMemFree:          224 kB\nHugePages_Total:       5\n";
	static const char vmstat[] = "oom_kill 7\noom_kill_x 8\npgsteal_kswapd 18446744073709551615\nbad x\n";

	number_is(meminfo, "MemTotal", true, 8050332);
	number_is(meminfo, "MemFree", true, 224);
	number_is(meminfo, "HugePages_Total", true, 5);
	number_is(meminfo, "Mem", false, 0);
	number_is(vmstat, "oom_kill", true, 7);
	number_is(vmstat, "oom_kill_x", true, 8);
	number_is(vmstat, "kill", false, 0);
	number_is(vmstat, "pgsteal_kswapd", true, UINT64_MAX);
	number_is(vmstat, "bad", false, 0);
	number_is(vmstat, "", false, 0);
	number_is("", "x", false, 0);
	number_is("x", "x", false, 0);
	number_is("x 1", "x", true, 1);
	number_is("key1 5\nkeys 6\nkey 7\n", "key", true, 7);
	number_is("key7\n", "key", false, 0);
	number_is("Tgid:\t77\n", "Tgid", true, 77);
	ASSERT_TRUE(!mt_host_number("/no/such/file", "x", &(uint64_t){ 0 }));
}

/* The end of a line longer than the buffer is not a line of its own. */
static void test_number_in_long_line(void)
{
	char text[1200];

	memset(text, 'a', sizeof(text));
	memcpy(text + 511, "key 1\n", 6);
	strcpy(text + 517, "key 2\n");
	number_is(text, "key", true, 2);
}

static void test_pids(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ASSERT_TRUE(!mt_host_pid_gone(getpid()));
	ASSERT_TRUE(!mt_host_pid_gone(1)); /* also where it may not be signalled */
	waitpid(pid, NULL, 0);
	ASSERT_TRUE(mt_host_pid_gone(pid));
}

static void test_clock(void)
{
	uint64_t before = mt_host_monotonic();
	time_t wall = time(NULL);
	int64_t told = (int64_t)(before + mt_host_clock_offset()) / 1000000000;

	ASSERT_TRUE(mt_host_monotonic() >= before);
	ASSERT_TRUE(told - wall <= 1 && wall - told <= 1);
}

/* As often as wanted, from its begin, in a buffer that grows with it. */
static void test_text(void)
{
	static char large[40000];
	char *text = NULL;
	size_t size = 0;
	int fd;

	memset(large, 'x', sizeof(large));
	fd = open(test_file(large, sizeof(large)), O_RDONLY);
	for (int i = 0; i < 2; i++)
		if (ASSERT_OK(mt_host_text(fd, &text, &size)))
			ASSERT_TRUE(strlen(text) == sizeof(large) && !memcmp(text, large, sizeof(large)));
	close(fd);
	ASSERT_EQ(mt_host_text(-1, &text, &size), -EBADF);
	fd = open(test_file("ab", 2), O_RDONLY);
	if (ASSERT_OK(mt_host_text(fd, &text, &size)))
		ASSERT_STREQ(text, "ab");
	close(fd);
	free(text);
}

TESTS(test_text, test_line, test_number, test_number_in_long_line, test_pids, test_clock)
