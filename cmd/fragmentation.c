// SPDX-License-Identifier: GPL-2.0-only
/* fragmentation: free memory by order, why an allocation would fail, and who mixed what can be moved with what cannot. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "host.h"
#include "object.h"
#include "row.h"
#include "tool.h"
#include "zone.h"

#define UNKNOWN	  UINT64_MAX
#define ALL	  UINT32_MAX
#define THRESHOLD "/proc/sys/vm/extfrag_threshold"

static struct mt_zones zones;
static char *text;
static size_t text_size;

static int read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = mt_host_text(fd, &text, &text_size);
	close(fd);
	return err;
}

static int read_buddyinfo(void)
{
	int err = read_file("/proc/buddyinfo");

	if (!err)
		err = mt_zones_buddyinfo(&zones, text);
	return err ? mt_failed(err, "/proc/buddyinfo: cannot be read") : 0;
}

/* Is there a zone with blocks of that order? */
static int check_order(const char *option, uint32_t order)
{
	int rc = read_buddyinfo();

	for (size_t i = 0; !rc && i < zones.n; i++)
		if (order >= zones.of[i].orders)
			return mt_usage("--%s: '%u' is out of range: the largest order of this kernel is %u", option,
					order, zones.of[i].orders - 1);
	return rc;
}

/* ---- the usual view: each node, zone and order ---- */

struct order_row {
	uint32_t node, order;
	uint64_t block_bytes, free_blocks, suitable_blocks, free_pages;
	int64_t extfrag, unusable;
	char zone[16];
};

static const struct mt_member order_members[] = {
	MT_MEMBER(struct order_row, node, MT_U_NONE),
	MT_MEMBER(struct order_row, order, MT_U_NONE),
	MT_MEMBER(struct order_row, block_bytes, MT_U_BYTES),
	MT_MEMBER(struct order_row, free_blocks, MT_U_NONE),
	MT_MEMBER(struct order_row, suitable_blocks, MT_U_NONE),
	MT_MEMBER(struct order_row, free_pages, MT_U_PAGES),
	MT_MEMBER(struct order_row, extfrag, MT_U_MILLI),
	MT_MEMBER(struct order_row, unusable, MT_U_MILLI),
	MT_MEMBER(struct order_row, zone, MT_U_STRING),
	{ 0 },
};

static struct orders_ask {
	uint32_t order;
} orders_ask = { ALL };

static const struct mt_member orders_asks[] = {
	MT_MEMBER(struct orders_ask, order, MT_U_NONE),
	{ 0 },
};

static int open_orders(void)
{
	return orders_ask.order == ALL ? 0 : check_order("order", orders_ask.order);
}

static void order_row(struct mt_sink *sink, const struct mt_zone *z, unsigned order)
{
	struct order_row row = {
		.node = (uint32_t)z->node,
		.order = order,
		.block_bytes = (uint64_t)sysconf(_SC_PAGESIZE) << order,
		.free_blocks = z->free.blocks[order],
		.suitable_blocks = mt_free_suitable(&z->free, order),
		.free_pages = mt_free_pages(&z->free),
		.extfrag = mt_fragmentation_index(&z->free, order),
		.unusable = mt_unusable_index(&z->free, order),
	};

	memcpy(row.zone, z->name, sizeof(row.zone));
	sink->row(sink, &row);
}

static int read_orders(struct mt_sink *sink, bool rest)
{
	int rc = read_buddyinfo();

	(void)rest;
	for (size_t i = 0; !rc && i < zones.n; i++)
		for (unsigned order = 0; order < zones.of[i].orders; order++)
			if (orders_ask.order == ALL || orders_ask.order == order)
				order_row(sink, zones.of + i, order);
	return rc;
}

static const struct mt_sample orders = {
	.members = order_members,
	.size = sizeof(struct order_row),
	.asks = orders_asks,
	.ask = &orders_ask,
	.state = true,
	.open = open_orders,
	.read = read_orders,
};

