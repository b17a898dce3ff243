/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of the running kernel (BTF), read in place: libbpf would copy and index all 5 MB of them.
 * From them come the answers to "has this kernel that hook, with how many arguments", and a BTF reduced
 * to what one object's relocations can ask for.
 */
#ifndef MT_KBTF_H
#define MT_KBTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
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

/* Type ids of a tracepoint (its typedef btf_trace_NAME), a function and a struct; 0: this kernel has none. */
uint32_t mt_kbtf_tracepoint(struct mt_kbtf *kbtf, const char *name);
uint32_t mt_kbtf_func(struct mt_kbtf *kbtf, const char *name);
uint32_t mt_kbtf_struct(struct mt_kbtf *kbtf, const char *name);

/* Number of arguments of what either of them returned; a tracepoint's hidden first one not counted. */
int mt_kbtf_args(struct mt_kbtf *kbtf, uint32_t id);

/* Wishes for all struct, union and enum names of @local, an object's BTF. */
int mt_kbtf_wish_types(struct mt_kbtf *kbtf, const struct btf *local);

/*
 * Of the wished types, the members and enumerators that @local names: all that CO-RE can look for.
 * *@raw is BTF, *@size bytes, to be freed.
 */
int mt_kbtf_reduce(struct mt_kbtf *kbtf, const struct btf *local, void **raw, size_t *size);

/* Calls @each for every enumerator whose name begins with @prefix, in any enum that begins with one. */
int mt_kbtf_enumerators(struct mt_kbtf *kbtf, const char *prefix,
			void (*each)(void *arg, const char *name, int64_t value), void *arg);

#endif
