// SPDX-License-Identifier: GPL-2.0-only
/* workq: how long works wait in a work queue and how long they run. */
#include "ksym.h"
#include "object.h"
#include "row.h"
#include "tool.h"

/* None waited, or none that was seen: that is not zero. */
static void wait_sum(const struct mt_row *row, struct mt_cell *cell)
{
	if (!mt_row_u64(row, "waits"))
		return;
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, "wait_ns");
}

static void wait_max(const struct mt_row *row, struct mt_cell *cell)
{
	if (!mt_row_u64(row, "waits"))
		return;
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, "wait_max_ns");
}

static void run_max(const struct mt_row *row, struct mt_cell *cell)
{
	if (!mt_row_u64(row, "runs"))
		return;
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, "run_max_ns");
}

static const struct mt_site sites[] = {
	{ .name = "work", .try = { "queued/3+started/1+ended/2" } },
	{ 0 },
};

static const struct mt_opt opts[] = {
	{ "function", "TEXT", NULL, "only functions whose name contains TEXT", 'f', "function" },
	{ "workqueue", "TEXT", NULL, "only work queues whose name contains TEXT", 0, "workqueue" },
	{ 0 },
};

static const struct mt_alias aliases[] = {
	{ 'w', "workqueue", NULL, "the same as --workqueue, with its TEXT" },
	{ 'T', "columns", "+ts", "show the time, which is the default" },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval, or of all" },
	{ "runs", "COUNT", 7, "runs", "works that ended" },
	{ "wait_ns", "WAIT(ms)", 10, "wait_ns", "time from the queueing of works to their start", MT_MS3,
	  .fill = wait_sum },
	{ "wait_avg_ns", "W-AVG(ms)", 9, "wait_ns", "average of it", MT_MS3, .per = "waits" },
	{ "wait_max_ns", "W-MAX(ms)", 9, "wait_max_ns", "longest of it since tracing began", MT_MS3, .fill = wait_max },
	{ "run_ns", "RUN(ms)", 10, "run_ns", "time from the start of works to their end, their sleeps included",
	  MT_MS3 },
	{ "run_avg_ns", "R-AVG(ms)", 9, "run_ns", "average of it", MT_MS3, .per = "runs" },
	{ "run_max_ns", "R-MAX(ms)", 9, "run_max_ns", "longest of it since tracing began", MT_MS3, .fill = run_max },
	{ "waits", "WAITS", 7, "waits", "works that started and whose queueing was seen", .flags = MT_WIDE },
	{ "canceled", "CANCELED", 8, "canceled", "works taken back before they started, as far as that was noticed",
	  .flags = MT_WIDE },
	{ "workqueue", "WORKQUEUE", -20, "workqueue", "name of the work queue; none where the queueing was not seen",
	  .flags = MT_MAYBE },
	{ "function", "FUNCTION", 0, "function",
	  "the function of the work; its address where its name is not to be had" },
	{ 0 },
};

static const struct mt_hist hists[] = {
	{ "wait_ns", "wait_hist", "from queueing to start" },
	{ "run_ns", "run_hist", "from start to end" },
	{ 0 },
};

static int start(struct mt_object *object)
{
	mt_object_set_u64(object, "workq_barrier", mt_ksym_find(MT_KSYM_PATH, "wq_barrier_func"));
	return 0;
}

MT_TOOL(workq, .group = MT_CPU, .summary = "wait and run time of the kernel's deferred works, by function",
	.about = "Measures how long works wait in the kernel's work queues and how long they run, for each function "
		 "and work queue. Prints at the end, or each INTERVAL, the function that ran longest first, and at the "
		 "end histograms of both times.\n"
		 "A work waits from the moment it is queued, which for a delayed one is the end of its delay, until a "
		 "worker starts it. Each work that started and ended is two events of the account: its wait and its "
		 "run.",
	.examples = "\tcount until Ctrl-C\n"
		    "1 10\tten times, each second\n"
		    "-f writeback -d 10\tten seconds, functions with that in their name\n"
		    "--json -w events 5\tfor a machine, work queues with that in theirs",
	.opts = opts, .aliases = aliases, .sites = sites, .start = start,
	.view = { .source = MT_KEYED, .map = "workq_of", .sort = "run_ns", .cols = cols, .hists = hists });
