// SPDX-License-Identifier: GPL-2.0-only
/* What /proc says of a process. */
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const lines[MT_MEM_KINDS] = {
	[MT_MEM_ANON] = "RssAnon:",
	[MT_MEM_FILE] = "RssFile:",
	[MT_MEM_SHMEM] = "RssShmem:",
	[MT_MEM_SWAP] = "VmSwap:",
};

bool mt_proc_status(const char *path, int64_t bytes[MT_MEM_KINDS])
{
	FILE *f = fopen(path, "re");
	unsigned found = 0;
	bool begins = true, begun;
	char line[256];

	while (f && found != (1 << MT_MEM_KINDS) - 1 && fgets(line, sizeof(line), f)) {
		begun = !begins; /* the rest of a line that is longer than ours */
		begins = strchr(line, '\n') != NULL;
		for (int k = 0; k < MT_MEM_KINDS && !begun; k++) {
			size_t len = strlen(lines[k]);

			if (strncmp(line, lines[k], len) != 0)
				continue;
			bytes[k] = (int64_t)(strtoull(line + len, NULL, 10) * 1024);
			found |= 1U << k;
		}
	}
	if (f)
		fclose(f);
	return found == (1 << MT_MEM_KINDS) - 1;
}

static uint32_t number(const char *name)
{
	return isdigit((unsigned char)*name) ? strtoul(name, NULL, 10) : 0;
}

static bool of_a_thread(uint32_t pid, int64_t bytes[MT_MEM_KINDS])
{
	char path[64];
	const struct dirent *e;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	dir = opendir(path);
	while (dir && !found && (e = readdir(dir))) {
		if (!number(e->d_name) || number(e->d_name) == pid)
			continue;
		snprintf(path, sizeof(path), "/proc/%u/task/%u/status", pid, number(e->d_name));
		found = mt_proc_status(path, bytes);
	}
	if (dir)
		closedir(dir);
	return found;
}

bool mt_proc_memory(uint32_t pid, int64_t bytes[MT_MEM_KINDS])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	return mt_proc_status(path, bytes) || of_a_thread(pid, bytes);
}

bool mt_proc_ticks(const char *stat, uint64_t *ticks)
{
	const char *s = strrchr(stat, ')'); /* a name may hold any other */

	for (int field = 2; s && field < 22; field++)
		s = strchr(s + 1, ' ');
	if (!s || !isdigit((unsigned char)s[1]))
		return false;
	*ticks = strtoull(s + 1, NULL, 10);
	return true;
}

bool mt_proc_is(uint32_t pid, uint64_t started_ns)
{
	char text[1024] = "";
	uint64_t ticks;
	FILE *f;

	snprintf(text, sizeof(text), "/proc/%u/stat", pid);
	f = fopen(text, "re");
	if (!f)
		return false;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0'; /* a name may hold newlines */
	fclose(f);
	return mt_proc_ticks(text, &ticks) && ticks == started_ns / (1000000000 / sysconf(_SC_CLK_TCK));
}

bool mt_proc_each(void (*each)(void *arg, uint32_t pid), void *arg)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;
	bool any = false;

	while (dir && (e = readdir(dir)))
		if (number(e->d_name)) {
			each(arg, number(e->d_name));
			any = true;
		}
	if (dir)
		closedir(dir);
	return any;
}

uint64_t mt_proc_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}
