// SPDX-License-Identifier: GPL-2.0-only
/* What numbers mean, how they are written and how they are read. */
#include "unit.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *type, *suffix;
	bool grows, shrinks;
} units[MT_UNITS] = {
	[MT_U_NONE] = { "", "", false },
	[MT_U_TIME] = { "mt_time", "", false },
	[MT_U_NS] = { "mt_ns", "_ns", true },
	[MT_U_BYTES] = { "mt_bytes", "_bytes", true },
	[MT_U_LEVEL] = { "mt_level", "_bytes", false },
	[MT_U_PAGES] = { "mt_pages", "_pages", true },
	[MT_U_NET_PAGES] = { "mt_net_pages", "_pages", true, true },
	[MT_U_COUNT] = { "mt_count", "", true },
	[MT_U_LOG2] = { "mt_log2", "", true },
	[MT_U_PEAK_NS] = { "mt_peak_ns", "_ns", false },
	[MT_U_KSYM] = { "mt_ksym", "", false },
	[MT_U_CGROUP] = { "mt_cgroup", "", false },
	[MT_U_ID] = { "mt_id", "", false },
	[MT_U_GFP] = { "mt_gfp", "", false },
	[MT_U_INT] = { "mt_int", "", false },
	[MT_U_ERRNO] = { "mt_errno", "", false },
	[MT_U_PATH] = { "mt_path", "", false },
};

enum mt_unit mt_unit_of(const char *type)
{
	for (int u = 1; u < MT_UNITS; u++)
		if (units[u].type && !strcmp(units[u].type, type))
			return u;
	return MT_U_NONE;
}

const char *mt_unit_suffix(enum mt_unit unit)
{
	return units[unit].suffix ? units[unit].suffix : "";
}

bool mt_unit_grows(enum mt_unit unit)
{
	return units[unit].grows;
}

bool mt_unit_shrinks(enum mt_unit unit)
{
	return units[unit].shrinks;
}

struct scale {
	const char *suffix;
	uint64_t factor;
};

static const struct scale times[] = {
	{ "ns", 1 },	     { "us", 1000 },	      { "ms", 1000000 },
	{ "s", 1000000000 }, { "m", 60000000000ULL }, { "h", 3600000000000ULL },
	{ NULL, 0 },
};

static const struct scale sizes[] = {
	{ "", 1 },	     { "K", 1ULL << 10 }, { "k", 1ULL << 10 }, { "M", 1ULL << 20 },
	{ "G", 1ULL << 30 }, { "T", 1ULL << 40 }, { NULL, 0 },
};

static const struct scale numbers[] = { { "", 1 }, { NULL, 0 } };

/* @digits.@fraction times @factor, exactly, as far as 64 bits and 18 places of the fraction go. */
static int scaled(const char *s, const char *end, uint64_t factor, uint64_t *value)
{
	uint64_t whole = 0, part = 0, places = 1;

	for (; s < end && *s != '.'; s++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, (uint64_t)(*s - '0'), &whole))
			return -ERANGE;
	if (__builtin_mul_overflow(whole, factor, &whole))
		return -ERANGE;
	for (s += s < end; s < end && places < 1000000000000000000ULL; s++) {
		part = part * 10 + (*s - '0');
		places *= 10;
	}
	part = (uint64_t)((unsigned __int128)part * factor / places);
	return __builtin_add_overflow(whole, part, value) ? -ERANGE : 0;
}

int mt_unit_parse(enum mt_unit unit, const char *s, uint64_t plain_ns, uint64_t *value)
{
	const struct scale *scale = unit == MT_U_NS ? times : unit == MT_U_BYTES ? sizes : numbers;
	const char *end = s;
	bool digits = false;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && scale == numbers) {
		char *stop;

		if (!isxdigit((unsigned char)s[2]))
			return -EINVAL;
		errno = 0;
		*value = strtoull(s, &stop, 16);
		return *stop ? -EINVAL : errno ? -ERANGE : 0;
	}
	for (; isdigit((unsigned char)*end); end++)
		digits = true;
	if (*end == '.' && scale != numbers)
		for (end++; isdigit((unsigned char)*end); end++)
			digits = true;
	if (!digits)
		return -EINVAL;
	if (!*end && unit == MT_U_NS)
		return scaled(s, end, plain_ns, value);
	for (; scale->suffix; scale++)
		if (!strcmp(scale->suffix, end))
			return scaled(s, end, scale->factor, value);
	return -EINVAL;
}
