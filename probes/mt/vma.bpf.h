/* SPDX-License-Identifier: GPL-2.0-only */
/* The area of a process's memory that an address is in. */
#ifndef MT_VMA_BPF_H
#define MT_VMA_BPF_H

#include "probe.bpf.h"

#define MT_MAPLE_DEPTH	8
#define MT_MAPLE_PIVOTS 15

static __always_inline bool mt_vma_covers(struct vm_area_struct *vma, struct mm_struct *mm, unsigned long address)
{
	return mt_load(false, vma, vm_start) <= address && address < mt_load(false, vma, vm_end) &&
	       mt_load(false, vma, vm_mm) == mm;
}

static __always_inline __u32 mt_maple_kind(unsigned long node)
{
	return node >> 3 & 15;
}

/*
 * The entry of a node that an address is under: the first whose pivot, the last address, is not less. A function of its
 * own, for the verifier to follow it once; without a branch, of which each would double its work; and not in a loop,
 * of which to 6.1 it takes not every shape. Addresses are halved, for differences to have a sign: pivots are odd.
 * Where a node has fewer pivots pointers follow, which are more than any address.
 */
__noinline unsigned long mt_maple_step(unsigned long node, unsigned long address)
{
	const __u32 pivots = bpf_core_field_offset(struct maple_range_64, pivot); /* of both kinds */
	unsigned long pivot[MT_MAPLE_PIVOTS], at = node & ~255UL, slot = 0, less = 1, entry = 0;

	bpf_probe_read_kernel(pivot, sizeof(pivot), (void *)(at + pivots));
#pragma unroll
	for (int i = 0; i < MT_MAPLE_PIVOTS; i++) {
		less &= ((pivot[i] >> 1) - (address >> 1)) >> 63;
		barrier_var(less);
		slot += less;
	}
	if (mt_maple_kind(node) == bpf_core_enum_value(enum maple_type, maple_arange_64))
		at += bpf_core_field_offset(struct maple_arange_64, slot);
	else
		at += bpf_core_field_offset(struct maple_range_64, slot);
	bpf_probe_read_kernel(&entry, sizeof(entry), (void *)(at + slot * sizeof(entry)));
	return entry;
}

/*
 * Looked up without the lock that bpf_find_vma() needs, and does not get while another thread changes the areas of the
 * process; where it is given back by an interrupt it also costs some us. Areas are in a maple tree since d4af56c5c7c6,
 * 6.1. It is read as it stands, so what is found is the area only if mt_vma_covers() says so after all was read of it.
 * NULL: none, or no such tree.
 */
static __always_inline struct vm_area_struct *mt_vma_at(struct mm_struct *mm, unsigned long address)
{
	unsigned long entry;
	bool is_leaf = false;

	if (!bpf_core_field_exists(mm->mm_mt) || mt_typed_task)
		return 0;
	entry = (unsigned long)mt_load(false, mm, mm_mt.ma_root);
	if ((entry & 3) != 2)
		return 0; /* the root is no node */
#pragma unroll
	for (int depth = 0; depth < MT_MAPLE_DEPTH; depth++) {
		if (is_leaf)
			break;
		is_leaf = mt_maple_kind(entry) <= bpf_core_enum_value(enum maple_type, maple_leaf_64);
		entry = mt_maple_step(entry, address);
	}
	return is_leaf ? (void *)entry : 0;
}

#endif
