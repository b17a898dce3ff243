// SPDX-License-Identifier: GPL-2.0-only
/* The sites of one tool: which alternative of each is chosen, and why not the others. */
#include "site.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "host.h"
#include "kbtf.h"

void mt_sites_init(struct mt_sites *o, const struct mt_tool *tool)
{
	for (const struct mt_site *site = tool->sites; site && site->name && o->nr_choices < MT_MAX_SITES; site++)
		o->choices[o->nr_choices++] = (struct mt_choice){ .site = site, .chosen = -1 };
	if (!mt_host_kprobes())
		o->refused[MT_HOOK_KPROBE] = o->refused[MT_HOOK_KRETPROBE] = "this kernel is built without them";
}

/* One alternative's text, taken apart program by program. */
struct part {
	char program[64];
	char target[64]; /* a function, or a tracepoint */
	char unless[64]; /* a struct */
	int args;	 /* -1: any number */
};

/* Reads the part at *@s and moves it behind the '+'; false at the end of the text. */
static bool next_part(const char **s, struct part *part)
{
	size_t n = strcspn(*s, "/!@+");

	if (!**s)
		return false;
	memset(part, 0, sizeof(*part));
	part->args = -1;
	snprintf(part->program, sizeof(part->program), "%.*s", (int)n, *s);
	for (*s += n; **s && **s != '+'; *s += n) {
		char mark = *(*s)++;

		n = strcspn(*s, "/!@+");
		if (mark == '/')
			part->args = atoi(*s);
		else if (mark == '!')
			snprintf(part->unless, sizeof(part->unless), "%.*s", (int)n, *s);
		else
			snprintf(part->target, sizeof(part->target), "%.*s", (int)n, *s);
	}
	*s += **s == '+';
	return true;
}

/* The part's program and hook; fills in the section's target where the part has none of its own. */
static struct bpf_program *part_program(const struct mt_sites *o, struct part *part, int *hook)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(o->bpf, part->program);

	if (!prog)
		return NULL;
	*hook = mt_hook_of(prog);
	if (*hook >= 0 && !part->target[0])
		snprintf(part->target, sizeof(part->target), "%s",
			 bpf_program__section_name(prog) + strlen(mt_hooks[*hook].section));
	return prog;
}

int mt_sites_wish(const struct mt_sites *o, struct mt_kbtf *kbtf)
{
	int err = 0;

	for (size_t i = 0; i < o->nr_choices; i++)
		for (int t = 0; t < MT_TRIES && o->choices[i].site->try[t]; t++) {
			const char *s = o->choices[i].site->try[t];
			struct part part;
			int hook;

			while (!err && next_part(&s, &part)) {
				if (!part_program(o, &part, &hook) || hook < 0)
					continue;
				if (mt_hooks[hook].wish)
					err = mt_hooks[hook].wish(kbtf, part.target);
				if (!err && part.unless[0])
					err = mt_kbtf_wish_type(kbtf, part.unless);
			}
		}
	return err;
}

static void pass_over(struct mt_choice *c, int t, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void pass_over(struct mt_choice *c, int t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->why[t], sizeof(c->why[t]), fmt, args);
	va_end(args);
}

/* Can this program be tried? Says why not. */
static bool part_possible(const struct mt_sites *o, struct mt_kbtf *kbtf, struct mt_choice *c, int t,
			  const struct part *part, int hook, unsigned allowed, uint32_t *id)
{
	int args;

	*id = 0;
	if (!(allowed >> hook & 1) && mt_hooks[hook].attach) {
		pass_over(c, t, "%s is not among the hooks asked for", mt_hooks[hook].name);
		return false;
	}
	if (o->refused[hook]) {
		pass_over(c, t, "%s: %s", mt_hooks[hook].name, o->refused[hook]);
		return false;
	}
	if (part->unless[0] && mt_kbtf_struct(kbtf, part->unless)) {
		pass_over(c, t, "%s: something else where there is a struct %s", part->target, part->unless);
		return false;
	}
	if (!mt_hooks[hook].find)
		return true;
	*id = mt_hooks[hook].find(kbtf, part->target);
	if (!*id) {
		pass_over(c, t, "this kernel has no %s %s", hook == MT_HOOK_TP_BTF ? "tracepoint" : "function",
			  part->target);
		return false;
	}
	args = mt_kbtf_args(kbtf, *id);
	if (part->args >= 0 && args != part->args) {
		pass_over(c, t, "%s has %d arguments here", part->target, args);
		return false;
	}
	return true;
}

