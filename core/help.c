// SPDX-License-Identifier: GPL-2.0-only
/* What is said about a tool, from its description: on a terminal, and as a man page. */
#include "help.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "object.h"
#include "opt.h"
#include "tools.h"

#define WIDTH 80

void mt_help_list(FILE *f)
{
	fprintf(f, "usage: memtrace TOOL [OPTION]... | help [TOOL] | check [TOOL]... | install DIR | --version\n");
	for (int g = 0; g < MT_GROUPS; g++) {
		bool first = true;

		for (size_t i = 0; mt_tools[i]; i++) {
			if ((int)mt_tools[i]->group != g)
				continue;
			if (first)
				fprintf(f, "\n%s\n", mt_group_title[g]);
			fprintf(f, "  %-14s %s\n", mt_tools[i]->name, mt_tools[i]->summary);
			first = false;
		}
	}
	fprintf(f,
		"\nThis host\n"
		"  %-14s %s\n  %-14s %s\n",
		"check", "what this kernel offers, and the hook each tool would choose", "install",
		"links in DIR, one for each tool (--prefix P, --suffix S)");
}

/* Words of @text in lines of at most WIDTH columns, all but the first indented by @indent. */
static void wrap(FILE *f, const char *text, int column, int indent)
{
	const char *blank = "";

	while (*text) {
		size_t len = strcspn(text, " \n");

		if (*blank && column + 1 + (int)len > WIDTH) {
			column = fprintf(f, "\n%*s", indent, "") - 1;
			blank = "";
		}
		column += fprintf(f, "%s%.*s", blank, (int)len, text);
		blank = " ";
		text += len;
		if (*text == '\n') {
			column = fprintf(f, "\n%*s", indent, "") - 1;
			blank = "";
		}
		text += *text != '\0';
	}
	fprintf(f, "\n");
}

/* What the printers below are given: one option, one column and so on. */
struct entry {
	char left[64];
	const char *text;
};

typedef void (*print_fn)(FILE *f, const struct entry *e);

static void as_text(FILE *f, const struct entry *e)
{
	int n = fprintf(f, "  %-26s", e->left);

	fprintf(f, n > 28 ? "\n%29s" : " ", "");
	wrap(f, e->text, 29, 29);
}

/*
 * roff takes - for a hyphen, and a dot or a quote at the start of a line for a command. Hooks joined by a
 * comma or a plus would be words longer than a line.
 */
static void roff(FILE *f, const char *s)
{
	for (char before = '\n'; *s; before = *s++) {
		if (*s == '-' || *s == '\\')
			fputc('\\', f);
		if ((*s == '.' || *s == '\'') && before == '\n')
			fputs("\\&", f);
		fputc(*s, f);
		if ((*s == ',' || *s == '+') && isalnum((unsigned char)before))
			fputs("\\:", f);
	}
}

static void as_man(FILE *f, const struct entry *e)
{
	fprintf(f, ".TP\n.B ");
	roff(f, e->left);
	fprintf(f, "\n");
	roff(f, e->text);
	fprintf(f, "\n");
}

static void option_name(struct entry *e, char key, const char *name, const char *arg)
{
	char letter[8] = "    ";

	if (key)
		snprintf(letter, sizeof(letter), "-%c%s", key, name ? ", " : "");
	snprintf(e->left, sizeof(e->left), "%s%s%s%s%s", letter, name ? "--" : "", name ? name : "", arg ? " " : "",
		 arg ? arg : "");
}

static bool claimed(const struct mt_tool *tool, char key)
{
	for (const struct mt_alias *a = tool->aliases; a && a->key; a++)
		if (a->key == key)
			return true;
	return false;
}

/* The help of an option whose argument is the word of a view, with the words. */
static const char *with_words(const struct mt_tool *tool, const char *help, char *buf, size_t size)
{
	size_t n = snprintf(buf, size, "%s: ", help);
	const struct mt_view *v;

	for (size_t i = 0; (v = mt_tool_view(tool, i)); i++)
		n += snprintf(buf + n, size - n, "%s%s%s", i ? ", " : "", v->word, i ? "" : " (the default)");
	return buf;
}

/* Is the option of use to one of the views? */
static bool fits_any(const struct mt_tool *tool, const struct mt_common *c)
{
	const struct mt_view *v;

	for (size_t i = 0; (v = mt_tool_view(tool, i)); i++)
		if (c->fits(v))
			return true;
	return false;
}

