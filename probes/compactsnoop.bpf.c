// SPDX-License-Identifier: GPL-2.0-only
/* compactsnoop: each compaction of a zone as it ends. */
#include "mt/event.bpf.h"
#include "mt/filter.bpf.h"
#include "mt/pair.bpf.h"

enum compact_kind {
	KIND_DIRECT,
	KIND_KCOMPACTD,
	KIND_PROACTIVE,
	KIND_MANUAL,
};

enum compact_mode {
	MODE_ASYNC,
	MODE_SYNC,
};

enum compact_zone {
	IN_DMA,
	IN_DMA32,
	IN_NORMAL,
	IN_HIGHMEM,
	IN_MOVABLE,
	IN_DEVICE,
	IN_UNKNOWN,
};

enum compact_status {
	STATUS_NOT_SUITABLE_ZONE,
	STATUS_SKIPPED,
	STATUS_DEFERRED,
	STATUS_NO_SUITABLE_PAGE,
	STATUS_CONTINUE,
	STATUS_COMPLETE,
	STATUS_PARTIAL_SKIPPED,
	STATUS_CONTENDED,
	STATUS_SUCCESS,
};

/* A value without a name is shown as null. */
#define NO_KIND	  ((enum compact_kind)255)
#define NO_STATUS ((enum compact_status)255)

struct compact_start {
	mt_time at;
	mt_pages min_pages;
	mt_pages low_pages;
	mt_pages high_pages;
	mt_pages free_pages;
	mt_pages migrated_pages;
	mt_pages failed_pages;
	enum compact_zone zone;
	enum compact_kind kind;
	mt_int node;
	mt_int order;
	mt_int fragmentation;
};

struct compact_event {
	mt_time ended;
	mt_ns latency_ns;
	mt_pages min_pages;
	mt_pages low_pages;
	mt_pages high_pages;
	mt_pages free_pages;
	mt_pages migrate_scanned_pages;
	mt_pages free_scanned_pages;
	mt_pages migrated_pages;
	mt_pages failed_pages;
	mt_cgroup cgroup;
	enum compact_zone zone;
	enum compact_kind kind;
	enum compact_mode mode;
	enum compact_status status;
	mt_int node;
	mt_int order;
	mt_int fragmentation; /* in thousandths */
	mt_id pid;
	mt_id tid;
	mt_id uid;
	mt_gfp gfp;
	char comm[16];
};

const volatile __u64 mt_min_ns;

MT_STARTS(struct compact_start, 1024);
MT_EVENTS(struct compact_event, 256 << 10);

/*
 * 5.10: what the function that compacts was last given in each task. It is given it anew each time, so what is
 * left here of a task is never taken for another time's.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct compact_control *);
} compact_controls SEC(".maps");

#define IS_ZONE(nth, name) \
	(bpf_core_enum_value_exists(enum zone_type, name) && (nth) == bpf_core_enum_value(enum zone_type, name))

/* Which zones there are depends on what the kernel is built for, and so do their numbers. */
static __always_inline enum compact_zone zone_of(__u32 nth)
{
	if (IS_ZONE(nth, ZONE_NORMAL))
		return IN_NORMAL;
	if (IS_ZONE(nth, ZONE_DMA))
		return IN_DMA;
	if (IS_ZONE(nth, ZONE_DMA32))
		return IN_DMA32;
	if (IS_ZONE(nth, ZONE_HIGHMEM))
		return IN_HIGHMEM;
	if (IS_ZONE(nth, ZONE_MOVABLE))
		return IN_MOVABLE;
	if (IS_ZONE(nth, ZONE_DEVICE))
		return IN_DEVICE;
	return IN_UNKNOWN;
}

/* Compared and not subtracted, since the verifier may know the type of just one of the two. */
static __always_inline enum compact_zone zone_in(struct pglist_data *node, struct zone *zone)
{
	void *at = (void *)node + bpf_core_field_offset(struct pglist_data, node_zones);

#pragma clang loop unroll(disable)
	for (__u32 nth = 0; nth < IN_UNKNOWN; nth++, at += bpf_core_type_size(struct zone))
		if (at == zone)
			return zone_of(nth);
	return IN_UNKNOWN;
}

#define IS_RESULT(result, name)                                   \
	(bpf_core_enum_value_exists(enum compact_result, name) && \
	 (result) == (int)bpf_core_enum_value(enum compact_result, name))

