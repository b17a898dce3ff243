// SPDX-License-Identifier: GPL-2.0-only
/* zone: free memory is read as the kernel writes it, and the indices are what the kernel makes of it. */
#include "test.h"
#include "zone.h"

/* One that a guest with 512 MiB printed, and what its debugfs said at the same time. */
static const char buddy[] = "Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      "
			    "1      3 \n"
			    "Node 0, zone    DMA32  12346  12345     17      3      0      0      0      0      0      "
			    "0      0 \n";

static const char zoneinfo[] = "Node 0, zone      DMA\n"
			       "  per-node stats\n"
			       "      nr_inactive_anon 700201\n"
			       "  pages free     3840\n"
			       "        boost    0\n"
			       "        min      20\n"
			       "        low      25\n"
			       "        high     30\n"
			       "        protection: (0, 400, 400, 401)\n"
			       "      nr_free_cma  3\n"
			       "  pagesets\n"
			       "    cpu: 0\n"
			       "              high:     7\n"
			       "              low 8\n"
			       "Node 0, zone    DMA32\n"
			       "  pages free     37128\n"
			       "        min      1000\n"
			       "        low      1250\n"
			       "        high     1500\n"
			       "        protection: (0, 0, 0, 0)\n"
			       "Node 0, zone   Normal\n"
			       "  pages free     9\n"
			       "        min      99\n"
			       "Node 1, zone      DMA\n"
			       "  pages free     9\n";

static const char types[] = "Page block order: 9\nPages per block:  512\n\n"
			    "Free pages count per migrate type at order       0      1      2 \n"
			    "Node    0, zone    DMA32, type    Unmovable      2      0      0      0      0      0     "
			    " 0      0      0      "
			    "0      0 \n"
			    "Node    0, zone    DMA32, type      Movable >100000     5     17      3      0      0     "
			    " 0      0      0      "
			    "0      0 \n"
			    "Node    0, zone    DMA32, type  Reclaimable      0      0      0      0      0      0     "
			    " 0      0      0      "
			    "0      0 \n"
			    "Node    0, zone    DMA32, type   HighAtomic      0      0      1      0      0      0     "
			    " 0      0      0      "
			    "0      0 \n"
			    "Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic      Isolate \n"
			    "Node 0, zone      DMA            1            7            0            0            0 \n";

static void test_buddyinfo(void)
{
	struct mt_zones z = { 0 };

	for (int i = 0; i < 2; i++) /* again, in the same memory */
		if (!ASSERT_OK(mt_zones_buddyinfo(&z, buddy)) || !ASSERT_EQ(z.n, 2))
			return;
	ASSERT_STREQ(z.of[0].name, "DMA");
	ASSERT_EQ(z.of[0].orders, 11);
	ASSERT_EQ(z.of[0].free.blocks[10], 3);
	ASSERT_EQ(mt_free_pages(&z.of[0].free), 256 + 512 + 3 * 1024);
	ASSERT_EQ(z.of[1].free.blocks[1], 12345);
	ASSERT_TRUE(!z.of[1].has_marks && !z.of[1].has_types);
	mt_zones_free(&z);
	ASSERT_TRUE(!z.of && !z.n);
}

static void test_not_buddyinfo(void)
{
	static const char *const wrong[] = { "",
					     "\n",
					     "Node 0, zone DMA\n",
					     "Node 0, zone DMA x\n",
					     "Node 0, zone DMA -1\n",
					     "Node 0, zone DMA >1\n",
					     "Node, zone DMA 1\n",
					     "Node 99999999999, zone DMA 1\n",
					     "Node 0, zone NameOfAZoneTooLong 1\n",
					     "Node 0, zone DMA 1\nrubbish\n",
					     "Node 0, zone DMA 99999999999999999999\n",
					     "Node 0, zone DMA 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n" };
	struct mt_zones z = { 0 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!ASSERT_EQ(mt_zones_buddyinfo(&z, wrong[i]), -EINVAL))
			printf("  '%s'\n", wrong[i]);
	mt_zones_free(&z);
}

static void test_zoneinfo(void)
{
	struct mt_zones z = { 0 };

	if (!ASSERT_OK(mt_zones_buddyinfo(&z, buddy)))
		return;
	mt_zones_zoneinfo(&z, zoneinfo);
	ASSERT_TRUE(z.of[0].has_marks && z.of[1].has_marks);
	ASSERT_EQ(z.of[0].free_pages, 3840);
	ASSERT_EQ(z.of[0].min, 20);
	ASSERT_EQ(z.of[0].low, 25);
	ASSERT_EQ(z.of[0].high, 30); /* and not the page set's */
	ASSERT_EQ(z.of[0].free_cma, 3);
	ASSERT_EQ(z.of[0].reserve[0], 0);
	ASSERT_EQ(z.of[0].reserve[1], 400);
	ASSERT_EQ(z.of[0].reserve[3], 401);
	ASSERT_EQ(z.of[0].index, 0);
	ASSERT_EQ(z.of[1].index, 1);
	ASSERT_EQ(z.of[1].free_pages, 37128);
	ASSERT_EQ(z.of[1].low, 1250);
	ASSERT_EQ(mt_zone_index(zoneinfo, "DMA"), 0);
	ASSERT_EQ(mt_zone_index(zoneinfo, "Normal"), 2);
	ASSERT_EQ(mt_zone_index(zoneinfo, "Movable"), MT_MAX_ZONES);
	ASSERT_EQ(mt_zone_index("", "DMA"), MT_MAX_ZONES);
	mt_zones_free(&z);
}

