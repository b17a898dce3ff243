/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of the running kernel (BTF), read in place: libbpf would copy and index all 5 MB of them.
 * From them come the answers to "has this kernel that hook, with how many arguments", and what reduce.c
 * makes of them.
 */
#ifndef MT_KBTF_H
#define MT_KBTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf_type;
struct mt_kbtf;

#define MT_KBTF_PATH "/sys/kernel/btf/vmlinux"

/* 0 or -errno; -ENOENT: no such file, -EINVAL: not a BTF. mt_kbtf_close() ends what it gave. */
int mt_kbtf_open(struct mt_kbtf **kbtf, const char *path);

/* The same from memory, which must outlive it. For tests and fuzzing. */
int mt_kbtf_new(struct mt_kbtf **kbtf, const void *data, size_t size);
void mt_kbtf_close(struct mt_kbtf *kbtf);

/*
 * A wish list. Told before the first question, all wishes are found in one pass over the types; what was not
 * wished for is not found. 0, -ENOMEM, or -E2BIG: too many, or too late.
 */
int mt_kbtf_wish_tracepoint(struct mt_kbtf *kbtf, const char *name);
int mt_kbtf_wish_func(struct mt_kbtf *kbtf, const char *name);
int mt_kbtf_wish_type(struct mt_kbtf *kbtf, const char *name); /* struct, union or enum */

/* Makes the pass now, which the first question does otherwise: 0, -ENOMEM, or -EINVAL: these are no types. */
int mt_kbtf_scan(struct mt_kbtf *kbtf);

/* Type ids of a tracepoint (its typedef btf_trace_NAME), a function and a struct; 0: this kernel has none. */
uint32_t mt_kbtf_tracepoint(struct mt_kbtf *kbtf, const char *name);
uint32_t mt_kbtf_func(struct mt_kbtf *kbtf, const char *name);
uint32_t mt_kbtf_struct(struct mt_kbtf *kbtf, const char *name);

/* Number of arguments of what either of them returned; a tracepoint's hidden first one not counted. */
int mt_kbtf_args(struct mt_kbtf *kbtf, uint32_t id);

/* The types themselves, for reduce.c: NULL where there is no such id, "" where there is no name. */
const struct btf_type *mt_kbtf_type(const struct mt_kbtf *kbtf, uint32_t id);
const char *mt_kbtf_name(const struct mt_kbtf *kbtf, uint32_t offset);

/* Id of the @i-th struct, union or enum that was wished for and is there; 0: there are not so many. */
uint32_t mt_kbtf_granted(struct mt_kbtf *kbtf, size_t i);

/* Calls @each for every enumerator whose name begins with @prefix, in any enum that begins with one. */
int mt_kbtf_enumerators(struct mt_kbtf *kbtf, const char *prefix,
			void (*each)(void *arg, const char *name, int64_t value), void *arg);

#endif
