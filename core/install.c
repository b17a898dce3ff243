// SPDX-License-Identifier: GPL-2.0-only
/* memtrace install: a link for each tool. */
#include "install.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "tools.h"

struct install {
	const char *dir, *prefix, *suffix;
	char self[PATH_MAX];
	int fd;
};

static int parse(struct install *in, char **argv)
{
	const char **into;

	for (; *argv; argv++) {
		into = !strcmp(*argv, "--prefix") ? &in->prefix : !strcmp(*argv, "--suffix") ? &in->suffix : NULL;
		if (into && !argv[1])
			return mt_usage("install: %s needs an argument", *argv);
		if (into)
			*into = *++argv;
		else if (**argv == '-')
			return mt_usage("install: unknown option '%s'", *argv);
		else if (in->dir)
			return mt_usage("install: '%s': one argument too many", *argv);
		else
			in->dir = *argv;
	}
	if (!in->dir)
		return mt_usage("usage: memtrace install [--prefix P] [--suffix S] DIR");
	if (strchr(in->prefix, '/') || strchr(in->suffix, '/'))
		return mt_usage("install: a prefix or suffix has no '/'");
	return 0;
}

/* Is the link one of ours: does it lead to a file named memtrace, or memtrace-VERSION? */
static bool ours(const struct install *in, const char *link)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(in->fd, link, target, sizeof(target) - 1);
	const char *base;

	if (n < 0)
		return false;
	target[n] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	return !strcmp(target, in->self) || !strcmp(base, "memtrace") || !strncmp(base, "memtrace-", 9);
}

static int make_link(const struct install *in, const struct mt_tool *tool)
{
	char name[NAME_MAX + 1];
	struct stat st;

	if (snprintf(name, sizeof(name), "%s%s%s", in->prefix, tool->name, in->suffix) >= (int)sizeof(name))
		return mt_usage("install: the prefix or suffix is too long");
	if (mt_tool_by_link(name) != tool)
		return mt_usage("install: called as '%s' it would not be known as %s: choose another prefix or suffix",
				name, tool->name);
	if (!fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW)) {
		if (!ours(in, name))
			return mt_failed(0, "install: %s/%s: is there, and not ours: choose a --prefix or --suffix",
					 in->dir, name);
		if (unlinkat(in->fd, name, 0))
			return mt_failed(errno, "install: %s/%s", in->dir, name);
	}
	if (symlinkat(in->self, in->fd, name))
		return mt_failed(errno, "install: %s/%s", in->dir, name);
	return 0;
}

int mt_install(char **argv)
{
	struct install in = { .prefix = "", .suffix = "" };
	int rc = parse(&in, argv), made = 0;
	ssize_t n;

	if (rc)
		return rc;
	n = readlink("/proc/self/exe", in.self, sizeof(in.self) - 1);
	if (n < 0)
		return mt_failed(errno, "install: /proc/self/exe");
	in.self[n] = '\0';
	in.fd = open(in.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in.fd < 0)
		return mt_failed(errno, "install: %s", in.dir);
	for (size_t i = 0; mt_tools[i]; i++) {
		int one = make_link(&in, mt_tools[i]);

		made += !one;
		rc = rc ? rc : one;
	}
	printf("%d links to %s in %s\n", made, in.self, in.dir);
	close(in.fd);
	return rc;
}
