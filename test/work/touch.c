// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults of a known number: a child touches each page of anonymous memory, and of a file that is not cached.
 *   touch pages=N [file=PATH]
 *   touch pages=N hold=SECONDS    then does not give the last processor up for so long, and says so before
 */
#define _GNU_SOURCE
#include "work.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static unsigned long long pages = 10000, file_pages = 500, hold;
static const char *file = "";
static int done[2];

static void touch(int flags, int fd, unsigned long long n, int advice)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, n * page, PROT_READ | (fd < 0 ? PROT_WRITE : 0), flags, fd, 0);
	volatile char sink;

	if (at == MAP_FAILED || madvise(at, n * page, advice))
		die("cannot map");
	for (unsigned long long i = 0; i < n; i++) {
		if (fd < 0)
			at[i * page] = 1;
		else
			sink = at[i * page];
	}
	(void)sink;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void keep_processor(void)
{
	const struct sched_param first = { .sched_priority = 1 };
	cpu_set_t last;

	CPU_ZERO(&last);
	CPU_SET((int)sysconf(_SC_NPROCESSORS_ONLN) - 1, &last);
	if (sched_setaffinity(0, sizeof(last), &last) || sched_setscheduler(0, SCHED_FIFO, &first))
		die("cannot keep a processor");
}

static void child(const void *unused)
{
	int fd;

	(void)unused;
	if (hold)
		keep_processor();
	touch(MAP_PRIVATE | MAP_ANONYMOUS, -1, pages, MADV_NOHUGEPAGE);
	if (hold) {
		const time_t end = seconds() + (time_t)hold;

		if (write(done[1], "", 1) != 1)
			die("cannot say so");
		while (seconds() <= end)
			;
	}
	if (!*file)
		return;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("cannot open the file");
	touch(MAP_SHARED, fd, file_pages, MADV_RANDOM);
}

int main(int argc, char **argv)
{
	static const struct arg args[] = {
		{ "pages", &pages, NULL },
		{ "file", NULL, &file },
		{ "file_pages", &file_pages, NULL },
		{ "hold", &hold, NULL },
	};
	struct rusage usage;
	int status;
	pid_t pid;

	work_begin(argc, argv, args, sizeof(args) / sizeof(args[0]));
	if (*file)
		file_prepare(file, file_pages * (unsigned long long)sysconf(_SC_PAGESIZE));
	if (pipe(done))
		die("cannot make a pipe");
	pid = child_start(child, NULL);
	if (hold) {
		char byte;

		close(done[1]); /* its end is the child's */
		if (read(done[0], &byte, 1) != 1)
			die("the child ended early");
		json_open(NULL);
		json_number("pid", (unsigned long long)pid);
		json_number("pages", pages);
		json_close();
	}
	child_wait(&status, &usage);
	if (hold)
		return status != 0;

	json_open(NULL);
	json_text("work", "touch");
	json_number("pid", (unsigned long long)pid);
	json_number("status", (unsigned long long)status);
	json_number("pages", pages);
	json_number("faults", (unsigned long long)(usage.ru_minflt + usage.ru_majflt));
	json_number("majflt", (unsigned long long)usage.ru_majflt);
	json_number("switches", (unsigned long long)(usage.ru_nvcsw + usage.ru_nivcsw));
	json_close();

	file_remove();
	return status != 0;
}