static void test_pagetypeinfo(void)
{
	struct mt_zones z = { 0 };

	if (!ASSERT_OK(mt_zones_buddyinfo(&z, buddy)))
		return;
	mt_zones_pagetypeinfo(&z, types);
	ASSERT_TRUE(!z.of[0].has_types && z.of[1].has_types && z.of[1].at_least);
	ASSERT_EQ(z.of[1].of[MT_UNMOVABLE].blocks[0], 2);
	ASSERT_EQ(z.of[1].of[MT_MOVABLE].blocks[0], 100000);
	ASSERT_EQ(z.of[1].of[MT_MOVABLE].blocks[3], 3);
	ASSERT_EQ(z.of[1].of[MT_HIGHATOMIC].blocks[2], 1);
	ASSERT_EQ(mt_free_pages(&z.of[1].of[MT_CMA]), 0);
	mt_zones_free(&z);
}

/* By hand, from the formulas of mm/vmstat.c. */
static void test_indices(void)
{
	static const struct {
		struct mt_free free;
		unsigned order;
		int64_t fragmentation, unusable, suitable;
	} cases[] = {
		{ { { 0 } }, 0, 0, 1000, 0 }, /* nothing is free */
		{ { { 0 } }, 9, 0, 1000, 0 },
		{ { { 1 } }, 0, -1000, 0, 1 },
		{ { { 1 } }, 1, -500, 1000, 0 },       /* 1000 - (1000 + 500) / 1 */
		{ { { 1000 } }, 1, 499, 1000, 0 },     /* 1000 - (1000 + 500000) / 1000 */
		{ { { 1000 } }, 9, 998, 1000, 0 },     /* 1000 - (1000 + 1953) / 1000 */
		{ { { 3, 0, 1 } }, 2, -1000, 428, 1 }, /* 3000 / 7 */
		{ { { 3, 0, 1 } }, 1, -1000, 428, 2 },
		{ { { [0] = 5, [10] = 2 } }, 9, -1000, 2, 4 }, /* 5000 / 2053 */
		{ { { [8] = 1 } }, 9, -500, 1000, 0 },
		{ { { [8] = 10 } }, 9, 400, 1000, 0 }, /* 1000 - (1000 + 5000) / 10 */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool ok = ASSERT_EQ(mt_fragmentation_index(&cases[i].free, cases[i].order), cases[i].fragmentation);

		ok &= ASSERT_EQ(mt_unusable_index(&cases[i].free, cases[i].order), cases[i].unusable);
		ok &= ASSERT_EQ(mt_free_suitable(&cases[i].free, cases[i].order), cases[i].suitable);
		if (!ok)
			printf("  case %zu\n", i);
	}
}

/* A zone with blocks of order 0 and 4, by kind where @types. */
static struct mt_zone zone(uint64_t small, uint64_t large, enum mt_mobility of, bool with_types)
{
	struct mt_zone z = {
		.orders = 11,
		.has_marks = true,
		.index = 1,
		.min = 100,
		.low = 200,
		.reserve = { 0, 0, 50, 60 },
	};

	z.free.blocks[0] = small;
	z.free.blocks[4] = large;
	z.free_pages = mt_free_pages(&z.free);
	z.has_types = with_types;
	if (with_types)
		z.of[of] = z.free;
	return z;
}

static enum mt_verdict judge(struct mt_zone z, struct mt_demand d, struct mt_outcome *out)
{
	mt_zone_judge(&z, &d, out);
	return out->verdict;
}