static void options(FILE *f, const struct mt_tool *tool, const struct mt_object *o, print_fn print)
{
	const struct mt_common *c;
	struct entry e;
	char words[256];

	for (const struct mt_opt *opt = tool->opts; opt && opt->name; opt++) {
		option_name(&e, opt->key, opt->name, opt->arg);
		e.text = opt->help;
		print(f, &e);
	}
	for (const struct mt_alias *a = tool->aliases; a && a->key; a++) {
		option_name(&e, a->key, a->long_name, NULL);
		e.text = a->help;
		print(f, &e);
	}
	for (size_t i = 0; (c = mt_opt_common(i))->name; i++) {
		if ((c->var && !mt_object_has(o, c->var)) || (c->probe && !mt_object_has_probe(o)) ||
		    (c->fits && !fits_any(tool, c)))
			continue;
		option_name(&e, claimed(tool, c->key) ? 0 : c->key, c->name, c->arg);
		e.text = c->views ? with_words(tool, c->help, words, sizeof(words)) : c->help;
		print(f, &e);
	}
}

/* Does the view have that very column, with the same words? */
static bool same_column(const struct mt_view *view, const struct mt_col *col)
{
	for (const struct mt_col *c = view->cols; c->key; c++)
		if (!strcmp(c->key, col->key) && !strcmp(c->head, col->head) && !strcmp(c->help, col->help))
			return true;
	return false;
}

static void fields(FILE *f, const struct mt_tool *tool, const struct mt_view *view, print_fn print)
{
	const bool further = view != &tool->view;
	struct entry e;

	for (const struct mt_col *col = view->cols; col->key; col++) {
		if (further && same_column(&tool->view, col))
			continue;
		snprintf(e.left, sizeof(e.left), "%s%s (%s)", col->head, col->flags & (MT_WIDE | MT_HIDDEN) ? " *" : "",
			 col->key);
		e.text = col->help;
		print(f, &e);
	}
	for (const struct mt_hist *h = view->hists; h && h->key && (!further || view->hists != tool->view.hists); h++) {
		snprintf(e.left, sizeof(e.left), "histogram (%s)", h->key);
		e.text = h->title;
		print(f, &e);
	}
}

static void hooks(FILE *f, const struct mt_tool *tool, const struct mt_object *o, print_fn print)
{
	for (const struct mt_site *site = tool->sites; site && site->name; site++) {
		char tries[1024] = "", one[512];
		struct entry e = { .text = tries };
		size_t n = 0;

		for (int t = 0; t < MT_TRIES && site->try[t]; t++)
			n += snprintf(tries + n, sizeof(tries) - n, "%s%s", n ? "; else " : "",
				      mt_object_hooks(o, site, t, one, sizeof(one)));
		snprintf(tries + n, sizeof(tries) - n, "%s%s", site->optional ? " (may be empty)" : "",
			 site->wide ? " (with --wide)" : "");
		snprintf(e.left, sizeof(e.left), "%s", site->name);
		print(f, &e);
	}
}

/* Calls @each for every "arguments<TAB>text" line. */
static void each_example(FILE *f, const struct mt_tool *tool,
			 void (*each)(FILE *f, const char *tool, const char *args, int n, const char *text, int m))
{
	for (const char *s = tool->examples; s && *s;) {
		size_t args = strcspn(s, "\t"), text = strcspn(s + args + 1, "\n");

		each(f, tool->name, s, (int)args, s + args + 1, (int)text);
		s += args + 1 + text;
		s += *s == '\n';
	}
}

static void example_text(FILE *f, const char *tool, const char *args, int n, const char *text, int m)
{
	const int at = 36;
	int len = fprintf(f, "  %s%s%.*s", tool, n ? " " : "", n, args);
	char *words = strndup(text, m);

	if (len >= at)
		len = fprintf(f, "\n") - 1;
	fprintf(f, "%*s", at - len, "");
	wrap(f, words ? words : "", at, at);
	free(words);
}

static void example_man(FILE *f, const char *tool, const char *args, int n, const char *text, int m)
{
	fprintf(f, ".TP\n.B memtrace %s%s", tool, n ? " " : "");
	for (int i = 0; i < n; i++)
		fprintf(f, "%s%c", args[i] == '-' ? "\\" : "", args[i]);
	fprintf(f, "\n%.*s\n", m, text);
}