struct mt_prog *mt_sites_prog(struct mt_sites *o, const struct bpf_program *bpf)
{
	for (size_t i = 0; i < o->nr_progs; i++)
		if (o->progs[i].bpf == bpf)
			return o->progs + i;
	return NULL;
}

/* Takes alternative @t of a site if all its programs can be tried. */
static bool take(struct mt_sites *o, struct mt_kbtf *kbtf, struct mt_choice *c, int t, unsigned allowed)
{
	const char *s = c->site->try[t];
	size_t first = o->nr_progs;
	struct part part;

	while (next_part(&s, &part)) {
		int hook = -1;
		struct bpf_program *prog = part_program(o, &part, &hook);
		uint32_t id;

		if (!prog || hook < 0 || o->nr_progs == MT_MAX_PROGS) {
			pass_over(c, t, "no program %s", part.program);
			o->nr_progs = first;
			return false;
		}
		if (!part_possible(o, kbtf, c, t, &part, hook, allowed, &id)) {
			o->nr_progs = first;
			return false;
		}
		if (!mt_sites_prog(o, prog))
			o->progs[o->nr_progs++] = (struct mt_prog){ .bpf = prog, .btf_id = id };
	}
	c->chosen = t;
	return true;
}

/* Has any alternative of the site a hook of an allowed kind? */
static bool has_allowed(const struct mt_sites *o, const struct mt_site *site, unsigned allowed)
{
	for (int t = 0; t < MT_TRIES && site->try[t]; t++) {
		const char *s = site->try[t];
		struct part part;
		int hook = -1;

		while (next_part(&s, &part))
			if (part_program(o, &part, &hook) && hook >= 0 && allowed >> hook & 1)
				return true;
	}
	return false;
}

/*
 * A tool that has hooks of an allowed kind may need others beside them, for what can only be seen by those. What it
 * can do without, it then does without.
 */
static unsigned allowed_for(const struct mt_sites *o, const struct mt_site *site, unsigned allowed)
{
	if (site->optional || has_allowed(o, site, allowed))
		return allowed;
	for (size_t i = 0; i < o->nr_choices; i++)
		if (has_allowed(o, o->choices[i].site, allowed))
			return ~0U;
	return allowed;
}

bool mt_sites_choose(struct mt_sites *o, struct mt_kbtf *kbtf, unsigned allowed, bool wide)
{
	struct bpf_program *prog;
	bool complete = true;

	o->nr_progs = 0;
	for (size_t i = 0; i < o->nr_choices; i++) {
		struct mt_choice *c = o->choices + i;

		c->chosen = -1;
		if (c->site->wide && !wide)
			continue;
		for (int t = 0; t < MT_TRIES && c->site->try[t] && c->chosen < 0; t++)
			if (!c->why[t][0])
				take(o, kbtf, c, t, allowed_for(o, c->site, allowed));
		if (c->chosen < 0 && !c->site->optional)
			complete = false;
	}
	bpf_object__for_each_program (prog, o->bpf)
		bpf_program__set_autoload(prog, false);
	for (size_t i = 0; i < o->nr_progs; i++)
		bpf_program__set_autoload(o->progs[i].bpf, true);
	return complete && (o->nr_progs || !o->nr_choices);
}

/* Rules out the alternative that @p belongs to; a hook that policy forbids is not tried again. */
bool mt_sites_rule_out(struct mt_sites *o, const struct bpf_program *prog, const char *what, int err)
{
	const char *name = bpf_program__name(prog);
	int hook = mt_hook_of(prog);
	bool found = false;

	for (size_t i = 0; i < o->nr_choices; i++) {
		struct mt_choice *c = o->choices + i;
		const char *s = c->chosen < 0 ? "" : c->site->try[c->chosen];
		struct part part;

		while (next_part(&s, &part))
			if (!strcmp(part.program, name)) {
				pass_over(c, c->chosen, "%s: %s: %s", part.program, what, strerror(-err));
				found = true;
			}
	}
	if (err == -EPERM) /* EACCES is what the verifier says of one program */
		for (int h = 0; h < MT_HOOKS; h++)
			if (!strcmp(mt_hooks[h].name, mt_hooks[hook].name) && hook != MT_HOOK_TP_BTF)
				o->refused[h] = "not permitted on this host";
	return found;
}

