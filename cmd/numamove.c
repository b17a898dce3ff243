// SPDX-License-Identifier: GPL-2.0-only
/* numamove: pages that NUMA balancing moves to the node where they are used. */
#include "err.h"
#include "host.h"
#include "object.h"
#include "row.h"
#include "tool.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct mt_site sites[] = {
	{ .name = "migration",
	  .try = { "migrate_start/2+migrated_split/8", "migrate_start/2+migrated/7",
		   "call_entry!trace_event_raw_mm_migrate_pages_start+call_exit+migrated/7+huge_kprobe+huge_return",
		   "call_kprobe!trace_event_raw_mm_migrate_pages_start+call_return+migrated/"
		   "7+huge_kprobe+huge_return" },
	  .lacks = "It takes the tracepoint migrate:mm_migrate_pages_start, or kprobes" },
	{ .name = "split", .try = { "migrated_split/8" }, .optional = true },
	{ .name = "refused",
	  .try = { "prepare_exit/3", "prepare_return", "call_entry+call_exit",
		   "call_entry@migrate_misplaced_folio+call_exit@migrate_misplaced_folio", "call_kprobe+call_return" },
	  .optional = true,
	  .lacks = "It takes fentry or kprobes" },
	{ .name = "direction",
	  .try = { "to_page/3", "to_folio/2", "to_folio_of/3", "to_page_kprobe" },
	  .optional = true,
	  .lacks = "It takes fentry or kprobes" },
	{ 0 },
};

static void tried(const struct mt_row *row, struct mt_cell *cell)
{
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, "moved_pages") + mt_row_u64(row, "failed_pages");
}

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval" },
	{ "migrations", "NUMA_migrations", 15, "migrations", "attempts to move a page or a folio" },
	{ "migration_ns", "NUMA_migrations_ms", 18, "migration_ns", "time that they took the tasks", MT_MS },
	{ "tried_pages", "TRIED", 9, NULL, "pages that were to be moved", .fill = tried },
	{ "moved_pages", "MOVED", 9, "moved_pages", "pages that were moved" },
	{ "failed_pages", "FAILED", 9, "failed_pages",
	  "pages that were not, as they were in use or the other node had no room" },
	{ "refused", "REFUSED", 8, "refused",
	  "not even attempted: the other node is nearly full, it is code that others map too, a dirty page of a file, "
	  "or one that could not be taken off the lists",
	  .site = "refused" },
	{ "thp_moved", "THP", 7, "thp_moved", "transparent huge pages that were moved, in MOVED as pages", MT_RAW,
	  MT_WIDE },
	{ "thp_failed", "THPFAIL", 7, "thp_failed", "transparent huge pages that were not", MT_RAW, MT_WIDE },
	{ "thp_split", "THPSPLIT", 8, "thp_split", "transparent huge pages that were split, to be moved in parts",
	  MT_RAW, MT_WIDE },
	{ "large_split", "SPLIT", 7, "large_split", "large folios that were split", MT_RAW, MT_WIDE, "split" },
	{ 0 },
};

static const struct mt_col nodes_cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval" },
	{ "from_node", "FROM", 5, "from_node", "node that the pages were on", MT_RAW, MT_MAYBE, "direction" },
	{ "to_node", "TO", 5, "to_node", "node that they are used from", MT_RAW, MT_MAYBE, "direction" },
	{ "migrations", "NUMA_migrations", 15, "migrations", "attempts to move a page or a folio" },
	{ "migration_ns", "NUMA_migrations_ms", 18, "migration_ns", "time that they took the tasks", MT_MS },
	{ "tried_pages", "TRIED", 9, NULL, "pages that were to be moved", .fill = tried },
	{ "moved_pages", "MOVED", 9, "moved_pages", "pages that were moved" },
	{ "failed_pages", "FAILED", 9, "failed_pages", "pages that were not" },
	{ 0 },
};

static const struct mt_view views[] = {
	{ .source = MT_KEYED,
	  .map = "numamove_ways",
	  .sort = "moved_pages",
	  .interval = 1,
	  .cols = nodes_cols,
	  .word = "nodes",
	  .wide = true },
	{ 0 },
};

static const struct mt_hist hists[] = {
	{ "migration_ns", "migration_hist", "time of each migration" },
	{ 0 },
};

static bool one_node(void)
{
	char nodes[64];

	return mt_host_line("/sys/devices/system/node/has_memory", nodes, sizeof(nodes)) && !strpbrk(nodes, ",-");
}

static int start(struct mt_object *object)
{
	char line[64];
	uint64_t bytes = 0;

	if (!mt_host_line("/proc/sys/kernel/numa_balancing", line, sizeof(line)))
		return mt_cannot(0, "no /proc/sys/kernel/numa_balancing: a kernel with CONFIG_NUMA_BALANCING has it");
	if (one_node())
		mt_note("this host has one memory node: nothing can be moved");
	else if (line[0] == '0')
		mt_note("kernel.numa_balancing is 0: nothing is moved until it is set");
	if (mt_host_line("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", line, sizeof(line)) &&
	    sscanf(line, "%" SCNu64, &bytes) == 1)
		mt_object_set_u64(object, "numamove_huge_pages", bytes / sysconf(_SC_PAGESIZE));
	return 0;
}

MT_TOOL(numamove, .group = MT_FAULTS, .summary = "pages that NUMA balancing moves to the node where they are used",
	.about =
		"With several memory nodes and kernel.numa_balancing the kernel moves pages to the node whose "
		"processors use them, in the time of the task that touches them. Prints a line each interval: how "
		"often, how many pages, and how long it took; at the end a histogram of the time of each.\n"
		"NUMA_migrations counts folios, each of a page or more; TRIED, MOVED and FAILED count pages. --wide is "
		"--by nodes, for each direction, unless --by total is given.",
	.examples = "\ta line each second until Ctrl-C\n"
		    "1 10\tten lines, one each second\n"
		    "--wide 5\tfrom which node to which\n"
		    "--by total --wide 5\tof all nodes together, with huge pages\n"
		    "-n postgres\tonly in tasks with that in their name\n"
		    "--json 1 60\tfor a machine: raw ns and pages, a minute long",
	.sites = sites, .start = start, .views = views,
	.view = { .source = MT_TOTAL, .interval = 1, .cols = cols, .hists = hists, .word = "total" });
