// SPDX-License-Identifier: GPL-2.0-only
/* A view bound to its object: bytes of a record or a map's entry become typed cells. */
#include "row.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

#include "cgroup.h"
#include "err.h"
#include "gfp.h"
#include "ksym.h"
#include "names.h"
#include "object.h"
#include "path.h"

int mt_types_of(struct mt_types *t, const struct mt_view *view, const struct mt_object *o)
{
	const char *map = view->source == MT_TOTAL ? "mt_totals" : view->map;
	int id;

	*t = (struct mt_types){ .sample = view->sample };
	if (view->source == MT_SAMPLED)
		return t->sample ? 0 : mt_failed(0, "no .sample in the view");
	t->btf = mt_object_btf(o);
	if (view->source == MT_RING) {
		id = t->btf ? mt_layout_pointee(t->btf, "mt_record") : -ENOENT;
		if (id < 0)
			return mt_failed(0, "no MT_EVENTS in the probe");
		t->value = id;
		return 0;
	}
	mt_object_map(o, map, view->source == MT_KEYED ? &t->key : NULL, &t->value, NULL);
	return t->value ? 0 : mt_failed(0, "no map '%s' in the probe", map);
}

uint32_t mt_types_size(const struct mt_types *t, bool key)
{
	if (t->sample)
		return key ? 0 : t->sample->size;
	return key ? (t->key ? mt_layout_size(t->btf, t->key) : 0) : mt_layout_size(t->btf, t->value);
}

int mt_types_field(const struct mt_types *t, const char *name, struct mt_field *field, bool *in_key)
{
	*in_key = t->key && !mt_layout_field(t->btf, t->key, name, field);
	if (*in_key)
		return 0;
	return t->sample ? mt_layout_member(t->sample->members, name, field)
			 : mt_layout_field(t->btf, t->value, name, field);
}

static int bind_field(const struct mt_types *types, const char *name, struct mt_field *field, bool *in_key)
{
	if (!mt_types_field(types, name, field, in_key))
		return 0;
	return mt_failed(0, "no member '%s' in the %s", name, types->sample ? "sample's row" : "probe's record");
}

static struct mt_bound_col *column(struct mt_bound *b, const char *key, size_t len)
{
	for (size_t i = 0; i < b->nr_cols; i++)
		if (strlen(b->cols[i].col->key) == len && !memcmp(b->cols[i].col->key, key, len))
			return b->cols + i;
	return NULL;
}

/* Text shows numbers on the right of their column. */
static bool is_number(const struct mt_bound_col *c)
{
	switch (c->col->field && !c->col->fill && !c->col->per ? c->field.unit : MT_U_NONE) {
	case MT_U_STRING:
	case MT_U_ENUM:
	case MT_U_GFP:
	case MT_U_TIME:
	case MT_U_BOOL:
		return false;
	case MT_U_CGROUP:
		return c->col->flags & MT_NUMBER;
	default:
		return c->col->width > 0 && (c->col->field || c->col->fill);
	}
}

static bool sort_by(struct mt_bound *b, const char *key)
{
	struct mt_bound_col *c = column(b, key, strlen(key));

	if (!c || !is_number(c))
		return false;
	b->sort = c - b->cols;
	return true;
}

int mt_bind(struct mt_bound *b, const struct mt_view *view, const struct mt_object *o)
{
	struct mt_types types;
	int rc = mt_types_of(&types, view, o);

	*b = (struct mt_bound){ .view = view, .btf = types.btf };
	for (const struct mt_col *col = view->cols; !rc && col->key; col++) {
		struct mt_bound_col *c;

		if (b->nr_cols == MT_MAX_COLS)
			return mt_failed(0, "too many columns");
		c = b->cols + b->nr_cols++;
		c->col = col;
		if (col->field)
			rc = bind_field(&types, col->field, &c->field, &c->in_key);
		if (!rc && col->per)
			rc = bind_field(&types, col->per, &c->per, &c->per_in_key);
		c->shown = !(col->flags & (MT_WIDE | MT_HIDDEN));
	}
	b->sort = b->nr_cols;
	if (!rc && view->sort && !sort_by(b, view->sort))
		rc = mt_failed(0, "no column '%s' to order by", view->sort);
	return rc;
}

void mt_bind_sites(struct mt_bound *b, const struct mt_object *o)
{
	b->btf = mt_object_btf(o); /* the object may have been opened anew */
	for (size_t i = 0; i < b->nr_cols; i++) {
		const char *site = b->cols[i].col->site;

		b->cols[i].missing = site && !mt_object_has_site(o, site);
	}
}

int mt_bind_sort(struct mt_bound *b, const char *key)
{
	char known[512] = "";
	size_t n = 0;

	if (sort_by(b, key))
		return 0;
	for (size_t i = 0; i < b->nr_cols && n < sizeof(known); i++)
		if (is_number(b->cols + i))
			n += snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "", b->cols[i].col->key);
	return mt_usage("--sort: '%s' is none of %s", key, known);
}

