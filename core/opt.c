// SPDX-License-Identifier: GPL-2.0-only
/* The command line: options common to all tools, those of one tool, [INTERVAL [COUNT]], -- COMMAND. */
#include "opt.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "hook.h"
#include "tools.h"
#include "unit.h"

#define SECOND 1000000000ULL
#define YEAR   (366 * 86400 * SECOND)

static bool is_keyed(const struct mt_view *view)
{
	return view->source == MT_KEYED;
}

static bool is_top(const struct mt_view *view)
{
	return view->top;
}

enum kind { FLAG, STRING, COLUMNS, NUMBER, TIME, SIZE, USER, HOOK, BY };

static const struct common {
	struct mt_common shown;
	enum kind kind;
	size_t into;	   /* offset in struct mt_opts */
	size_t given;	   /* offset of a flag that it was, 0 for none */
	uint64_t min, max; /* NUMBER, TIME, SIZE */
	uint64_t plain_ns; /* TIME: what a number without a unit counts */
} commons[] = {
#define AT(member) offsetof(struct mt_opts, member)
	{ { 'p', "pid", "PID", "only this process", "mt_pid" }, NUMBER, AT(pid), AT(has_pid), 1, 1 << 22, 0 },
	{ { 't', "tid", "TID", "only this thread", "mt_tid" }, NUMBER, AT(tid), AT(has_tid), 1, 1 << 22, 0 },
	{ { 'n', "name", "NAME", "only commands whose name contains NAME", "mt_comm_end" },
	  STRING,
	  AT(name),
	  0,
	  0,
	  0,
	  0 },
	{ { 'u', "uid", "USER", "only this user, by name or number", "mt_uid" }, USER, AT(uid), AT(has_uid), 0, 0, 0 },
	{ { 'c', "cgroup", "PATH", "only this cgroup and those below it", "mt_in_cgroup" },
	  STRING,
	  AT(cgroup),
	  0,
	  0,
	  0,
	  0 },
	{ { 'm', "min", "TIME", "only what took at least TIME (5ms; a plain number is ms)", "mt_min_ns" },
	  TIME,
	  AT(min_ns),
	  0,
	  0,
	  YEAR,
	  1000000 },
	{ { 'd', "duration", "TIME", "end after TIME (10s; a plain number is seconds)", NULL },
	  TIME,
	  AT(duration_ns),
	  0,
	  1,
	  YEAR,
	  SECOND },
	{ { 0, "count", "N", "end after N rows, or N intervals", NULL }, NUMBER, AT(count), 0, 1, UINT32_MAX, 0 },
	{ { 0, "by", "WORD", "what a row is for", "mt_by", .views = true }, BY, 0, 0, 0, 0, 0 },
	{ { 'w', "wide", NULL, "show more columns, and events of more kinds", NULL }, FLAG, AT(wide), 0, 0, 0, 0 },
	{ { 0, "columns", "LIST", "columns of the text: a,b just these; +a,-b more or fewer", NULL },
	  COLUMNS,
	  0,
	  0,
	  0,
	  0,
	  0 },
	{ { 's', "sort", "COLUMN", "order by this column, by its key, largest first", NULL, false, is_keyed },
	  STRING,
	  AT(sort),
	  0,
	  0,
	  0,
	  0 },
	{ { 'r', "rows", "N", "at most N rows an interval, and what the others add up to; 0: all", NULL, false,
	    is_keyed },
	  NUMBER,
	  AT(rows),
	  AT(has_rows),
	  0,
	  UINT32_MAX,
	  0 },
	{ { 'C', "no-clear", NULL, "do not clear the screen", NULL, false, is_top }, FLAG, AT(no_clear), 0, 0, 0, 0 },
	{ { 'j', "json", NULL, "print JSON, an object a line, raw numbers", NULL }, FLAG, AT(json), 0, 0, 0, 0 },
	{ { 0, "csv", NULL, "print CSV, raw numbers", NULL }, FLAG, AT(csv), 0, 0, 0, 0 },
	{ { 'o', "output", "FILE", "write to FILE instead of standard output", NULL }, STRING, AT(output), 0, 0, 0, 0 },
	{ { 'q', "quiet", NULL, "no headings", NULL }, FLAG, AT(quiet), 0, 0, 0, 0 },
	{ { 0, "hook", "KIND", "where there is a choice, use hooks of this kind: tp_btf, fentry, kprobe, tp or perf",
	    NULL, true },
	  HOOK,
	  AT(hooks),
	  0,
	  0,
	  0,
	  0 },
	{ { 0, "buffer", "SIZE", "room for events that wait to be read (4K to 64M)", NULL, true },
	  SIZE,
	  AT(ring_bytes),
	  0,
	  4096,
	  64 << 20,
	  0 },
	{ { 0, "map-entries", "N", "room for keys in each map", NULL, true }, NUMBER, AT(entries), 0, 1, 1 << 20, 0 },
	{ { 'v', "verbose", NULL, "say which hooks were chosen, and why not others", NULL, true },
	  FLAG,
	  AT(verbose),
	  0,
	  0,
	  0,
	  0 },
	{ { 0, "debug", NULL, "print all that libbpf says", NULL, true }, FLAG, AT(debug), 0, 0, 0, 0 },
	{ { 'h', "help", NULL, "print this help", NULL }, FLAG, AT(help), 0, 0, 0, 0 },
	{ { 0, NULL, NULL, NULL, NULL }, FLAG, 0, 0, 0, 0, 0 },
#undef AT
};

