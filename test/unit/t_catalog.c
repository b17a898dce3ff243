// SPDX-License-Identifier: GPL-2.0-only
/* Rules for all tools at once, and for the sources: what a new tool must bring, and what must stay as it is. */
#include <ctype.h>
#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>

#include "err.h"
#include "help.h"
#include "object.h"
#include "opt.h"
#include "row.h"
#include "test.h"
#include "tools.h"

#define EACH_TOOL(t)	 for (const struct mt_tool *const *each = mt_tools, *t; (t = *each); each++)
#define EACH_OPT(t, o)	 for (const struct mt_opt *o = (t)->opts; o && o->name; o++)
#define EACH_ALIAS(t, a) for (const struct mt_alias *a = (t)->aliases; a && a->key; a++)
#define EACH_VIEW(t, v)	 for (const struct mt_view *v = &(t)->view; v; v = next_view(t, v))
#define EACH_COL(v, c)	 for (const struct mt_col *c = (v)->cols; c->key; c++)
#define EACH_HIST(v, h)	 for (const struct mt_hist *h = (v)->hists; h && h->key; h++)
#define EACH_COMMON(c)	 for (const struct mt_common *c = mt_opt_common(0); c; c = next_common(c))

static const struct mt_common *next_common(const struct mt_common *c)
{
	for (size_t i = 0; mt_opt_common(i)->name; i++)
		if (mt_opt_common(i) == c)
			return mt_opt_common(i + 1)->name ? mt_opt_common(i + 1) : NULL;
	return NULL;
}

static const struct mt_view *next_view(const struct mt_tool *t, const struct mt_view *v)
{
	for (size_t i = 0; mt_tool_view(t, i); i++)
		if (mt_tool_view(t, i) == v)
			return mt_tool_view(t, i + 1);
	return NULL;
}

/* Like ASSERT_TRUE, with the tool and the name that it is about. */
#define ASSERT_OF(tool, about_what, what)                               \
	do {                                                            \
		if (!ASSERT_TRUE(what))                                 \
			printf("  %s: %s\n", (tool)->name, about_what); \
	} while (0)

static void test_table(void)
{
	ASSERT_TRUE(mt_tools[0] != NULL);
	for (size_t i = 0; mt_tools[i]; i++) {
		ASSERT_OF(mt_tools[i], "found", mt_tool_find(mt_tools[i]->name) == mt_tools[i]);
		ASSERT_OF(mt_tools[i], "found by link", mt_tool_by_link(mt_tools[i]->name) == mt_tools[i]);
		ASSERT_OF(mt_tools[i], "sorted", !i || strcmp(mt_tools[i - 1]->name, mt_tools[i]->name) < 0);
		ASSERT_OF(mt_tools[i], "group", mt_tools[i]->group < MT_GROUPS && mt_group_title[mt_tools[i]->group]);
	}
}

static bool is_sentence_part(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return n && !isspace((unsigned char)s[0]) && !isspace((unsigned char)s[n - 1]) && s[n - 1] != '.' &&
	       !strchr(s, '\n') && !strchr(s, '\t');
}

static void test_said(void)
{
	EACH_TOOL(t)
	{
		ASSERT_OF(t, "summary", is_sentence_part(t->summary) && strlen(t->summary) <= 63);
		ASSERT_OF(t, "about", t->about && t->about[0] && t->about[strlen(t->about) - 1] == '.');
		ASSERT_OF(t, "examples", t->examples && t->examples[0]);
		EACH_OPT(t, o)
		ASSERT_OF(t, o->name, is_sentence_part(o->help));
		EACH_ALIAS(t, a)
		ASSERT_OF(t, a->name, is_sentence_part(a->help));
		EACH_VIEW(t, v)
		{
			EACH_COL(v, c)
			ASSERT_OF(t, c->key, is_sentence_part(c->help));
			EACH_HIST(v, h)
			ASSERT_OF(t, h->key, is_sentence_part(h->title));
		}
	}
}

static bool is_key(const char *s)
{
	return islower((unsigned char)s[0]) && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(s);
}

