// SPDX-License-Identifier: GPL-2.0-only
/* The option parser of every tool, and what its options set: a byte for the tool, then arguments, a line each. */
#include "err.h"
#include "filter.h"
#include "fuzz.h"
#include "object.h"
#include "opt.h"
#include "row.h"
#include "tools.h"

#define MAX_TOOLS 64
#define MAX_ARGS  32

#define MAX_VIEWS 8

static struct mt_object *objects[MAX_TOOLS][MAX_VIEWS];

static size_t open_all(void)
{
	static size_t n;

	mt_log_hold(false);
	for (; !n || mt_tools[n]; n++)
		for (size_t v = 0; mt_tool_view(mt_tools[n], v); v++)
			MUST(n < MAX_TOOLS && v < MAX_VIEWS &&
			     !mt_object_open_view(objects[n] + v, mt_tools[n], mt_tool_view(mt_tools[n], v)));
	return n;
}

static void check(const struct mt_tool *tool, const struct mt_opts *o, struct mt_object *views[MAX_VIEWS])
{
	struct mt_object *object;
	struct mt_bound b;
	size_t v = 0;

	while (mt_tool_view(tool, v) && mt_tool_view(tool, v) != o->view)
		v++;
	MUST(mt_tool_view(tool, v));
	object = views[v];

	MUST(!o->has_pid || (o->pid >= 1 && o->pid <= 1 << 22));
	MUST(!o->has_tid || (o->tid >= 1 && o->tid <= 1 << 22));
	MUST(!o->has_uid || o->uid < UINT32_MAX);
	MUST(!o->ring_bytes || (o->ring_bytes >= 4096 && o->ring_bytes <= 64 << 20));
	MUST(!o->interval_ns || o->view->source != MT_RING);
	MUST(o->count <= UINT32_MAX && o->hooks && o->nr_sets <= MT_MAX_SETS && o->nr_columns <= MT_MAX_SETS);
	MUST(o->help || !(o->json && o->csv));
	MUST(o->help || !o->name || (*o->name && strlen(o->name) <= 15));
	MUST(!mt_bind(&b, o->view, object));
	for (size_t i = 0; i < o->nr_columns; i++)
		mt_bind_columns(&b, o->columns[i]);
	if (o->sort)
		mt_bind_sort(&b, o->sort);
	mt_filter_apply(object, o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t tools = open_all();
	char *argv[MAX_ARGS + 1], *text, *next;
	const struct mt_tool *tool;
	struct mt_opts opts;
	size_t n = 0;
	int rc;

	if (!size)
		return 0;
	tool = mt_tools[data[0] % tools];
	text = fuzz_string(data + 1, size - 1);
	for (next = text; next && n < MAX_ARGS;)
		argv[n++] = strsep(&next, "\n");
	argv[n] = NULL;
	rc = mt_opt_parse(&opts, tool, argv);
	MUST(rc == 0 || rc == MT_USAGE);
	if (!rc)
		check(tool, &opts, objects[data[0] % tools]);
	free(text);
	return 0;
}
