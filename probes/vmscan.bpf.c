// SPDX-License-Identifier: GPL-2.0-only
/* vmscan: time, scans and writes of memory reclaim, added up for the whole machine. */
#include "mt/compat.bpf.h"
#include "mt/map.bpf.h"
#include "mt/pair.bpf.h"

enum vmscan_kind {
	VMSCAN_DIRECT,
	VMSCAN_MEMCG,
	VMSCAN_SLAB,
	VMSCAN_KSWAPD,
	VMSCAN_NODE,
	VMSCAN_SOFTLIMIT,
};

struct vmscan_start {
	mt_ns at;
};

struct vmscan_totals {
	mt_ns slab_ns;
	mt_ns direct_ns;
	mt_ns memcg_ns;
	mt_ns kswapd_ns;
	mt_ns node_ns;
	mt_ns softlimit_ns;
	mt_ns throttled_ns;
	mt_count slab_count;
	mt_count direct_count;
	mt_count memcg_count;
	mt_count kswapd_wakeups;
	mt_pages written_pages;
	mt_pages scanned_pages;
	mt_pages reclaimed_pages;
	mt_log2 slab_hist[MT_LOG2_SLOTS];
	mt_log2 direct_hist[MT_LOG2_SLOTS];
	mt_log2 memcg_hist[MT_LOG2_SLOTS];
};

MT_STARTS(struct vmscan_start, 1024);
MT_TOTALS(struct vmscan_totals);

static __always_inline int begin(enum vmscan_kind kind)
{
	struct vmscan_start start = { bpf_ktime_get_ns() };

	if (mt_on)
		mt_begin(kind, &start);
	return 0;
}

/* The time since begin() of the same kind, or -1. */
static __always_inline __s64 end(enum vmscan_kind kind)
{
	struct vmscan_start start;

	if (!mt_on || !mt_end(kind, &start))
		return -1;
	return bpf_ktime_get_ns() - start.at;
}

#define ADD(member, n)                                  \
	({                                              \
		struct vmscan_totals *__t = mt_total(); \
		if (__t) {                              \
			mt_add(__t->member, (n));       \
			mt_seen_aggregated();           \
		}                                       \
		0;                                      \
	})

#define ADD_TIME(kind, member)             \
	({                                 \
		__s64 __ns = end(kind);    \
		if (__ns >= 0)             \
			ADD(member, __ns); \
		0;                         \
	})

#define ADD_HIST(kind, member, count, hist)             \
	({                                              \
		__s64 __ns = end(kind);                 \
		struct vmscan_totals *__t = mt_total(); \
		if (__ns >= 0 && __t) {                 \
			mt_add(__t->member, __ns);      \
			mt_add(__t->count, 1);          \
			mt_log2_add(__t->hist, __ns);   \
			mt_seen_aggregated();           \
		}                                       \
		0;                                      \
	})

SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int direct_begin(void *ctx)
{
	return begin(VMSCAN_DIRECT);
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int direct_end(void *ctx)
{
	return ADD_HIST(VMSCAN_DIRECT, direct_ns, direct_count, direct_hist);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int memcg_begin(void *ctx)
{
	return begin(VMSCAN_MEMCG);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int memcg_end(void *ctx)
{
	return ADD_HIST(VMSCAN_MEMCG, memcg_ns, memcg_count, memcg_hist);
}

SEC("tp_btf/mm_shrink_slab_start")
int slab_begin(void *ctx)
{
	return begin(VMSCAN_SLAB);
}

SEC("tp_btf/mm_shrink_slab_end")
int slab_end(void *ctx)
{
	return ADD_HIST(VMSCAN_SLAB, slab_ns, slab_count, slab_hist);
}

SEC("tp_btf/mm_vmscan_kswapd_wake")
int kswapd_begin(void *ctx)
{
	return begin(VMSCAN_KSWAPD);
}

SEC("tp_btf/mm_vmscan_kswapd_sleep")
int kswapd_end(void *ctx)
{
	return ADD_TIME(VMSCAN_KSWAPD, kswapd_ns);
}

SEC("tp_btf/mm_vmscan_node_reclaim_begin")
int node_begin(void *ctx)
{
	return begin(VMSCAN_NODE);
}

SEC("tp_btf/mm_vmscan_node_reclaim_end")
int node_end(void *ctx)
{
	return ADD_TIME(VMSCAN_NODE, node_ns);
}

SEC("tp_btf/mm_vmscan_memcg_softlimit_reclaim_begin")
int softlimit_begin(void *ctx)
{
	return begin(VMSCAN_SOFTLIMIT);
}

SEC("tp_btf/mm_vmscan_memcg_softlimit_reclaim_end")
int softlimit_end(void *ctx)
{
	return ADD_TIME(VMSCAN_SOFTLIMIT, softlimit_ns);
}

SEC("tp_btf/mm_vmscan_wakeup_kswapd")
int wakeup(void *ctx)
{
	return mt_on ? ADD(kswapd_wakeups, 1) : 0;
}

SEC("tp_btf/mm_vmscan_throttled")
int BPF_PROG(throttled, int nid, int usec_timeout, int usec_delayed)
{
	return mt_on ? ADD(throttled_ns, (__u64)usec_delayed * 1000) : 0;
}

SEC("tp_btf/mm_vmscan_write_folio")
int BPF_PROG(write_folio, struct folio *folio)
{
	return mt_on ? ADD(written_pages, mt_folio_pages(true, folio)) : 0;
}

/* To 5.17; a huge page is split before it is written there, unless the device takes it whole. */
SEC("tp_btf/mm_vmscan_writepage")
int BPF_PROG(write_page, struct page *page)
{
	return mt_on ? ADD(written_pages, 1) : 0;
}

SEC("tp_btf/mm_vmscan_lru_shrink_inactive")
int BPF_PROG(shrink_inactive, int nid, unsigned long nr_scanned, unsigned long nr_reclaimed)
{
	struct vmscan_totals *total = mt_total();

	if (!mt_on || !total)
		return 0;
	mt_add(total->scanned_pages, nr_scanned);
	mt_add(total->reclaimed_pages, nr_reclaimed);
	mt_seen_aggregated();
	return 0;
}
