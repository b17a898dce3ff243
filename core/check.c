// SPDX-License-Identifier: GPL-2.0-only
/* memtrace check: what this host offers, and what each tool would do with it. */
#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "fact.h"
#include "host.h"
#include "object.h"
#include "text.h"
#include "tools.h"

/* What is known of one tool. */
struct verdict {
	const struct mt_tool *tool;
	const struct mt_object *object;
	enum mt_state runs;
	const struct mt_choice *choices;
	size_t nr_choices;
};

struct printer {
	void (*fact)(const char *name, enum mt_state state, const char *detail);
	void (*verdict)(const struct verdict *v);
};

static void text_fact(const char *name, enum mt_state state, const char *detail)
{
	char plain[1024];
	size_t n = mt_text_plain(plain, sizeof(plain), detail, strlen(detail));

	printf("%-14s %-7s %.*s\n", name, mt_state_name[state], (int)n, plain);
}

static const char *hooks_of(const struct verdict *v, const struct mt_choice *c, int t, char buf[512])
{
	return mt_object_hooks(v->object, c->site, t, buf, 512);
}

/* Says why an alternative was not taken, unless a better one was. */
static void text_choice(const struct verdict *v, const struct mt_choice *c)
{
	char hooks[512];
	const struct mt_site *site = c->site;

	printf("  %-12s %s\n", site->name,
	       c->chosen >= 0			    ? hooks_of(v, c, c->chosen, hooks)
	       : v->tool->view.source == MT_SAMPLED ? "nothing: the view that needs it cannot be had"
	       : site->optional			    ? "left out: columns that need it are null"
						    : "nothing");
	for (int t = 0; t < MT_TRIES && site->try[t]; t++)
		if (c->why[t][0])
			printf("  %-12s   not %s: %s\n", "", hooks_of(v, c, t, hooks), c->why[t]);
	if (c->chosen < 0 && site->lacks)
		printf("  %-12s   %s\n", "", site->lacks);
}

static void text_verdict(const struct verdict *v)
{
	printf("\n%-14s %s\n", v->tool->name,
	       v->runs == MT_YES  ? "runs"
	       : v->runs == MT_NO ? "cannot run"
				  : "cannot be tried without CAP_BPF and CAP_PERFMON (run it as root)");
	for (size_t i = 0; v->runs != MT_UNSEEN && i < v->nr_choices; i++)
		text_choice(v, v->choices + i);
	if (v->runs == MT_NO && mt_object_events(v->object)->why[0])
		printf("  %-12s %s\n", "events", mt_object_events(v->object)->why);
}

static void json_string(const char *s)
{
	char escaped[2048];

	printf("\"%.*s\"", (int)mt_text_json(escaped, sizeof(escaped), s, strlen(s)), escaped);
}

static void json_fact(const char *name, enum mt_state state, const char *detail)
{
	printf("{\"fact\":\"%s\",\"state\":\"%s\",\"detail\":", name, mt_state_name[state]);
	json_string(detail);
	printf("}\n");
}

static void json_choice(const struct verdict *v, const struct mt_choice *c)
{
	char hooks[512];
	bool first = true;

	printf("{\"site\":\"%s\",\"optional\":%s,\"chosen\":", c->site->name, c->site->optional ? "true" : "false");
	if (c->chosen >= 0)
		json_string(hooks_of(v, c, c->chosen, hooks));
	else
		printf("null");
	printf(",\"passed_over\":[");
	for (int t = 0; t < MT_TRIES && c->site->try[t]; t++) {
		if (!c->why[t][0])
			continue;
		printf("%s{\"hook\":", first ? "" : ",");
		json_string(hooks_of(v, c, t, hooks));
		printf(",\"why\":");
		json_string(c->why[t]);
		printf("}");
		first = false;
	}
	printf("]}");
}

static void json_verdict(const struct verdict *v)
{
	printf("{\"tool\":\"%s\",\"runs\":%s,\"sampled\":%s,\"sites\":[", v->tool->name,
	       v->runs == MT_YES  ? "true"
	       : v->runs == MT_NO ? "false"
				  : "null",
	       v->tool->view.source == MT_SAMPLED ? "true" : "false");
	for (size_t i = 0; v->runs != MT_UNSEEN && i < v->nr_choices; i++) {
		printf("%s", i ? "," : "");
		json_choice(v, v->choices + i);
	}
	printf("]");
	if (v->runs == MT_NO && mt_object_events(v->object)->why[0]) {
		printf(",\"events\":");
		json_string(mt_object_events(v->object)->why);
	}
	printf("}\n");
}

static const struct printer text = { text_fact, text_verdict }, json = { json_fact, json_verdict };

/* Loads and attaches the tool as a run would, switched off, and lets it go. */
static bool check_tool(const struct printer *p, const struct mt_tool *tool)
{
	struct verdict v = { .tool = tool };
	struct mt_object *o;
	int rc;

	if (mt_object_open(&o, tool))
		return false;
	rc = mt_object_load(o, ~0U, true, true);
	v.object = o;
	v.nr_choices = mt_object_choices(o, &v.choices);
	v.runs = !rc ? MT_YES : mt_host_may_bpf() ? MT_NO : MT_UNSEEN;
	if (tool->view.source == MT_SAMPLED) { /* the sites are those of another view */
		v.nr_choices = v.runs == MT_UNSEEN ? 0 : v.nr_choices;
		v.runs = MT_YES;
	}
	p->verdict(&v);
	mt_object_close(o);
	return v.runs == MT_YES;
}

static void check_host(const struct printer *p)
{
	for (const struct mt_fact *f = mt_facts; f->name; f++) {
		char detail[512] = "";
		enum mt_state state = f->find(detail, sizeof(detail));

		p->fact(f->name, state, detail);
	}
}

int mt_check(char **argv)
{
	const struct printer *p = &text;
	int rc = 0;

	for (; *argv && **argv == '-'; argv++) {
		if (strcmp(*argv, "--json") != 0 && strcmp(*argv, "-j") != 0)
			return mt_usage("check: unknown option '%s' (usage: memtrace check [--json] [TOOL]...)", *argv);
		p = &json;
	}
	for (char **name = argv; *name; name++)
		if (!mt_tool_find(*name))
			return mt_usage("check: no tool '%s'", *name);
	check_host(p);
	for (size_t i = 0; !*argv && mt_tools[i]; i++)
		check_tool(p, mt_tools[i]);
	for (; *argv; argv++)
		if (!check_tool(p, mt_tool_find(*argv)))
			rc = MT_CANNOT;
	return rc;
}