static const struct mt_col order_cols[] = {
	{ "ts", "TIME", -8, NULL, "when it was read" },
	{ "node", "NODE", 4, "node", "NUMA node" },
	{ "zone", "ZONE", -8, "zone", "zone of its memory" },
	{ "order", "ORDER", 5, "order", "blocks of 2^ORDER pages" },
	{ "block_bytes", "SIZE(KB)", 8, "block_bytes", "size of such a block", MT_KB },
	{ "free_blocks", "FREE", 9, "free_blocks", "free blocks of just this order" },
	{ "suitable_blocks", "SUITABLE", 9, "suitable_blocks", "blocks that could be had, of larger ones too" },
	{ "extfrag_index", "EXTFRAG", 7, "extfrag",
	  "why an allocation would fail: to 0 for want of memory, to 1 because it is in pieces; -1: it need not" },
	{ "unusable_index", "UNUSABLE", 8, "unusable", "part of the free memory in pieces that are too small" },
	{ "free_pages", "FREEPAGES", 10, "free_pages", "free pages of the zone, in all orders", .flags = MT_WIDE },
	{ 0 },
};

/* ---- --explain: what an allocation would come to ---- */

static const char *const verdicts[MT_VERDICTS + 1] = {
	[MT_V_SUCCEEDS] = "succeeds",	  [MT_V_STEALS] = "steals",   [MT_V_KSWAPD] = "kswapd",
	[MT_V_COMPACTION] = "compaction", [MT_V_RECLAIM] = "reclaim", [MT_V_NEVER] = "never",
	[MT_V_UNKNOWN] = "unknown",
};

static const char *const mobilities[MT_MOBILITIES + 1] = {
	[MT_UNMOVABLE] = "unmovable",	[MT_MOVABLE] = "movable", [MT_RECLAIMABLE] = "reclaimable",
	[MT_HIGHATOMIC] = "highatomic", [MT_CMA] = "cma",	  [MT_ISOLATE] = "isolate",
};

struct explain_row {
	uint32_t node, order, mobility, verdict;
	uint64_t free_pages, min_pages, low_pages, high_pages, reserve_pages;
	int64_t usable_pages, extfrag, threshold;
	uint64_t suitable_blocks, unmovable, movable, reclaimable, highatomic, cma; /* of them */
	char zone[16], why[160];
};

#define EXPLAIN(member, unit, ...) MT_MEMBER(struct explain_row, member, unit, ##__VA_ARGS__)

static const struct mt_member explain_members[] = {
	EXPLAIN(node, MT_U_NONE),
	EXPLAIN(order, MT_U_NONE),
	EXPLAIN(mobility, MT_U_ENUM, .words = mobilities),
	EXPLAIN(verdict, MT_U_ENUM, .words = verdicts),
	EXPLAIN(free_pages, MT_U_PAGES),
	EXPLAIN(min_pages, MT_U_PAGES),
	EXPLAIN(low_pages, MT_U_PAGES),
	EXPLAIN(high_pages, MT_U_PAGES),
	EXPLAIN(reserve_pages, MT_U_PAGES),
	EXPLAIN(usable_pages, MT_U_PAGES),
	EXPLAIN(extfrag, MT_U_MILLI),
	EXPLAIN(threshold, MT_U_MILLI),
	EXPLAIN(suitable_blocks, MT_U_NONE),
	EXPLAIN(unmovable, MT_U_NONE),
	EXPLAIN(movable, MT_U_NONE),
	EXPLAIN(reclaimable, MT_U_NONE),
	EXPLAIN(highatomic, MT_U_NONE),
	EXPLAIN(cma, MT_U_NONE),
	EXPLAIN(zone, MT_U_STRING),
	EXPLAIN(why, MT_U_STRING),
	{ 0 },
};

static struct explain_ask {
	uint32_t explain;
	bool movable;
} explain_ask;

