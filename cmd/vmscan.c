// SPDX-License-Identifier: GPL-2.0-only
/* vmscan: what memory reclaim costs, a line each interval. */
#include "tool.h"

static const struct mt_site sites[] = {
	{ .name = "direct", .try = { "direct_begin+direct_end" } },
	{ .name = "memcg", .try = { "memcg_begin+memcg_end" }, .optional = true },
	{ .name = "slab", .try = { "slab_begin+slab_end" } },
	{ .name = "wakeup", .try = { "wakeup" } },
	{ .name = "write", .try = { "write_folio", "write_page" } },
	{ .name = "kswapd", .try = { "kswapd_begin+kswapd_end" } },
	{ .name = "node", .try = { "node_begin+node_end" }, .optional = true },
	{ .name = "softlimit", .try = { "softlimit_begin+softlimit_end" }, .optional = true },
	{ .name = "throttled", .try = { "throttled" }, .optional = true }, /* 8cd7c588decf, 5.16 */
	{ .name = "scan", .try = { "shrink_inactive" } },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval" },
	{ "slab_ns", "S-SLABms", 11, "slab_ns", "time in slab shrinkers", MT_MS },
	{ "direct_ns", "D-RECLAIMms", 11, "direct_ns", "time that tasks spent in direct reclaim", MT_MS },
	{ "memcg_ns", "M-RECLAIMms", 11, "memcg_ns", "time in reclaim for the limit of a memory cgroup", MT_MS,
	  .site = "memcg" },
	{ "kswapd_wakeups", "KSWAPD", 8, "kswapd_wakeups", "requests to wake kswapd up" },
	{ "written_pages", "WRITEPAGE", 9, "written_pages", "pages that reclaim wrote out" },
	{ "kswapd_ns", "KSWAPDms", 11, "kswapd_ns",
	  "time of kswapd from wake to sleep, its naps of up to 100 ms before it sleeps included", MT_MS, MT_WIDE },
	{ "node_ns", "N-RECLAIMms", 11, "node_ns", "time in reclaim of one node (vm.zone_reclaim_mode)", MT_MS, MT_WIDE,
	  "node" },
	{ "softlimit_ns", "SOFTms", 9, "softlimit_ns", "time in reclaim above soft limits (cgroup version 1)", MT_MS,
	  MT_WIDE, "softlimit" },
	{ "throttled_ns", "THROTTLEms", 10, "throttled_ns", "time that reclaiming tasks were put to sleep", MT_MS,
	  MT_WIDE, "throttled" },
	{ "direct_count", "DIRECT", 7, "direct_count", "direct reclaims that ended", MT_RAW, MT_WIDE },
	{ "memcg_count", "MEMCG", 7, "memcg_count", "memory cgroup reclaims that ended", MT_RAW, MT_WIDE, "memcg" },
	{ "slab_count", "SLAB", 7, "slab_count", "runs of a slab shrinker", MT_RAW, MT_WIDE },
	{ "scanned_pages", "SCANNED", 9, "scanned_pages",
	  "pages that were looked at; more than pgscan of /proc/vmstat where the multi-gen LRU sorts", MT_RAW,
	  MT_WIDE },
	{ "reclaimed_pages", "RECLAIMED", 9, "reclaimed_pages", "pages of them that were freed", MT_RAW, MT_WIDE },
	{ "efficiency_ratio", "EFF", 5, "reclaimed_pages", "pages freed for each looked at", MT_RAW, MT_WIDE,
	  .per = "scanned_pages" },
	{ 0 },
};

static const struct mt_hist hists[] = {
	{ "direct_ns", "direct_hist", "direct reclaim" },
	{ "memcg_ns", "memcg_hist", "memory cgroup reclaim", "memcg" },
	{ "slab_ns", "slab_hist", "slab shrinking" },
	{ 0 },
};

MT_TOOL(vmscan, .group = MT_RECLAIM, .summary = "time, scans and writes of memory reclaim, each interval",
	.about = "Adds up what memory reclaim costs the whole host and prints a line each interval, and at the end "
		 "histograms of the time of each direct reclaim, memory cgroup reclaim and slab shrinker run.\n"
		 "Times are credited to the interval in which they end. The columns overlap: slab shrinkers run inside "
		 "direct reclaim, memory cgroup reclaim and kswapd, so their time is part of those and must not be "
		 "added.",
	.examples = "\ta line each second until Ctrl-C\n"
		    "1 10\tten lines, one each second\n"
		    "--wide 5\twith kswapd, throttling, scans and efficiency\n"
		    "--json 1 60\tfor a machine: raw ns and pages, a minute long",
	.sites = sites, .view = { .source = MT_TOTAL, .interval = 1, .cols = cols, .hists = hists });
