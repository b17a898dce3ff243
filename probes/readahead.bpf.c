// SPDX-License-Identifier: GPL-2.0-only
/*
 * readahead: pages that the kernel read before anybody asked for them, and what became of each: used, dropped
 * unused, or waiting still. A page that a task asked for is not read ahead, though the same code reads it.
 */
#define MT_ASK_WINDOWS
#define MT_ASKERS 2048
#include "mt/ask.bpf.h"

enum readahead_by {
	BY_TOTAL,
	BY_FILE,
};

struct readahead_counts {
	mt_pages ahead;
	mt_pages used;
	mt_pages dropped;
};

struct readahead_totals { /* begins as readahead_counts does */
	mt_pages ahead;
	mt_pages used;
	mt_pages dropped;
	mt_log2 age_hist[MT_LOG2_SLOTS];
};

struct readahead_file { /* so does this */
	mt_pages ahead;
	mt_pages used;
	mt_pages dropped;
	mt_path path;
};

struct readahead_page {
	__u64 inode; /* its address */
	__u64 index;
};

struct readahead_read {
	__u64 at;
};

#define ASKED_PAGES  1024 /* looked at of one piece of a request */
#define MAPPED_PAGES 64	  /* of one fault */

const volatile enum readahead_by mt_by;

MT_TOTALS(struct readahead_totals);
MT_TABLE(readahead_files, 768, struct mt_file, struct readahead_file);
MT_TABLE(readahead_pages, 12288, struct readahead_page, struct readahead_read);

/* Where to count, as far as there is such a row. */
static __always_inline struct readahead_counts *counts_there(struct inode *inode)
{
	struct mt_file file;

	if (mt_by == BY_FILE) {
		file = mt_file_of(inode);
		return bpf_map_lookup_elem(&readahead_files, &file);
	}
	return (struct readahead_counts *)mt_total();
}

static const struct readahead_file no_file;

/* The same; without a row there is one made, or else a counted loss. */
static __always_inline struct readahead_counts *counts_of(struct inode *inode)
{
	if (mt_by != BY_FILE)
		return counts_there(inode);
	return mt_file_row(&readahead_files, inode, &no_file, __builtin_offsetof(struct readahead_file, path));
}

static __always_inline bool mt_ask_wanted(void)
{
	return mt_on; /* whoever uses a page, it is used */
}

/* As mt_log2_add(), without a branch: in a loop the verifier would follow each way of every turn. */
static __always_inline void add_age(__u64 *slots, __u64 ns)
{
	__u64 slot = 0;

#pragma unroll
	for (int bits = 5; bits >= 0; bits--) {
		__u64 shift = -(ns >> (1 << bits)); /* its highest bit: there is more above */

		barrier_var(shift); /* else it becomes a comparison */
		shift >>= 63;
		barrier_var(shift);
		shift <<= bits;
		ns >>= shift;
		slot += shift;
	}
	if (slot >= MT_LOG2_SLOTS)
		slot = MT_LOG2_SLOTS - 1;
	mt_add(slots[slot], 1);
}

/* Pages that are looked up one after the other. */
struct run {
	__u64 first;
	struct readahead_page page;
	struct readahead_read read;
	struct mt_missed missed; /* these are not followed */
	struct readahead_counts *counts;
	struct readahead_totals *totals;
	struct mt_account *account;
};

static __always_inline void use_page(struct run *run)
{
	struct readahead_read *read = bpf_map_lookup_elem(&readahead_pages, &run->page);
	__u64 at;

	if (!read)
		return;
	at = read->at;
	if (bpf_map_delete_elem(&readahead_pages, &run->page))
		return; /* another was first */
	mt_add(run->counts->used, 1);
	add_age(run->totals->age_hist, run->read.at - at);
	mt_add(run->account->seen, 1);
	mt_add(run->account->aggregated, 1);
}

static __always_inline void insert_page(struct run *run)
{
	if (run->page.index - run->missed.first < run->missed.pages)
		return;
	if (bpf_map_update_elem(&readahead_pages, &run->page, &run->read, BPF_ANY)) {
		mt_seen_lost(MT_LOST_MAP_FULL);
		return;
	}
	mt_add(run->counts->ahead, 1);
	mt_seen_aggregated();
}

static __always_inline void remove_page_of(struct run *run)
{
	if (bpf_map_delete_elem(&readahead_pages, &run->page))
		return;
	mt_add(run->counts->dropped, 1);
	mt_seen_aggregated();
}

/*
 * For bpf_loop(), of which the verifier walks a turn or two, where it walks each of a loop. Nothing that is compared
 * may come from the turn before, as it would then never see two that are alike.
 */
#define TURN(what, name)                          \
	static int name(__u32 i, struct run *run) \
	{                                         \
		run->page.index = run->first + i; \
		what(run);                        \
		return 0;                         \
	}

TURN(use_page, use_turn)
TURN(insert_page, insert_turn)
TURN(remove_page_of, remove_turn)

/*
 * What of these was read ahead is used now. @loop: by bpf_loop() (5.17); a program that has it cannot be loaded
 * before that.
 */
static __always_inline int use(struct inode *inode, __u64 first, __u64 last, __u32 most, bool loop)
{
	struct run run = {
		.first = first,
		.page = { .inode = (__u64)inode },
		.read = { bpf_ktime_get_ns() },
		.counts = counts_there(inode),
		.totals = mt_total(),
		.account = mt_account(),
	};

	if (!run.counts || !run.totals || !run.account || first > last)
		return 0;
	if (loop) {
		bpf_loop(last - first < most ? last - first + 1 : most, use_turn, &run, 0);
		return 0;
	}
	/* keeps no sum, which would be another thing that the verifier tells the turns apart by */
	for (__u32 i = 0; i < most; i++) {
		run.page.index = first + i;
		if (run.page.index > last)
			break;
		use_page(&run);
	}
	return 0;
}