static __always_inline enum compact_status status_of(int result)
{
	if (IS_RESULT(result, COMPACT_SUCCESS))
		return STATUS_SUCCESS;
	if (IS_RESULT(result, COMPACT_COMPLETE))
		return STATUS_COMPLETE;
	if (IS_RESULT(result, COMPACT_PARTIAL_SKIPPED))
		return STATUS_PARTIAL_SKIPPED;
	if (IS_RESULT(result, COMPACT_CONTENDED))
		return STATUS_CONTENDED;
	if (IS_RESULT(result, COMPACT_NO_SUITABLE_PAGE))
		return STATUS_NO_SUITABLE_PAGE;
	if (IS_RESULT(result, COMPACT_CONTINUE))
		return STATUS_CONTINUE;
	if (IS_RESULT(result, COMPACT_DEFERRED))
		return STATUS_DEFERRED;
	if (IS_RESULT(result, COMPACT_SKIPPED))
		return STATUS_SKIPPED;
	if (IS_RESULT(result, COMPACT_NOT_SUITABLE_ZONE))
		return STATUS_NOT_SUITABLE_ZONE;
	return NO_STATUS;
}

/* An element of an array, at the offset that it has in this kernel. */
static __always_inline unsigned long load_at(struct zone *zone, __u32 offset)
{
	unsigned long *at = (void *)zone + offset, v;

	if (mt_typed_task)
		v = *at;
	else
		bpf_probe_read_kernel(&v, sizeof(v), at);
	return v;
}

#define ORDERS 16 /* more than any kernel has */

/*
 * The kernel's own formula (__fragmentation_index(), mm/vmstat.c). Read without the zone's lock, as it does. The
 * end is an offset, since the verifier does not know what a division gives.
 */
static __always_inline mt_int fragmentation_of(struct zone *zone, int order)
{
	__u32 at = bpf_core_field_offset(struct zone, free_area);
	const __u32 end = at + bpf_core_field_size(struct zone, free_area);
	const __u32 nr_free = bpf_core_field_offset(struct free_area, nr_free);
	__u64 pages = 0, blocks = 0, requested;
	bool suitable = false;

	if (order < 0 || order >= ORDERS)
		return MT_NO_INT;
#pragma clang loop unroll(disable)
	for (int i = 0; i < ORDERS; i++, at += bpf_core_type_size(struct free_area)) {
		__u64 nr;

		if (at >= end)
			break;
		nr = load_at(zone, at + nr_free);
		blocks += nr;
		pages += nr << i;
		suitable |= nr && i >= order;
	}
	if (!blocks)
		return 0;
	if (suitable)
		return -1000;
	requested = 1ULL << order;
	return 1000 - (1000 + pages * 1000 / requested) / blocks;
}

static __always_inline void describe(struct compact_start *start, struct zone *zone, int order)
{
	struct pglist_data *node = mt_load(mt_typed_task, zone, zone_pgdat);
	struct task_struct *daemon = mt_load(mt_typed_task, node, kcompactd);
	__u64 boost = mt_load(mt_typed_task, zone, watermark_boost);
	__s64 free = load_at(zone, bpf_core_field_offset(struct zone, vm_stat) +
					   bpf_core_enum_value(enum zone_stat_item, NR_FREE_PAGES) * sizeof(long));

	start->node = mt_load(mt_typed_task, node, node_id);
	start->zone = zone_in(node, zone);
	start->order = order;
	if (daemon == mt_current())
		start->kind = order < 0 ? KIND_PROACTIVE : KIND_KCOMPACTD;
	else
		start->kind = order < 0 ? KIND_MANUAL : KIND_DIRECT;
	start->min_pages = mt_load(mt_typed_task, zone, _watermark[0]) + boost;
	start->low_pages = mt_load(mt_typed_task, zone, _watermark[1]) + boost;
	start->high_pages = mt_load(mt_typed_task, zone, _watermark[2]) + boost;
	start->free_pages = free > 0 ? free : 0;
	start->fragmentation = fragmentation_of(zone, order);
}

static __always_inline struct compact_event *make_event(const struct compact_start *start, mt_time now, bool sync,
							int result)
{
	struct compact_event *e = mt_event(struct compact_event);

	if (!e)
		return e;
	e->ended = now;
	e->latency_ns = now - start->at;
	e->min_pages = start->min_pages;
	e->low_pages = start->low_pages;
	e->high_pages = start->high_pages;
	e->free_pages = start->free_pages;
	e->migrated_pages = start->migrated_pages;
	e->failed_pages = start->failed_pages;
	e->cgroup = mt_current_cgroup();
	e->zone = start->zone;
	e->kind = start->kind;
	e->mode = sync ? MODE_SYNC : MODE_ASYNC;
	e->status = status_of(result);
	e->node = start->node;
	e->order = start->order;
	e->fragmentation = start->fragmentation;
	e->pid = mt_current_pid();
	e->tid = mt_current_tid();
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	return e;
}

SEC("tp_btf/mm_compaction_begin")
int BPF_PROG(begin, struct compact_control *cc)
{
	struct compact_start start = { .at = bpf_ktime_get_ns() };

	if (!mt_wanted())
		return 0;
	describe(&start, mt_load(mt_typed_task, cc, zone), mt_load(mt_typed_task, cc, order));
	mt_begin(0, &start);
	return 0;
}