static void test_columns(void)
{
	EACH_TOOL(t)
	EACH_VIEW(t, v)
	EACH_COL(v, c)
	{
		ASSERT_OF(t, c->key, is_key(c->key));
		ASSERT_OF(t, c->key, c->head && c->head[0] && strlen(c->head) <= 18);
		ASSERT_OF(t, c->key, c->width == 0 || (size_t)abs(c->width) >= strlen(c->head));
		for (const struct mt_col *d = v->cols; d < c; d++) {
			ASSERT_OF(t, c->key, strcmp(c->key, d->key) != 0);
			ASSERT_OF(t, c->key, strcmp(c->head, d->head) != 0);
		}
	}
}

/* Only the last column of a row may be as wide as it likes, in whatever way the row is shown. */
static void test_widths(void)
{
	EACH_TOOL(t)
	EACH_VIEW(t, v)
	for (int wide = 0; wide < 2; wide++) {
		const struct mt_col *last = NULL;

		EACH_COL(v, c)
		{
			if (c->flags & MT_HIDDEN || (c->flags & MT_WIDE && !wide))
				continue;
			if (last)
				ASSERT_OF(t, last->key, last->width != 0);
			last = c;
		}
	}
}

static bool is_own(const struct mt_tool *t, const char *name)
{
	EACH_OPT(t, o)
	if (!strcmp(o->name, name))
		return true;
	return false;
}

static const char *view_name(const struct mt_view *view)
{
	return view->word ? view->word : view->option ? view->option : "";
}

/* Every further view has a word or an option of its own, and the usual one has a word if another has. */
static void test_views(void)
{
	EACH_TOOL(t)
	EACH_VIEW(t, v)
	{
		ASSERT_OF(t, "word", !v->word || (t->view.word && is_key(v->word)));
		ASSERT_OF(t, "option", !v->option || is_own(t, v->option));
		ASSERT_OF(t, "word or option", v == &t->view || v->word || v->option);
		EACH_VIEW(t, w)
		ASSERT_OF(t, "words differ", v == w || strcmp(view_name(v), view_name(w)) != 0);
	}
}

/* "_ns" in the key and mt_ns in the probe, or neither. */
static void test_units(void)
{
	EACH_TOOL(t)
	EACH_VIEW(t, v)
	{
		struct mt_object *o;
		struct mt_bound b;

		if (!ASSERT_OK(mt_object_open_view(&o, t, v)))
			continue;
		if (ASSERT_OK(mt_bind(&b, v, o)))
			for (size_t i = 0; i < b.nr_cols; i++) {
				const struct mt_col *c = b.cols[i].col;
				const char *end = strrchr(c->key, '_') ? strrchr(c->key, '_') : "";
				enum mt_unit unit = c->field && !c->per ? b.cols[i].field.unit : MT_U_NONE;

				for (int u = 0; u < MT_UNITS && c->field && !c->per; u++)
					if (mt_unit_suffix(u)[0] && !strcmp(end, mt_unit_suffix(u)))
						ASSERT_OF(t, c->key, !strcmp(mt_unit_suffix(unit), mt_unit_suffix(u)));
				ASSERT_OF(t, c->key, strcmp(end, "_ms") && strcmp(end, "_us") && strcmp(end, "_kb"));
				if (c->scale == MT_MS || c->scale == MT_MS3)
					ASSERT_OF(t, c->key, !strcmp(end, "_ns"));
				if (c->scale == MT_KB)
					ASSERT_OF(t, c->key, !strcmp(end, "_bytes"));
			}
		mt_object_close(o);
		EACH_HIST(v, h)
		ASSERT_OF(t, h->key, is_key(h->key) && strrchr(h->key, '_'));
	}
}

static bool is_common_name(const char *name)
{
	EACH_COMMON(c)
	if (!strcmp(c->name, name))
		return true;
	return false;
}

static bool is_common_key(char key)
{
	EACH_COMMON(c)
	if (key && c->key == key)
		return true;
	return false;
}

