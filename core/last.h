/* SPDX-License-Identifier: GPL-2.0-only */
/* What the memory of each process was when it was last looked at. */
#ifndef MT_LAST_H
#define MT_LAST_H

#include "proc.h"

struct mt_last {
	uint64_t started_ns; /* since boot; 0: it was there at the beginning */
	int64_t bytes[MT_MEM_KINDS];
	bool known;
	uint32_t pid, next;
};

/* Looks at every process there is. 0 or an exit status, logged. */
int mt_last_begin(void);

/*
 * Of the process of that number that started then. One that started after the beginning had nothing. To be
 * written to by whoever looks again. NULL: no memory for it. Valid until the next call.
 */
struct mt_last *mt_last_of(uint32_t pid, uint64_t started_ns);

/* It has ended. */
void mt_last_forget(struct mt_last *last);

#endif
