// SPDX-License-Identifier: GPL-2.0-only
/* The command that a tool runs and follows (-- COMMAND). */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"

static void child(char **argv, int go, int failed)
{
	sigset_t none;
	char byte;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (read(go, &byte, 1) != 1)
		_exit(127); /* the tool gave up before it was attached */
	execvp(argv[0], argv);
	if (write(failed, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

int mt_command_start(struct mt_command *c, char **argv)
{
	int go[2], failed[2];
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) || pipe2(failed, O_CLOEXEC))
		return mt_failed(errno, "cannot make a pipe");
	pid = fork();
	if (pid < 0)
		return mt_failed(errno, "cannot fork");
	if (!pid) {
		close(go[1]);
		child(argv, go[0], failed[1]);
	}
	close(go[0]);
	close(failed[1]);
	*c = (struct mt_command){ pid, go[1], failed[0] };
	return 0;
}

void mt_command_go(struct mt_command *c)
{
	if (!c->pid)
		return;
	if (write(c->go, "", 1) < 0)
		mt_note("the command ended before it began");
	close(c->go);
	c->go = -1;
}

int mt_command_end(struct mt_command *c)
{
	int err = 0;

	if (!c->pid)
		return 0;
	if (c->go >= 0)
		close(c->go);
	fcntl(c->failed, F_SETFL, O_NONBLOCK);
	if (read(c->failed, &err, sizeof(err)) != sizeof(err))
		err = 0;
	close(c->failed);
	waitpid(c->pid, NULL, WNOHANG);
	return err;
}
