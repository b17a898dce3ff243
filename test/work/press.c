// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory pressure: reads a file, or touches anonymous memory, larger than there is room for.
 *   press file=PATH|size=BYTES... limit=BYTES   inside a memory cgroup of its own (limit=0: in none)
 */
#include "work.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static unsigned long long size = 48 << 20, limit = 16 << 20, rounds = 2, high, niceness;
static const char *file = "";
static struct memcg memcg;

static void press(const void *unused)
{
	(void)unused;
	if (niceness && nice((int)niceness) < 0)
		die("cannot be nice");
	if (limit)
		memcg_join(&memcg);
	if (*file)
		press_file(file, size, rounds);
	else
		press_anon(size, rounds);
}

int main(int argc, char **argv)
{
	static const struct arg args[] = {
		{ "file", NULL, &file },     /* thrash the cache of this file; else anonymous memory */
		{ "size", &size, NULL },     /* how much of it */
		{ "rounds", &rounds, NULL }, /* how often */
		{ "limit", &limit, NULL },   /* of the cgroup */
		{ "nice", &niceness, NULL }, /* to others */
		{ "high", &high, NULL },     /* 1: throttle at the limit, never kill (version 2 only) */
	};
	struct counters vmstat;
	struct rusage usage;
	int status;
	pid_t pid;

	work_begin(argc, argv, args, sizeof(args) / sizeof(args[0]));
	if (*file)
		file_prepare(file, size);
	if (limit)
		memcg_make(&memcg, "memtrace-press", high ? LIMIT_HIGH : LIMIT_MAX, limit);
	counters_read(&vmstat, "/proc/vmstat");
	pid = child_start(press, NULL);
	child_wait(&status, &usage);

	json_open(NULL);
	json_text("work", "press");
	json_number("pid", (unsigned long long)pid);
	json_number("status", (unsigned long long)status);
	json_number("touched_pages", rounds * (size / (unsigned long long)sysconf(_SC_PAGESIZE)));
	json_number("majflt", (unsigned long long)usage.ru_majflt);
	counters_json("vmstat", &vmstat, "/proc/vmstat");
	if (limit)
		memcg_json(&memcg);
	json_close();

	if (limit)
		memcg_remove(&memcg);
	file_remove();
	return status != 0;
}