static const char *positional(const struct mt_tool *tool)
{
	const struct mt_view *view;

	for (size_t i = 0; (view = mt_tool_view(tool, i)); i++)
		if (view->source != MT_RING)
			return " [INTERVAL [COUNT]]";
	return "";
}

/* Of all views; those that have to be asked for under the option that does, and without what the usual one has. */
static void all_fields(FILE *f, const struct mt_tool *tool, const char *with, print_fn print)
{
	const struct mt_view *view;

	for (size_t i = 0; (view = mt_tool_view(tool, i)); i++) {
		if (i)
			fprintf(f, with, view->option ? view->option : "by ", view->option ? "" : view->word);
		fields(f, tool, view, print);
	}
}

int mt_help_tool(FILE *f, const struct mt_tool *tool)
{
	struct mt_object *o;

	if (mt_object_open(&o, tool))
		return MT_FAILED;
	fprintf(f, "usage: %s [OPTION]...%s [-- COMMAND [ARG]...]\n\n", tool->name, positional(tool));
	wrap(f, tool->about, 0, 0);
	fprintf(f, "\nOptions\n");
	options(f, tool, o, as_text);
	fprintf(f, "\nFields: heading (key in JSON and CSV); * only with --wide or --columns\n");
	all_fields(f, tool, "\nFields with --%s%s, besides\n", as_text);
	fprintf(f, "\nExamples\n");
	each_example(f, tool, example_text);
	mt_object_close(o);
	return 0;
}

static void paragraphs(FILE *f, const char *text)
{
	for (; *text; text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n')) {
		char *line = strndup(text, strcspn(text, "\n"));

		if (line) {
			fprintf(f, ".PP\n");
			roff(f, line);
			fprintf(f, "\n");
		}
		free(line);
	}
}

static bool section(FILE *f, const struct mt_tool *tool, const struct mt_object *o, const char *word)
{
	if (!strcmp(word, "@NAME@")) {
		fprintf(f, ".TH MEMTRACE\\-%s 8\n.ad l\n.nh\n.SH NAME\nmemtrace\\-%s \\- ", tool->name, tool->name);
		roff(f, tool->summary);
		fprintf(f, "\n");
	} else if (!strcmp(word, "@SYNOPSIS@")) {
		fprintf(f,
			".SH SYNOPSIS\n.B memtrace %s\n[\\fIOPTION\\fR]...%s [\\-\\- \\fICOMMAND\\fR "
			"[\\fIARG\\fR]...]\n",
			tool->name, positional(tool));
	} else if (!strcmp(word, "@DESCRIPTION@")) {
		fprintf(f, ".SH DESCRIPTION\n");
		paragraphs(f, tool->about);
	} else if (!strcmp(word, "@OPTIONS@")) {
		fprintf(f, ".SH OPTIONS\n");
		options(f, tool, o, as_man);
	} else if (!strcmp(word, "@FIELDS@")) {
		fprintf(f, ".SH FIELDS\nHeading in text, and key in JSON and CSV in parentheses; * is shown only with\n"
			   ".B \\-\\-wide\nor\n.BR \\-\\-columns .\n");
		all_fields(f, tool, ".SS With \\-\\-%s%s, besides\n", as_man);
	} else if (!strcmp(word, "@HOOKS@")) {
		if (!tool->sites) {
			fprintf(f, ".SH HOOKS\nNone: it reads files of the kernel, and needs neither BPF nor "
				   "privilege.\n");
			return true;
		}
		fprintf(f,
			".SH HOOKS\nThe first of each that this kernel loads and attaches is taken; see\n"
			".BR \"memtrace check %s\" .\n",
			tool->name);
		hooks(f, tool, o, as_man);
	} else if (!strcmp(word, "@EXAMPLES@")) {
		fprintf(f, ".SH EXAMPLES\n");
		each_example(f, tool, example_man);
	} else {
		return false;
	}
	return true;
}

int mt_help_man(FILE *f, const struct mt_tool *tool, const char *prose)
{
	FILE *in = fopen(prose, "re");
	struct mt_object *o;
	char line[1024];

	if (!in)
		return mt_failed(errno, "%s", prose);
	if (mt_object_open(&o, tool)) {
		fclose(in);
		return MT_FAILED;
	}
	while (fgets(line, sizeof(line), in)) {
		char word[64];

		snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, "\n"), line);
		if (!section(f, tool, o, word))
			fputs(line, f);
	}
	mt_object_close(o);
	fclose(in);
	return 0;
}
