// SPDX-License-Identifier: GPL-2.0-only
/* perf: events by the names that perf has for them, and by the processor's numbers. */
#include <linux/perf_event.h>

#include "perf.h"
#include "test.h"

static void is(const char *name, uint32_t type, uint64_t config)
{
	struct perf_event_attr attr;

	if (!ASSERT_TRUE(mt_perf_parse(name, &attr))) {
		printf("  %s\n", name);
		return;
	}
	ASSERT_EQ(attr.type, type);
	ASSERT_EQ(attr.config, config);
	ASSERT_EQ(attr.size, sizeof(attr));
}

static void is_none(const char *name)
{
	struct perf_event_attr attr;

	if (!ASSERT_TRUE(!mt_perf_parse(name, &attr)))
		printf("  '%s'\n", name);
}

static void test_names(void)
{
	is("cache-references", PERF_TYPE_HARDWARE, 2);
	is("cache-misses", PERF_TYPE_HARDWARE, 3);
	is("LLC-loads", PERF_TYPE_HW_CACHE, 0x000002);
	is("LLC-load-misses", PERF_TYPE_HW_CACHE, 0x010002);
	is("LLC-stores", PERF_TYPE_HW_CACHE, 0x000102);
	is("page-faults", PERF_TYPE_SOFTWARE, 2);
	is("major-faults", PERF_TYPE_SOFTWARE, 6);
	is_none("");
	is_none("cache");
	is_none("cache-misses ");
	is_none("CACHE-MISSES");
}

static void test_raw(void)
{
	is("r0", PERF_TYPE_RAW, 0);
	is("r4f2e", PERF_TYPE_RAW, 0x4f2e);
	is("rFFFFFFFFFFFFFFFF", PERF_TYPE_RAW, UINT64_MAX);
	is_none("r");
	is_none("r10000000000000000");
	is_none("r0x4f");
	is_none("r4f ");
	is_none("r4g");
	is_none("R4f");
}

TESTS(test_names, test_raw)