static const struct mt_member explain_asks[] = {
	MT_MEMBER(struct explain_ask, explain, MT_U_NONE),
	MT_MEMBER(struct explain_ask, movable, MT_U_BOOL),
	{ 0 },
};

static int open_explain(void)
{
	return check_order("explain", explain_ask.explain);
}

/* Blocks of at least that order, by kind; not known where a list was too long to be counted by the kernel. */
static uint64_t blocks_of(const struct mt_zone *z, int mobility)
{
	return z->has_types && !z->at_least ? mt_free_suitable(z->of + mobility, explain_ask.explain) : UNKNOWN;
}

static void say_why(struct explain_row *row, const struct mt_zone *z, const struct mt_demand *d,
		    const struct mt_outcome *out)
{
	const char *own = mobilities[d->mobility];
	char *why = row->why;
	const size_t size = sizeof(row->why);

	switch (out->verdict) {
	case MT_V_SUCCEEDS:
		snprintf(why, size,
			 z->has_types ? "would succeed" : "would succeed (from which mobility, only root can see)");
		break;
	case MT_V_KSWAPD:
		snprintf(why, size, "would succeed, and wake kswapd: %" PRId64 " usable pages, below low and reserve",
			 out->usable);
		break;
	case MT_V_STEALS:
		snprintf(why, size, "only by stealing from %s%s: no %s block is large enough", mobilities[out->donor],
			 out->kswapd ? ", and wakes kswapd" : "", own);
		break;
	case MT_V_COMPACTION:
		snprintf(why, size, "would need compaction: enough is free, but no block is large enough");
		break;
	case MT_V_RECLAIM:
		if (out->refused)
			snprintf(why, size,
				 "would need reclaim: EXTFRAG is not above %" PRId64 ".%03" PRId64
				 ", so compaction declines",
				 d->threshold / 1000, d->threshold % 1000);
		else if (out->usable <= (int64_t)(z->min + out->reserve))
			snprintf(why, size, "would need reclaim: %" PRId64 " usable pages, not above min and reserve",
				 out->usable);
		else
			snprintf(why, size, "would need reclaim: no block is large enough, and compaction lacks room");
		break;
	case MT_V_NEVER:
		if (out->reserve)
			snprintf(why, size, "would not be served: the zone is no larger than its reserve");
		else
			snprintf(why, size, "would not be asked: %s memory may not come from so high a zone", own);
		break;
	default:
		snprintf(why, size, "/proc/zoneinfo does not say");
		break;
	}
}

static void explain_row(struct mt_sink *sink, const struct mt_zone *z, struct mt_demand *d)
{
	struct mt_outcome out;
	struct explain_row row = {
		.node = (uint32_t)z->node,
		.order = d->order,
		.mobility = d->mobility,
		.free_pages = z->free_pages,
		.min_pages = z->min,
		.low_pages = z->low,
		.high_pages = z->high,
		.extfrag = mt_fragmentation_index(&z->free, d->order),
		.threshold = d->threshold,
		.suitable_blocks = mt_free_suitable(&z->free, d->order),
	};

	mt_zone_judge(z, d, &out);
	row.verdict = out.verdict;
	row.reserve_pages = out.verdict == MT_V_NEVER && !out.reserve ? UNKNOWN : out.reserve;
	row.usable_pages = out.verdict == MT_V_NEVER && !out.reserve ? INT64_MIN : out.usable;
	row.unmovable = blocks_of(z, MT_UNMOVABLE);
	row.movable = blocks_of(z, MT_MOVABLE);
	row.reclaimable = blocks_of(z, MT_RECLAIMABLE);
	row.highatomic = blocks_of(z, MT_HIGHATOMIC);
	row.cma = blocks_of(z, MT_CMA);
	memcpy(row.zone, z->name, sizeof(row.zone));
	say_why(&row, z, d, &out);
	sink->row(sink, &row);
}

