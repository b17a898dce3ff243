/* SPDX-License-Identifier: GPL-2.0-only */
/* Is this JSON (RFC 8259), in valid UTF-8? */
#ifndef MT_JSON_H
#define MT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "text.h"

struct json {
	const char *s, *end;
	int depth;
};

static inline bool json_value(struct json *j);

static inline bool json_is(struct json *j, char c)
{
	while (j->s < j->end && strchr(" \t\r\n", *j->s) && *j->s)
		j->s++;
	if (j->s == j->end || *j->s != c)
		return false;
	j->s++;
	return true;
}

static inline bool json_escape(struct json *j)
{
	if (j->s == j->end)
		return false;
	if (*j->s != 'u')
		return *j->s && strchr("\"\\/bfnrt", *j->s++);
	for (int i = 1; i <= 4; i++)
		if (j->end - j->s <= i || !j->s[i] || !strchr("0123456789abcdefABCDEF", j->s[i]))
			return false;
	j->s += 5;
	return true;
}

static inline bool json_string(struct json *j)
{
	unsigned cp;

	if (!json_is(j, '"'))
		return false;
	while (j->s < j->end && *j->s != '"') {
		size_t n = mt_utf8(j->s, j->end - j->s, &cp);

		if (!n || cp < 0x20)
			return false;
		j->s += n;
		if (cp == '\\' && !json_escape(j))
			return false;
	}
	return j->s < j->end && *j->s++ == '"';
}

static inline size_t json_digits(struct json *j)
{
	const char *from = j->s;

	while (j->s < j->end && *j->s >= '0' && *j->s <= '9')
		j->s++;
	return j->s - from;
}

static inline bool json_number(struct json *j)
{
	const char *first;
	size_t n;

	j->s += j->s < j->end && *j->s == '-';
	first = j->s;
	n = json_digits(j);
	if (!n || (n > 1 && *first == '0'))
		return false;
	if (j->s < j->end && *j->s == '.') {
		j->s++;
		if (!json_digits(j))
			return false;
	}
	if (j->s < j->end && (*j->s == 'e' || *j->s == 'E')) {
		j->s++;
		j->s += j->s < j->end && (*j->s == '+' || *j->s == '-');
		if (!json_digits(j))
			return false;
	}
	return true;
}

static inline bool json_list(struct json *j, char end, bool keys)
{
	if (json_is(j, end))
		return true;
	do
		if ((keys && (!json_string(j) || !json_is(j, ':'))) || !json_value(j))
			return false;
	while (json_is(j, ','));
	return json_is(j, end);
}

static inline bool json_word(struct json *j, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(j->end - j->s) < n || memcmp(j->s, word, n) != 0)
		return false;
	j->s += n;
	return true;
}

static inline bool json_value(struct json *j)
{
	bool ok = false;

	if (++j->depth > 32)
		return false;
	if (json_is(j, '{'))
		ok = json_list(j, '}', true);
	else if (json_is(j, '['))
		ok = json_list(j, ']', false);
	else if (j->s < j->end && *j->s == '"')
		ok = json_string(j);
	else
		ok = json_word(j, "null") || json_word(j, "true") || json_word(j, "false") || json_number(j);
	j->depth--;
	return ok;
}

static inline bool json_valid(const char *s, size_t n)
{
	struct json j = { s, s + n, 0 };

	return json_value(&j) && j.s == j.end;
}

#endif
