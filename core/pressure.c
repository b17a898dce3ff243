// SPDX-License-Identifier: GPL-2.0-only
/* Load averages, and pressure stall information: what the kernel writes of them. */
#include "pressure.h"

#include <ctype.h>
#include <string.h>

/* A number, or with @places one that has exactly as many digits behind its point; @s moves behind it. */
static bool number(const char **s, unsigned places, uint64_t most, uint64_t *value)
{
	const char *at = *s, *point;
	unsigned __int128 sum = 0;

	for (; isdigit((unsigned char)*at) && sum <= most; at++)
		sum = sum * 10 + (*at - '0');
	if (at == *s)
		return false;
	if (places && *at++ != '.')
		return false;
	for (point = at; places && isdigit((unsigned char)*at) && sum <= most; at++)
		sum = sum * 10 + (*at - '0');
	if (sum > most || (places && at != point + places) || isdigit((unsigned char)*at))
		return false;
	*s = at;
	*value = (uint64_t)sum;
	return true;
}

static bool number32(const char **s, unsigned places, uint32_t *value)
{
	uint64_t wide;

	if (!number(s, places, UINT32_MAX, &wide))
		return false;
	*value = (uint32_t)wide;
	return true;
}

static bool skip(const char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*s, word, n) != 0)
		return false;
	*s += n;
	return true;
}

bool mt_loadavg_parse(const char *s, struct mt_loadavg *load)
{
	for (int i = 0; i < 3; i++)
		if (!number32(&s, 2, load->load + i) || !skip(&s, " "))
			return false;
	return number32(&s, 0, &load->running) && skip(&s, "/") && number32(&s, 0, &load->tasks);
}

/* some avg10=0.00 avg60=0.00 avg300=0.00 total=0 */
static bool line(const char *s, const char *word, struct mt_pressure *p, enum mt_stall which)
{
	uint32_t other;

	return skip(&s, word) && skip(&s, " avg10=") && number32(&s, 2, &p->of[which].avg10) && skip(&s, " avg60=") &&
	       number32(&s, 2, &other) && skip(&s, " avg300=") && number32(&s, 2, &other) && skip(&s, " total=") &&
	       number(&s, 0, UINT64_MAX, &p->of[which].total_us);
}

bool mt_pressure_parse(const char *text, struct mt_pressure *p)
{
	static const char *const words[MT_STALLS] = { "some", "full" };
	bool any = false;

	memset(p, 0, sizeof(*p));
	for (const char *s = text; *s; s += strcspn(s, "\n"), s += *s == '\n')
		for (int which = 0; which < MT_STALLS; which++)
			if (line(s, words[which], p, which))
				any = p->of[which].there = true;
	return any;
}