const struct mt_common *mt_opt_common(size_t i)
{
	return &commons[i].shown;
}

struct parse {
	struct mt_opts *opts;
	const struct mt_tool *tool;
	char **argv;
	const char *positional[2];
	size_t nr_positional;
	bool by;				      /* the view was chosen by its word */
	const struct mt_common *limited[MT_MAX_SETS]; /* given, and of use to some views only */
	size_t nr_limited;
};

static int number(const char *name, enum mt_unit unit, const struct common *c, const char *value, uint64_t *into)
{
	int err = mt_unit_parse(unit, value, c->plain_ns, into);
	const char *dashes = c->shown.name ? "--" : "";

	if (err == -EINVAL)
		return mt_usage("%s%s: '%s' is not a %s", dashes, name, value,
				unit == MT_U_NS	     ? "time (like 10s, 5ms)"
				: unit == MT_U_BYTES ? "size (like 64K)"
						     : "number");
	if (err || *into < c->min || *into > c->max)
		return mt_usage("%s%s: '%s' is out of range", dashes, name, value);
	return 0;
}

/* From /etc/passwd alone: a static program must not load what a name service asks for. */
static int user(const char *value, uint64_t *uid)
{
	FILE *f;
	struct passwd *pw;

	if (!mt_unit_parse(MT_U_NONE, value, 0, uid))
		return *uid < UINT32_MAX ? 0 : mt_usage("--uid: '%s' is out of range", value);
	f = fopen("/etc/passwd", "re");
	while (f && (pw = fgetpwent(f)))
		if (!strcmp(pw->pw_name, value)) {
			*uid = pw->pw_uid;
			fclose(f);
			return 0;
		}
	if (f)
		fclose(f);
	return mt_usage("--uid: no user '%s' in /etc/passwd", value);
}

static int hook(const char *value, unsigned *hooks)
{
	*hooks = mt_hook_mask(value);
	return *hooks ? 0 : mt_usage("--hook: '%s' is none of tp_btf, fentry, kprobe, tp, perf", value);
}

static int by(struct parse *p, const char *word)
{
	const struct mt_view *v;
	char words[256] = "";
	size_t n = 0;

	if (!p->tool->view.word)
		return mt_usage("--by: of no use to this tool (see --help)");
	for (size_t i = 0; (v = mt_tool_view(p->tool, i)); i++) {
		if (!v->word)
			continue;
		if (!strcmp(v->word, word)) {
			p->opts->view = v;
			p->by = true;
			return 0;
		}
		n += snprintf(words + n, sizeof(words) - n, "%s%s", n ? ", " : "", v->word);
	}
	return mt_usage("--by: '%s' is none of %s", word, words);
}

static int columns(struct mt_opts *opts, const char *value)
{
	if (opts->nr_columns == MT_MAX_SETS)
		return mt_usage("--columns: too many");
	opts->columns[opts->nr_columns++] = value;
	return 0;
}

