// SPDX-License-Identifier: GPL-2.0-only
/* numamove: migrations of NUMA balancing, added up for the whole machine. */
#include "mt/compat.bpf.h"
#include "mt/filter.bpf.h"
#include "mt/map.bpf.h"
#include "mt/pair.bpf.h"

enum numamove_kind {
	NUMAMOVE_MIGRATION, /* migrate_pages() for this reason */
	NUMAMOVE_CALL,	    /* the function around it */
	NUMAMOVE_HUGE,	    /* to 5.10, of huge pages */
};

struct numamove_start {
	mt_time at;
	__u64 attempts; /* migrations in this call */
};

struct numamove_totals {
	mt_ns migration_ns;
	mt_count migrations;
	mt_pages moved_pages;
	mt_pages failed_pages;
	mt_count refused;
	mt_count thp_moved;
	mt_count thp_failed;
	mt_count thp_split;
	mt_count large_split;
	mt_log2 migration_hist[MT_LOG2_SLOTS];
};

struct numamove_way {
	mt_id from_node;
	mt_id to_node;
};

struct numamove_counts {
	mt_ns migration_ns;
	mt_count migrations;
	mt_pages moved_pages;
	mt_pages failed_pages;
};

MT_STARTS(struct numamove_start, 1024);
MT_TOTALS(struct numamove_totals);
MT_TABLE(numamove_ways, 1024, struct numamove_way, struct numamove_counts);

enum numamove_by {
	BY_TOTAL,
	BY_NODES,
};

/* core sets them: what a row is for; base pages of a huge one */
const volatile enum numamove_by mt_by;
const volatile __u64 numamove_huge_pages = 512;

/*
 * Which way a task was last about to move something. It says so anew each time, so what is left here of a task is
 * never taken for another time's.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct numamove_way);
} numamove_about SEC(".maps");

/* Where migrations have no tracepoint for their beginning, their time is that of the function around them. */
#define HAS_START bpf_core_type_exists(struct trace_event_raw_mm_migrate_pages_start)

static __always_inline int begin(enum numamove_kind kind)
{
	struct numamove_start start = { .at = bpf_ktime_get_ns() };

	if (mt_wanted())
		mt_begin(kind, &start);
	return 0;
}

static __always_inline bool is_ours(int reason)
{
	return reason == (int)bpf_core_enum_value(enum migrate_reason, MR_NUMA_MISPLACED);
}

struct numbers {
	__u64 ns, moved, failed, thp_moved, thp_failed, thp_split, large_split;
};

static __always_inline void took(struct numamove_totals *total, __u64 ns)
{
	mt_add(total->migration_ns, ns);
	mt_log2_add(total->migration_hist, ns);
}

static __always_inline struct numamove_counts *counts_of(const struct numamove_way *way)
{
	struct numamove_way unknown = { MT_NO_U32, MT_NO_U32 };
	struct numamove_counts none = {};

	return mt_row(&numamove_ways, way ? way : &unknown, &none);
}

static __always_inline void count_by_nodes(const struct numbers *n, const struct numamove_way *way)
{
	struct numamove_counts *counts = counts_of(way);

	if (!counts)
		return;
	mt_add(counts->migration_ns, n->ns);
	mt_add(counts->migrations, 1);
	mt_add(counts->moved_pages, n->moved);
	mt_add(counts->failed_pages, n->failed);
	mt_seen_aggregated();
}

static __always_inline void count(const struct numbers *n)
{
	struct numamove_totals *total = mt_total();

	if (!total)
		return;
	if (n->ns)
		took(total, n->ns);
	mt_add(total->migrations, 1);
	mt_add(total->moved_pages, n->moved);
	mt_add(total->failed_pages, n->failed);
	mt_add(total->thp_moved, n->thp_moved);
	mt_add(total->thp_failed, n->thp_failed);
	if (n->thp_split) /* a constant 0 would become an "or", which 5.10 has not */
		mt_add(total->thp_split, n->thp_split);
	if (n->large_split)
		mt_add(total->large_split, n->large_split);
	mt_seen_aggregated();
}

static __always_inline int ended(struct numbers *n)
{
	struct mt_start_key call_key = mt_start_key(NUMAMOVE_CALL);
	__u32 tid = mt_current_tid();
	struct numamove_start start, *call;
	__u64 now = bpf_ktime_get_ns();

	if (!mt_wanted() || (HAS_START && !mt_end(NUMAMOVE_MIGRATION, &start)))
		return 0;
	if (HAS_START)
		n->ns = now - start.at;
	call = bpf_map_lookup_elem(&mt_starts, &call_key);
	if (call)
		call->attempts++;
	if (mt_by == BY_NODES)
		count_by_nodes(n, bpf_map_lookup_elem(&numamove_about, &tid));
	else
		count(n);
	return 0;
}

SEC("tp_btf/mm_migrate_pages_start")
int BPF_PROG(migrate_start, int mode, int reason)
{
	return is_ours(reason) ? begin(NUMAMOVE_MIGRATION) : 0;
}

SEC("tp_btf/mm_migrate_pages")
int BPF_PROG(migrated, unsigned long succeeded, unsigned long failed, unsigned long thp_succeeded,
	     unsigned long thp_failed, unsigned long thp_split, int mode, int reason)
{
	struct numbers n = { 0, succeeded, failed, thp_succeeded, thp_failed, thp_split, 0 };

	return is_ours(reason) ? ended(&n) : 0;
}

