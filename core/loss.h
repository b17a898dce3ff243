/* SPDX-License-Identifier: GPL-2.0-only */
/* The account of a run: every event seen was delivered, aggregated, or lost for a cause that is told. */
#ifndef MT_LOSS_H
#define MT_LOSS_H

#include <stdint.h>

struct mt_object;

enum mt_cause { /* as enum mt_lost of probes/mt/probe.bpf.h */
		MT_RING_FULL,
		MT_MAP_FULL,
		MT_NO_START,
		MT_TOO_LATE,
		MT_BUSY,
		MT_CAUSES,
};

struct mt_loss {
	uint64_t seen, delivered, aggregated;
	uint64_t lost[MT_CAUSES];
};

/* "ring_full" and so on: keys of the closing object. */
extern const char *const mt_cause_key[MT_CAUSES];

/*
 * Reads the account from the probe's maps once it is switched off: events that began and are not over
 * are too late. 0 or -errno.
 */
int mt_loss_read(const struct mt_object *object, struct mt_loss *loss);

uint64_t mt_loss_total(const struct mt_loss *loss);

/* A line on stderr for each cause that is not zero, with what to do about it. */
void mt_loss_print(const struct mt_loss *loss);

#endif
