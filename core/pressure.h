/* SPDX-License-Identifier: GPL-2.0-only */
/* Load averages, and pressure stall information: what the kernel writes of them. */
#ifndef MT_PRESSURE_H
#define MT_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

struct mt_loadavg {
	uint32_t load[3]; /* hundredths, of 1, 5 and 15 minutes */
	uint32_t running, tasks;
};

/* Reads the line of /proc/loadavg; false: it is none. */
bool mt_loadavg_parse(const char *text, struct mt_loadavg *load);

enum mt_stall { MT_SOME, MT_FULL, MT_STALLS };

struct mt_pressure {
	struct {
		bool there;
		uint32_t avg10; /* hundredths of a per cent */
		uint64_t total_us;
	} of[MT_STALLS];
};

/* Reads a file of /proc/pressure, or the same of a cgroup; false: neither line is there. */
bool mt_pressure_parse(const char *text, struct mt_pressure *pressure);

#endif
