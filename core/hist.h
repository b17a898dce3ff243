/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms with a bucket for each power of two (mt_log2 of probes/mt/unit.h). */
#ifndef MT_HIST_H
#define MT_HIST_H

#include <stdint.h>

struct mt_bucket {
	uint64_t lo, hi; /* both inclusive; hi of the last slot is UINT64_MAX */
};

/* What slot @slot of @n counts. */
struct mt_bucket mt_hist_bucket(unsigned slot, unsigned n);

/* Number of slots up to the last that is not empty; 0: all are. */
unsigned mt_hist_used(const uint64_t *slots, unsigned n);

#define MT_HIST_BAR 40

/* Stars for a slot of @value where the largest is @max: 0 to MT_HIST_BAR, as in bcc's print_log2_hist(). */
unsigned mt_hist_stars(uint64_t value, uint64_t max);

#endif
