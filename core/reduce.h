/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types reduced to what one object's relocations can ask for: some hundred bytes that libbpf reads
 * in place of some million.
 */
#ifndef MT_REDUCE_H
#define MT_REDUCE_H

#include <stddef.h>

struct btf;
struct mt_kbtf;

/* Wishes for all struct, union and enum names of @local, an object's BTF. 0 or -errno. */
int mt_reduce_wish(struct mt_kbtf *kbtf, const struct btf *local);

/*
 * Of the wished types, the members and enumerators that @local names: all that CO-RE can look for.
 * *@raw is BTF, *@size bytes, to be freed. 0 or -errno.
 */
int mt_reduce(struct mt_kbtf *kbtf, const struct btf *local, void **raw, size_t *size);

#endif
