/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run waits for, in one epoll: records, the interval, the end of the time, signals, the command's end. */
#ifndef MT_LOOP_H
#define MT_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mt_loop {
	int epoll, signals, interval, duration, child, sweep;
};

enum mt_wake {
	MT_WAKE_RECORDS = 1,
	MT_WAKE_INTERVAL = 2,
	MT_WAKE_END = 4, /* a signal, the duration, or the command's end */
	MT_WAKE_SWEEP = 8,
};

/*
 * From here on SIGINT, SIGTERM and SIGHUP end the loop instead of the program, and SIGPIPE is a failed
 * write. mt_loop_close() gives the first three their meaning back. 0 or -errno.
 */
int mt_loop_open(struct mt_loop *loop);
void mt_loop_close(struct mt_loop *loop);

/* Also wait for: a readable fd; each @interval_ns or @period_ns from now on; the end of @duration_ns; that of @child. */
int mt_loop_records(struct mt_loop *loop, int fd);
int mt_loop_interval(struct mt_loop *loop, uint64_t interval_ns);
int mt_loop_sweep(struct mt_loop *loop, uint64_t period_ns);
int mt_loop_duration(struct mt_loop *loop, uint64_t duration_ns);
int mt_loop_child(struct mt_loop *loop, pid_t child);

/* Sleeps until something happens: a set of enum mt_wake, or -errno. */
int mt_loop_wait(struct mt_loop *loop);

#endif