static int attach_prog(struct mt_prog *p, const struct mt_hook_kind *hook, const char *target)
{
	int cpus = hook->by_cpu ? libbpf_num_possible_cpus() : 1;

	p->links = cpus > 0 ? calloc(cpus, sizeof(struct bpf_link *)) : NULL;
	if (!p->links)
		return -ENOMEM;
	for (int cpu = 0; cpu < cpus; cpu++) {
		struct bpf_link *link = hook->attach(p->bpf, target, cpu);

		if (link)
			p->links[p->nr_links++] = link;
		else if (!hook->by_cpu || errno != ENODEV)
			return -errno;
	}
	return 0;
}

static int attach_one(struct mt_sites *o, const char *s, struct mt_prog **culprit)
{
	struct part part;
	int err = 0;

	while (!err && next_part(&s, &part)) {
		int hook = -1;
		struct mt_prog *p = mt_sites_prog(o, part_program(o, &part, &hook));

		if (!p)
			return -ENOENT;
		if (p->links || !mt_hooks[hook].attach)
			continue;
		*culprit = p;
		err = attach_prog(p, mt_hooks + hook, part.target);
	}
	return err;
}

int mt_sites_attach(struct mt_sites *o, struct mt_prog **culprit)
{
	int err = 0;

	for (size_t i = 0; i < o->nr_choices && !err; i++)
		if (o->choices[i].chosen >= 0)
			err = attach_one(o, o->choices[i].site->try[o->choices[i].chosen], culprit);
	return err;
}

void mt_sites_detach(struct mt_sites *o)
{
	for (size_t i = 0; i < o->nr_progs; i++) {
		for (int n = 0; n < o->progs[i].nr_links; n++)
			bpf_link__destroy(o->progs[i].links[n]);
		free(o->progs[i].links);
	}
	o->nr_progs = 0;
}

int mt_sites_refuse(const struct mt_sites *o, bool wide)
{
	for (size_t i = 0; i < o->nr_choices; i++) {
		const struct mt_choice *c = o->choices + i;
		char tried[MT_TRIES * 100] = "";
		size_t n = 0;

		if (c->chosen >= 0 || (c->site->optional && o->nr_progs) || (c->site->wide && !wide))
			continue;
		for (int t = 0; t < MT_TRIES && c->site->try[t]; t++)
			if (!strstr(tried, c->why[t]))
				n += snprintf(tried + n, sizeof(tried) - n, "%s%s", n ? "; " : "", c->why[t]);
		return mt_cannot(0, "cannot observe '%s' on this kernel: %s%s%s", c->site->name, tried,
				 c->site->lacks ? ". " : "", c->site->lacks ? c->site->lacks : "");
	}
	return MT_CANNOT;
}

const char *mt_sites_hooks(const struct mt_sites *o, const struct mt_site *site, int t, char *buf, size_t size)
{
	const char *s = site->try[t], *kind = NULL;
	struct part part;
	size_t n = 0;
	int hook = -1;

	buf[0] = '\0';
	while (next_part(&s, &part) && n < size) {
		if (!part_program(o, &part, &hook) || hook < 0 || !mt_hooks[hook].attach)
			continue;
		if (kind && !strcmp(kind, mt_hooks[hook].name))
			n += snprintf(buf + n, size - n, ",%s", part.target);
		else
			n += snprintf(buf + n, size - n, "%s%s:%s", kind ? "+" : "", mt_hooks[hook].name, part.target);
		kind = mt_hooks[hook].name;
	}
	return buf;
}

int mt_sites_selfcheck(const struct mt_sites *o)
{
	size_t used = 0, all = 0;
	struct bpf_program *prog;

	for (size_t i = 0; i < o->nr_choices; i++)
		for (int t = 0; t < MT_TRIES && o->choices[i].site->try[t]; t++) {
			const char *s = o->choices[i].site->try[t];
			struct part part;
			int hook = -1;

			while (next_part(&s, &part)) {
				if (!part_program(o, &part, &hook) || hook < 0)
					return mt_failed(0, "no program '%s' in the probe", part.program);
				used++;
			}
		}
	bpf_object__for_each_program (prog, o->bpf)
		all++;
	return all > used ? mt_failed(0, "the probe has programs that no site names") : 0;
}
