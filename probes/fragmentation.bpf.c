// SPDX-License-Identifier: GPL-2.0-only
/* fragmentation --mixers: allocations that took a free block of another mobility, added up for each process. */
#include "mt/filter.bpf.h"
#include "mt/map.bpf.h"

/* enum migratetype as all kernels since 4.4 number it; a fallback is among these three */
enum mobility {
	MOBILITY_UNMOVABLE,
	MOBILITY_MOVABLE,
	MOBILITY_RECLAIMABLE,
};

struct mixer_key {
	mt_id pid;
	mt_int order;
	enum mobility wanted;
	enum mobility from;
};

struct mixer_counts {
	char comm[16];
	mt_cgroup cgroup;
	mt_count events;
	mt_count fragmenting;
	mt_pages block_pages;
};

const volatile __s32 fragmentation_pageblock_order;

MT_TABLE(mixers, 2048, struct mixer_key, struct mixer_counts);

SEC("tp_btf/mm_page_alloc_extfrag")
int BPF_PROG(extfrag, struct page *page, int alloc_order, int fallback_order, int alloc_migratetype,
	     int fallback_migratetype)
{
	struct mixer_key key = { mt_current_pid(), alloc_order, alloc_migratetype, fallback_migratetype };
	struct mixer_counts none = {}, *counts;

	if (!mt_wanted())
		return 0;
	counts = mt_row(&mixers, &key, &none);
	if (!counts)
		return 0;
	mt_process_comm(counts->comm);
	counts->cgroup = mt_current_cgroup();
	mt_add(counts->events, 1);
	if (fallback_order < fragmentation_pageblock_order)
		mt_add(counts->fragmenting, 1);
	mt_add(counts->block_pages, 1ULL << (fallback_order & 31));
	mt_seen_aggregated();
	return 0;
}