static void test_verdicts(void)
{
	const struct mt_demand kernel = { 4, MT_UNMOVABLE, 2, 500 }, user = { 4, MT_MOVABLE, 3, 500 };
	struct mt_outcome out;
	struct mt_zone z;

	ASSERT_EQ(judge(zone(0, 100, MT_UNMOVABLE, true), kernel, &out), MT_V_SUCCEEDS);
	ASSERT_EQ(out.usable, 1600 - 15);
	ASSERT_EQ(out.reserve, 50);
	ASSERT_EQ(judge(zone(0, 100, MT_UNMOVABLE, false), user, &out), MT_V_SUCCEEDS);
	ASSERT_EQ(out.reserve, 60);

	/* the marks themselves are not enough: 266 - 15 is 251, one above 200 + 50 */
	ASSERT_EQ(judge(zone(250, 1, MT_UNMOVABLE, true), kernel, &out), MT_V_SUCCEEDS);
	ASSERT_EQ(judge(zone(249, 1, MT_UNMOVABLE, true), kernel, &out), MT_V_KSWAPD);
	ASSERT_EQ(judge(zone(150, 1, MT_UNMOVABLE, true), kernel, &out), MT_V_KSWAPD);
	ASSERT_EQ(judge(zone(149, 1, MT_UNMOVABLE, true), kernel, &out), MT_V_RECLAIM);
	ASSERT_TRUE(!out.refused);

	ASSERT_EQ(judge(zone(0, 100, MT_MOVABLE, true), kernel, &out), MT_V_STEALS);
	ASSERT_TRUE(out.donor == MT_MOVABLE && !out.kswapd);
	ASSERT_EQ(judge(zone(0, 100, MT_RECLAIMABLE, true), user, &out), MT_V_STEALS);
	ASSERT_EQ(out.donor, MT_RECLAIMABLE);
	ASSERT_EQ(judge(zone(0, 100, MT_UNMOVABLE, true), user, &out), MT_V_STEALS);
	ASSERT_EQ(out.donor, MT_UNMOVABLE);
	z = zone(0, 100, MT_MOVABLE, true);
	z.of[MT_RECLAIMABLE].blocks[4] = 1;
	ASSERT_EQ(judge(z, kernel, &out), MT_V_STEALS);
	ASSERT_EQ(out.donor, MT_RECLAIMABLE);
	z.of[MT_MOVABLE].blocks[5] = 1; /* larger: taken first */
	ASSERT_EQ(judge(z, kernel, &out), MT_V_STEALS);
	ASSERT_EQ(out.donor, MT_MOVABLE);
	ASSERT_EQ(judge(zone(249, 1, MT_MOVABLE, true), kernel, &out), MT_V_STEALS);
	ASSERT_TRUE(out.kswapd);

	/* memory and no block: moved together, if there is room for the copies: 200 + 50 + 2 * 16 */
	ASSERT_EQ(judge(zone(283, 0, MT_MOVABLE, true), kernel, &out), MT_V_COMPACTION);
	ASSERT_EQ(judge(zone(282, 0, MT_MOVABLE, true), kernel, &out), MT_V_RECLAIM);
	z = zone(0, 0, MT_MOVABLE, false);
	z.free.blocks[3] = 64; /* 1000 - (1000 + 32000) / 64 is 485, compaction would not help much */
	z.free_pages = 512;
	ASSERT_EQ(judge(z, kernel, &out), MT_V_RECLAIM);
	ASSERT_TRUE(out.refused);
	ASSERT_EQ(judge(z, (struct mt_demand){ 4, MT_UNMOVABLE, 2, 484 }, &out), MT_V_COMPACTION);

	/* reserves for atomic allocations, and CMA for what cannot be moved, do not count */
	ASSERT_EQ(judge(zone(2000, 100, MT_HIGHATOMIC, true), kernel, &out), MT_V_RECLAIM);
	z = zone(0, 100, MT_CMA, true);
	z.free_cma = 1600;
	ASSERT_EQ(judge(z, user, &out), MT_V_SUCCEEDS);
	ASSERT_EQ(judge(z, kernel, &out), MT_V_COMPACTION);

	ASSERT_EQ(judge(zone(0, 100, MT_UNMOVABLE, true), (struct mt_demand){ 4, MT_UNMOVABLE, 0, 500 }, &out),
		  MT_V_NEVER);
	z = zone(0, 100, MT_UNMOVABLE, true);
	z.managed = 151;
	ASSERT_EQ(judge(z, kernel, &out), MT_V_SUCCEEDS);
	z.managed = 150; /* min and reserve are never exceeded */
	ASSERT_EQ(judge(z, kernel, &out), MT_V_NEVER);
	ASSERT_EQ(out.reserve, 50);
	z.has_marks = false;
	ASSERT_EQ(judge(z, kernel, &out), MT_V_UNKNOWN);
	ASSERT_EQ(judge(zone(100, 0, MT_MOVABLE, true), (struct mt_demand){ 0, MT_MOVABLE, 3, 500 }, &out),
		  MT_V_RECLAIM);
	ASSERT_EQ(judge(zone(300, 0, MT_MOVABLE, true), (struct mt_demand){ 0, MT_MOVABLE, 3, 500 }, &out),
		  MT_V_SUCCEEDS);
}

TESTS(test_buddyinfo, test_not_buddyinfo, test_zoneinfo, test_pagetypeinfo, test_indices, test_verdicts)