static int read_explain(struct mt_sink *sink, bool rest)
{
	struct mt_demand d = {
		.order = explain_ask.explain,
		.mobility = explain_ask.movable ? MT_MOVABLE : MT_UNMOVABLE,
		.threshold = 500,
	};
	char line[32];
	int rc = read_buddyinfo(), err;

	(void)rest;
	if (rc)
		return rc;
	if (!read_file("/proc/pagetypeinfo")) /* root's */
		mt_zones_pagetypeinfo(&zones, text);
	err = read_file("/proc/zoneinfo");
	if (err)
		return mt_failed(err, "/proc/zoneinfo: cannot be read");
	mt_zones_zoneinfo(&zones, text);
	/* GFP_KERNEL goes as high as Normal; what can be moved as high as the zone that is there for it */
	d.highest = mt_zone_index(text, explain_ask.movable ? "Movable" : "Normal");
	if (mt_host_line(THRESHOLD, line, sizeof(line)))
		d.threshold = strtol(line, NULL, 10);
	for (size_t i = 0; i < zones.n; i++)
		explain_row(sink, zones.of + i, &d);
	return 0;
}

static const struct mt_sample explain = {
	.members = explain_members,
	.size = sizeof(struct explain_row),
	.asks = explain_asks,
	.ask = &explain_ask,
	.state = true,
	.open = open_explain,
	.read = read_explain,
};

static const struct mt_col explain_cols[] = {
	{ "ts", "TIME", -8, NULL, "when it was read" },
	{ "node", "NODE", 4, "node", "NUMA node" },
	{ "zone", "ZONE", -8, "zone", "zone of its memory" },
	{ "order", "ORDER", 5, "order", "2^ORDER pages in one piece", .flags = MT_WIDE },
	{ "mobility", "MOBILITY", -9, "mobility", "unmovable, or with --movable movable", .flags = MT_WIDE },
	{ "free_pages", "FREE", 9, "free_pages", "free pages of the zone" },
	{ "usable_pages", "USABLE", 9, "usable_pages", "those that its watermarks are compared with",
	  .flags = MT_WIDE | MT_MAYBE },
	{ "min_pages", "MIN", 7, "min_pages", "watermark below which only reclaim and reserves help" },
	{ "low_pages", "LOW", 7, "low_pages", "watermark below which kswapd is woken" },
	{ "high_pages", "HIGH", 7, "high_pages", "watermark at which kswapd sleeps again" },
	{ "reserve_pages", "RESERVE", 7, "reserve_pages",
	  "held back from allocations that may use a higher zone (vm.lowmem_reserve_ratio)", .flags = MT_MAYBE },
	{ "suitable_blocks", "SUITABLE", 8, "suitable_blocks", "free blocks of ORDER, those in larger ones too" },
	{ "unmovable_blocks", "UNMOV", 7, "unmovable", "of them unmovable; only root can see",
	  .flags = MT_WIDE | MT_MAYBE },
	{ "movable_blocks", "MOV", 7, "movable", "of them movable", .flags = MT_WIDE | MT_MAYBE },
	{ "reclaimable_blocks", "RECL", 7, "reclaimable", "of them reclaimable", .flags = MT_WIDE | MT_MAYBE },
	{ "highatomic_blocks", "ATOMIC", 7, "highatomic", "of them reserved for atomic allocations",
	  .flags = MT_WIDE | MT_MAYBE },
	{ "cma_blocks", "CMA", 7, "cma", "of them in areas that only movable memory may use",
	  .flags = MT_WIDE | MT_MAYBE },
	{ "extfrag_index", "EXTFRAG", 7, "extfrag", "fragmentation index of ORDER" },
	{ "extfrag_threshold", "THRESHOLD", 9, "threshold", "what it must be above for compaction", .flags = MT_WIDE },
	{ "verdict", "VERDICT", -10, "verdict", "succeeds, steals, kswapd, compaction, reclaim, never or unknown" },
	{ "why", "WHY", 0, "why", "the same in words" },
	{ 0 },
};

/* ---- --mixers: who took blocks of another mobility ---- */

