// SPDX-License-Identifier: GPL-2.0-only
/* unit: numbers as people write them, exactly, up to the last that 64 bits hold. */
#include "test.h"
#include "unit.h"

#define MS 1000000ULL

static void test_names(void)
{
	ASSERT_EQ(mt_unit_of("mt_ns"), MT_U_NS);
	ASSERT_EQ(mt_unit_of("mt_time"), MT_U_TIME);
	ASSERT_EQ(mt_unit_of("mt_bytes"), MT_U_BYTES);
	ASSERT_EQ(mt_unit_of("mt_level"), MT_U_LEVEL);
	ASSERT_TRUE(mt_unit_grows(MT_U_BYTES) && !mt_unit_grows(MT_U_LEVEL));
	ASSERT_EQ(mt_unit_of("mt_pages"), MT_U_PAGES);
	ASSERT_EQ(mt_unit_of("mt_count"), MT_U_COUNT);
	ASSERT_EQ(mt_unit_of("mt_log2"), MT_U_LOG2);
	ASSERT_EQ(mt_unit_of("mt_cgroup"), MT_U_CGROUP);
	ASSERT_EQ(mt_unit_of("mt_gfp"), MT_U_GFP);
	ASSERT_EQ(mt_unit_of("mt_errno"), MT_U_ERRNO);
	ASSERT_EQ(mt_unit_of("mt_path"), MT_U_PATH);
	ASSERT_EQ(mt_unit_of("mt_ksym"), MT_U_KSYM);
	ASSERT_EQ(mt_unit_of("mt_peak_ns"), MT_U_PEAK_NS);
	ASSERT_EQ(mt_unit_of("__u64"), MT_U_NONE);
	ASSERT_EQ(mt_unit_of(""), MT_U_NONE);
}

static void test_suffixes(void)
{
	ASSERT_STREQ(mt_unit_suffix(MT_U_NS), "_ns");
	ASSERT_STREQ(mt_unit_suffix(MT_U_BYTES), "_bytes");
	ASSERT_STREQ(mt_unit_suffix(MT_U_PAGES), "_pages");
	for (int u = 0; u < MT_UNITS; u++)
		ASSERT_TRUE(mt_unit_suffix(u) != NULL);
	ASSERT_TRUE(mt_unit_grows(MT_U_COUNT) && mt_unit_grows(MT_U_NS) && mt_unit_grows(MT_U_LOG2));
	ASSERT_TRUE(mt_unit_shrinks(MT_U_NET_PAGES) && mt_unit_grows(MT_U_NET_PAGES) && !mt_unit_shrinks(MT_U_PAGES));
	ASSERT_TRUE(!mt_unit_grows(MT_U_TIME) && !mt_unit_grows(MT_U_ID) && !mt_unit_grows(MT_U_ENUM) &&
		    !mt_unit_grows(MT_U_CGROUP) && !mt_unit_grows(MT_U_PEAK_NS) && !mt_unit_grows(MT_U_KSYM) &&
		    !mt_unit_grows(MT_U_INT));
}

static void reads(enum mt_unit unit, const char *s, uint64_t wanted)
{
	uint64_t value = ~wanted;

	if (!ASSERT_OK(mt_unit_parse(unit, s, MS, &value)) || !ASSERT_EQ(value, wanted))
		printf("  reading '%s'\n", s);
}

static void refuses(enum mt_unit unit, const char *s, int err)
{
	uint64_t value;

	if (!ASSERT_EQ(mt_unit_parse(unit, s, MS, &value), err))
		printf("  reading '%s'\n", s);
}

