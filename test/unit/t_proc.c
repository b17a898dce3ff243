// SPDX-License-Identifier: GPL-2.0-only
/* proc: what the files of a process say, whatever its name is. */
#include <sys/wait.h>

#include "proc.h"
#include "test.h"

static bool status(const char *text, int64_t bytes[MT_MEM_KINDS])
{
	return mt_proc_status(test_file(text, strlen(text)), bytes);
}

static void test_status(void)
{
	static const char all[] = "Name:\tRssAnon: 7\nRssAnon:\t      12 kB\nRssFile:\t     340 kB\n"
				  "RssShmem:\t       0 kB\nVmData:\t 5 kB\nVmSwap:\t 99999999999 kB\nThreads:\t1\n";
	int64_t bytes[MT_MEM_KINDS] = { -1, -1, -1, -1 };

	ASSERT_TRUE(status(all, bytes));
	ASSERT_EQ(bytes[MT_MEM_ANON], 12 << 10);
	ASSERT_EQ(bytes[MT_MEM_FILE], 340 << 10);
	ASSERT_EQ(bytes[MT_MEM_SHMEM], 0);
	ASSERT_EQ(bytes[MT_MEM_SWAP], 99999999999LL << 10);
	ASSERT_TRUE(!status("", bytes));
	ASSERT_TRUE(!status("Name:\tkthreadd\nThreads:\t1\n", bytes));
	ASSERT_TRUE(!status("RssAnon:\t12 kB\nRssFile:\t1 kB\nRssShmem:\t1 kB\n", bytes));
	ASSERT_TRUE(!mt_proc_status("/no/such/file", bytes));
}

/* The groups of a process come before its memory, on one line, and there may be thousands. */
static void test_long_line(void)
{
	char text[4096];
	int64_t bytes[MT_MEM_KINDS];

	memset(text, '1', sizeof(text));
	memcpy(text, "Groups:\t", 8);
	memcpy(text + 255, "RssAnon:\t77 kB", 14); /* where a buffer of 256 bytes would begin anew */
	strcpy(text + 3000, "\nRssAnon:\t1 kB\nRssFile:\t2 kB\nRssShmem:\t3 kB\nVmSwap:\t4 kB\n");
	ASSERT_TRUE(status(text, bytes));
	ASSERT_EQ(bytes[MT_MEM_ANON], 1 << 10);
	ASSERT_EQ(bytes[MT_MEM_SWAP], 4 << 10);
}

static void ticks_are(const char *stat, bool ok, uint64_t wanted)
{
	uint64_t ticks = 0;

	if (ASSERT_EQ(mt_proc_ticks(stat, &ticks), ok) && ok)
		ASSERT_EQ(ticks, wanted);
}

static void test_ticks(void)
{
	ticks_are("7 (sh) S 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 1234 23 24\n", true, 1234);
	ticks_are("7 (a) 1 2 (b\n) S 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 1234 23\n", true, 1234);
	ticks_are("7 (sh) S 3 4 5\n", false, 0);
	ticks_are("", false, 0);
	ticks_are("7 (sh", false, 0);
}

static uint32_t found;

static void each(void *arg, uint32_t pid)
{
	ASSERT_TRUE(arg == &found);
	found += pid == (uint32_t)getpid();
}

static void test_self(void)
{
	int64_t bytes[MT_MEM_KINDS];
	uint64_t now = mt_proc_now(), ticks = 0, tick = 1000000000 / sysconf(_SC_CLK_TCK);
	char stat[1024] = "";
	pid_t pid = fork();
	FILE *f = fopen("/proc/self/stat", "re");

	if (!pid)
		_exit(0);
	ASSERT_TRUE(f && fgets(stat, sizeof(stat), f) && mt_proc_ticks(stat, &ticks));
	ASSERT_TRUE(ticks && ticks * tick <= now);
	ASSERT_TRUE(mt_proc_is(getpid(), ticks * tick + tick - 1));
	ASSERT_TRUE(!mt_proc_is(getpid(), ticks * tick - 1));
	ASSERT_TRUE(mt_proc_memory(getpid(), bytes) && bytes[MT_MEM_ANON] > 0);
	ASSERT_TRUE(mt_proc_each(each, &found));
	ASSERT_EQ(found, 1);
	waitid(P_PID, pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	ASSERT_TRUE(!mt_proc_memory(pid, bytes)); /* ended, and not yet waited for */
	waitpid(pid, NULL, 0);
	ASSERT_TRUE(!mt_proc_memory(pid, bytes));
	ASSERT_TRUE(!mt_proc_is(pid, now));
	if (f)
		fclose(f);
}

TESTS(test_status, test_long_line, test_ticks, test_self)
