// SPDX-License-Identifier: GPL-2.0-only
/* swapin: which processes read their memory back from swap. */
#include "tool.h"

static const struct mt_site sites[] = {
	{ .name = "read",
	  .try = { "folio_entry", "page_entry", "folio_kprobe", "page_kprobe", "memcg_event!swap_io_ctx", "bio_queue/1",
		   "bio_queue_of/2" },
	  .lacks = "It takes fentry or kprobes, or the tracepoint memcg:count_memcg_events or block:block_bio_queue" },
	{ 0 },
};

static const struct mt_alias aliases[] = {
	{ 'T', "columns", "-ts", "do not show the time" },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval" },
	{ "comm", "COMM", -16, "comm", "name of the process" },
	{ "pid", "PID", 7, "pid", "the process" },
	{ "reads", "COUNT", 9, "reads", "reads, each of a page or of a large folio" },
	{ "pages", "PAGES", 9, "pages", "pages that they brought in" },
	MT_CGROUP_COLS("cgroup", "the process"),
	{ 0 },
};

MT_TOOL(swapin, .group = MT_SWAP, .summary = "reads from swap, for each process, each interval",
	.about = "Counts what each process had to read back from swap, and prints a line for each that did in the "
		 "interval, the busiest first. A read is charged to the process that asked for it: with read-ahead it "
		 "brings in neighbours too, which may be another's, and swapoff reads everything.",
	.examples = "\twho swapped in, each second until Ctrl-C\n"
		    "5 12\ta minute, by five seconds\n"
		    "-n postgres\tonly processes with that in their name\n"
		    "--json -c /system.slice\tfor a machine, cgroups below system.slice",
	.aliases = aliases, .sites = sites,
	.view = { .source = MT_KEYED, .map = "swapins", .sort = "reads", .interval = 1, .cols = cols });
