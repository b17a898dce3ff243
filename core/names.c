// SPDX-License-Identifier: GPL-2.0-only
/* Words of flags and error numbers by name. */
#include "names.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* include/linux/errno.h: a tracer sees them where a signal ends a call that begins again */
static const struct {
	int err;
	const char *name;
} inner[] = {
	{ 512, "ERESTARTSYS" },		  { 513, "ERESTARTNOINTR" }, { 514, "ERESTARTNOHAND" }, { 515, "ENOIOCTLCMD" },
	{ 516, "ERESTART_RESTARTBLOCK" }, { 517, "EPROBE_DEFER" },   { 518, "EOPENSTALE" },	{ 524, "ENOTSUPP" },
};

static size_t append(char *buf, size_t size, size_t n, const char *word)
{
	size_t len = strlen(word), bar = n != 0;

	if (n + bar + len + 1 > size)
		return n;
	memcpy(buf + n, "|", bar);
	memcpy(buf + n + bar, word, len + 1);
	return n + bar + len;
}

size_t mt_names_rest(const struct mt_name *table, uint64_t value, char *buf, size_t size, uint64_t *rest)
{
	size_t n = 0;

	if (size)
		buf[0] = '\0';
	*rest = value;
	for (const struct mt_name *t = table; t->name; t++) {
		if (((t->value ? *rest : value) & t->mask) != t->value)
			continue;
		n = append(buf, size, n, t->name);
		*rest &= ~t->mask;
	}
	return n;
}

size_t mt_names(const struct mt_name *table, uint64_t value, char *buf, size_t size)
{
	uint64_t rest;
	size_t n = mt_names_rest(table, value, buf, size, &rest);
	char hex[24];

	if (n && !rest)
		return n;
	snprintf(hex, sizeof(hex), "0x%" PRIx64, rest);
	return append(buf, size, n, hex);
}

const char *mt_errno_name(int err)
{
	if (err == INT_MIN) /* has no opposite */
		return NULL;
	err = abs(err);
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (inner[i].err == err)
			return inner[i].name;
	return err ? strerrorname_np(err) : NULL;
}