/* A letter means one thing in all tools. Only an alias, for the classic of that name, may take it away. */
static void test_letters(void)
{
	EACH_COMMON(c)
	for (const struct mt_common *d = mt_opt_common(0); d != c; d = next_common(d))
		ASSERT_TRUE(strcmp(c->name, d->name) != 0 && (!c->key || c->key != d->key));
	EACH_TOOL(t)
	{
		EACH_OPT(t, o)
		{
			ASSERT_OF(t, o->name, !is_common_name(o->name) && !is_common_key(o->key));
			for (const struct mt_opt *p = t->opts; p < o; p++)
				ASSERT_OF(t, o->name, strcmp(o->name, p->name) && (!o->key || o->key != p->key));
		}
		EACH_ALIAS(t, a)
		{
			ASSERT_OF(t, a->name, isalnum((unsigned char)a->key));
			ASSERT_OF(t, a->name, is_common_name(a->name) || is_own(t, a->name));
			ASSERT_OF(t, a->name,
				  !a->long_name || (!is_common_name(a->long_name) && !is_own(t, a->long_name)));
			for (const struct mt_alias *b = t->aliases; b < a; b++)
				ASSERT_OF(t, a->name, a->key != b->key);
			EACH_OPT(t, o)
			ASSERT_OF(t, a->name, a->key != o->key);
		}
	}
}

/* Splits @args in place, with no quoting: an example needs none. */
static size_t split(char *args, char *argv[32])
{
	size_t n = 0;

	for (char *word = strtok(args, " "); word && n < 31; word = strtok(NULL, " "))
		argv[n++] = word;
	argv[n] = NULL;
	return n;
}

static void test_examples(void)
{
	EACH_TOOL(t)
	for (const char *line = t->examples; *line; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
		size_t n = strcspn(line, "\t\n");
		char args[256], *argv[32];
		struct mt_opts opts;
		struct mt_object *o;
		struct mt_bound b;

		ASSERT_OF(t, line, line[n] == '\t');
		snprintf(args, sizeof(args), "%.*s", (int)n, line);
		split(args, argv);
		if (!ASSERT_OK(mt_opt_parse(&opts, t, argv))) {
			printf("  %s: example '%.*s'\n", t->name, (int)n, line);
			continue;
		}
		if (!ASSERT_OK(mt_object_open_view(&o, t, opts.view)))
			continue;
		ASSERT_OK(mt_bind(&b, opts.view, o));
		for (size_t i = 0; i < opts.nr_columns; i++)
			ASSERT_OK(mt_bind_columns(&b, opts.columns[i]));
		ASSERT_OF(t, line, !opts.name || mt_object_has(o, "mt_comm_end"));
		ASSERT_OF(t, line, !opts.cgroup || mt_object_has(o, "mt_in_cgroup"));
		ASSERT_OF(t, line, !opts.min_ns || mt_object_has(o, "mt_min_ns"));
		ASSERT_OF(t, line, !opts.has_pid || mt_object_has(o, "mt_pid"));
		ASSERT_OF(t, line, !opts.has_uid || mt_object_has(o, "mt_uid"));
		mt_object_close(o);
	}
}

static void test_help(void)
{
	EACH_TOOL(t)
	{
		char *text = NULL;
		size_t size;
		FILE *f = open_memstream(&text, &size);

		ASSERT_OK(mt_help_tool(f, t));
		fclose(f);
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			ASSERT_OF(t, line, strlen(line) <= 80);
		free(text);
	}
}

static void test_list(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	mt_help_list(f);
	fclose(f);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!ASSERT_TRUE(strlen(line) <= 80 || !strncmp(line, "usage:", 6)))
			printf("  %s\n", line);
	free(text);
}

/* The sources, below the directory that is the first argument. */

static char *source(const char *path)
{
	char full[PATH_MAX], *text = NULL;
	struct stat st;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", test.args[0] ? test.args[0] : ".", path);
	f = fopen(full, "re");
	if (f && !fstat(fileno(f), &st) && S_ISREG(st.st_mode)) {
		text = calloc(1, (size_t)st.st_size + 1);
		if (fread(text, 1, st.st_size, f) != (size_t)st.st_size)
			text[0] = '\0';
	}
	if (f)
		fclose(f);
	return text;
}

