/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Beginnings whose end may never come, as nothing tells that they were called off: entries of the probe's map
 * mt_waits, whose value begins with its time. They stay as long as there is room; then the stale ones go.
 */
#ifndef MT_WAITS_H
#define MT_WAITS_H

#include <stdint.h>

struct mt_object;
struct mt_waits;

#define MT_WAITS_AGE_NS 10000000000ULL

/* All memory is taken here. *@waits stays NULL where the probe has no such map. 0 or -errno. */
int mt_waits_open(struct mt_waits **waits, const struct mt_object *object);
void mt_waits_close(struct mt_waits *waits);

/* Where the map is full by three quarters: drops what is older than MT_WAITS_AGE_NS. Returns how many. */
uint64_t mt_waits_sweep(struct mt_waits *waits, uint64_t now);

#endif
