// SPDX-License-Identifier: GPL-2.0-only
/* Text for people: aligned columns under the classic headings, bars for histograms. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host.h"
#include "loss.h"
#include "out.h"
#include "text.h"

#define HEAD_EVERY 20 /* rows, on a terminal */

static const struct {
	double factor;
	int decimals;
} scales[] = {
	[MT_RAW] = { 1, 0 },
	[MT_MS] = { 1e-6, 2 },
	[MT_MS3] = { 1e-6, 3 },
	[MT_KB] = { 1.0 / 1024, 0 },
	[MT_MB] = { 1.0 / (1 << 20), 0 },
	[MT_PERCENT] = { 100, 2 },
	[MT_HEX] = { 1, 0 }, /* with a prefix */
};

/* Ends a cell of @n bytes at @s in its column. Text that is too wide is cut, a number never is. */
static void put(struct mt_out *out, const struct mt_col *col, const char *s, size_t n, bool cut)
{
	int width = col->width < 0 ? -col->width : col->width;
	int pad = width - (int)mt_text_width(s, n);

	while (cut && width && pad < 0) {
		do
			n--;
		while (n && ((unsigned char)s[n] & 0xc0) == 0x80);
		pad++;
	}
	if (col->width > 0 && pad > 0)
		mt_out_printf(out, "%*s", pad, "");
	mt_out_bytes(out, s, n);
	if (col->width < 0 && pad > 0)
		mt_out_printf(out, "%*s", pad, "");
}

static void end_line(struct mt_out *out)
{
	while (out->len && out->buf[out->len - 1] == ' ')
		out->len--;
	mt_out_bytes(out, "\n", 1);
}

static void heading(struct mt_out *out, const struct mt_bound *bound)
{
	bool first = true;

	out->rows = 0;
	if (out->quiet)
		return;
	for (size_t i = 0; i < bound->nr_cols; i++) {
		const struct mt_col *col = bound->cols[i].col;
		const char *head = bound->cols[i].head ? bound->cols[i].head : col->head;

		if (!bound->cols[i].shown)
			continue;
		if (!first)
			mt_out_bytes(out, " ", 1);
		put(out, col, head, strlen(head), false);
		first = false;
	}
	end_line(out);
}

static void start(struct mt_out *out, const struct mt_bound *bound, const struct mt_object *object, const char *tool)
{
	(void)object;
	(void)tool;
	if (!bound->view || !bound->view->top)
		heading(out, bound);
}

static size_t scaled(char *buf, size_t size, const struct mt_col *col, double value)
{
	return snprintf(buf, size, "%.*f", scales[col->scale].decimals, value * scales[col->scale].factor);
}

static size_t local_time(char *buf, size_t size, uint64_t ns)
{
	time_t sec = ns / 1000000000;
	struct tm tm;

	localtime_r(&sec, &tm);
	return strftime(buf, size, "%H:%M:%S", &tm);
}

/* A view that is a screen has a line of its own above each, as top(1) has. */
static void interval(struct mt_out *out, const struct mt_bound *bound, uint64_t time)
{
	char now[16], load[128];

	if (!bound->view->top)
		return;
	if (out->clear)
		mt_out_printf(out, "\x1b[H\x1b[J");
	else if (out->headed)
		mt_out_bytes(out, "\n", 1);
	out->headed = true;
	if (out->quiet)
		return;
	mt_out_bytes(out, now, local_time(now, sizeof(now), time + bound->clock_offset));
	if (mt_host_line("/proc/loadavg", load, sizeof(load))) {
		mt_out_printf(out, " loadavg: ");
		mt_out_text_by(out, mt_text_plain, load, strlen(load));
	}
	mt_out_bytes(out, "\n", 1);
	heading(out, bound);
}

