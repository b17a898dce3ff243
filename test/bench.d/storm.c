// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory cgroup reclaims as fast as the kernel can make them: a cgroup that holds nothing reclaimable is
 * told again and again to give up everything, which the kernel tries some 16 times for each writing.
 *   storm [writes=N]
 */
#include "../work/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *knob, *value;
} by_version[] = {
	[1] = { "memory.force_empty", "0" },
	[2] = { "memory.high", "0" },
};

static unsigned long long writes = 1000;
static struct memcg memcg;
static int ready[2], go[2];

static void hold(const void *unused)
{
	char byte;

	(void)unused;
	close(go[1]);
	memcg_join(&memcg);
	press_anon(64 << 10, 1);
	/* held until the parent is done, or gone */
	if (write(ready[1], "", 1) == 1 && read(go[0], &byte, 1))
		die("woken by nobody");
}

static void storm(void)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", memcg.path, by_version[memcg.version].knob);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	for (unsigned long long i = 0; i < writes; i++)
		if (write(fd, by_version[memcg.version].value, 1) != 1)
			die("%s: %s", path, strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	static const struct arg args[] = { { "writes", &writes, NULL } };
	struct rusage usage;
	int status;
	char byte;

	work_begin(argc, argv, args, 1);
	memcg_make(&memcg, "memtrace-storm", LIMIT_MAX, 16 << 20);
	if (pipe(ready) || pipe(go))
		die("pipe: %s", strerror(errno));
	child_start(hold, NULL);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		die("nobody holds the cgroup's memory");
	storm();
	close(go[1]);
	child_wait(&status, &usage);
	memcg_remove(&memcg);
	json_open(NULL);
	json_text("work", "storm");
	json_number("writes", writes);
	json_close();
	return 0;
}
