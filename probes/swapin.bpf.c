// SPDX-License-Identifier: GPL-2.0-only
/* swapin: reads from swap, added up for each process. */
#include "mt/compat.bpf.h"
#include "mt/filter.bpf.h"
#include "mt/map.bpf.h"

struct swapin_key {
	mt_id pid;
};

struct swapin_counts {
	mt_cgroup cgroup;
	char comm[16];
	mt_count reads;
	mt_pages pages;
};

MT_TABLE(swapins, 1024, struct swapin_key, struct swapin_counts);

static __always_inline int count(__u64 pages)
{
	struct swapin_key key = { mt_current_pid() };
	struct swapin_counts none = {}, *counts;

	if (!mt_wanted())
		return 0;
	counts = mt_row(&swapins, &key, &none);
	if (!counts)
		return 0;
	mt_process_comm(counts->comm); /* each time: it may have become another program's */
	counts->cgroup = mt_current_cgroup();
	mt_add(counts->reads, 1);
	mt_add(counts->pages, pages);
	mt_seen_aggregated();
	return 0;
}

SEC("fentry/swap_read_folio")
int folio_entry(__u64 *ctx)
{
	return count(mt_folio_pages(true, mt_swap_folio(ctx[0], ctx[1])));
}

SEC("kprobe/swap_read_folio")
int folio_kprobe(struct pt_regs *ctx)
{
	return count(mt_folio_pages(false, mt_swap_folio(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx))));
}

/* Its name until 6.7: always one page, the parts of a huge one are read one by one. */
SEC("fentry/swap_readpage")
int page_entry(void *ctx)
{
	return count(1);
}

SEC("kprobe/swap_readpage")
int page_kprobe(void *ctx)
{
	return count(1);
}

/* Counted where the read ends, in whatever task that is, since there is a struct swap_io_ctx. */
SEC("tp_btf/count_memcg_events")
int BPF_PROG(memcg_event, struct mem_cgroup *memcg, int item, unsigned long n)
{
	return item == (int)bpf_core_enum_value(enum vm_event_item, PSWPIN) ? count(n) : 0;
}

SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_queue, struct bio *bio)
{
	return mt_swaps_in(bio) ? count(bio->bi_iter.bi_size / mt_page_bytes) : 0;
}

/* To 5.10 the queue came first. */
SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_queue_of, void *queue, struct bio *bio)
{
	return mt_swaps_in(bio) ? count(bio->bi_iter.bi_size / mt_page_bytes) : 0;
}
