// SPDX-License-Identifier: GPL-2.0-only
/*
 * OOM kills: victims fill memory until the kernel ends them, in a memory cgroup or in the whole machine.
 *   oom kills=N parallel=N limit=BYTES   (limit=0: the whole machine)
 */
#include "work.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define VICTIMS_MAX 4096
#define SHARED	    (2UL << 20)

static unsigned long long kills = 1, parallel = 1, limit;
static struct memcg memcg;
static pid_t victims[VICTIMS_MAX];

static void victim(const void *unused)
{
	size_t chunk = 1 << 20, page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	int flags = MAP_SHARED | MAP_ANONYMOUS;
	size_t bytes = SHARED;

	(void)unused;
	if (fd < 0 || write(fd, "900", 3) != 3)
		die("cannot offer itself as a victim");
	close(fd);
	if (limit)
		memcg_join(&memcg);
	/* some shared memory first, so that no part of the victim's RSS is zero */
	for (;;) {
		volatile char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);

		if (p == MAP_FAILED)
			die("mmap refused: no overcommit here");
		for (size_t at = 0; at < bytes; at += page)
			p[at] = 1;
		flags = MAP_PRIVATE | MAP_ANONYMOUS;
		bytes = chunk;
	}
}

int main(int argc, char **argv)
{
	static const struct arg args[] = {
		{ "kills", &kills, NULL },
		{ "parallel", &parallel, NULL },
		{ "limit", &limit, NULL },
	};
	unsigned long long started = 0, killed = 0;
	struct counters vmstat;
	int status;
	pid_t pid;

	work_begin(argc, argv, args, sizeof(args) / sizeof(args[0]));
	if (kills > VICTIMS_MAX)
		die("kills: at most %d", VICTIMS_MAX);
	if (limit) {
		memcg_make(&memcg, "memtrace-oom", LIMIT_MAX, limit);
		memcg_no_swap(&memcg);
	}
	counters_read(&vmstat, "/proc/vmstat");
	while (started < kills && started < parallel) {
		child_start(victim, NULL);
		started++;
	}
	while ((pid = child_wait(&status, NULL)) > 0) {
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			victims[killed++] = pid;
		if (started < kills) {
			child_start(victim, NULL);
			started++;
		}
	}

	json_open(NULL);
	json_text("work", "oom");
	json_number("killed", killed);
	json_list("victims");
	for (unsigned long long i = 0; i < killed; i++)
		json_number(NULL, (unsigned long long)victims[i]);
	json_close();
	json_number("shmem_bytes", SHARED);
	json_number("pid", (unsigned long long)getpid());
	counters_json("vmstat", &vmstat, "/proc/vmstat");
	if (limit)
		memcg_json(&memcg);
	json_close();

	if (limit)
		memcg_remove(&memcg);
	return killed != kills;
}
