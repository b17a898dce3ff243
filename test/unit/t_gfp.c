// SPDX-License-Identifier: GPL-2.0-only
/* gfp: the names of allocation flags, those learned from a kernel's types included. */
#include <bpf/btf.h>

#include "gfp.h"
#include "kbtf.h"
#include "test.h"

/* bits that have not moved since 5.10: include/linux/gfp_types.h */
enum {
	DMA = 1 << 0,
	HIGHMEM = 1 << 1,
	DMA32 = 1 << 2,
	MOVABLE = 1 << 3,
	HIGH = 1 << 5,
	IO = 1 << 6,
	FS = 1 << 7,
	ZERO = 1 << 8,
	DIRECT = 1 << 10,
	KSWAPD = 1 << 11,
	NOWARN = 1 << 13,
	COMP = 1 << 18,
	NOMEMALLOC = 1 << 19,
	HARDWALL = 1 << 20,
	ACCOUNT = 1 << 22,
	KERNEL = DIRECT | KSWAPD | IO | FS,
};

static const char *name(uint32_t flags)
{
	static char buf[512];
	size_t n = mt_gfp_name(flags, buf, sizeof(buf));

	ASSERT_EQ(n, strlen(buf));
	return buf;
}

static void test_names(void)
{
	ASSERT_STREQ(name(0), "0x0");
	ASSERT_STREQ(name(KERNEL), "GFP_KERNEL");
	ASSERT_STREQ(name(KERNEL | ACCOUNT), "GFP_KERNEL_ACCOUNT");
	ASSERT_STREQ(name(KERNEL | ZERO), "GFP_KERNEL|__GFP_ZERO");
	ASSERT_STREQ(name(KERNEL | HARDWALL), "GFP_USER");
	ASSERT_STREQ(name(KERNEL | HARDWALL | HIGHMEM), "GFP_HIGHUSER");
	ASSERT_STREQ(name(KERNEL | HARDWALL | HIGHMEM | MOVABLE), "GFP_HIGHUSER_MOVABLE");
	ASSERT_STREQ(name((KERNEL | HARDWALL | HIGHMEM | MOVABLE | COMP | NOMEMALLOC | NOWARN) & ~KSWAPD),
		     "GFP_TRANSHUGE");
	ASSERT_STREQ(name((KERNEL | HARDWALL | HIGHMEM | MOVABLE | COMP | NOMEMALLOC | NOWARN) & ~(KSWAPD | DIRECT)),
		     "GFP_TRANSHUGE_LIGHT");
	ASSERT_STREQ(name(DIRECT | KSWAPD | IO), "GFP_NOFS");
	ASSERT_STREQ(name(DIRECT | KSWAPD), "GFP_NOIO");
	ASSERT_STREQ(name(HIGH | KSWAPD), "GFP_ATOMIC");
	ASSERT_STREQ(name(KSWAPD), "__GFP_KSWAPD_RECLAIM");
	ASSERT_STREQ(name(DIRECT), "__GFP_DIRECT_RECLAIM");
	ASSERT_STREQ(name(KERNEL | COMP | NOWARN), "GFP_KERNEL|__GFP_NOWARN|__GFP_COMP");
	/* show_gfp_flags() has names of their own for the zones */
	ASSERT_STREQ(name(KERNEL | DMA), "GFP_KERNEL|GFP_DMA");
	ASSERT_STREQ(name(KERNEL | DMA32), "GFP_KERNEL|GFP_DMA32");
}

/* No bit is lost, and 512 bytes hold all there can be. */
static void test_every_bit(void)
{
	for (int bit = 0; bit < 32; bit++)
		ASSERT_TRUE(strlen(name(1U << bit)) > 0);
	ASSERT_HAS(name(1U << 31), "0x80000000");
	for (int i = 0; i < 10000; i++) {
		char buf[512];

		ASSERT_TRUE(mt_gfp_name(test_random(), buf, sizeof(buf)) < sizeof(buf));
	}
	ASSERT_TRUE(mt_gfp_name(~0U, (char[512]){ 0 }, 512) < 512);
	/* the longest: no whole mask */
	ASSERT_TRUE(mt_gfp_name(~(uint32_t)(DIRECT | KSWAPD), (char[512]){ 0 }, 512) < 512);
}

static void test_learn(void)
{
	struct btf *btf = btf__new_empty();
	struct mt_kbtf *kbtf;
	uint32_t size;
	const void *raw;

	btf__add_enum(btf, NULL, 4);
	btf__add_enum_value(btf, "___GFP_DMA_BIT", 0);
	btf__add_enum_value(btf, "___GFP_ZEROTAGS_BIT", 23);
	btf__add_enum_value(btf, "___GFP_UNUSED_BIT", 9);
	btf__add_enum_value(btf, "___GFP_NOLOCKDEP_BIT", 27);
	btf__add_enum_value(btf, "___GFP_LAST_BIT", 28);
	btf__add_enum_value(btf, "___GFP_A_NAME_LONGER_THAN_ANY_THERE_IS_BIT", 29);
	btf__add_enum_value(btf, "___GFP_HIGH", 30);
	btf__add_enum_value(btf, "___GFP_OUT_OF_RANGE_BIT", 32);
	btf__add_enum_value(btf, "___GFP_NEGATIVE_BIT", -1);
	raw = btf__raw_data(btf, &size);
	if (ASSERT_OK(mt_kbtf_new(&kbtf, raw, size))) {
		mt_gfp_learn(kbtf);
		mt_kbtf_close(kbtf);
	}
	btf__free(btf);
	mt_gfp_learn(NULL);
	ASSERT_STREQ(name(1U << 23), "__GFP_ZEROTAGS");
	ASSERT_STREQ(name(1U << 27), "__GFP_NOLOCKDEP");
	ASSERT_STREQ(name(1U << 9), "0x200");
	ASSERT_STREQ(name(1U << 28), "0x10000000");
	ASSERT_STREQ(name(1U << 30), "0x40000000");
	ASSERT_TRUE(mt_gfp_name(~(uint32_t)(DIRECT | KSWAPD), (char[512]){ 0 }, 512) < 512);
}

TESTS(test_names, test_every_bit, test_learn)
