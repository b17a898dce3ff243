// SPDX-License-Identifier: GPL-2.0-only
/* What this host is and allows, as far as files tell. */
#include "host.h"

#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROC_PID_INIT_INO "pid:[4026531836]" /* include/linux/proc_ns.h */

bool mt_host_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, size, f);

	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = '\0';
	else
		buf[0] = '\0';
	return ok;
}

int mt_host_text(int fd, char **text, size_t *size)
{
	size_t len = 0;
	ssize_t n;

	do {
		if (*size - len < 2 || !*text) {
			size_t more = *text ? 2 * *size : 4096;
			char *larger = realloc(*text, more);

			if (!larger)
				return -ENOMEM;
			*text = larger;
			*size = more;
		}
		n = pread(fd, *text + len, *size - len - 1, (off_t)len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? n : 0;
	} while (n);
	(*text)[len] = '\0';
	return 0;
}

bool mt_host_number(const char *path, const char *key, uint64_t *value)
{
	FILE *f = fopen(path, "re");
	size_t len = strlen(key);
	bool found = false, begins = true, begun;
	char line[512];

	while (f && !found && fgets(line, sizeof(line), f)) {
		const char *s = line + len;

		begun = !begins; /* the rest of a line that is longer than ours */
		begins = strchr(line, '\n') != NULL;
		if (begun || strncmp(line, key, len) != 0 || (*s != ' ' && *s != ':' && *s != '\t'))
			continue;
		s += strspn(s, ": \t");
		found = isdigit((unsigned char)*s);
		*value = strtoull(s, NULL, 10);
	}
	if (f)
		fclose(f);
	return found;
}

uint64_t mt_host_capabilities(void)
{
	char line[512];
	uint64_t caps = 0;
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "CapEff:", 7))
			caps = strtoull(line + 7, NULL, 16);
	if (f)
		fclose(f);
	return caps;
}

bool mt_host_may_bpf(void)
{
	uint64_t caps = mt_host_capabilities();

	return caps >> CAP_SYS_ADMIN & 1 || (caps >> CAP_BPF & caps >> CAP_PERFMON & 1);
}

bool mt_host_pid_gone(uint32_t pid)
{
	return kill(pid, 0) && errno == ESRCH;
}

bool mt_host_init_pid_ns(void)
{
	char link[64];
	ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link) - 1);

	if (n < 0)
		return true; /* no namespaces in this kernel, or no /proc: then /proc/PID is not asked either */
	link[n] = '\0';
	return !strcmp(link, PROC_PID_INIT_INO);
}

const char *mt_host_tracefs(void)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char path[64];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/events", places[i]);
		if (!access(path, R_OK))
			return places[i];
	}
	return NULL;
}

bool mt_host_kprobes(void)
{
	return !access("/sys/bus/event_source/devices/kprobe/type", F_OK) ||
	       !access("/sys/kernel/tracing/kprobe_events", F_OK) ||
	       !access("/sys/kernel/debug/tracing/kprobe_events", F_OK);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

int64_t mt_host_clock_offset(void)
{
	return (int64_t)(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC));
}

uint64_t mt_host_monotonic(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}