static int set_common(struct parse *p, const struct common *c, const char *value)
{
	char *base = (char *)p->opts;
	void *into = base + c->into;

	if (c->kind != FLAG && !value)
		return mt_usage("--%s: needs an argument", c->shown.name);
	if (c->shown.fits && p->nr_limited < MT_MAX_SETS)
		p->limited[p->nr_limited++] = &c->shown;
	if (c->given)
		*(bool *)(base + c->given) = true;
	switch (c->kind) {
	case FLAG:
		*(bool *)into = true;
		return 0;
	case STRING:
		*(const char **)into = value;
		return 0;
	case COLUMNS:
		return columns(p->opts, value);
	case NUMBER:
		return number(c->shown.name, MT_U_NONE, c, value, into);
	case TIME:
		return number(c->shown.name, MT_U_NS, c, value, into);
	case SIZE:
		return number(c->shown.name, MT_U_BYTES, c, value, into);
	case USER:
		return user(value, into);
	case HOOK:
		return hook(value, into);
	case BY:
		return by(p, value);
	}
	return 0;
}

static int set_own(struct parse *p, const struct mt_opt *opt, const char *value)
{
	if (opt->refuse)
		return mt_usage("--%s: %s", opt->name, opt->refuse);
	if (p->opts->nr_sets == MT_MAX_SETS)
		return mt_usage("too many options");
	p->opts->sets[p->opts->nr_sets++] = (struct mt_set){ opt, value };
	return 0;
}

/* What a name or a letter stands for: an option of the tool, or a common one. */
struct found {
	const struct mt_opt *own;
	const struct common *common;
	const char *value; /* an alias' */
};

static bool find_long(const struct mt_tool *tool, const char *name, size_t len, struct found *f)
{
	*f = (struct found){ 0 };
	for (const struct mt_opt *o = tool->opts; o && o->name; o++)
		if (strlen(o->name) == len && !memcmp(o->name, name, len))
			f->own = o;
	for (const struct common *c = commons; c->shown.name; c++)
		if (strlen(c->shown.name) == len && !memcmp(c->shown.name, name, len))
			f->common = c;
	return f->own || f->common;
}

static bool find_alias(const struct mt_tool *tool, const struct mt_alias *alias, struct found *f)
{
	bool found = find_long(tool, alias->name, strlen(alias->name), f);

	f->value = alias->value;
	return found;
}

/* What a long name on the command line stands for; an alias may have one too. */
static bool find_name(const struct mt_tool *tool, const char *name, size_t len, struct found *f)
{
	for (const struct mt_alias *a = tool->aliases; a && a->key; a++)
		if (a->long_name && strlen(a->long_name) == len && !memcmp(a->long_name, name, len))
			return find_alias(tool, a, f);
	return find_long(tool, name, len, f);
}

static bool find_key(const struct mt_tool *tool, char key, struct found *f)
{
	for (const struct mt_alias *a = tool->aliases; a && a->key; a++)
		if (a->key == key)
			return find_alias(tool, a, f);
	*f = (struct found){ 0 };
	for (const struct mt_opt *o = tool->opts; o && o->name; o++)
		if (o->key == key)
			f->own = o;
	for (const struct common *c = commons; c->shown.name && !f->own; c++)
		if (c->shown.key == key)
			f->common = c;
	return f->own || f->common;
}

static bool takes_argument(const struct found *f)
{
	return !f->value && (f->own ? f->own->arg : f->common->shown.arg);
}

static int apply(struct parse *p, const struct found *f, const char *value)
{
	value = f->value ? f->value : value;
	return f->own ? set_own(p, f->own, value) : set_common(p, f->common, value);
}

static int parse_long(struct parse *p, const char *arg)
{
	size_t len = strcspn(arg, "=");
	struct found f;

	if (!find_name(p->tool, arg, len, &f))
		return mt_usage("unknown option '--%.*s' (see %s --help)", (int)len, arg, p->tool->name);
	if (!takes_argument(&f))
		return arg[len] ? mt_usage("--%.*s: takes no argument", (int)len, arg) : apply(p, &f, NULL);
	if (arg[len])
		return apply(p, &f, arg + len + 1);
	if (!*p->argv)
		return mt_usage("--%s: needs an argument", arg);
	return apply(p, &f, *p->argv++);
}