static const struct mt_site sites[] = {
	{ .name = "extfrag", .try = { "extfrag/5" }, .lacks = "It takes the tracepoint kmem:mm_page_alloc_extfrag" },
	{ 0 },
};

static bool no_pageblock;

/* The kernel tells only root; where there are huge pages, a page block is one of them. */
static int start(struct mt_object *object)
{
	uint64_t order = 0, kb = 0;

	if (!mt_host_number("/proc/pagetypeinfo", "Page block order", &order) &&
	    mt_host_number("/proc/meminfo", "Hugepagesize", &kb))
		for (uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE) >> 10; page << order < kb;)
			order++;
	no_pageblock = !order;
	mt_object_set_u64(object, "fragmentation_pageblock_order", order);
	return 0;
}

static void fragmenting(const struct mt_row *row, struct mt_cell *cell)
{
	cell->type = no_pageblock ? MT_C_NULL : MT_C_U64;
	cell->u = mt_row_u64(row, "fragmenting");
}

static const struct mt_col mixer_cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval, or of all" },
	{ "comm", "COMM", -16, "comm", "name of the process" },
	{ "pid", "PID", 7, "pid", "the process" },
	{ "order", "ORDER", 5, "order", "2^ORDER pages were asked for" },
	{ "wanted", "WANTED", -11, "wanted", "mobility of the allocation: unmovable, movable or reclaimable" },
	{ "from", "FROM", -11, "from", "mobility of the free block that it took" },
	{ "events", "COUNT", 9, "events", "how often" },
	{ "fragmenting", "FRAGMENTING", 11, "fragmenting",
	  "how often with less than a page block: what is left stays mixed", .fill = fragmenting },
	{ "block_pages", "PAGES", 9, "block_pages", "pages of the free blocks that were broken into" },
	MT_CGROUP_COLS("cgroup", "the process"),
	{ 0 },
};

static const struct mt_opt opts[] = {
	{ "order", "ORDER", "order", "only blocks of 2^ORDER pages" },
	{ "explain", "ORDER", "explain", "what an allocation of 2^ORDER pages would come to in each zone, and why" },
	{ "movable", NULL, "movable", "with --explain: one that can be moved, like a program's or a huge page" },
	{ "mixers", NULL, NULL, "who took free blocks of another mobility, until the end or each INTERVAL" },
	{ 0 },
};

static const struct mt_view views[] = {
	{ .source = MT_SAMPLED, .option = "explain", .cols = explain_cols, .sample = &explain },
	{ .source = MT_KEYED, .option = "mixers", .map = "mixers", .sort = "events", .cols = mixer_cols },
	{ 0 },
};

MT_TOOL(fragmentation, .group = MT_STATE, .summary = "free memory in pieces: by order, why it fails, who mixed it",
	.about =
		"Prints how the free memory of each node and zone is cut into blocks of each order, with the kernel's "
		"two "
		"indices of fragmentation; once, or each INTERVAL. It reads files of the kernel only, and runs without "
		"privilege.\n"
		"With --explain it says for each zone what an allocation of one order would come to now: would it "
		"succeed, "
		"or need reclaim, or compaction, or a block that is kept for memory of another mobility. This is a "
		"model "
		"of the page allocator's checks, and not the allocator.\n"
		"With --mixers it counts by BPF which processes took free blocks of another mobility, which is how "
		"memory comes to be in pieces that compaction cannot mend.",
	.examples = "\tall orders, once\n"
		    "--order 9 1\thuge pages, a line for each zone each second\n"
		    "--explain 9 --movable\twould a huge page be had, and if not, why\n"
		    "--explain 3\tthe same of a kernel stack or a network buffer of 32 KB\n"
		    "--mixers 10\twho mixes, each ten seconds\n"
		    "--json --mixers -- make\tfor a machine, this command and its children",
	.opts = opts, .sites = sites, .start = start,
	.view = { .source = MT_SAMPLED, .cols = order_cols, .sample = &orders }, .views = views);
