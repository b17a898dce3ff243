// SPDX-License-Identifier: GPL-2.0-only
/* The last step of the build: every name in every description is looked up in its object. */
#include "selfcheck.h"

#include <string.h>

#include "err.h"
#include "object.h"
#include "opt.h"
#include "row.h"
#include "tools.h"

static int check_hists(const struct mt_tool *tool, const struct mt_object *o, const struct mt_bound *b)
{
	uint32_t value = 0;

	mt_object_map(o, b->view->source == MT_KEYED ? b->view->map : "mt_totals", NULL, &value, NULL);
	for (const struct mt_hist *h = b->view->hists; h && h->key; h++) {
		struct mt_field f;

		if (mt_layout_field(b->btf, value, h->field, &f) || f.unit != MT_U_LOG2)
			return mt_failed(0, "%s: histogram %s: no mt_log2 member '%s'", tool->name, h->key, h->field);
	}
	return 0;
}

static bool has_site(const struct mt_tool *tool, const char *name)
{
	for (const struct mt_site *s = tool->sites; s && s->name; s++)
		if (!strcmp(s->name, name))
			return true;
	return false;
}

/* A key says its unit, so that JSON needs no documentation; the type must agree with it. */
static int check_column(const struct mt_tool *tool, const struct mt_bound_col *c)
{
	const char *suffix = c->col->field && !c->col->per ? mt_unit_suffix(c->field.unit) : "";
	size_t len = strlen(c->col->key), n = strlen(suffix);
	bool ends = n <= len && !strcmp(c->col->key + len - n, suffix);

	if (!ends && strcmp(c->col->key, suffix + 1) != 0) /* "pages" alone says it too */
		return mt_failed(0, "%s: column %s must end in %s", tool->name, c->col->key, suffix);
	if (c->col->site && !has_site(tool, c->col->site))
		return mt_failed(0, "%s: column %s: no site '%s'", tool->name, c->col->key, c->col->site);
	return 0;
}

/* Options set constants of one view's probe or asks, or choose a view. */
static void find_options(const struct mt_tool *tool, const struct mt_object *o, bool *found)
{
	const struct mt_opt *opt = tool->opts;

	for (size_t i = 0; opt && opt[i].name; i++)
		if (i < MT_MAX_SETS)
			found[i] |= opt[i].var && mt_object_has(o, opt[i].var);
}

static int check_view(const struct mt_tool *tool, const struct mt_view *view, bool *found)
{
	struct mt_object *o;
	struct mt_bound b;
	int rc;

	if (!tool->object && view->source != MT_SAMPLED)
		return mt_failed(0, "%s: no probe for a view that is not sampled", tool->name);
	if (mt_object_open_view(&o, tool, view))
		return MT_FAILED;
	rc = mt_object_selfcheck(o);
	if (!rc && view->source != MT_SAMPLED && !view->word != !mt_object_has(o, "mt_by"))
		rc = mt_failed(0, "%s: words for --by and the constant mt_by: one without the other", tool->name);
	if (!rc)
		rc = mt_bind(&b, view, o);
	for (size_t i = 0; !rc && i < b.nr_cols; i++)
		rc = check_column(tool, b.cols + i);
	if (!rc)
		rc = check_hists(tool, o, &b);
	if (!rc)
		find_options(tool, o, found);
	mt_object_close(o);
	return rc;
}

/* Does it do something in user space? */
static bool acts(const struct mt_opt *opt)
{
	return opt->col || opt->event || opt->refuse;
}

static bool chooses_view(const struct mt_tool *tool, const char *option)
{
	for (size_t i = 1; mt_tool_view(tool, i); i++)
		if (mt_tool_view(tool, i)->option && !strcmp(mt_tool_view(tool, i)->option, option))
			return true;
	return false;
}

static int check_tool(const struct mt_tool *tool)
{
	const struct mt_view *view;
	bool found[MT_MAX_SETS] = { false };
	int rc = 0;

	mt_err_name(tool->name);
	for (size_t i = 0; !rc && (view = mt_tool_view(tool, i)); i++)
		rc = check_view(tool, view, found);
	for (size_t i = 0; !rc && tool->opts && tool->opts[i].name; i++) {
		const struct mt_opt *opt = tool->opts + i;

		if (i == MT_MAX_SETS)
			return mt_failed(0, "%s: too many options", tool->name);
		if (opt->var ? !found[i] : !acts(opt) && !chooses_view(tool, opt->name))
			rc = mt_failed(0, "%s: --%s: no constant '%s' in the probe", tool->name, opt->name,
				       opt->var ? opt->var : "");
	}
	return rc;
}

int mt_selfcheck(char **argv)
{
	int rc = 0;

	for (size_t i = 0; !*argv && !rc && mt_tools[i]; i++)
		rc = check_tool(mt_tools[i]);
	for (; *argv && !rc; argv++) {
		const struct mt_tool *tool = mt_tool_find(*argv);

		rc = tool ? check_tool(tool) : mt_usage("no tool '%s'", *argv);
	}
	return rc;
}
