// SPDX-License-Identifier: GPL-2.0-only
/* command: it waits to be let go, and what it could not be is told. */
#include <signal.h>
#include <sys/wait.h>

#include "command.h"
#include "err.h"
#include "test.h"

static void test_waits(void)
{
	char path[] = "/tmp/mt-command-XXXXXX";
	struct mt_command c;
	int fd = mkstemp(path), status;

	signal(SIGPIPE, SIG_IGN); /* as core/loop.c does */
	close(fd);
	ASSERT_OK(mt_command_start(&c, (char *[]){ "rm", path, NULL }));
	usleep(50000);
	ASSERT_OK(access(path, F_OK)); /* not yet */
	ASSERT_EQ(waitpid(c.pid, NULL, WNOHANG), 0);
	mt_command_go(&c);
	ASSERT_EQ(waitpid(c.pid, &status, 0), c.pid);
	ASSERT_OK(status);
	ASSERT_EQ(access(path, F_OK), -1);
	ASSERT_OK(mt_command_end(&c));
}

static void test_cannot_run(void)
{
	struct mt_command c;

	ASSERT_OK(mt_command_start(&c, (char *[]){ "/no/such/program", NULL }));
	mt_command_go(&c);
	waitpid(c.pid, NULL, 0);
	ASSERT_EQ(mt_command_end(&c), ENOENT);
}

/* The tool gave up: the command never runs. */
static void test_given_up(void)
{
	char path[] = "/tmp/mt-command-XXXXXX";
	struct mt_command c;
	int fd = mkstemp(path), status;

	close(fd);
	ASSERT_OK(mt_command_start(&c, (char *[]){ "rm", path, NULL }));
	close(c.go);
	ASSERT_EQ(waitpid(c.pid, &status, 0), c.pid);
	ASSERT_EQ(WEXITSTATUS(status), 127);
	ASSERT_OK(access(path, F_OK));
	c.go = -1;
	ASSERT_OK(mt_command_end(&c));
	unlink(path);
}

static void test_none(void)
{
	struct mt_command none = { 0 };

	mt_command_go(&none);
	ASSERT_OK(mt_command_end(&none));
}

TESTS(test_waits, test_cannot_run, test_given_up, test_none)
