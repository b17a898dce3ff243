/* SPDX-License-Identifier: GPL-2.0-only */
/* Records sent to the reader one by one. */
#ifndef MT_EVENT_BPF_H
#define MT_EVENT_BPF_H

#include "probe.bpf.h"

/* @record: the struct of every record; the pointer, never used, keeps its type in the object's BTF for core. */
#define MT_EVENTS(record, bytes)                    \
	struct {                                    \
		__uint(type, BPF_MAP_TYPE_RINGBUF); \
		__uint(max_entries, bytes);         \
	} mt_events SEC(".maps");                   \
	record *mt_record

/* A place for one record, which must be submitted; NULL is a counted loss. */
#define mt_event(type)                                                        \
	({                                                                    \
		type *__e = bpf_ringbuf_reserve(&mt_events, sizeof(type), 0); \
		if (!__e)                                                     \
			mt_seen_lost(MT_LOST_RING_FULL);                      \
		__e;                                                          \
	})

static __always_inline void mt_submit(void *event)
{
	struct mt_account *a = mt_account();

	if (a) {
		mt_add(a->seen, 1);
		mt_add(a->delivered, 1);
	}
	bpf_ringbuf_submit(event, 0);
}

#endif
