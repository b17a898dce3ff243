/* SPDX-License-Identifier: GPL-2.0-only */
/* One function for each thing that kernels keep in different places. */
#ifndef MT_COMPAT_BPF_H
#define MT_COMPAT_BPF_H

#include "probe.bpf.h"

/* core sets it */
const volatile __u64 mt_page_bytes;

enum mt_rss { /* include/linux/mm_types_task.h, where it has no name */
	      MT_RSS_FILE = 0,
	      MT_RSS_ANON = 1,
	      MT_RSS_SWAP = 2,
	      MT_RSS_SHMEM = 3,
};

/*
 * Resident memory of one kind, without what each CPU has not yet added to the sum. rss_stat became an
 * array of percpu_counter in f1a7941243c1, 6.2; before, the verifier followed no type into it. A macro,
 * since CO-RE takes an index only if it is written down as a number.
 */
#define mt_rss_bytes(typed, mm, kind)                                                  \
	({                                                                             \
		struct mm_struct___atomic *__old = (void *)(mm);                       \
		__s64 __pages = 0;                                                     \
		bool __known = true;                                                   \
		if (!bpf_core_field_exists(__old->rss_stat.count))                     \
			__pages = mt_load(typed, mm, rss_stat[kind].count);            \
		else if (!mt_typed_task)                                               \
			__pages = mt_load(false, __old, rss_stat.count[kind].counter); \
		else                                                                   \
			__known = false;                                               \
		!__known ? MT_NO_U64 : __pages > 0 ? __pages *mt_page_bytes : 0;       \
	})

/* flags became memdesc_flags_t in 53fbef56e07d, 6.18 */
static __always_inline unsigned long mt_folio_flags(bool typed, struct folio *folio)
{
	struct folio___f *wrapped = (void *)folio;

	if (bpf_core_field_exists(wrapped->flags.f))
		return mt_load(typed, wrapped, flags.f);
	return mt_load(typed, folio, flags);
}

/* The same of a page, which is all that 5.10 has. */
static __always_inline unsigned long mt_page_flags(bool typed, struct page *page)
{
	struct page___f *wrapped = (void *)page;

	if (bpf_core_field_exists(wrapped->flags.f))
		return mt_load(typed, wrapped, flags.f);
	return mt_load(typed, page, flags);
}

#define mt_page_flag(flags, name) ((flags) >> bpf_core_enum_value(enum pageflags, name) & 1)

/* Base pages of a folio. The order moved in 6.6. */
static __always_inline __u64 mt_folio_pages(bool typed, struct folio *folio)
{
	struct folio___order *old = (void *)folio;

	if (!mt_page_flag(mt_folio_flags(typed, folio), PG_head))
		return 1;
	if (bpf_core_field_exists(old->_folio_order))
		return 1ULL << (mt_load(typed, old, _folio_order) & 63);
	return 1ULL << (mt_load(typed, folio, _flags_1) & 63);
}

/* flags became an enum in da2f5eb3d344, 5.13 */
static __always_inline unsigned int mt_fault_flags(bool typed, struct vm_fault *vmf)
{
	struct vm_fault___int *old = (void *)vmf;

	if (bpf_core_field_exists(old->flags))
		return mt_load(typed, old, flags);
	return mt_load(typed, vmf, flags);
}

static __always_inline bool mt_fault_writes(bool typed, struct vm_fault *vmf)
{
	return mt_fault_flags(typed, vmf) & FAULT_FLAG_WRITE;
}

/*
 * The argument of swap_read_folio() that is the folio: a context came before it in 7.3. The verifier must see
 * only that one read: the barrier keeps the compiler from choosing between two addresses in the context.
 */
#define mt_swap_folio(first, second)                            \
	({                                                      \
		struct folio *__folio;                          \
		if (bpf_core_type_exists(struct swap_io_ctx)) { \
			__folio = (struct folio *)(second);     \
			barrier_var(__folio);                   \
		} else {                                        \
			__folio = (struct folio *)(first);      \
		}                                               \
		__folio;                                        \
	})

/*
 * Does a bio read from swap? None of its flags tells, but the page does that it reads into: it is anonymous or
 * of shared memory, locked, and has no content yet. Direct I/O into such memory finds it with content, and not
 * locked. A bio cloned by a stacked device was seen above it.
 */
static __always_inline bool mt_swaps_in(struct bio *bio)
{
	unsigned long flags;

	if (bio->bi_opf & MT_REQ_OP_MASK || bio->bi_flags & MT_BIO_CLONED)
		return false;
	flags = mt_page_flags(true, bio->bi_io_vec->bv_page);
	return mt_page_flag(flags, PG_swapbacked) && mt_page_flag(flags, PG_locked) &&
	       !mt_page_flag(flags, PG_uptodate);
}

#endif
