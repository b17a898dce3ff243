// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory made on one node and used from another, until NUMA balancing has moved that many pages of it.
 *   numa size=BYTES pages=N [cpu=1] [thp=1] [seconds=N]
 * CPU 0 makes it, CPU 1 uses it, or the other way around: they must be of different nodes. Ends after some time (60 s) in any case.
 */
#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define HUGE (2UL << 20)

static void move_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("no CPU %d: %s", cpu, strerror(errno));
}

static unsigned node(void)
{
	unsigned cpu, n;

	if (getcpu(&cpu, &n))
		die("getcpu: %s", strerror(errno));
	return n;
}

static void touch(char *p, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += 4096)
		(*(volatile char *)(p + i))++;
}

static unsigned long long moved(const struct counters *before)
{
	struct counters now;

	counters_read(&now, "/proc/vmstat");
	return counters_get(&now, "numa_pages_migrated") - counters_get(before, "numa_pages_migrated");
}

int main(int argc, char **argv)
{
	static unsigned long long size, pages, cpu, thp, seconds = 60;
	static const struct arg args[] = {
		{ "size", &size, NULL }, { "pages", &pages, NULL },	{ "cpu", &cpu, NULL },
		{ "thp", &thp, NULL },	 { "seconds", &seconds, NULL },
	};
	struct counters vmstat;
	unsigned from, to;
	time_t end;
	char *p;

	work_begin(argc, argv, args, sizeof(args) / sizeof(args[0]));
	p = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		die("mmap of %llu bytes: %s", size, strerror(errno));
	p = (char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1));
	if (madvise(p, size, thp ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) && thp)
		die("madvise: %s", strerror(errno));
	move_to((int)cpu);
	from = node();
	memset(p, 1, size); /* a read would map pages of zeros */
	counters_read(&vmstat, "/proc/vmstat");
	move_to(!cpu);
	to = node();
	end = time(NULL) + (time_t)seconds;
	while (moved(&vmstat) < pages && time(NULL) < end)
		touch(p, size);

	json_open(NULL);
	json_text("work", "numa");
	json_number("pid", (unsigned long long)getpid());
	json_number("from", from);
	json_number("to", to);
	counters_json("vmstat", &vmstat, "/proc/vmstat");
	json_close();
	return 0;
}
