/* SPDX-License-Identifier: GPL-2.0-only */
/* One function for each thing that kernels keep in different places. */
#ifndef MT_COMPAT_BPF_H
#define MT_COMPAT_BPF_H

#include "probe.bpf.h"

/* flags became memdesc_flags_t in 53fbef56e07d, 6.18 */
static __always_inline unsigned long mt_folio_flags(struct folio *folio)
{
	struct folio___f *wrapped = (void *)folio;

	if (bpf_core_field_exists(wrapped->flags.f))
		return wrapped->flags.f;
	return folio->flags;
}

/* Base pages of a folio. The order moved in 379708ffde1b, 6.6. */
static __always_inline __u64 mt_folio_pages(struct folio *folio)
{
	struct folio___order *old = (void *)folio;

	if (!(mt_folio_flags(folio) >> bpf_core_enum_value(enum pageflags, PG_head) & 1))
		return 1;
	if (bpf_core_field_exists(old->_folio_order))
		return 1ULL << (old->_folio_order & 63);
	return 1ULL << (folio->_flags_1 & 63);
}

#endif