bool mt_bind_adds(const struct mt_bound *b, size_t i)
{
	const struct mt_bound_col *c = b->cols + i;

	return c->col->field && !c->col->per && !c->col->fill && !c->in_key && mt_unit_grows(c->field.unit);
}

int mt_bind_columns(struct mt_bound *b, const char *list)
{
	const char *all = list;

	if (*list != '+' && *list != '-')
		for (size_t i = 0; i < b->nr_cols; i++)
			b->cols[i].shown = false;
	while (*list) {
		bool show = *list != '-';
		const char *word = list + (*list == '+' || *list == '-');
		size_t len = strcspn(word, ",");
		struct mt_bound_col *c = column(b, word, len);

		if (!c)
			return mt_usage("--columns: no column '%.*s' (see --help)", (int)len, word);
		c->shown = show;
		list = word + len + (word[len] == ',');
	}
	for (size_t i = 0; i < b->nr_cols; i++)
		if (b->cols[i].shown)
			return 0;
	return mt_usage("--columns: '%s' leaves none", all);
}

bool mt_bind_prints(const struct mt_bound *b, enum mt_unit unit, bool all)
{
	for (size_t i = 0; i < b->nr_cols; i++)
		if (b->cols[i].field.unit == unit && (all || b->cols[i].shown))
			return true;
	return false;
}

void mt_cell_string(struct mt_cell *cell, const char *str)
{
	cell->type = str ? MT_C_STRING : MT_C_NULL;
	cell->str = str;
	cell->len = str ? strlen(str) : 0;
}

/* RECLAIM_DIRECT is "direct": enumerators are printed without their first word. */
static void enumerator(struct mt_cell *cell, const struct mt_row *row, const struct mt_field *f, uint64_t value)
{
	static char buf[64];
	const char *name, *word;
	size_t n = 0;

	for (uint64_t i = 0; f->words && f->words[i]; i++)
		if (i == value) {
			mt_cell_string(cell, f->words[i]);
			return;
		}
	name = f->words ? NULL : mt_layout_enumerator(row->bound->btf, f->enum_id, value);
	if (!name) {
		cell->type = MT_C_NULL;
		return;
	}
	word = strchr(name, '_');
	for (word = word ? word + 1 : name; *word && n < sizeof(buf) - 1; word++)
		buf[n++] = tolower((unsigned char)*word);
	buf[n] = '\0';
	mt_cell_string(cell, buf);
}

static bool is_no_value(const struct mt_field *f, uint64_t value)
{
	if (f->unit == MT_U_ENUM)
		return false;
	if (f->is_signed)
		return f->size == 4 ? (int64_t)value == INT32_MIN : (int64_t)value == INT64_MIN;
	return f->size == 4 ? value == UINT32_MAX : value == UINT64_MAX;
}

static void names(struct mt_cell *cell, const struct mt_name *table, uint64_t value)
{
	static char buf[512];

	cell->type = MT_C_STRING;
	cell->len = mt_names(table, value, buf, sizeof(buf));
	cell->str = buf;
}

static void error(struct mt_cell *cell, int64_t err)
{
	static char number[16];

	snprintf(number, sizeof(number), "%d", (int)err);
	mt_cell_string(cell, !err ? NULL : mt_errno_name(err) ? mt_errno_name(err) : number);
}

static void number(struct mt_cell *cell, const struct mt_row *row, const struct mt_bound_col *c, const void *from)
{
	static char gfp[512];
	uint64_t value = mt_field_get(&c->field, from, 0);

	cell->type = c->field.is_signed ? MT_C_S64 : MT_C_U64;
	cell->u = value;
	if (c->col->flags & MT_MAYBE && is_no_value(&c->field, value)) {
		cell->type = MT_C_NULL;
		return;
	}
	if (c->col->flags & MT_NUMBER)
		return;
	if (c->col->names) {
		names(cell, c->col->names, value);
		return;
	}
	switch (c->field.unit) {
	case MT_U_TIME:
		cell->type = MT_C_TIME;
		cell->u = value + row->bound->clock_offset;
		break;
	case MT_U_BOOL:
		cell->type = MT_C_BOOL;
		break;
	case MT_U_ENUM:
		enumerator(cell, row, &c->field, value);
		break;
	case MT_U_GFP:
		cell->len = mt_gfp_name(value, gfp, sizeof(gfp));
		cell->type = MT_C_STRING;
		cell->str = gfp;
		break;
	case MT_U_ERRNO:
		error(cell, (int64_t)value);
		break;
	case MT_U_PATH:
		mt_cell_string(cell, mt_path_text((const char *)from + c->field.offset));
		break;
	case MT_U_CGROUP:
		mt_cell_string(cell, mt_cgroup_path(value));
		if (cell->str && c->col->flags & MT_CONTAINER) {
			cell->str = mt_cgroup_container(cell->str, &cell->len);
			cell->type = cell->str ? MT_C_STRING : MT_C_NULL;
		}
		break;
	case MT_U_KSYM:
		mt_cell_string(cell, mt_ksym_name(value));
		break;
	case MT_U_STRING:
		cell->str = (const char *)from + c->field.offset;
		cell->len = strnlen(cell->str, c->field.size);
		cell->type = cell->len || !(c->col->flags & MT_MAYBE) ? MT_C_STRING : MT_C_NULL;
		break;
	case MT_U_CENTI:
	case MT_U_MILLI:
		cell->type = MT_C_DECIMAL;
		cell->places = c->field.unit == MT_U_CENTI ? 2 : 3;
		break;
	default:
		break;
	}
}

