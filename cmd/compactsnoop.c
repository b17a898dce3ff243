// SPDX-License-Identifier: GPL-2.0-only
/* compactsnoop: each compaction of a zone, and how it ended. */
#include "row.h"
#include "tool.h"

/* Names as /proc/zoneinfo has them, in the order of the probe's enum compact_zone. */
static void zone_name(const struct mt_row *row, struct mt_cell *cell)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "HighMem", "Movable", "Device" };
	uint64_t zone = mt_row_u64(row, "zone");

	mt_cell_string(cell, zone < sizeof(names) / sizeof(names[0]) ? names[zone] : NULL);
}

static void fragmentation(const struct mt_row *row, struct mt_cell *cell)
{
	int32_t thousandths = (int32_t)mt_row_u64(row, "fragmentation");

	if (thousandths == INT32_MIN)
		return;
	cell->type = MT_C_REAL;
	cell->real = thousandths / 1000.0;
}

static const struct mt_site sites[] = {
	{ .name = "compaction", .try = { "begin/4+end/5", "begin_pfns/5+finished/3+end_pfns/6" } },
	{ .name = "control", .try = { "end/5", "zone_entry", "zone_kprobe" }, .optional = true },
	{ .name = "migrated", .try = { "migrated/7", "migrated_split/8" }, .optional = true, .wide = true },
	{ 0 },
};

static const struct mt_alias aliases[] = {
	{ 'T', "columns", "+ts", "show the time, which is the default" },
	{ 'e', "columns", "+fragmentation_index,+min_pages,+low_pages,+high_pages,+free_pages",
	  "show the fragmentation index and the watermarks too", "extended" },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, "ended", "end of the compaction" },
	{ "uid", "UID", 6, "uid", "user of the task", .flags = MT_HIDDEN },
	{ "comm", "COMM", -16, "comm", "name of the task" },
	{ "pid", "PID", 7, "pid", "its process" },
	{ "tid", "TID", 7, "tid", "its thread", .flags = MT_WIDE },
	{ "node", "NODE", 4, "node", "memory node of the zone", .flags = MT_MAYBE },
	{ "zone", "ZONE", -7, "zone", "the zone", .fill = zone_name },
	{ "order", "ORDER", 5, "order", "2^ORDER pages in one piece were wanted; -1: all of the zone in order",
	  .flags = MT_MAYBE },
	{ "mode", "MODE", -5, "mode", "async gives up where it would have to wait, sync waits" },
	{ "kind", "KIND", -9, "kind",
	  "direct: the task wanted memory; kcompactd: by the daemon, for others; proactive: by the daemon, ahead of "
	  "need (vm.compaction_proactiveness); manual: asked for by vm.compact_memory or by the node's compact" },
	{ "fragmentation_index", "FRAGIDX", 7, "fragmentation",
	  "when it began: towards 0 memory was short, towards 1 it was in too small pieces; -1: a piece of the wanted "
	  "size was free",
	  .flags = MT_WIDE, .fill = fragmentation },
	{ "min_pages", "MIN", 7, "min_pages", "watermark min when it began, boost included", MT_RAW,
	  MT_WIDE | MT_MAYBE },
	{ "low_pages", "LOW", 7, "low_pages", "watermark low", MT_RAW, MT_WIDE | MT_MAYBE },
	{ "high_pages", "HIGH", 7, "high_pages", "watermark high", MT_RAW, MT_WIDE | MT_MAYBE },
	{ "free_pages", "FREE", 8, "free_pages", "free pages of the zone when it began", MT_RAW, MT_WIDE | MT_MAYBE },
	{ "latency_ns", "LAT(ms)", 10, "latency_ns", "how long it took", MT_MS3 },
	{ "status", "STATUS", -16, "status",
	  "how it ended: success, complete (all was scanned), partial_skipped (all but what was skipped), contended" },
	{ "migrate_scanned_pages", "SCANNED", 8, "migrate_scanned_pages", "pages looked at, whether they could move",
	  MT_RAW, MT_WIDE | MT_MAYBE, "control" },
	{ "free_scanned_pages", "FREESCAN", 8, "free_scanned_pages", "pages looked at, whether they were free", MT_RAW,
	  MT_WIDE | MT_MAYBE, "control" },
	{ "migrated_pages", "MOVED", 7, "migrated_pages", "pages that were moved", MT_RAW, MT_WIDE, "migrated" },
	{ "failed_pages", "FAILED", 7, "failed_pages", "pages that could not be moved", MT_RAW, MT_WIDE, "migrated" },
	{ "gfp", "GFP", -34, "gfp", "flags of the allocation", MT_RAW, MT_WIDE | MT_MAYBE, "control" },
	MT_CGROUP_COLS("cgroup", "the task"),
	{ 0 },
};

MT_TOOL(compactsnoop, .group = MT_RECLAIM, .summary = "each compaction of a zone: who, for what, how long, its end",
	.about = "Prints a line for each compaction of a zone: pages are moved together, so that free memory comes in "
		 "larger pieces. A task that wants a piece does it itself (direct), as does the daemon kcompactd for "
		 "others, and it can be asked for.\n"
		 "Where a zone is found not to need it, or not worth it, the kernel does not begin, and no line is "
		 "printed.",
	.examples = "\teach compaction until Ctrl-C\n"
		    "-e\twith fragmentation index and watermarks\n"
		    "--min 10ms -n java\tonly those of 10 ms and more of java\n"
		    "-w --cgroup /system.slice\tonly of cgroups below system.slice\n"
		    "--json --wide -d 60\tfor a machine, a minute long, with pages moved",
	.aliases = aliases, .sites = sites, .view = { .source = MT_RING, .cols = cols });
