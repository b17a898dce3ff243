// SPDX-License-Identifier: GPL-2.0-only
/* readahead: how much is read ahead, and how much of it for nothing. */
#include "ask.h"
#include "row.h"
#include "tool.h"

/* Used and dropped in an interval may have been read ahead in one before. */
static void waiting(const struct mt_row *row, struct mt_cell *cell)
{
	uint64_t ahead = mt_row_u64(row, "ahead"), over = mt_row_u64(row, "used") + mt_row_u64(row, "dropped");

	cell->type = MT_C_U64;
	cell->u = ahead > over ? ahead - over : 0;
}

static void wasted(const struct mt_row *row, struct mt_cell *cell)
{
	uint64_t dropped = mt_row_u64(row, "dropped"), over = mt_row_u64(row, "used") + dropped;

	if (!over)
		return;
	cell->type = MT_C_REAL;
	cell->real = (double)dropped / (double)over;
}

static const struct mt_site sites[] = {
	{ .name = "window",
	  .try = { "unbounded+order", "unbounded_entry+order_entry", "unbounded_entry!folio",
		   "unbounded_kprobe+order_kprobe", "unbounded_kprobe!folio" },
	  .lacks = "It takes the tracepoints of Linux 6.18, or fentry, or kprobes" },
	MT_ASK_SITES,
	{ .name = "insert", .try = { "add_page!folio", "add_folio" } },
	{ .name = "remove", .try = { "remove_page!folio", "remove_folio" } },
	{ 0 },
};

#define TS                                                                                       \
	{                                                                                        \
		"ts", "TIME", -8, NULL, "end of the interval, or of the run", .flags = MT_HIDDEN \
	}
#define COUNTS                                                                                                       \
	{ "ahead_pages", "AHEAD", 10, "ahead", "pages read ahead: before anybody asked for them" },                  \
		{ "used_pages", "USED", 10, "used", "pages of them that were then read, or mapped into a process" }, \
		{ "dropped_pages", "DROPPED", 10, "dropped", "pages of them that left the cache with no use made" }, \
		{ "waiting_pages", "WAITING", 10, NULL, "pages of them that neither happened to", .fill = waiting }, \
	{                                                                                                            \
		"wasted_ratio", "WASTED", 8, NULL, "dropped of those whose end is known", MT_PERCENT, .fill = wasted \
	}

static const struct mt_col cols[] = { TS, COUNTS, { 0 } };
static const struct mt_col file_cols[] = { TS, MT_FILE_COLS, COUNTS, MT_FILE_PATH_COL, { 0 } };

static const struct mt_hist hists[] = {
	{ "age_ns", "age_hist", "age at first use" },
	{ 0 },
};

static const struct mt_view views[] = {
	{ .source = MT_KEYED,
	  .map = "readahead_files",
	  .sort = "ahead_pages",
	  .rows = 20,
	  .cols = file_cols,
	  .word = "file" },
	{ 0 },
};

MT_TOOL(readahead, .group = MT_CACHE, .summary = "pages read ahead: used, dropped unused, still waiting",
	.about = "Follows each page that the kernel reads from a file before anybody asked for it, until a task reads "
		 "it "
		 "or maps it, or until it leaves the cache unused, and prints the sums at the end, with a histogram of "
		 "the time that the used ones waited. Pages are counted, large folios by theirs; what a task asked for "
		 "itself is not read ahead, though the same code reads it.",
	.examples = "-d 30\thalf a minute, then the sums\n"
		    "-d 30 --by file\tthe same for each file\n"
		    "10\ta line each ten seconds until Ctrl-C\n"
		    "--json -- cat /var/log/syslog\twhile a command runs, for a machine",
	.sites = sites, .view = { .source = MT_TOTAL, .cols = cols, .hists = hists, .word = "total" }, .views = views);