size_t mt_cell_decimal(char *buf, size_t size, const struct mt_cell *cell)
{
	uint64_t abs = cell->s < 0 ? -(uint64_t)cell->s : (uint64_t)cell->s, one = 1;

	for (unsigned i = 0; i < cell->places; i++)
		one *= 10;
	return snprintf(buf, size, "%s%" PRIu64 ".%0*" PRIu64, cell->s < 0 ? "-" : "", abs / one, (int)cell->places,
			abs % one);
}

void mt_row_cell(const struct mt_row *row, size_t i, struct mt_cell *cell)
{
	const struct mt_bound_col *c = row->bound->cols + i;
	const void *from = c->in_key ? row->key : row->value;
	uint64_t per;

	*cell = (struct mt_cell){ .type = MT_C_NULL };
	if (c->missing)
		return;
	if (c->col->fill) {
		c->col->fill(row, cell);
	} else if (c->col->per) {
		per = mt_field_get(&c->per, c->per_in_key ? row->key : row->value, 0);
		if (per) {
			cell->type = MT_C_REAL;
			cell->real = (double)mt_field_get(&c->field, from, 0) / (double)per;
		}
	} else if (c->col->field) {
		number(cell, row, c, from);
	} else {
		cell->type = MT_C_TIME;
		cell->u = row->time + row->bound->clock_offset;
	}
}

int mt_bind_show(struct mt_bound *b, const char *key, const char *head)
{
	struct mt_bound_col *c = column(b, key, strlen(key));

	if (!c)
		return mt_failed(0, "no column '%s'", key);
	c->shown = true;
	c->head = head;
	return 0;
}

int mt_bind_only(struct mt_bound *b, const char *key, const char *text)
{
	struct mt_bound_col *c = column(b, key, strlen(key));

	if (!c)
		return mt_failed(0, "no column '%s'", key);
	c->only = text;
	return 0;
}

bool mt_row_wanted(const struct mt_row *row)
{
	for (size_t i = 0; i < row->bound->nr_cols; i++) {
		const char *only = row->bound->cols[i].only;
		struct mt_cell cell;

		if (!only)
			continue;
		mt_row_cell(row, i, &cell);
		if (cell.type != MT_C_STRING || !memmem(cell.str, cell.len, only, strlen(only)))
			return false;
	}
	return true;
}

void mt_row_want_names(const struct mt_row *row)
{
	for (size_t i = 0; i < row->bound->nr_cols; i++) {
		const struct mt_bound_col *c = row->bound->cols + i;

		if (c->field.unit == MT_U_KSYM)
			mt_ksym_want(mt_field_get(&c->field, c->in_key ? row->key : row->value, 0));
	}
}

void mt_row_learn_names(void)
{
	static bool told;
	int err = mt_ksym_learn(MT_KSYM_PATH);

	if (!err || told)
		return;
	told = true;
	if (err == -EACCES)
		mt_note("this host hides names of kernel functions (kernel.kptr_restrict is 2, or no CAP_SYSLOG): "
			"addresses are printed");
	else
		mt_note(MT_KSYM_PATH ": %s: addresses of kernel functions are printed", strerror(-err));
}

static const struct mt_bound_col *of_member(const struct mt_row *row, const char *member)
{
	for (size_t i = 0; i < row->bound->nr_cols; i++) {
		const struct mt_bound_col *c = row->bound->cols + i;

		if (c->col->field && !strcmp(c->col->field, member))
			return c;
	}
	return NULL;
}

uint64_t mt_row_u64(const struct mt_row *row, const char *member)
{
	const struct mt_bound_col *c = of_member(row, member);

	return c ? mt_field_get(&c->field, c->in_key ? row->key : row->value, 0) : 0;
}

void mt_row_set(const struct mt_row *row, void *value, const char *member, uint64_t number)
{
	const struct mt_bound_col *c = of_member(row, member);

	if (c && !c->in_key)
		mt_field_set(&c->field, value, 0, number);
}
