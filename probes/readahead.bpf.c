// SPDX-License-Identifier: GPL-2.0-only
/*
 * readahead: pages that the kernel read before anybody asked for them, and what became of each: used, dropped
 * unused, or waiting still. A page that a task asked for is not read ahead, though the same code reads it.
 */
#define MT_ASK_WINDOWS
#include "mt/ask.bpf.h"
#include "mt/path.bpf.h"

enum readahead_by {
	BY_TOTAL,
	BY_FILE,
};

struct readahead_counts {
	mt_pages ahead;
	mt_pages used;
	mt_pages dropped;
};

struct readahead_file { /* begins as readahead_counts does, and so do the totals */
	mt_pages ahead;
	mt_pages used;
	mt_pages dropped;
	mt_path path;
};

struct readahead_totals {
	mt_pages ahead;
	mt_pages used;
	mt_pages dropped;
	mt_log2 age_hist[MT_LOG2_SLOTS];
};

struct readahead_page {
	__u64 inode; /* its address */
	__u64 index;
};

struct readahead_read {
	__u64 at;
};

#define FOLIO_PAGES  512  /* looked at of one folio */
#define ASKED_PAGES  1024 /* of one piece of a request */
#define MAPPED_PAGES 64	  /* of one fault */

const volatile enum readahead_by mt_by;

MT_TOTALS(struct readahead_totals);
MT_TABLE(readahead_files, 512, struct mt_file, struct readahead_file);
MT_TABLE(readahead_pages, 8192, struct readahead_page, struct readahead_read);

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

/* The same; without a row there is one made, or else a counted loss. */
static __always_inline struct readahead_counts *counts_of(struct inode *inode)
{
	static const struct readahead_file none;
	struct readahead_counts *counts = counts_there(inode);
	struct readahead_file *row;
	struct mt_file file;

	if (counts || mt_by != BY_FILE)
		return counts;
	file = mt_file_of(inode);
	row = mt_row(&readahead_files, &file, &none);
	if (row)
		mt_dentry_path(mt_typed_task, mt_inode_dentry(mt_typed_task, inode), &row->path);
	return (void *)row;
}

static __always_inline bool mt_ask_wanted(void)
{
	return mt_on; /* whoever uses a page, it is used */
}

/* As mt_log2_add(), without a branch: in a loop the verifier would follow each way of every turn. */
static __always_inline void add_age(__u64 *slots, __u64 ns, __u64 n)
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
	mt_add(slots[slot], n);
}

/*
 * In the loops below the verifier follows each turn, and all ways from there: they keep no sum, and what a turn found
 * is added as 1 or 0 rather than asked for.
 */

/* 1: the map did it; 0: it told an error, of which 5.10 and 6.1 return only the lower half with its sign. */
static __always_inline __u64 done(long err)
{
	__u64 failed = (__u32)err >> 31;

	barrier_var(failed);
	return 1 - failed;
}

/* What of these was read ahead is used now. */
static __always_inline int use(struct inode *inode, __u64 first, __u64 last, __u32 most)
{
	struct readahead_page page = { .inode = (__u64)inode };
	struct readahead_counts *counts = counts_there(inode);
	struct readahead_totals *totals = mt_total();
	struct mt_account *account = mt_account();
	__u64 now = bpf_ktime_get_ns(), at, n;
	struct readahead_read *read;

	if (!counts || !totals || !account)
		return 0;
	for (__u32 i = 0; i < most; i++) {
		page.index = first + i;
		if (page.index > last)
			break;
		read = bpf_map_lookup_elem(&readahead_pages, &page);
		if (!read)
			continue;
		at = read->at;
		n = done(bpf_map_delete_elem(&readahead_pages, &page)); /* 0: another was first */
		mt_add(counts->used, n);
		add_age(totals->age_hist, now - at, n);
		mt_add(account->seen, n);
		mt_add(account->aggregated, n);
	}
	return 0;
}

static __always_inline int mt_asked(struct mt_ask *a, struct inode *inode)
{
	__u64 from = a->looked;

	a->counted = true;
	if (from > a->last)
		return 0;
	a->looked = from + ASKED_PAGES;
	return use(inode, from, a->last, ASKED_PAGES);
}

static __always_inline int mt_mapped(struct inode *inode, __u64 first, __u64 last)
{
	return use(inode, first, last, MAPPED_PAGES);
}

static __always_inline int inserted(struct inode *inode, __u64 index, __u64 pages)
{
	struct readahead_page page = { .inode = (__u64)inode };
	struct readahead_read read = { bpf_ktime_get_ns() };
	struct mt_account *account = mt_account();
	struct readahead_counts *counts;
	struct mt_missed missed;
	__u64 before, behind, n;

	if (!mt_wanted() || !mt_in_window(inode, index, pages))
		return 0;
	missed = mt_ask_missed(inode, index, pages);
	if (missed.pages >= pages)
		return 0;
	counts = counts_of(inode);
	if (!counts || !account)
		return 0;
	pages -= missed.pages;
	before = missed.pages ? missed.first - index : pages; /* those that were asked for are left out */
	for (__u64 i = 0; i < FOLIO_PAGES; i++) {
		if (i >= pages)
			break;
		behind = (before - 1 - i) >> 63;
		barrier_var(behind);
		page.index = index + i + behind * missed.pages;
		n = done(bpf_map_update_elem(&readahead_pages, &page, &read, BPF_ANY));
		mt_add(counts->ahead, n);
		mt_add(account->seen, 1);
		mt_add(account->aggregated, n);
		mt_add(account->lost[MT_LOST_MAP_FULL], 1 - n);
	}
	return 0;
}

static __always_inline int removed(struct inode *inode, __u64 index, __u64 pages)
{
	struct readahead_page page = { .inode = (__u64)inode };
	struct mt_account *account = mt_account();
	struct readahead_counts *counts;
	__u64 n;

	if (!mt_on)
		return 0;
	counts = counts_there(inode);
	if (!counts || !account)
		return 0;
	for (__u64 i = 0; i < FOLIO_PAGES; i++) {
		if (i >= pages)
			break;
		page.index = index + i;
		n = done(bpf_map_delete_elem(&readahead_pages, &page));
		mt_add(counts->dropped, n);
		mt_add(account->seen, n);
		mt_add(account->aggregated, n);
	}
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
	return inserted(folio_inode(folio), mt_load(mt_typed_task, folio, index), mt_folio_pages(mt_typed_task, folio));
}

SEC("tp_btf/mm_filemap_add_to_page_cache")
int BPF_PROG(add_page, struct page *page)
{
	return inserted(page_inode(page), mt_load(mt_typed_task, page, index), 1);
}

SEC("tp_btf/mm_filemap_delete_from_page_cache")
int BPF_PROG(remove_folio, struct folio *folio)
{
	return removed(folio_inode(folio), mt_load(mt_typed_task, folio, index), mt_folio_pages(mt_typed_task, folio));
}

SEC("tp_btf/mm_filemap_delete_from_page_cache")
int BPF_PROG(remove_page, struct page *page)
{
	return removed(page_inode(page), mt_load(mt_typed_task, page, index), 1);
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
