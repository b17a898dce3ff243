/* SPDX-License-Identifier: GPL-2.0-only */
/* An event with a beginning and an end in the same task. */
#ifndef MT_PAIR_BPF_H
#define MT_PAIR_BPF_H

#include "probe.bpf.h"

struct mt_start_key {
	__u32 tid;
	__u32 kind; /* kinds may nest in one task, a kind in itself may not */
};

/* @start_type: what the beginning leaves for the end. */
#define MT_STARTS(start_type, entries)            \
	struct {                                  \
		__uint(type, BPF_MAP_TYPE_HASH);  \
		__uint(max_entries, entries);     \
		__type(key, struct mt_start_key); \
		__type(value, start_type);        \
	} mt_starts SEC(".maps")

/*
 * A beginning that found no room is told at its end, where it is an event: here is remembered whose
 * it was. Two tasks may share a place, so a cause may be mistaken for another; the sum never is.
 */
#define MT_UNSTARTED 4096
__u8 mt_unstarted[MT_UNSTARTED];

static __always_inline struct mt_start_key mt_start_key(__u32 kind)
{
	return (struct mt_start_key){ .tid = mt_current_tid(), .kind = kind };
}

static __always_inline __u32 mt_unstarted_at(const struct mt_start_key *key)
{
	return (key->tid + key->kind * 509) % MT_UNSTARTED;
}

static __always_inline void mt_end_lost(const struct mt_start_key *key)
{
	__u32 at = mt_unstarted_at(key);
	bool full = mt_unstarted[at];

	mt_unstarted[at] = 0;
	mt_seen_lost(full ? MT_LOST_MAP_FULL : MT_LOST_NO_START);
}

/* A kind that began already, and goes on, keeps its first beginning. */
#define mt_begin(which, start)                                                     \
	({                                                                         \
		struct mt_start_key __k = mt_start_key(which);                     \
		if (bpf_map_update_elem(&mt_starts, &__k, (start), BPF_NOEXIST) && \
		    !bpf_map_lookup_elem(&mt_starts, &__k))                        \
			mt_unstarted[mt_unstarted_at(&__k)] = 1;                   \
	})

/*
 * The same where the stack does not hold what is left: a place for it, which is this thread's alone, made from
 * @init; one that began already and never ended begins anew. NULL: told at the end.
 */
static __always_inline void *mt_begin_at(void *starts, const struct mt_start_key *key, const void *init)
{
	void *start;

	bpf_map_update_elem(starts, key, init, BPF_NOEXIST);
	start = bpf_map_lookup_elem(starts, key);
	if (!start)
		mt_unstarted[mt_unstarted_at(key)] = 1;
	return start;
}

/* What mt_begin_at() gave, to be deleted by its key; NULL is a counted loss. */
static __always_inline void *mt_end_at(void *starts, const struct mt_start_key *key)
{
	void *start = bpf_map_lookup_elem(starts, key);

	if (!start)
		mt_end_lost(key);
	return start;
}

/* Takes the beginning out into @start; false is a counted loss. */
#define mt_end(which, start)                                                   \
	({                                                                     \
		struct mt_start_key __k = mt_start_key(which);                 \
		__typeof__(start) __s = bpf_map_lookup_elem(&mt_starts, &__k); \
		if (__s) {                                                     \
			*(start) = *__s;                                       \
			bpf_map_delete_elem(&mt_starts, &__k);                 \
		} else {                                                       \
			mt_end_lost(&__k);                                     \
		}                                                              \
		__s != 0;                                                      \
	})

#endif
