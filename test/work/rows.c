// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads JSON lines for shell tests; every line must be an object in strict JSON and valid UTF-8.
 *   rows FILE check
 *   rows FILE text    not JSON: any text, but valid UTF-8 without control characters
 *   rows FILE count [K=V | K!=V]...
 *   rows FILE sum|max|each|last KEY [K=V | K!=V]...
 * KEY is a dotted path, or PATH.* for all below; elements of an array share the path of the array. V is the text between
 * the quotes of a string as it stands in the file, or the text of any other value.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define DEPTH_MAX   32

struct leaf {
	char path[160];
	const char *text;
	size_t len;
	bool is_number;
};

struct line {
	const char *at, *end;
	char path[160];
	int depth, arrays;
	struct leaf *leaves;
	size_t n, room;
	const char *wrong;
	jmp_buf out;
};

/* ---- strict JSON ---- */

static void value(struct line *l);

static void wrong(struct line *l, const char *what)
{
	l->wrong = what;
	longjmp(l->out, 1);
}

static int peek(struct line *l)
{
	while (l->at < l->end && strchr(" \t\r", *l->at) && *l->at)
		l->at++;
	return l->at < l->end ? (unsigned char)*l->at : -1;
}

static void expect(struct line *l, char c, const char *what)
{
	if (peek(l) != c)
		wrong(l, what);
	l->at++;
}

/* bytes of the UTF-8 sequence at the cursor, 0 if it is none */
static int utf8(struct line *l)
{
	static const struct {
		unsigned char first, last, low, high; /* range of the first byte, and of the second */
		int bytes;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const unsigned char *p = (const unsigned char *)l->at;

	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		if (*p < forms[i].first || *p > forms[i].last || l->end - l->at < forms[i].bytes)
			continue;
		if (p[1] < forms[i].low || p[1] > forms[i].high)
			return 0;
		for (int k = 2; k < forms[i].bytes; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].bytes;
	}
	return 0;
}

static void escape(struct line *l)
{
	l->at++;
	if (l->at >= l->end || !*l->at || !strchr("\"\\/bfnrtu", *l->at))
		wrong(l, "bad escape");
	if (*l->at++ != 'u')
		return;
	for (int i = 0; i < 4; i++)
		if (l->at >= l->end || !isxdigit((unsigned char)*l->at++))
			wrong(l, "bad \\u escape");
}

static void character(struct line *l)
{
	unsigned char c = (unsigned char)*l->at;
	int bytes = c < 0x80 ? 1 : utf8(l);

	if (!bytes)
		wrong(l, "invalid UTF-8");
	/* U+0080 to U+009F are control characters too: a terminal may obey them */
	if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)l->at[1] < 0xa0))
		wrong(l, "raw control character");
	l->at += bytes;
}

static void string(struct line *l, const char **text, size_t *len)
{
	expect(l, '"', "string expected");
	*text = l->at;
	while (l->at < l->end && *l->at != '"') {
		if (*l->at == '\\')
			escape(l);
		else
			character(l);
	}
	if (l->at >= l->end)
		wrong(l, "string without end");
	*len = (size_t)(l->at - *text);
	l->at++;
}

static void leaf(struct line *l, const char *text, size_t len, bool is_number)
{
	struct leaf *leaf;

	for (size_t i = 0; i < l->n && !l->arrays; i++)
		if (!strcmp(l->leaves[i].path, l->path))
			wrong(l, "the same key twice");
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->leaves = realloc(l->leaves, l->room * sizeof(*l->leaves));
		if (!l->leaves)
			abort();
	}
	leaf = &l->leaves[l->n++];
	memcpy(leaf->path, l->path, sizeof(leaf->path));
	leaf->text = text;
	leaf->len = len;
	leaf->is_number = is_number;
}

static void digits(struct line *l)
{
	if (l->at >= l->end || !isdigit((unsigned char)*l->at))
		wrong(l, "digit expected");
	while (l->at < l->end && isdigit((unsigned char)*l->at))
		l->at++;
}

