/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that the kernel or the processor counts: by name, opened as a group on each processor. */
#ifndef MT_PERF_H
#define MT_PERF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct perf_event_attr;

/* As perf names them: cache-misses, LLC-loads, page-faults, rNNNN in hex. False: no such event. */
bool mt_perf_parse(const char *name, struct perf_event_attr *attr);

#define MT_MAX_EVENTS 4

struct mt_perf_one {
	const char *map;  /* of the probe; its entries are the processors' */
	const char *name; /* the event's */
	int fd;		  /* of the map */
};

/* The processors' groups, each on one processor. */
struct mt_perf {
	struct mt_perf_one of[MT_MAX_EVENTS];
	size_t n;
	int *fds;      /* n for each processor; -1: it is not there */
	int cpus;      /* highest number of a processor and one */
	char why[512]; /* they cannot be opened */
};

/*
 * Opens all on each processor that is there, the first as leader of the group, and puts them into their maps. They
 * do not count yet. 0, or -errno with @why filled.
 */
int mt_perf_open(struct mt_perf *perf);

/* From zero, on all processors, the group at once. */
void mt_perf_start(const struct mt_perf *perf);
void mt_perf_close(struct mt_perf *perf);

#endif