static __always_inline int mt_asked(struct mt_ask *a, struct inode *inode, enum mt_asked_by by)
{
	__u64 from = a->looked;
	__u32 most = by == MT_ASKED_BY_FAULT ? 1 : ASKED_PAGES;

	a->counted = true;
	if (from > a->last)
		return 0;
	a->looked = from + most;
	return use(inode, from, a->last, most, by == MT_ASKED_BY_READ);
}

static __always_inline int mt_mapped(struct inode *inode, __u64 first, __u64 last, bool around)
{
	return use(inode, first, last, around ? MAPPED_PAGES : 1, false);
}

static __always_inline int inserted(struct inode *inode, __u64 index, __u64 pages, bool loop)
{
	struct run run = {
		.first = index,
		.page = { .inode = (__u64)inode, .index = index },
		.read = { bpf_ktime_get_ns() },
	};

	if (!mt_wanted() || !mt_in_window(inode, index, pages))
		return 0;
	run.missed = mt_ask_missed(inode, index, pages);
	if (run.missed.pages == pages)
		return 0;
	run.counts = counts_of(inode);
	if (!run.counts)
		return 0;
	if (loop)
		bpf_loop(pages, insert_turn, &run, 0);
	else
		insert_page(&run);
	return 0;
}

static __always_inline int removed(struct inode *inode, __u64 index, __u64 pages, bool loop)
{
	struct run run = {
		.first = index,
		.page = { .inode = (__u64)inode, .index = index },
	};

	if (!mt_on)
		return 0;
	run.counts = counts_there(inode);
	if (!run.counts)
		return 0;
	if (loop)
		bpf_loop(pages, remove_turn, &run, 0);
	else
		remove_page_of(&run);
	return 0;
}

static __always_inline struct inode *folio_inode(struct folio *folio)
{
	struct address_space *mapping = mt_load(mt_typed_task, folio, mapping);

	return mt_load(mt_typed_task, mapping, host);
}

static __always_inline struct inode *page_inode(struct page *page)
{
	struct address_space *mapping = mt_load(mt_typed_task, page, mapping);

	return mt_load(mt_typed_task, mapping, host);
}

SEC("tp_btf/mm_filemap_add_to_page_cache")
int BPF_PROG(add_folio, struct folio *folio)
{
	return inserted(folio_inode(folio), mt_load(mt_typed_task, folio, index), mt_folio_pages(mt_typed_task, folio),
			true);
}

SEC("tp_btf/mm_filemap_add_to_page_cache")
int BPF_PROG(add_page, struct page *page)
{
	return inserted(page_inode(page), mt_load(mt_typed_task, page, index), 1, false);
}

SEC("tp_btf/mm_filemap_delete_from_page_cache")
int BPF_PROG(remove_folio, struct folio *folio)
{
	return removed(folio_inode(folio), mt_load(mt_typed_task, folio, index), mt_folio_pages(mt_typed_task, folio),
		       true);
}

SEC("tp_btf/mm_filemap_delete_from_page_cache")
int BPF_PROG(remove_page, struct page *page)
{
	return removed(page_inode(page), mt_load(mt_typed_task, page, index), 1, false);
}

SEC("tp_btf/page_cache_ra_unbounded")
int BPF_PROG(unbounded, struct inode *inode, unsigned long index, unsigned long pages)
{
	return mt_window(inode, index, pages);
}

SEC("tp_btf/page_cache_ra_order")
int BPF_PROG(order, struct inode *inode, unsigned long index, struct file_ra_state *ra)
{
	return mt_window(inode, mt_load(mt_typed_task, ra, start), mt_load(mt_typed_task, ra, size));
}

static __always_inline int unbounded_begins(struct readahead_control *ractl, unsigned long pages)
{
	struct address_space *mapping = mt_load(mt_typed_task, ractl, mapping);

	return mt_window(mt_load(mt_typed_task, mapping, host), mt_load(mt_typed_task, ractl, _index), pages);
}

static __always_inline int order_begins(struct readahead_control *ractl, struct file_ra_state *ra)
{
	struct address_space *mapping = mt_load(mt_typed_task, ractl, mapping);

	return mt_window(mt_load(mt_typed_task, mapping, host), mt_load(mt_typed_task, ra, start),
			 mt_load(mt_typed_task, ra, size));
}

SEC("fentry/page_cache_ra_unbounded")
int BPF_PROG(unbounded_entry, struct readahead_control *ractl, unsigned long pages)
{
	return unbounded_begins(ractl, pages);
}

SEC("fentry/page_cache_ra_order")
int BPF_PROG(order_entry, struct readahead_control *ractl, struct file_ra_state *ra)
{
	return order_begins(ractl, ra);
}

SEC("kprobe/page_cache_ra_unbounded")
int BPF_KPROBE(unbounded_kprobe, struct readahead_control *ractl, unsigned long pages)
{
	return unbounded_begins(ractl, pages);
}

SEC("kprobe/page_cache_ra_order")
int BPF_KPROBE(order_kprobe, struct readahead_control *ractl, struct file_ra_state *ra)
{
	return order_begins(ractl, ra);
}
