// SPDX-License-Identifier: GPL-2.0-only
/* hist: the buckets are those that the probe counts in, without gap or overlap. */
#include "hist.h"
#include "test.h"

#define SLOTS 40

/* mt_log2_add() of probes/mt/map.bpf.h */
static unsigned slot_of(uint64_t value)
{
	unsigned slot = 0;

	for (int shift = 32; shift; shift >>= 1)
		if (value >> shift) {
			value >>= shift;
			slot += shift;
		}
	return slot >= SLOTS ? SLOTS - 1 : slot;
}

static void test_buckets(void)
{
	uint64_t next = 0;

	for (unsigned slot = 0; slot < SLOTS; slot++) {
		struct mt_bucket b = mt_hist_bucket(slot, SLOTS);

		ASSERT_EQ(b.lo, next);
		ASSERT_TRUE(b.hi >= b.lo);
		ASSERT_EQ(slot_of(b.lo), slot);
		ASSERT_EQ(slot_of(b.hi), slot);
		next = b.hi + 1;
	}
	ASSERT_EQ(next, 0); /* the last one ends with the last number */
	ASSERT_EQ(mt_hist_bucket(0, SLOTS).hi, 1);
	ASSERT_EQ(mt_hist_bucket(1, SLOTS).lo, 2);
	ASSERT_EQ(mt_hist_bucket(63, 64).lo, 1ULL << 63);
	ASSERT_EQ(mt_hist_bucket(62, 64).hi, (1ULL << 63) - 1);
	ASSERT_EQ(mt_hist_bucket(0, 1).hi, UINT64_MAX);
}

static void test_used(void)
{
	uint64_t slots[SLOTS] = { 0 };

	ASSERT_EQ(mt_hist_used(slots, SLOTS), 0);
	ASSERT_EQ(mt_hist_used(slots, 0), 0);
	slots[0] = 1;
	ASSERT_EQ(mt_hist_used(slots, SLOTS), 1);
	slots[7] = 1;
	ASSERT_EQ(mt_hist_used(slots, SLOTS), 8);
	slots[SLOTS - 1] = UINT64_MAX;
	ASSERT_EQ(mt_hist_used(slots, SLOTS), SLOTS);
}

static void test_stars(void)
{
	ASSERT_EQ(mt_hist_stars(0, 0), 0);
	ASSERT_EQ(mt_hist_stars(0, 10), 0);
	ASSERT_EQ(mt_hist_stars(10, 10), MT_HIST_BAR);
	ASSERT_EQ(mt_hist_stars(5, 10), MT_HIST_BAR / 2);
	ASSERT_EQ(mt_hist_stars(1, 1000000), 0);
	ASSERT_EQ(mt_hist_stars(UINT64_MAX, UINT64_MAX), MT_HIST_BAR);
	ASSERT_EQ(mt_hist_stars(UINT64_MAX - 1, UINT64_MAX), MT_HIST_BAR - 1);
}

TESTS(test_buckets, test_used, test_stars)
