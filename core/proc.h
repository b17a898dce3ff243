/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc says of a process. */
#ifndef MT_PROC_H
#define MT_PROC_H

#include <stdbool.h>
#include <stdint.h>

enum mt_mem { MT_MEM_ANON, MT_MEM_FILE, MT_MEM_SHMEM, MT_MEM_SWAP, MT_MEM_KINDS };

/* Its memory in bytes; that of another thread where its first one has ended. False: it has none, or is gone. */
bool mt_proc_memory(uint32_t pid, int64_t bytes[MT_MEM_KINDS]);

/* Is it the process that started then (ns since boot), and not another of the same number? */
bool mt_proc_is(uint32_t pid, uint64_t started_ns);

/* Calls @each with every process; false: /proc is not there. */
bool mt_proc_each(void (*each)(void *arg, uint32_t pid), void *arg);

/* ns since boot, as the start of a process is told. */
uint64_t mt_proc_now(void);

/* For tests: the lines of a status file, and the start in clock ticks of a stat file. */
bool mt_proc_status(const char *path, int64_t bytes[MT_MEM_KINDS]);
bool mt_proc_ticks(const char *stat, uint64_t *ticks);

#endif