static void number(struct line *l)
{
	const char *text = l->at;

	if (*l->at == '-')
		l->at++;
	if (l->at + 1 < l->end && *l->at == '0' && isdigit((unsigned char)l->at[1]))
		wrong(l, "number with a leading zero");
	digits(l);
	if (l->at < l->end && *l->at == '.') {
		l->at++;
		digits(l);
	}
	if (l->at < l->end && (*l->at | 0x20) == 'e') {
		l->at++;
		if (l->at < l->end && (*l->at == '+' || *l->at == '-'))
			l->at++;
		digits(l);
	}
	leaf(l, text, (size_t)(l->at - text), true);
}

static void word(struct line *l)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(l->end - l->at) < len || strncmp(l->at, words[i], len))
			continue;
		leaf(l, l->at, len, false);
		l->at += len;
		return;
	}
	wrong(l, "value expected");
}

static void member(struct line *l)
{
	size_t outer = strlen(l->path), len;
	const char *key;

	string(l, &key, &len);
	expect(l, ':', "colon expected");
	if (outer + len + 2 > sizeof(l->path))
		wrong(l, "path too long");
	snprintf(l->path + outer, sizeof(l->path) - outer, "%s%.*s", outer ? "." : "", (int)len, key);
	value(l);
	l->path[outer] = '\0';
}

static void list(struct line *l, char closer, void (*element)(struct line *))
{
	l->at++;
	if (++l->depth > DEPTH_MAX)
		wrong(l, "too deep");
	if (peek(l) != closer) {
		element(l);
		while (peek(l) == ',') {
			l->at++;
			element(l);
		}
	}
	expect(l, closer, "comma or end of list expected");
	l->depth--;
}

static void value(struct line *l)
{
	const char *text;
	size_t len;
	int c = peek(l);

	switch (c) {
	case '{':
		list(l, '}', member);
		break;
	case '[':
		l->arrays++;
		list(l, ']', value);
		l->arrays--;
		break;
	case '"':
		string(l, &text, &len);
		leaf(l, text, len, false);
		break;
	default:
		if (c == '-' || isdigit(c))
			number(l);
		else
			word(l);
	}
}

static void object(struct line *l)
{
	if (peek(l) != '{')
		wrong(l, "object expected");
	value(l);
	if (peek(l) >= 0)
		wrong(l, "text after the object");
}

static void any_text(struct line *l)
{
	while (l->at < l->end)
		character(l);
}

static bool line_read(struct line *l, void (*read)(struct line *), const char *text, size_t len)
{
	l->at = text;
	l->end = text + len;
	l->path[0] = '\0';
	l->depth = l->arrays = 0;
	l->n = 0;
	if (setjmp(l->out))
		return false;
	read(l);
	return true;
}

/* ---- questions ---- */

static bool same(const struct leaf *leaf, const char *text)
{
	return strlen(text) == leaf->len && !strncmp(leaf->text, text, leaf->len);
}

/* A row without the key matches neither K=V nor K!=V. */
static bool matches(const struct line *l, const char *condition)
{
	const char *equals = strchr(condition, '=');
	bool negated = equals > condition && equals[-1] == '!';
	size_t len = (size_t)(equals - condition) - negated;

	for (size_t i = 0; i < l->n; i++) {
		const struct leaf *leaf = &l->leaves[i];

		if (strlen(leaf->path) == len && !strncmp(leaf->path, condition, len) &&
		    same(leaf, equals + 1) != negated)
			return true;
	}
	return false;
}

struct answer {
	bool any, fractions;
	unsigned long long whole;
	double real;
	char *last;
};

static void take_sum(struct answer *a, const struct leaf *leaf)
{
	a->fractions |= memchr(leaf->text, '.', leaf->len) || memchr(leaf->text, '-', leaf->len);
	a->whole += strtoull(leaf->text, NULL, 10);
	a->real += strtod(leaf->text, NULL);
}

