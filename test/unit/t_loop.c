// SPDX-License-Identifier: GPL-2.0-only
/* loop: what ends a run and what wakes it. */
#include <signal.h>
#include <sys/wait.h>

#include "host.h"
#include "loop.h"
#include "test.h"

#define MS 1000000ULL

static void test_interval_and_duration(void)
{
	struct mt_loop loop;
	uint64_t began = mt_host_monotonic();
	int ticks = 0, wake;

	ASSERT_OK(mt_loop_open(&loop));
	ASSERT_OK(mt_loop_interval(&loop, 10 * MS));
	ASSERT_OK(mt_loop_duration(&loop, 95 * MS));
	do {
		wake = mt_loop_wait(&loop);
		ticks += (wake & MT_WAKE_INTERVAL) != 0;
	} while (wake > 0 && !(wake & MT_WAKE_END));
	ASSERT_TRUE(wake > 0);
	ASSERT_TRUE(ticks >= 1 && ticks <= 10); /* a busy host merges some, and is late with the end */
	ASSERT_TRUE(mt_host_monotonic() - began >= 95 * MS);
	mt_loop_close(&loop);
}

/* One that ended the loop has done its work: it must not end the program at the close. */
static void test_signals(void)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < 3; i++) {
		struct mt_loop loop;
		int status = 0;
		pid_t pid = fork();

		if (!pid) {
			if (mt_loop_open(&loop))
				_exit(1);
			raise(ending[i]);
			if (mt_loop_wait(&loop) != MT_WAKE_END)
				_exit(2);
			mt_loop_close(&loop);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		ASSERT_TRUE(WIFEXITED(status));
		ASSERT_OK(WEXITSTATUS(status));
	}
}

static void test_child(void)
{
	struct mt_loop loop;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ASSERT_OK(mt_loop_open(&loop));
	ASSERT_OK(mt_loop_child(&loop, pid));
	ASSERT_EQ(mt_loop_wait(&loop), MT_WAKE_END);
	waitpid(pid, NULL, 0);
	mt_loop_close(&loop);
}

static void test_records(void)
{
	struct mt_loop loop;
	int ends[2];

	ASSERT_OK(pipe(ends));
	ASSERT_OK(mt_loop_open(&loop));
	ASSERT_OK(mt_loop_records(&loop, ends[0]));
	ASSERT_EQ(write(ends[1], "x", 1), 1);
	ASSERT_EQ(mt_loop_wait(&loop), MT_WAKE_RECORDS);
	raise(SIGTERM);
	ASSERT_EQ(mt_loop_wait(&loop), MT_WAKE_RECORDS | MT_WAKE_END);
	mt_loop_close(&loop);
	close(ends[0]);
	close(ends[1]);
}

static void test_bad_fd(void)
{
	struct mt_loop loop;

	ASSERT_OK(mt_loop_open(&loop));
	ASSERT_EQ(mt_loop_records(&loop, 9999), -EBADF);
	ASSERT_TRUE(mt_loop_child(&loop, (1 << 22) - 1) < 0);
	mt_loop_close(&loop);
}

TESTS(test_interval_and_duration, test_signals, test_child, test_records, test_bad_fd)
