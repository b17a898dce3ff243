/* SPDX-License-Identifier: GPL-2.0-only */
/* What numbers mean, how they are written and how they are read. Units are the typedefs of probes/mt/unit.h. */
#ifndef MT_UNIT_CORE_H
#define MT_UNIT_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mt_unit {
	MT_U_NONE, /* a plain number */
	MT_U_TIME, /* ns of CLOCK_MONOTONIC */
	MT_U_NS,
	MT_U_BYTES,
	MT_U_LEVEL, /* bytes, but no counter */
	MT_U_PAGES,
	MT_U_NET_PAGES,
	MT_U_COUNT,
	MT_U_LOG2,
	MT_U_PEAK_NS,
	MT_U_KSYM,
	MT_U_CGROUP,
	MT_U_ID,
	MT_U_GFP,
	MT_U_INT,
	MT_U_ERRNO,
	MT_U_PATH,
	MT_U_STRING, /* char[] */
	MT_U_ENUM,
	MT_U_BOOL,
	MT_U_CENTI, /* hundredths, shown with their point; no typedef: only the kernel's files have such */
	MT_U_MILLI, /* thousandths */
	MT_UNITS,
};

/* The unit of a typedef's name; MT_U_NONE: not one of ours. */
enum mt_unit mt_unit_of(const char *type);

/* What a JSON key or CSV heading of this unit ends in, with its underscore; "" for none. */
const char *mt_unit_suffix(enum mt_unit unit);

/* Is a counter, which only grows, so that rows of an interval are differences. */
bool mt_unit_grows(enum mt_unit unit);

/* Is a counter of which some may be taken back: a row then has what it grew beyond the most that rows had so far. */
bool mt_unit_shrinks(enum mt_unit unit);

/*
 * Reads a number as people write it: 10, 0x10; 1.5ms (ns, us, ms, s, m, h; no suffix is taken as
 * @plain_ns each) for MT_U_NS, 64K (K, M, G, T; 1024) for MT_U_BYTES. 0, -EINVAL or -ERANGE.
 */
int mt_unit_parse(enum mt_unit unit, const char *s, uint64_t plain_ns, uint64_t *value);

#endif