SEC("tp_btf/mm_compaction_end")
int BPF_PROG(end, struct compact_control *cc, unsigned long zone_start, unsigned long zone_end, bool sync, int result)
{
	mt_time now = bpf_ktime_get_ns();
	struct compact_start start;
	struct compact_event *e;

	if (!mt_wanted() || !mt_end(0, &start) || now - start.at < mt_min_ns)
		return 0;
	e = make_event(&start, now, sync, result);
	if (!e)
		return 0;
	e->migrate_scanned_pages = mt_load(mt_typed_task, cc, total_migrate_scanned);
	e->free_scanned_pages = mt_load(mt_typed_task, cc, total_free_scanned);
	e->gfp = mt_load(mt_typed_task, cc, gfp_mask);
	mt_submit(e);
	return 0;
}

/* 5.10 says where in memory, not in which zone, but asks whether it is finished before its first step. */
SEC("tp_btf/mm_compaction_begin")
int begin_pfns(void *ctx)
{
	struct compact_start start = {
		.at = bpf_ktime_get_ns(),
		.min_pages = MT_NO_U64,
		.low_pages = MT_NO_U64,
		.high_pages = MT_NO_U64,
		.free_pages = MT_NO_U64,
		.zone = IN_UNKNOWN,
		.kind = NO_KIND,
		.node = MT_NO_INT,
		.order = MT_NO_INT,
		.fragmentation = MT_NO_INT,
	};

	if (mt_wanted())
		mt_begin(0, &start);
	return 0;
}

static __always_inline struct compact_start *under_way(void)
{
	struct mt_start_key key = mt_start_key(0);

	return bpf_map_lookup_elem(&mt_starts, &key);
}

SEC("tp_btf/mm_compaction_finished")
int BPF_PROG(finished, struct zone *zone, int order)
{
	struct compact_start *start = under_way();

	if (start && start->zone == IN_UNKNOWN)
		describe(start, zone, order);
	return 0;
}

static __always_inline int remember(struct compact_control *cc)
{
	__u32 tid = mt_current_tid();

	if (mt_wanted())
		bpf_map_update_elem(&compact_controls, &tid, &cc, BPF_ANY);
	return 0;
}

SEC("fentry/compact_zone")
int zone_entry(__u64 *ctx)
{
	return remember((void *)ctx[0]);
}

SEC("kprobe/compact_zone")
int zone_kprobe(struct pt_regs *ctx)
{
	return remember((void *)PT_REGS_PARM1(ctx));
}

SEC("tp_btf/mm_compaction_end")
int BPF_PROG(end_pfns, unsigned long zone_start, unsigned long migrate_pfn, unsigned long free_pfn,
	     unsigned long zone_end, bool sync, int result)
{
	mt_time now = bpf_ktime_get_ns();
	__u32 tid = mt_current_tid();
	struct compact_start start;
	struct compact_event *e;
	struct compact_control **cc;

	if (!mt_wanted() || !mt_end(0, &start) || now - start.at < mt_min_ns)
		return 0;
	cc = bpf_map_lookup_elem(&compact_controls, &tid);
	e = make_event(&start, now, sync, result);
	if (!e)
		return 0;
	e->migrate_scanned_pages = cc ? mt_load(false, *cc, total_migrate_scanned) : MT_NO_U64;
	e->free_scanned_pages = cc ? mt_load(false, *cc, total_free_scanned) : MT_NO_U64;
	e->gfp = cc ? mt_load(false, *cc, gfp_mask) : MT_NO_U32;
	mt_submit(e);
	return 0;
}

static __always_inline int moved(unsigned long succeeded, unsigned long failed, int reason)
{
	struct compact_start *start;

	if (reason != (int)bpf_core_enum_value(enum migrate_reason, MR_COMPACTION))
		return 0;
	start = under_way();
	if (start) {
		start->migrated_pages += succeeded;
		start->failed_pages += failed;
	}
	return 0;
}

SEC("tp_btf/mm_migrate_pages")
int BPF_PROG(migrated, unsigned long succeeded, unsigned long failed, unsigned long thp_succeeded,
	     unsigned long thp_failed, unsigned long thp_split, int mode, int reason)
{
	return moved(succeeded, failed, reason);
}

/* Where it tells how many large folios were split, that comes before the mode. */
SEC("tp_btf/mm_migrate_pages")
int BPF_PROG(migrated_split, unsigned long succeeded, unsigned long failed, unsigned long thp_succeeded,
	     unsigned long thp_failed, unsigned long thp_split, unsigned long split, int mode, int reason)
{
	return moved(succeeded, failed, reason);
}
