// SPDX-License-Identifier: GPL-2.0-only
/* JSON: one object a line, raw numbers, the unit in the key; a first object says what runs, a last one what was lost. */
#include <inttypes.h>
#include <string.h>

#include "loss.h"
#include "object.h"
#include "out.h"
#include "text.h"
#include "version.h"

static void string(struct mt_out *out, const char *s, size_t n)
{
	mt_out_bytes(out, "\"", 1);
	mt_out_text_by(out, mt_text_json, s, n);
	mt_out_bytes(out, "\"", 1);
}

static void cell(struct mt_out *out, const struct mt_cell *c)
{
	char time[40];

	switch (c->type) {
	case MT_C_NULL:
		mt_out_bytes(out, "null", 4);
		break;
	case MT_C_U64:
		mt_out_u64(out, c->u);
		break;
	case MT_C_S64:
		mt_out_printf(out, "%" PRId64, c->s);
		break;
	case MT_C_REAL:
		mt_out_printf(out, "%.6g", c->real);
		break;
	case MT_C_DECIMAL:
		mt_out_bytes(out, time, mt_cell_decimal(time, sizeof(time), c));
		break;
	case MT_C_BOOL:
		mt_out_printf(out, "%s", c->u ? "true" : "false");
		break;
	case MT_C_STRING:
		string(out, c->str, c->len);
		break;
	case MT_C_TIME:
		string(out, time, mt_out_rfc3339(time, sizeof(time), c->u));
		break;
	}
}

static void start(struct mt_out *out, const struct mt_bound *bound, const struct mt_object *object, const char *tool)
{
	const struct mt_choice *choices;
	size_t n = object ? mt_object_choices(object, &choices) : 0;

	mt_out_printf(out, "{\"start\":{\"tool\":\"%s\",\"version\":\"%s\",", tool, MT_VERSION);
	if (bound->view->word)
		mt_out_printf(out, "\"by\":\"%s\",", bound->view->word);
	mt_out_printf(out, "\"hooks\":{");
	for (size_t i = 0; i < n; i++) {
		const struct mt_choice *c = choices + i;
		char hooks[512];

		mt_out_printf(out, "%s\"%s\":", i ? "," : "", c->site->name);
		if (c->chosen >= 0)
			mt_out_printf(out, "\"%s\"", mt_object_hooks(object, c->site, c->chosen, hooks, sizeof(hooks)));
		else
			mt_out_printf(out, "null");
	}
	mt_out_printf(out, "}");
	for (size_t i = 0; object && i < mt_object_events(object)->n; i++) {
		const struct mt_perf_one *e = mt_object_events(object)->of + i;

		mt_out_printf(out, "%s\"%s\":\"%s\"", i ? "," : ",\"events\":{", e->map, e->name);
	}
	mt_out_printf(out, "%s}}\n", object && mt_object_events(object)->n ? "}" : "");
}

static void row(struct mt_out *out, const struct mt_row *r)
{
	for (size_t i = 0; i < r->bound->nr_cols; i++) {
		struct mt_cell c;

		mt_row_cell(r, i, &c);
		mt_out_bytes(out, i ? ",\"" : "{\"", 2);
		mt_out_bytes(out, r->bound->cols[i].col->key, strlen(r->bound->cols[i].col->key));
		mt_out_bytes(out, "\":", 2);
		cell(out, &c);
	}
	mt_out_bytes(out, "}\n", 2);
}

static void interval(struct mt_out *out, const struct mt_bound *bound, uint64_t time)
{
	(void)out;
	(void)bound;
	(void)time;
}

static void more(struct mt_out *out, const struct mt_row *sum, uint64_t rows)
{
	char time[40];

	mt_out_printf(out, "{\"more\":{\"ts\":");
	string(out, time, mt_out_rfc3339(time, sizeof(time), sum->time + sum->bound->clock_offset));
	mt_out_printf(out, ",\"rows\":%" PRIu64, rows);
	for (size_t i = 0; i < sum->bound->nr_cols; i++) {
		struct mt_cell c;

		if (!mt_bind_adds(sum->bound, i))
			continue;
		mt_row_cell(sum, i, &c);
		mt_out_printf(out, ",\"%s\":", sum->bound->cols[i].col->key);
		cell(out, &c);
	}
	mt_out_printf(out, "}}\n");
}

static void hist(struct mt_out *out, const struct mt_hist *h, const uint64_t *slots, size_t n)
{
	bool first = true;

	mt_out_printf(out, "{\"hist\":\"%s\",\"buckets\":", h->key);
	if (!slots) {
		mt_out_printf(out, "null}\n");
		return;
	}
	mt_out_printf(out, "[");
	for (size_t i = 0; i < n; i++) {
		struct mt_bucket b = mt_hist_bucket(i, n);

		if (!slots[i])
			continue;
		mt_out_printf(out, "%s{\"lo\":%" PRIu64 ",\"hi\":", first ? "" : ",", b.lo);
		if (b.hi == UINT64_MAX)
			mt_out_printf(out, "null");
		else
			mt_out_printf(out, "%" PRIu64, b.hi);
		mt_out_printf(out, ",\"n\":%" PRIu64 "}", slots[i]);
		first = false;
	}
	mt_out_printf(out, "]}\n");
}

static void end(struct mt_out *out, const char *tool, uint64_t duration_ns, const struct mt_loss *loss)
{
	mt_out_printf(out,
		      "{\"end\":{\"tool\":\"%s\",\"duration_ns\":%" PRIu64 ",\"seen\":%" PRIu64
		      ",\"delivered\":%" PRIu64 ",\"aggregated\":%" PRIu64 ",\"lost\":{",
		      tool, duration_ns, loss->seen, loss->delivered, loss->aggregated);
	for (int c = 0; c < MT_CAUSES; c++)
		mt_out_printf(out, "%s\"%s\":%" PRIu64, c ? "," : "", mt_cause_key[c], loss->lost[c]);
	mt_out_printf(out, "}}}\n");
}

const struct mt_out_ops mt_out_json = { start, interval, row, more, hist, end };
