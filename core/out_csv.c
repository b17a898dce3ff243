// SPDX-License-Identifier: GPL-2.0-only
/* CSV (RFC 4180, lines end in \n): one heading, raw numbers, an empty field for null. */
#include <inttypes.h>

#include "err.h"
#include "loss.h"
#include "out.h"
#include "text.h"

static void cell(struct mt_out *out, const struct mt_cell *c)
{
	char time[40];

	switch (c->type) {
	case MT_C_NULL:
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
		mt_out_text_by(out, mt_text_csv, c->str, c->len);
		break;
	case MT_C_TIME:
		mt_out_bytes(out, time, mt_out_rfc3339(time, sizeof(time), c->u));
		break;
	}
}

static void start(struct mt_out *out, const struct mt_bound *bound, const struct mt_object *object, const char *tool)
{
	(void)object;
	(void)tool;
	for (size_t i = 0; !out->quiet && i < bound->nr_cols; i++)
		mt_out_printf(out, "%s%s", i ? "," : "", bound->cols[i].col->key);
	if (!out->quiet)
		mt_out_printf(out, "\n");
}

static void row(struct mt_out *out, const struct mt_row *r)
{
	for (size_t i = 0; i < r->bound->nr_cols; i++) {
		struct mt_cell c;

		mt_row_cell(r, i, &c);
		if (i)
			mt_out_bytes(out, ",", 1);
		cell(out, &c);
	}
	mt_out_bytes(out, "\n", 1);
}

static void interval(struct mt_out *out, const struct mt_bound *bound, uint64_t time)
{
	(void)out;
	(void)bound;
	(void)time;
}

/* There is no line for it that would not look like a row. */
static void more(struct mt_out *out, const struct mt_row *sum, uint64_t rows)
{
	(void)sum;
	out->cut += rows;
}

/* A table of its own behind an empty line: one row for each bucket. */
static void hist(struct mt_out *out, const struct mt_hist *h, const uint64_t *slots, size_t n)
{
	if (!slots)
		return;
	mt_out_printf(out, "\nhist,lo,hi,n\n");
	for (size_t i = 0; i < mt_hist_used(slots, n); i++) {
		struct mt_bucket b = mt_hist_bucket(i, n);

		mt_out_printf(out, "%s,%" PRIu64 ",", h->key, b.lo);
		if (b.hi != UINT64_MAX)
			mt_out_printf(out, "%" PRIu64, b.hi);
		mt_out_printf(out, ",%" PRIu64 "\n", slots[i]);
	}
}

static void end(struct mt_out *out, const char *tool, uint64_t duration_ns, const struct mt_loss *loss)
{
	(void)tool;
	(void)duration_ns;
	(void)loss;
	if (out->cut)
		mt_note("%" PRIu64 " rows were left out (--rows)", out->cut);
}

const struct mt_out_ops mt_out_csv = { start, interval, row, more, hist, end };