static void cell(struct mt_out *out, const struct mt_col *col, const struct mt_cell *c)
{
	char buf[4096];
	size_t n = 0;
	bool cut = false;

	switch (c->type) {
	case MT_C_NULL:
		buf[n++] = '-';
		break;
	case MT_C_U64:
		n = col->scale == MT_HEX ? (size_t)snprintf(buf, sizeof(buf), "0x%" PRIx64, c->u)
		  : col->scale		 ? scaled(buf, sizeof(buf), col, (double)c->u)
					 : (size_t)snprintf(buf, sizeof(buf), "%" PRIu64, c->u);
		break;
	case MT_C_S64:
		n = col->scale ? scaled(buf, sizeof(buf), col, (double)c->s)
			       : (size_t)snprintf(buf, sizeof(buf), "%" PRId64, c->s);
		break;
	case MT_C_REAL:
		n = col->scale == MT_PERCENT ? scaled(buf, sizeof(buf) - 1, col, c->real)
		  : col->per && col->scale   ? scaled(buf, sizeof(buf), col, c->real)
					     : (size_t)snprintf(buf, sizeof(buf), "%.2f", c->real);
		if (col->scale == MT_PERCENT)
			buf[n++] = '%';
		break;
	case MT_C_DECIMAL:
		n = mt_cell_decimal(buf, sizeof(buf), c);
		break;
	case MT_C_BOOL:
		n = snprintf(buf, sizeof(buf), "%s", c->u ? "yes" : "no");
		break;
	case MT_C_STRING:
		n = mt_text_plain(buf, sizeof(buf), c->str, c->len);
		cut = true;
		break;
	case MT_C_TIME:
		n = local_time(buf, sizeof(buf), c->u);
		break;
	}
	put(out, col, buf, n, cut);
}

static void row(struct mt_out *out, const struct mt_row *r)
{
	bool first = true;

	if (out->terminal && out->rows == HEAD_EVERY && !(r->bound->view && r->bound->view->top))
		heading(out, r->bound);
	out->rows++;
	for (size_t i = 0; i < r->bound->nr_cols; i++) {
		struct mt_cell c;

		if (!r->bound->cols[i].shown)
			continue;
		mt_row_cell(r, i, &c);
		if (!first)
			mt_out_bytes(out, " ", 1);
		cell(out, r->bound->cols[i].col, &c);
		first = false;
	}
	end_line(out);
}

/* A row of sums: "(N more)" stands in the first column of words, or behind the last. */
static void more(struct mt_out *out, const struct mt_row *sum, uint64_t rows)
{
	char label[40];
	size_t n = snprintf(label, sizeof(label), "(%" PRIu64 " more)", rows);
	bool first = true, told = false;

	out->rows++;
	for (size_t i = 0; i < sum->bound->nr_cols; i++) {
		const struct mt_bound_col *b = sum->bound->cols + i;
		struct mt_cell c;

		if (!b->shown)
			continue;
		if (!first)
			mt_out_bytes(out, " ", 1);
		first = false;
		mt_row_cell(sum, i, &c);
		if (mt_bind_adds(sum->bound, i) || c.type == MT_C_TIME) {
			cell(out, b->col, &c);
		} else {
			bool here = !told && b->col->width <= 0;

			put(out, b->col, label, here ? n : 0, false);
			told |= here;
		}
	}
	if (!told)
		mt_out_printf(out, " %s", label);
	end_line(out);
}

static void hist(struct mt_out *out, const struct mt_hist *h, const uint64_t *slots, size_t n)
{
	size_t used = slots ? mt_hist_used(slots, n) : 0, first = 0;
	const int width = used > 33 ? 20 : 10; /* 2^33 has 10 digits */
	uint64_t max = 0;

	if (!used)
		return;
	for (size_t i = 0; i < used; i++)
		max = slots[i] > max ? slots[i] : max;
	while (!slots[first])
		first++;
	mt_out_printf(out, "\n%s\n%*s : %-10s %s\n", h->title, 2 * width + 4, strrchr(h->key, '_') + 1, "count",
		      "distribution");
	for (size_t i = first; i < used; i++) {
		struct mt_bucket b = mt_hist_bucket(i, n);
		unsigned stars = mt_hist_stars(slots[i], max);

		if (b.hi == UINT64_MAX)
			mt_out_printf(out, "%*" PRIu64 " -> %-*s", width, b.lo, width, "...");
		else
			mt_out_printf(out, "%*" PRIu64 " -> %-*" PRIu64, width, b.lo, width, b.hi);
		mt_out_printf(out, " : %-10" PRIu64 "|%.*s%*s|\n", slots[i], stars,
			      "****************************************", MT_HIST_BAR - stars, "");
	}
}

static void end(struct mt_out *out, const char *tool, uint64_t duration_ns, const struct mt_loss *loss)
{
	(void)out;
	(void)tool;
	(void)duration_ns;
	(void)loss;
}

const struct mt_out_ops mt_out_text = { start, interval, row, more, hist, end };