static int parse_keys(struct parse *p, const char *keys)
{
	int rc = 0;

	while (*keys && !rc) {
		char key = *keys++;
		struct found f;

		if (!find_key(p->tool, key, &f))
			return mt_usage("unknown option '-%c' (see %s --help)", key, p->tool->name);
		if (!takes_argument(&f)) {
			rc = apply(p, &f, NULL);
			continue;
		}
		if (*keys)
			return apply(p, &f, keys);
		if (!*p->argv)
			return mt_usage("-%c: needs an argument", key);
		return apply(p, &f, *p->argv++);
	}
	return rc;
}

static int keep(struct parse *p, const char *arg)
{
	if (p->nr_positional == sizeof(p->positional) / sizeof(p->positional[0]))
		return mt_usage("'%s': one argument too many", arg);
	p->positional[p->nr_positional++] = arg;
	return 0;
}

static int positional(struct parse *p, const char *arg, size_t nth)
{
	static const struct common interval = { .min = SECOND / 100, .max = YEAR, .plain_ns = SECOND };
	static const struct common count = { .min = 1, .max = UINT32_MAX };

	if (p->opts->view->source == MT_RING)
		return mt_usage("'%s': takes no INTERVAL: it prints each event as it comes", arg);
	if (nth == 0)
		return number("INTERVAL", MT_U_NS, &interval, arg, &p->opts->interval_ns) ? MT_USAGE : 0;
	return number("COUNT", MT_U_NONE, &count, arg, &p->opts->count) ? MT_USAGE : 0;
}

static const char *asked_by(const struct mt_view *view)
{
	return view->option ? view->option : "by";
}

/* Of the views that an option of the tool asks for, or --wide where none is asked for otherwise. */
static int choose_view(struct mt_opts *o, const struct mt_tool *tool, bool by)
{
	const struct mt_view *view;

	for (size_t i = 1; o->wide && !by && (view = mt_tool_view(tool, i)); i++)
		if (view->wide)
			o->view = view;
	for (size_t s = 0; s < o->nr_sets; s++)
		for (size_t i = 1; (view = mt_tool_view(tool, i)); i++) {
			if (!view->option || strcmp(o->sets[s].opt->name, view->option) != 0)
				continue;
			if (o->view != &tool->view && o->view != view)
				return mt_usage("--%s and --%s: choose one", asked_by(o->view), view->option);
			o->view = view;
		}
	return 0;
}

static int conflicts(const struct mt_opts *o)
{
	if (o->json && o->csv)
		return mt_usage("--json and --csv: choose one");
	if (o->command && o->has_pid)
		return mt_usage("--pid and a command: choose one");
	if (o->command && o->has_tid)
		return mt_usage("--tid and a command: choose one");
	if (o->name && !*o->name)
		return mt_usage("--name: empty");
	if (o->name && strlen(o->name) > 15)
		return mt_usage("--name: '%s' is longer than the 15 bytes that the kernel keeps of a name", o->name);
	return 0;
}

int mt_opt_parse(struct mt_opts *opts, const struct mt_tool *tool, char **argv)
{
	struct parse p = { .opts = opts, .tool = tool, .argv = argv };
	int rc = 0;

	*opts = (struct mt_opts){ .hooks = ~0U, .view = &tool->view };
	while (!rc && *p.argv) {
		const char *arg = *p.argv++;

		if (!strcmp(arg, "--")) {
			if (!*p.argv)
				return mt_usage("--: needs a command");
			opts->command = p.argv;
			break;
		}
		if (arg[0] == '-' && arg[1] == '-')
			rc = parse_long(&p, arg + 2);
		else if (arg[0] == '-' && arg[1])
			rc = parse_keys(&p, arg + 1);
		else
			rc = keep(&p, arg);
	}
	if (!rc && !opts->help)
		rc = choose_view(opts, tool, p.by);
	/* what is allowed depends on the view, which an option behind them may choose */
	for (size_t i = 0; !rc && !opts->help && i < p.nr_positional; i++)
		rc = positional(&p, p.positional[i], i);
	for (size_t i = 0; !rc && !opts->help && i < p.nr_limited; i++)
		if (!p.limited[i]->fits(opts->view))
			rc = mt_usage("--%s: of no use to this view (see --help)", p.limited[i]->name);
	return rc || opts->help ? rc : conflicts(opts);
}
