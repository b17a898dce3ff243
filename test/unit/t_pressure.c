// SPDX-License-Identifier: GPL-2.0-only
/* pressure: what the kernel writes of load averages and of pressure is read exactly, or not at all. */
#include "pressure.h"
#include "test.h"

static void test_loadavg(void)
{
	static const char *const wrong[] = { "",
					     "\n",
					     "1.00 2.00 3.00",
					     "1.00 2.00 3.00 4",
					     "1.00 2.00 3.00 4/",
					     "1 2 3 4/5 6",
					     "1.0 2.00 3.00 4/5 6",
					     "1.000 2.00 3.00 4/5 6",
					     "-1.00 2.00 3.00 4/5 6",
					     "1.00  2.00 3.00 4/5 6",
					     "42949672.96 0.00 0.00 1/1 1",
					     "0.00 0.00 0.00 1/4294967296 1",
					     ".50 0.00 0.00 1/1 1" };
	struct mt_loadavg load;

	if (ASSERT_TRUE(mt_loadavg_parse("0.00 2.05 42949672.95 3/4294967295 99\n", &load))) {
		ASSERT_EQ(load.load[0], 0);
		ASSERT_EQ(load.load[1], 205);
		ASSERT_EQ(load.load[2], UINT32_MAX);
		ASSERT_EQ(load.running, 3);
		ASSERT_EQ(load.tasks, UINT32_MAX);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!ASSERT_TRUE(!mt_loadavg_parse(wrong[i], &load)))
			printf("  '%s'\n", wrong[i]);
}

static void test_both(void)
{
	struct mt_pressure p;

	if (!ASSERT_TRUE(mt_pressure_parse("some avg10=0.05 avg60=1.00 avg300=2.00 total=116242641\n"
					   "full avg10=100.00 avg60=0.00 avg300=0.00 total=18446744073709551615\n",
					   &p)))
		return;
	ASSERT_TRUE(p.of[MT_SOME].there && p.of[MT_FULL].there);
	ASSERT_EQ(p.of[MT_SOME].avg10, 5);
	ASSERT_EQ(p.of[MT_SOME].total_us, 116242641);
	ASSERT_EQ(p.of[MT_FULL].avg10, 10000);
	ASSERT_EQ(p.of[MT_FULL].total_us, UINT64_MAX);
}

/* To 5.12 processors have no line of "full"; later kernels may add words of their own. */
static void test_one(void)
{
	struct mt_pressure p;

	ASSERT_TRUE(mt_pressure_parse("some avg10=0.05 avg60=1.00 avg300=2.00 total=7", &p));
	ASSERT_TRUE(p.of[MT_SOME].there && !p.of[MT_FULL].there);
	ASSERT_TRUE(mt_pressure_parse("more avg10=0.00\nfull avg10=0.05 avg60=1.00 avg300=2.00 total=7 x=1\n", &p));
	ASSERT_TRUE(!p.of[MT_SOME].there && p.of[MT_FULL].there);
}

static void test_none(void)
{
	static const char *const wrong[] = { "",
					     "some",
					     "some avg10=0.05 avg60=1.00 avg300=2.00 total=",
					     "some avg10=0.05 avg60=1.00 total=7",
					     "some avg10=0.5 avg60=1.00 avg300=2.00 total=7",
					     "some avg10=0.05 avg60=1.00 avg300=2.00 total=18446744073709551616",
					     "some avg10=0.05 avg60=1.00 avg300=2.00 total=-1",
					     "\nfull\n" };
	struct mt_pressure p;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!ASSERT_TRUE(!mt_pressure_parse(wrong[i], &p) && !p.of[MT_SOME].there && !p.of[MT_FULL].there))
			printf("  '%s'\n", wrong[i]);
}

TESTS(test_loadavg, test_both, test_one, test_none)
