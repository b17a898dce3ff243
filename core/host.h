/* SPDX-License-Identifier: GPL-2.0-only */
/* What this host is and allows, as far as files tell: /proc, /sys, cgroup trees. */
#ifndef MT_HOST_H
#define MT_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The effective capabilities of this process, a bit each (linux/capability.h). */
uint64_t mt_host_capabilities(void);

/* May this process use BPF for tracing, by its capabilities (CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN)? */
bool mt_host_may_bpf(void);

/* Has process @pid ended? False also where that cannot be told. */
bool mt_host_pid_gone(uint32_t pid);

/* Are pids here those of the whole host, as BPF sees them? */
bool mt_host_init_pid_ns(void);

/* Is there a kprobe interface of any kind? */
bool mt_host_kprobes(void);

/* First line of a file without its newline; false: not readable, @buf is "". */
bool mt_host_line(const char *path, char *buf, size_t size);

/*
 * All of a file, from its begin, as a string in *@text, a buffer of *@size that is made larger as needed (NULL and 0
 * at first). 0 or -errno. A file that stays open is of the same cgroup however often one of that name is made.
 */
int mt_host_text(int fd, char **text, size_t *size);

/* The number behind "@key " or "@key:" in a file of such lines; false: none. */
bool mt_host_number(const char *path, const char *key, uint64_t *value);

/* Where tracefs is mounted and readable, or NULL. */
const char *mt_host_tracefs(void);

/* ns to be added to CLOCK_MONOTONIC for wall-clock time. */
int64_t mt_host_clock_offset(void);
uint64_t mt_host_monotonic(void);

#endif
