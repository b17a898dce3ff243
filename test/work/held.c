// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which BPF programs, maps and links a process holds, and whether the kernel let go of them.
 *   held PID              prints "prog 12 map 3 link 7"
 *   held gone KIND ID...  waits until none of them is left; status 1 if one stays
 */
#include "work.h"

#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT_OF(a)  (sizeof(a) / sizeof((a)[0]))
#define WAIT_SECONDS 10

static const struct kind {
	const char *name, *line;
	int command;
} kinds[] = {
	{ "prog", "prog_id: %u", BPF_PROG_GET_FD_BY_ID },
	{ "map", "map_id: %u", BPF_MAP_GET_FD_BY_ID },
	{ "link", "link_id: %u", BPF_LINK_GET_FD_BY_ID },
};

static bool lives(const struct kind *kind, unsigned int id)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id; /* the first word, whatever the kind */
	fd = (int)syscall(SYS_bpf, kind->command, &attr, sizeof(attr));
	if (fd < 0 && errno != ENOENT)
		die("%s %u: %s", kind->name, id, strerror(errno));
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The kernel tears down after a grace period, and nothing announces the end of that. */
static int gone(char **argv)
{
	for (; argv[0] && argv[1]; argv += 2)
		for (size_t i = 0; i < COUNT_OF(kinds); i++) {
			int tries = WAIT_SECONDS * 100;

			if (strcmp(argv[0], kinds[i].name))
				continue;
			while (lives(&kinds[i], (unsigned int)atoi(argv[1])) && --tries)
				usleep(10000);
			if (!tries)
				die("%s %s is still there", argv[0], argv[1]);
		}
	return 0;
}

static void show(const char *path)
{
	char line[128];
	unsigned int id;
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file))
		for (size_t i = 0; i < COUNT_OF(kinds); i++)
			if (sscanf(line, kinds[i].line, &id) == 1)
				printf("%s %u ", kinds[i].name, id);
	if (file)
		fclose(file);
}

static int held(const char *pid)
{
	char dir[64], path[400];
	struct dirent *entry;
	DIR *fds;

	snprintf(dir, sizeof(dir), "/proc/%s/fdinfo", pid);
	fds = opendir(dir);
	if (!fds)
		die("%s: %s", dir, strerror(errno));
	while ((entry = readdir(fds))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		show(path);
	}
	closedir(fds);
	putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return held(argv[1]);
	if (argc > 2 && !strcmp(argv[1], "gone"))
		return gone(argv + 2);
	fputs("usage: held PID | held gone KIND ID...\n", stderr);
	return 2;
}
