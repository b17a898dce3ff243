/* SPDX-License-Identifier: GPL-2.0-only */
/* How memtrace fails: one line on stderr where the cause is known, and an exit status. */
#ifndef MT_ERR_H
#define MT_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum mt_exit {
	MT_OK = 0,
	MT_FAILED = 1,
	MT_USAGE = 2,
	MT_CANNOT = 3, /* this kernel, or what it allows us, cannot do it */
};

/* The word that messages begin with: the name of the tool that runs. Not copied. */
void mt_err_name(const char *name);
const char *mt_err_get_name(void);

/*
 * Each prints "NAME: MESSAGE" and returns the exit status that it stands for, so that a failing line
 * is one statement. @err, a negative or positive errno, adds ": " and its text; 0 adds nothing.
 * Nothing that the message holds reaches a terminal as a control character.
 */
int mt_failed(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int mt_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int mt_cannot(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void mt_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * libbpf's own messages are held back, the last 16 KiB of them, and printed by mt_log_print() when a
 * failure needs them; with @verbose all go to stderr as they come.
 */
void mt_log_hold(bool verbose);
void mt_log_clear(void);
void mt_log_print(void);

#endif
