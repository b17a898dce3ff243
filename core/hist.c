// SPDX-License-Identifier: GPL-2.0-only
/* Histograms with a bucket for each power of two. */
#include "hist.h"

struct mt_bucket mt_hist_bucket(unsigned slot, unsigned n)
{
	return (struct mt_bucket){
		.lo = slot ? 1ULL << slot : 0,
		.hi = slot + 1 == n ? UINT64_MAX : (2ULL << slot) - 1,
	};
}

unsigned mt_hist_used(const uint64_t *slots, unsigned n)
{
	while (n && !slots[n - 1])
		n--;
	return n;
}

unsigned mt_hist_stars(uint64_t value, uint64_t max)
{
	return max ? (unsigned)((unsigned __int128)value * MT_HIST_BAR / max) : 0;
}
