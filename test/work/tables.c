// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wants much memory that cannot be moved: a page table for each page that it touches, 2 MiB apart.
 *   tables n=NUMBER
 */
#include "work.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define APART (2UL << 20)

static unsigned long long n = 4096;

static void touch(const void *unused)
{
	char *at = mmap(NULL, n * APART, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	(void)unused;
	if (at == MAP_FAILED || madvise(at, n * APART, MADV_NOHUGEPAGE))
		die("%llu mappings: %s", n, strerror(errno));
	for (unsigned long long i = 0; i < n; i++)
		at[i * APART] = 1;
}

int main(int argc, char **argv)
{
	static const struct arg args[] = { { "n", &n, NULL } };
	struct counters vmstat;
	int status;
	pid_t pid;

	work_begin(argc, argv, args, 1);
	counters_read(&vmstat, "/proc/vmstat");
	pid = child_start(touch, NULL);
	child_wait(&status, NULL);
	json_open(NULL);
	json_text("work", "tables");
	json_number("pid", (unsigned long long)pid);
	json_number("status", (unsigned long long)status);
	counters_json("vmstat", &vmstat, "/proc/vmstat");
	json_close();
	return status != 0;
}
