// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command as a user would: signals as a terminal gives them, not as a shell's background job has them.
 *   as [uid=N] -- COMMAND ARG...
 */
#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static unsigned long long uid;
	static const struct arg args[] = {
		{ "uid", &uid, NULL },
	};
	int n = 1;
	sigset_t none;

	while (n < argc && strcmp(argv[n], "--"))
		n++;
	if (n + 1 >= argc)
		die("no command after --");
	work_begin(n, argv, args, 1);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (uid && (setgroups(0, NULL) || setgid((gid_t)uid) || setuid((uid_t)uid)))
		die("uid %llu: %s", uid, strerror(errno));
	execvp(argv[n + 1], argv + n + 1);
	die("%s: %s", argv[n + 1], strerror(errno));
}
