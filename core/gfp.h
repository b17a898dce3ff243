/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of allocation flags, as the kernel's own messages print them (show_gfp_flags, mmflags.h). */
#ifndef MT_GFP_H
#define MT_GFP_H

#include <stddef.h>
#include <stdint.h>

struct mt_kbtf;

/*
 * Learns the bits of the running kernel where its BTF has them as an enum (772dd0342727, 6.10), which
 * NULL leaves out. Bits below ___GFP_ZEROTAGS have kept their places since 5.10; others go by number.
 */
void mt_gfp_learn(struct mt_kbtf *kbtf);

/* "GFP_KERNEL|__GFP_COMP"; "0x0" for no flag. Returns the length; @buf of 512 bytes holds all. */
size_t mt_gfp_name(uint32_t flags, char *buf, size_t size);

#endif