static void test_numbers(void)
{
	reads(MT_U_NONE, "0", 0);
	reads(MT_U_NONE, "10", 10);
	reads(MT_U_NONE, "007", 7);
	reads(MT_U_NONE, "0x10", 16);
	reads(MT_U_NONE, "0Xff", 255);
	reads(MT_U_NONE, "18446744073709551615", UINT64_MAX);
	reads(MT_U_COUNT, "0xffffffffffffffff", UINT64_MAX);
	refuses(MT_U_NONE, "18446744073709551616", -ERANGE);
	refuses(MT_U_NONE, "99999999999999999999999999", -ERANGE);
	refuses(MT_U_NONE, "0x10000000000000000", -ERANGE);
	refuses(MT_U_NONE, "", -EINVAL);
	refuses(MT_U_NONE, "-1", -EINVAL);
	refuses(MT_U_NONE, "+1", -EINVAL);
	refuses(MT_U_NONE, " 1", -EINVAL);
	refuses(MT_U_NONE, "1 ", -EINVAL);
	refuses(MT_U_NONE, "1.5", -EINVAL);
	refuses(MT_U_NONE, "1K", -EINVAL);
	refuses(MT_U_NONE, "0x", -EINVAL);
	refuses(MT_U_NONE, "0x-1", -EINVAL);
	refuses(MT_U_NONE, "0xfg", -EINVAL);
	refuses(MT_U_NONE, "nan", -EINVAL);
}

static void test_times(void)
{
	reads(MT_U_NS, "0", 0);
	reads(MT_U_NS, "5", 5 * MS);
	reads(MT_U_NS, "1.5", 1500000);
	reads(MT_U_NS, "7ns", 7);
	reads(MT_U_NS, "7us", 7000);
	reads(MT_U_NS, "1ms", MS);
	reads(MT_U_NS, "1.5ms", 1500000);
	reads(MT_U_NS, ".5s", 500 * MS);
	reads(MT_U_NS, "1.s", 1000 * MS);
	reads(MT_U_NS, "0.000000001s", 1);
	reads(MT_U_NS, "0.0000000019s", 1);
	reads(MT_U_NS, "1.999999999s", 1999999999);
	reads(MT_U_NS, "2m", 120000 * MS);
	reads(MT_U_NS, "1h", 3600000 * MS);
	reads(MT_U_NS, "0.1h", 360000 * MS);
	reads(MT_U_NS, "18446744073709551615ns", UINT64_MAX);
	reads(MT_U_NS, "18446744073.709551615s", UINT64_MAX);
	reads(MT_U_NS, "1.00000000000000000000000000000000000000000s", 1000 * MS);
	refuses(MT_U_NS, "18446744073.709551616s", -ERANGE);
	refuses(MT_U_NS, "18446744074s", -ERANGE);
	refuses(MT_U_NS, "99999999999999999999h", -ERANGE);
	refuses(MT_U_NS, ".", -EINVAL);
	refuses(MT_U_NS, ".s", -EINVAL);
	refuses(MT_U_NS, "s", -EINVAL);
	refuses(MT_U_NS, "1.2.3s", -EINVAL);
	refuses(MT_U_NS, "1 s", -EINVAL);
	refuses(MT_U_NS, "1S", -EINVAL);
	refuses(MT_U_NS, "1sec", -EINVAL);
	refuses(MT_U_NS, "0x10", -EINVAL);
	refuses(MT_U_NS, "-1s", -EINVAL);
}

static void test_sizes(void)
{
	reads(MT_U_BYTES, "0", 0);
	reads(MT_U_BYTES, "4096", 4096);
	reads(MT_U_BYTES, "64K", 65536);
	reads(MT_U_BYTES, "64k", 65536);
	reads(MT_U_BYTES, "2M", 2 << 20);
	reads(MT_U_BYTES, "1G", 1 << 30);
	reads(MT_U_BYTES, "1T", 1ULL << 40);
	reads(MT_U_BYTES, "0.5K", 512);
	reads(MT_U_BYTES, "1.5K", 1536);
	reads(MT_U_BYTES, "1.25M", 1310720);
	reads(MT_U_BYTES, "0.0009765625M", 1024);
	reads(MT_U_BYTES, "16777215T", 16777215ULL << 40);
	refuses(MT_U_BYTES, "16777216T", -ERANGE);
	refuses(MT_U_BYTES, "64KB", -EINVAL);
	refuses(MT_U_BYTES, "K", -EINVAL);
	refuses(MT_U_BYTES, "1m", -EINVAL);
}

TESTS(test_names, test_suffixes, test_numbers, test_times, test_sizes)