static void take_max(struct answer *a, const struct leaf *leaf)
{
	unsigned long long v = strtoull(leaf->text, NULL, 10);

	if (v > a->whole)
		a->whole = v;
}

static void take_each(struct answer *a, const struct leaf *leaf)
{
	(void)a;
	printf("%.*s\n", (int)leaf->len, leaf->text);
}

static void take_last(struct answer *a, const struct leaf *leaf)
{
	free(a->last);
	a->last = strndup(leaf->text, leaf->len);
}

static void say_number(const struct answer *a)
{
	if (a->fractions)
		printf("%.9g\n", a->real);
	else
		printf("%llu\n", a->whole);
}

static void say_last(const struct answer *a)
{
	if (a->last)
		printf("%s\n", a->last);
}

static void say_nothing(const struct answer *a)
{
	(void)a;
}

static const struct question {
	const char *name;
	bool has_key, numbers, must_be;
	void (*read)(struct line *l);
	void (*take)(struct answer *a, const struct leaf *leaf);
	void (*say)(const struct answer *a);
} questions[] = {
	{ "check", false, false, false, object, NULL, say_nothing },
	{ "text", false, false, false, any_text, NULL, say_nothing },
	{ "count", false, false, false, object, NULL, say_number },
	{ "sum", true, true, false, object, take_sum, say_number },
	{ "max", true, true, false, object, take_max, say_number },
	{ "each", true, false, false, object, take_each, say_nothing },
	{ "last", true, false, true, object, take_last, say_last },
};

static bool is_key(const char *path, const char *key)
{
	size_t len = strlen(key);

	return key[len - 1] == '*' ? !strncmp(path, key, len - 1) : !strcmp(path, key);
}

static void row(const struct question *q, const char *key, char *const *conditions, const struct line *l,
		struct answer *a)
{
	for (; *conditions; conditions++)
		if (!matches(l, *conditions))
			return;
	if (!key) {
		a->whole++;
		return;
	}
	for (size_t i = 0; i < l->n; i++)
		if (is_key(l->leaves[i].path, key) && (l->leaves[i].is_number || !q->numbers)) {
			a->any = true;
			q->take(a, &l->leaves[i]);
		}
}

static int usage(void)
{
	fputs("usage: rows FILE check|text | count [K=V]... | sum|max|each|last KEY [K=V]...\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const struct question *q = NULL;
	struct answer answer = { 0 };
	struct line line = { 0 };
	char **conditions, *text = NULL;
	const char *key;
	size_t room = 0, at = 0;
	ssize_t len;
	FILE *file;

	for (size_t i = 0; argc > 2 && i < COUNT_OF(questions); i++)
		if (!strcmp(argv[2], questions[i].name))
			q = &questions[i];
	if (!q || argc < 3 + q->has_key)
		return usage();
	key = q->has_key ? argv[3] : NULL;
	conditions = argv + 3 + q->has_key;
	for (char **c = conditions; *c; c++)
		if (!strchr(*c, '='))
			return usage();
	file = strcmp(argv[1], "-") ? fopen(argv[1], "re") : stdin;
	if (!file) {
		fprintf(stderr, "rows: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	while ((len = getline(&text, &room, file)) >= 0) {
		at++;
		if (len && text[len - 1] == '\n')
			len--;
		else
			line.wrong = "no end of line";
		if (!line_read(&line, q->read, text, (size_t)len) || line.wrong) {
			fprintf(stderr, "rows: %s line %zu: %s\n", argv[1], at, line.wrong);
			return 1;
		}
		row(q, key, conditions, &line, &answer);
	}
	if (q->must_be && !answer.any) {
		fprintf(stderr, "rows: %s: no row has %s\n", argv[1], key);
		return 1;
	}
	q->say(&answer);
	return 0;
}
