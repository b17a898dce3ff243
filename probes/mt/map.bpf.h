/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers added up in the kernel, under a key. */
#ifndef MT_MAP_BPF_H
#define MT_MAP_BPF_H

#include "probe.bpf.h"

/* One row for the whole machine: never full. */
#define MT_TOTALS(value_type)                            \
	struct {                                         \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); \
		__uint(max_entries, 1);                  \
		__type(key, __u32);                      \
		__type(value, value_type);               \
	} mt_totals SEC(".maps")

#define mt_total()                                        \
	({                                                \
		__u32 __zero = 0;                         \
		bpf_map_lookup_elem(&mt_totals, &__zero); \
	})

/* A row for each key. Memory is taken at load, since a tool may have to count where none is left. */
#define MT_TABLE(name, entries, key_type, value_type) \
	struct {                                      \
		__uint(type, BPF_MAP_TYPE_HASH);      \
		__uint(max_entries, entries);         \
		__type(key, key_type);                \
		__type(value, value_type);            \
	} name SEC(".maps")

/* The same with a value on each CPU, for what happens so often that CPUs would wait for each other. */
#define MT_TABLE_PER_CPU(name, entries, key_type, value_type) \
	struct {                                              \
		__uint(type, BPF_MAP_TYPE_PERCPU_HASH);       \
		__uint(max_entries, entries);                 \
		__type(key, key_type);                        \
		__type(value, value_type);                    \
	} name SEC(".maps")

/* The value under @key, made from @init if there was none; NULL is a counted loss. */
static __always_inline void *mt_row(void *map, const void *key, const void *init)
{
	void *value = bpf_map_lookup_elem(map, key);

	if (value)
		return value;
	bpf_map_update_elem(map, key, init, BPF_NOEXIST);
	value = bpf_map_lookup_elem(map, key);
	if (!value)
		mt_seen_lost(MT_LOST_MAP_FULL);
	return value;
}

static __always_inline void mt_log2_add(__u64 *slots, __u64 value)
{
	__u32 slot = 0;

#pragma unroll
	for (int shift = 32; shift; shift >>= 1)
		if (value >> shift) {
			value >>= shift;
			slot += shift;
		}
	if (slot >= MT_LOG2_SLOTS)
		slot = MT_LOG2_SLOTS - 1;
	mt_add(slots[slot], 1);
}

#endif