/* Where it tells how many large folios were split, that comes before the mode. */
SEC("tp_btf/mm_migrate_pages")
int BPF_PROG(migrated_split, unsigned long succeeded, unsigned long failed, unsigned long thp_succeeded,
	     unsigned long thp_failed, unsigned long thp_split, unsigned long large_split, int mode, int reason)
{
	struct numbers n = { 0, succeeded, failed, thp_succeeded, thp_failed, thp_split, large_split };

	return is_ours(reason) ? ended(&n) : 0;
}

static __always_inline void refuse(void)
{
	struct numamove_totals *total = mt_total();

	if (!total || mt_by == BY_NODES)
		return;
	mt_add(total->refused, 1);
	mt_seen_aggregated();
}

static __always_inline void late(__u64 ns)
{
	__u32 tid = mt_current_tid();
	struct numamove_totals *total = mt_total();
	struct numamove_counts *counts;

	if (mt_by == BY_TOTAL) {
		if (total)
			took(total, ns);
		return;
	}
	counts = counts_of(bpf_map_lookup_elem(&numamove_about, &tid));
	if (counts)
		mt_add(counts->migration_ns, ns);
}

/* The function did not come to a migration: that is how it refuses one. */
static __always_inline int call_ended(void)
{
	__u64 now = bpf_ktime_get_ns();
	struct numamove_start start;

	if (!mt_wanted() || !mt_end(NUMAMOVE_CALL, &start))
		return 0;
	if (!start.attempts)
		refuse();
	else if (!HAS_START)
		late(now - start.at);
	return 0;
}

SEC("fentry/migrate_misplaced_page")
int call_entry(void *ctx)
{
	return begin(NUMAMOVE_CALL);
}

SEC("fexit/migrate_misplaced_page")
int call_exit(void *ctx)
{
	return call_ended();
}

SEC("kprobe/migrate_misplaced_page")
int call_kprobe(void *ctx)
{
	return begin(NUMAMOVE_CALL);
}

SEC("kretprobe/migrate_misplaced_page")
int call_return(void *ctx)
{
	return call_ended();
}

/* Later it is asked for beforehand. */
static __always_inline int prepared(int err)
{
	if (err && mt_wanted())
		refuse();
	return 0;
}

SEC("fexit/migrate_misplaced_folio_prepare")
int BPF_PROG(prepare_exit, void *folio, void *vma, int node, int err)
{
	return prepared(err);
}

SEC("kretprobe/migrate_misplaced_folio_prepare")
int prepare_return(struct pt_regs *ctx)
{
	return prepared(PT_REGS_RC(ctx));
}

/* To 5.10 huge pages had a function of their own, with more arguments than fentry takes there. */
SEC("kprobe/migrate_misplaced_transhuge_page")
int huge_kprobe(void *ctx)
{
	return begin(NUMAMOVE_HUGE);
}

SEC("kretprobe/migrate_misplaced_transhuge_page")
int huge_return(struct pt_regs *ctx)
{
	bool moved = (int)PT_REGS_RC(ctx);
	__u64 now = bpf_ktime_get_ns();
	struct numamove_start start;
	struct numbers n = {};

	if (!mt_wanted() || !mt_end(NUMAMOVE_HUGE, &start))
		return 0;
	n.ns = now - start.at;
	n.moved = moved ? numamove_huge_pages : 0;
	n.failed = moved ? 0 : numamove_huge_pages;
	n.thp_moved = moved;
	n.thp_failed = !moved;
	if (mt_by == BY_NODES)
		count_by_nodes(&n, NULL);
	else
		count(&n);
	return 0;
}

/*
 * The number of the node is at the top of a page's flags (include/linux/page-flags-layout.h), unless that of its
 * section is, which only a kernel without a virtual memory map keeps there. It has as many bits as the nodes that
 * there could be need, of which a list of all zones tells.
 */
static __always_inline __u32 node_of(unsigned long flags)
{
	__u64 zones = bpf_core_field_size(struct zonelist, _zonerefs) / bpf_core_type_size(struct zoneref) - 1;
	__u64 nodes = zones / bpf_core_enum_value(enum zone_type, __MAX_NR_ZONES);
	__u32 shift = 0;

	if (!bpf_core_field_exists(struct mem_section_usage, subsection_map))
		return MT_NO_U32;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 12; i++)
		shift += 1ULL << i < nodes;
	return shift ? flags >> (64 - shift) : 0;
}

static __always_inline int remember(unsigned long flags, int to)
{
	struct numamove_way way = { node_of(flags), to };
	__u32 tid = mt_current_tid();

	if (mt_wanted())
		bpf_map_update_elem(&numamove_about, &tid, &way, BPF_ANY);
	return 0;
}

SEC("fentry/migrate_misplaced_page")
int BPF_PROG(to_page, struct page *page, void *vma, int node)
{
	return remember(mt_page_flags(true, page), node);
}

SEC("kprobe/migrate_misplaced_page")
int to_page_kprobe(struct pt_regs *ctx)
{
	return remember(mt_page_flags(false, (struct page *)PT_REGS_PARM1(ctx)), PT_REGS_PARM3(ctx));
}

SEC("fentry/migrate_misplaced_folio")
int BPF_PROG(to_folio, struct folio *folio, int node)
{
	return remember(mt_folio_flags(true, folio), node);
}

SEC("fentry/migrate_misplaced_folio")
int BPF_PROG(to_folio_of, struct folio *folio, void *vma, int node)
{
	return remember(mt_folio_flags(true, folio), node);
}
