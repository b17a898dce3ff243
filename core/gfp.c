// SPDX-License-Identifier: GPL-2.0-only
/* Names of allocation flags, as the kernel's own messages print them. */
#include "gfp.h"

#include <stdio.h>
#include <string.h>

#include "kbtf.h"

/* include/linux/gfp_types.h; "" where kernels since 5.10 differ */
static char names[32][24] = {
	"DMA",	 "HIGHMEM",    "DMA32",		"MOVABLE",  "RECLAIMABLE",    "HIGH",
	"IO",	 "FS",	       "ZERO",		"",	    "DIRECT_RECLAIM", "KSWAPD_RECLAIM",
	"WRITE", "NOWARN",     "RETRY_MAYFAIL", "NOFAIL",   "NORETRY",	      "MEMALLOC",
	"COMP",	 "NOMEMALLOC", "HARDWALL",	"THISNODE", "ACCOUNT",
};

enum {
	DMA = 1 << 0,
	HIGHMEM = 1 << 1,
	DMA32 = 1 << 2,
	MOVABLE = 1 << 3,
	HIGH = 1 << 5,
	IO = 1 << 6,
	FS = 1 << 7,
	DIRECT = 1 << 10,
	KSWAPD = 1 << 11,
	NOWARN = 1 << 13,
	COMP = 1 << 18,
	NOMEMALLOC = 1 << 19,
	HARDWALL = 1 << 20,
	ACCOUNT = 1 << 22,
	RECLAIM = DIRECT | KSWAPD,
	KERNEL = RECLAIM | IO | FS,
	USER = KERNEL | HARDWALL,
	HIGHUSER_MOVABLE = USER | HIGHMEM | MOVABLE,
	TRANSHUGE_LIGHT = ((USER | HIGHMEM | MOVABLE) | COMP | NOMEMALLOC | NOWARN) & ~RECLAIM,
};

/* Whole masks first, the largest before those that they hold. */
static const struct {
	uint32_t mask;
	const char *name;
} masks[] = {
	{ TRANSHUGE_LIGHT | DIRECT, "GFP_TRANSHUGE" },
	{ TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT" },
	{ HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
	{ USER | HIGHMEM, "GFP_HIGHUSER" },
	{ USER, "GFP_USER" },
	{ KERNEL | ACCOUNT, "GFP_KERNEL_ACCOUNT" },
	{ KERNEL, "GFP_KERNEL" },
	{ RECLAIM | IO, "GFP_NOFS" },
	{ RECLAIM, "GFP_NOIO" },
	{ HIGH | KSWAPD, "GFP_ATOMIC" },
	{ DMA, "GFP_DMA" },
	{ DMA32, "GFP_DMA32" },
	{ DIRECT, "__GFP_DIRECT_RECLAIM" },
	{ KSWAPD, "__GFP_KSWAPD_RECLAIM" },
};

static void learn(void *arg, const char *name, int64_t bit)
{
	size_t len = strlen(name);

	(void)arg;
	if (bit < 0 || bit >= 32 || len < 5 || strcmp(name + len - 4, "_BIT") != 0 || !strncmp(name, "UNUSED", 6) ||
	    !strncmp(name, "LAST", 4))
		return;
	snprintf(names[bit], sizeof(names[bit]), "%.*s", (int)len - 4, name);
}

void mt_gfp_learn(struct mt_kbtf *kbtf)
{
	if (kbtf)
		mt_kbtf_enumerators(kbtf, "___GFP_", learn, NULL);
}

size_t mt_gfp_name(uint32_t flags, char *buf, size_t size)
{
	size_t n = 0;

	if (!flags)
		return snprintf(buf, size, "0x0");
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if ((flags & masks[i].mask) == masks[i].mask) {
			n += snprintf(buf + n, size - n, "%s%s", n ? "|" : "", masks[i].name);
			flags &= ~masks[i].mask;
		}
	for (int bit = 0; bit < 32; bit++)
		if (flags >> bit & 1 && names[bit][0]) {
			n += snprintf(buf + n, size - n, "%s__GFP_%s", n ? "|" : "", names[bit]);
			flags &= ~(1U << bit);
		}
	if (flags)
		n += snprintf(buf + n, size - n, "%s0x%x", n ? "|" : "", flags);
	return n;
}
