// SPDX-License-Identifier: GPL-2.0-only
/* llcstat: references to the last-level cache and misses, for each process and processor. */
#include "row.h"
#include "tool.h"

/* The events had a counter all the time; else what they counted is only a part. */
static bool complete(const struct mt_row *row)
{
	return mt_row_u64(row, "counted_ns") >= mt_row_u64(row, "on_cpu_ns");
}

static void number(const struct mt_row *row, struct mt_cell *cell, const char *member)
{
	if (!complete(row))
		return;
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, member);
}

static void references(const struct mt_row *row, struct mt_cell *cell)
{
	number(row, cell, "references");
}

static void misses(const struct mt_row *row, struct mt_cell *cell)
{
	number(row, cell, "misses");
}

/* Both were counted at the same times, so this holds for a part too. */
static void hits(const struct mt_row *row, struct mt_cell *cell)
{
	uint64_t all = mt_row_u64(row, "references"), missed = mt_row_u64(row, "misses");

	if (!all || missed > all)
		return;
	cell->type = MT_C_REAL;
	cell->real = 100.0 * (double)(all - missed) / (double)all;
}

static const struct mt_site sites[] = {
	{ .name = "switch", .try = { "switched+flush" } },
	{ 0 },
};

static const struct mt_event events[] = {
	{ "references", "cache-references", "Other events can be named with --refs and --misses" },
	{ "misses", "cache-misses", NULL },
	{ 0 },
};

static const struct mt_opt opts[] = {
	{ "threads", NULL, "llcstat_threads", "a row for each thread", .col = "tid" },
	{ "refs", "EVENT", NULL, "count EVENT for references: a generic name, or rNNNN as the processor numbers it",
	  .event = "references" },
	{ "misses", "EVENT", NULL, "count EVENT for misses", .event = "misses" },
	{ "sample-period", "N", NULL, "refused: events are counted, all of them, and not sampled",
	  .refuse = "there are no samples: all events are counted, so leave it out (for --cgroup write it out)" },
	{ 0 },
};

static const struct mt_alias aliases[] = {
	{ 't', "threads", NULL, "the same as --threads" },
	{ 'c', "sample-period", NULL, "the same as --sample-period" },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval", .flags = MT_WIDE },
	{ "pid", "PID", -8, "pid", "the process; 0: the processor was idle" },
	{ "tid", "TID", -8, "tid", "its thread, with --threads", .flags = MT_HIDDEN | MT_MAYBE },
	{ "comm", "NAME", -16, "comm", "name of the process; with --threads of the thread" },
	{ "cpu", "CPU", -4, "cpu", "the processor it ran on" },
	{ "references", "REFERENCE", 12, "references", "references to the last-level cache", .fill = references },
	{ "misses", "MISS", 12, "misses", "those that it did not answer", .fill = misses },
	{ "hit_percent", "HIT%", 7, NULL, "references that it answered, in a hundred", .fill = hits },
	{ "on_cpu_ns", "CPU(ms)", 10, "on_cpu_ns", "time that it ran there", MT_MS3, MT_WIDE },
	{ "counted_ns", "COUNTED(ms)", 11, "counted_ns",
	  "time of that with counters at hand; if it is less, REFERENCE and MISS are not known", MT_MS3, MT_WIDE },
	MT_CGROUP_COLS("cgroup", "the process"),
	{ 0 },
};

MT_TOOL(llcstat, .group = MT_CPU, .summary = "references and misses of the last-level cache, by process",
	.about = "Counts references to the last-level cache of the processors and misses, for each process and "
		 "processor it ran on. Counts for 10 seconds and prints once, those with most references first; or "
		 "for INTERVAL, COUNT times; or as long as --duration or the command say.\n"
		 "The counters are read at each switch from one task to another, and before rows are printed. They "
		 "take a processor that counts them (a PMU), which many virtual machines have not got: the tool "
		 "refuses there, unless --refs and --misses name other events.",
	.examples = "\tten seconds\n"
		    "20\ttwenty seconds\n"
		    "1 5 -t\tfive times, each second, by thread\n"
		    "--refs LLC-loads --misses LLC-load-misses\tloads only\n"
		    "-- ./a.out\tthis command and its children",
	.opts = opts, .aliases = aliases, .sites = sites, .events = events,
	.view = { .source = MT_KEYED,
		  .map = "llcstat_of",
		  .sort = "references",
		  .interval = 10,
		  .count = 1,
		  .cols = cols });
