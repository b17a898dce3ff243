// SPDX-License-Identifier: GPL-2.0-only
/* drsnoop: each direct reclaim as it ends; with --wide also those for a memory cgroup or a node. */
#include "mt/event.bpf.h"
#include "mt/filter.bpf.h"
#include "mt/pair.bpf.h"

enum reclaim_kind {
	RECLAIM_DIRECT,
	RECLAIM_MEMCG,
	RECLAIM_NODE,
};

struct reclaim_start {
	mt_time at;
	mt_gfp gfp;
	mt_int order;
};

struct reclaim_event {
	mt_time ended;
	mt_ns latency_ns;
	mt_pages reclaimed_pages;
	mt_cgroup cgroup;
	enum reclaim_kind kind;
	mt_id pid;
	mt_id tid;
	mt_id uid;
	mt_gfp gfp;
	mt_int order;
	char comm[16];
};

const volatile __u64 mt_min_ns;

MT_STARTS(struct reclaim_start, 1024);
MT_EVENTS(struct reclaim_event, 256 << 10);

static __always_inline int begin(enum reclaim_kind kind, mt_int order, mt_gfp gfp)
{
	struct reclaim_start start = { .at = bpf_ktime_get_ns(), .gfp = gfp, .order = order };

	if (mt_wanted())
		mt_begin(kind, &start);
	return 0;
}

static __always_inline int end(enum reclaim_kind kind, mt_pages reclaimed)
{
	struct reclaim_start start;
	struct reclaim_event *e;
	mt_time now = bpf_ktime_get_ns();

	if (!mt_wanted() || !mt_end(kind, &start) || now - start.at < mt_min_ns)
		return 0;
	e = mt_event(struct reclaim_event);
	if (!e)
		return 0;
	e->ended = now;
	e->latency_ns = now - start.at;
	e->reclaimed_pages = reclaimed;
	e->cgroup = mt_current_cgroup();
	e->kind = kind;
	e->pid = mt_current_pid();
	e->tid = mt_current_tid();
	e->uid = bpf_get_current_uid_gid();
	e->gfp = start.gfp;
	e->order = start.order;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	mt_submit(e);
	return 0;
}

/* Order and flags changed places when the memory cgroup joined them, in 7.1. */
SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int BPF_PROG(direct_begin, int order, gfp_t gfp)
{
	return begin(RECLAIM_DIRECT, order, gfp);
}

SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int BPF_PROG(direct_begin_memcg, gfp_t gfp, int order)
{
	return begin(RECLAIM_DIRECT, order, gfp);
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int BPF_PROG(direct_end, unsigned long reclaimed)
{
	return end(RECLAIM_DIRECT, reclaimed);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int BPF_PROG(memcg_begin, int order, gfp_t gfp)
{
	return begin(RECLAIM_MEMCG, order, gfp);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int BPF_PROG(memcg_begin_memcg, gfp_t gfp, int order)
{
	return begin(RECLAIM_MEMCG, order, gfp);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int BPF_PROG(memcg_end, unsigned long reclaimed)
{
	return end(RECLAIM_MEMCG, reclaimed);
}

SEC("tp_btf/mm_vmscan_node_reclaim_begin")
int BPF_PROG(node_begin, int nid, int order, gfp_t gfp)
{
	return begin(RECLAIM_NODE, order, gfp);
}

SEC("tp_btf/mm_vmscan_node_reclaim_end")
int BPF_PROG(node_end, unsigned long reclaimed)
{
	return end(RECLAIM_NODE, reclaimed);
}