static bool exists(const char *fmt, const char *name)
{
	char path[PATH_MAX], full[2 * PATH_MAX];

	snprintf(path, sizeof(path), fmt, name);
	snprintf(full, sizeof(full), "%s/%s", test.args[0] ? test.args[0] : ".", path);
	return !access(full, R_OK);
}

static void test_brought_along(void)
{
	char *readme = source("README.md");

	EACH_TOOL(t)
	{
		char row[64];

		ASSERT_OF(t, "golden test", exists("test/golden/%s/in.txt", t->name));
		ASSERT_OF(t, "live test", exists("test/live/%s.sh", t->name));
		EACH_VIEW(t, v)
		ASSERT_OF(t, "probe", v->source == MT_SAMPLED || exists("probes/%s.bpf.c", t->name));
		ASSERT_OF(t, "probe embedded", !t->object == !exists("probes/%s.bpf.c", t->name));
		ASSERT_OF(t, "description", exists("cmd/%s.c", t->name));
		snprintf(row, sizeof(row), "\n| %s |", t->name);
		ASSERT_OF(t, "row in README.md", readme && strstr(readme, row));
	}
	free(readme);
}

/* A man page has all that is made from the description, and nothing that is not. */
static void test_man_prose(void)
{
	static const char *const parts[] = { "@NAME@",	 "@SYNOPSIS@", "@DESCRIPTION@", "@OPTIONS@",
					     "@FIELDS@", "@HOOKS@",    "@EXAMPLES@" };

	EACH_TOOL(t)
	{
		char path[PATH_MAX], *text;
		size_t n = 0;

		snprintf(path, sizeof(path), "man/memtrace-%s.8.in", t->name);
		text = source(exists("%s", path) ? path : "man/default.8.in");
		if (!ASSERT_TRUE(text != NULL))
			continue;
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
			char line[32];

			snprintf(line, sizeof(line), "\n%s\n", parts[i]);
			ASSERT_OF(t, parts[i], strstr(text, line) != NULL);
		}
		for (const char *s = text; (s = strstr(s, "\n@")); s++)
			n++;
		ASSERT_OF(t, "lines that begin with @", n == sizeof(parts) / sizeof(parts[0]));
		free(text);
	}
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* @word as a word; @behind: what must follow it, or 0. */
static bool has_word(const char *text, const char *word, char behind)
{
	size_t n = strlen(word);

	for (const char *s = text; (s = strstr(s, word)); s++)
		if ((s == text || !is_word_char(s[-1])) && !is_word_char(s[n]) && (!behind || s[n] == behind))
			return true;
	return false;
}

/* Comments and the insides of strings become blanks. */
static void blank_out(char *s)
{
	const char *end = NULL;

	for (; *s; s++) {
		if (!end && (*s == '"' || *s == '\'')) {
			end = *s == '"' ? "\"" : "'";
		} else if (!end && s[0] == '/' && s[1] == '*') {
			end = "*/";
		} else if (!end && s[0] == '/' && s[1] == '/') {
			end = "\n";
		} else if (end && !strncmp(s, end, strlen(end))) {
			memset(s, ' ', strlen(end));
			s += strlen(end) - 1;
			end = NULL;
		} else if (end) {
			if (*s == '\\' && end[0] != '*' && end[0] != '\n')
				*s++ = ' ';
			*s = *s == '\n' ? '\n' : ' ';
		}
	}
}

/* Calls @each for every C file of @dir. */
static void each_source(const char *dir, void (*each)(const char *path, char *text))
{
	char full[PATH_MAX];
	struct dirent *e;
	DIR *d;

	snprintf(full, sizeof(full), "%s/%s", test.args[0] ? test.args[0] : ".", dir);
	d = opendir(full);
	if (!ASSERT_TRUE(d != NULL))
		return;
	while ((e = readdir(d))) {
		size_t n = strlen(e->d_name);
		char path[PATH_MAX], *text;

		if (n < 3 || (strcmp(e->d_name + n - 2, ".c") && strcmp(e->d_name + n - 2, ".h")))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		text = source(path);
		if (ASSERT_TRUE(text != NULL))
			each(path, text);
		free(text);
	}
	closedir(d);
}

