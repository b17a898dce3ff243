// SPDX-License-Identifier: GPL-2.0-only
/* drsnoop: each task that had to reclaim memory itself, and how long it took. */
#include "row.h"
#include "tool.h"

#include <sys/sysinfo.h>

/* The kernel's own sum of free pages, as vm_zone_stat[NR_FREE_PAGES] has it (si_meminfo(), mm/show_mem.c). */
static void free_now(const struct mt_row *row, struct mt_cell *cell)
{
	struct sysinfo info;

	(void)row;
	if (sysinfo(&info))
		return;
	cell->type = MT_C_U64;
	cell->u = (uint64_t)info.freeram * info.mem_unit;
}

static const struct mt_site sites[] = {
	{ .name = "direct", .try = { "direct_begin/2+direct_end", "direct_begin_memcg/3+direct_end" } },
	{ .name = "memcg",
	  .try = { "memcg_begin/2+memcg_end", "memcg_begin_memcg/3+memcg_end" },
	  .optional = true,
	  .wide = true },
	{ .name = "node", .try = { "node_begin/3+node_end" }, .optional = true, .wide = true },
	{ 0 },
};

static const struct mt_alias aliases[] = {
	{ 'T', "columns", "+ts", "show the time, which is the default" },
	{ 'U', "columns", "+uid", "show the user too" },
	{ 'v', "columns", "+free_bytes", "show free memory too" },
	{ 'e', "columns", "+free_bytes", "the same" },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, "ended", "end of the reclaim" },
	{ "uid", "UID", 6, "uid", "user of the task", .flags = MT_HIDDEN },
	{ "comm", "COMM", -16, "comm", "name of the task" },
	{ "pid", "PID", 7, "pid", "its process" },
	{ "tid", "TID", 7, "tid", "its thread" },
	{ "latency_ns", "LAT(ms)", 10, "latency_ns", "how long the task was held up", MT_MS3 },
	{ "reclaimed_pages", "PAGES", 7, "reclaimed_pages", "pages reclaimed, those of slab caches included" },
	{ "kind", "KIND", -6, "kind", "direct, memcg (for the limit of a memory cgroup) or node", .flags = MT_WIDE },
	{ "order", "ORDER", 5, "order", "2^ORDER pages in one piece were wanted", .flags = MT_WIDE },
	{ "free_bytes", "FREE(KB)", 10, NULL, "free memory of the host when the record was read, just after", MT_KB,
	  MT_WIDE, .fill = free_now },
	{ "gfp", "GFP", -34, "gfp", "flags of the allocation", .flags = MT_WIDE },
	MT_CGROUP_COLS("cgroup", "the task"),
	{ 0 },
};

MT_TOOL(drsnoop, .group = MT_RECLAIM, .summary = "each direct reclaim: who was held up, how long, for what",
	.about = "Prints a line for each direct reclaim: a task asked for memory, none was free, and it had to take "
		 "pages back itself before it could go on. With --wide also reclaim for the limit of a memory cgroup "
		 "(memcg) and of one node (node), as lines of their own kind.",
	.examples = "\teach direct reclaim until Ctrl-C\n"
		    "--wide\tmemory cgroup and node reclaim too, with flags and cgroup\n"
		    "--min 10ms -n java\tonly stalls of 10 ms and more of java\n"
		    "-w --cgroup /system.slice\tonly of cgroups below system.slice\n"
		    "--json -d 60\tfor a machine, a minute long",
	.aliases = aliases, .sites = sites, .view = { .source = MT_RING, .cols = cols });