/* Names that are words of the language too: looked for in code, and as all of a string. */
static bool is_plain_word(const char *name)
{
	return !strcmp(name, "loads") || !strcmp(name, "fragmentation");
}

static void no_tool_name(const char *path, char *text)
{
	EACH_TOOL(t)
	{
		char quoted[64];

		snprintf(quoted, sizeof(quoted), "\"%s\"", t->name);
		ASSERT_OF(t, path, is_plain_word(t->name) ? !strstr(text, quoted) : !has_word(text, t->name, 0));
	}
	blank_out(text);
	EACH_TOOL(t)
	ASSERT_OF(t, path, !has_word(text, t->name, 0));
}

static void test_core_knows_no_tool(void)
{
	each_source("core", no_tool_name);
	each_source("probes/mt", no_tool_name);
}

static void no_printing(const char *path, char *text)
{
	static const char *const allowed[] = { "core/help.c", "core/main.c", "core/check.c", "core/install.c" };
	static const char *const calls[] = { "printf", "puts", "putchar", "vprintf" };

	blank_out(text);
	if (!strncmp(path, "core/out", 8) || !strcmp(path, "core/run.c"))
		return;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (!strcmp(path, allowed[i]))
			return;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!ASSERT_TRUE(!has_word(text, calls[i], '(')))
			printf("  %s: %s\n", path, calls[i]);
	if (!ASSERT_TRUE(!has_word(text, "stdout", 0) && !has_word(text, "STDOUT_FILENO", 0)))
		printf("  %s\n", path);
}

static void test_one_formatter(void)
{
	each_source("core", no_printing);
	each_source("cmd", no_printing);
}

/* core/run.c tells the formatter where standard output is, and prints nothing itself. */
static void test_run_does_not_print(void)
{
	char *text = source("core/run.c");

	if (ASSERT_TRUE(text != NULL)) {
		blank_out(text);
		ASSERT_TRUE(!has_word(text, "printf", '(') && !has_word(text, "stdout", 0));
	}
	free(text);
}

/* Only main() ends the program. */
static void no_exit(const char *path, char *text)
{
	blank_out(text);
	if (!ASSERT_TRUE(!has_word(text, "exit", '(')))
		printf("  %s\n", path);
}

static void test_no_exit(void)
{
	each_source("core", no_exit);
	each_source("cmd", no_exit);
}

static size_t top_len;

static bool needs_no_licence(const char *path)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	/* what must hold a test's bytes and nothing else, and the licence itself */
	return strstr(path, "/seeds/") || (strstr(path, "/golden/") && !strncmp(base, "out.", 4)) ||
	       !strncmp(base, "LICENSE", 7) || !strncmp(base, "COPYING", 7);
}

static int check_licence(const char *full, const struct stat *st, int type, struct FTW *at)
{
	const char *path = full + top_len;
	char *text, *third;

	(void)st;
	if (type == FTW_D && at->level == 1 && (!strncmp(path, "/build", 6) || !strcmp(path, "/.git")))
		return FTW_SKIP_SUBTREE;
	if (type != FTW_F || !strcmp(path, "/.git") || needs_no_licence(path))
		return FTW_CONTINUE;
	text = source(path + 1);
	third = text;
	for (int i = 0; i < 3 && third; i++)
		third = strchr(third + (i > 0), '\n');
	if (third)
		*third = '\0';
	if (!ASSERT_TRUE(text && strstr(text, "SPDX-License-Identifier: GPL-2.0-only")))
		printf("  %s\n", path);
	free(text);
	return FTW_CONTINUE;
}

static void test_licence(void)
{
	const char *top = test.args[0] ? test.args[0] : ".";

	top_len = strlen(top);
	ASSERT_OK(nftw(top, check_licence, 16, FTW_PHYS | FTW_ACTIONRETVAL));
}

TESTS(test_table, test_said, test_columns, test_widths, test_views, test_units, test_letters, test_examples, test_help,
      test_list, test_brought_along, test_man_prose, test_core_knows_no_tool, test_one_formatter,
      test_run_does_not_print, test_no_exit, test_licence)
