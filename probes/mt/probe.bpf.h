/* SPDX-License-Identifier: GPL-2.0-only */
/* Every probe starts here: types, helpers, the switch, and the account of what was seen and lost. */
#ifndef MT_PROBE_BPF_H
#define MT_PROBE_BPF_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kernel.h"
#include "unit.h"

char mt_license[] SEC("license") = "GPL";

/* core sets it once every program is attached: what comes before would be half seen */
volatile bool mt_on;

/*
 * How to read kernel memory: by loads whose type the verifier knows, or by bpf_probe_read_kernel(). Core sets
 * it where lockdown=confidentiality forbids the latter. Elsewhere probe reads are right although they are
 * slower: since 6.4 (6fcd486b3a0a) the verifier looks through all kernel types, four times, at each typed load
 * of a pointer, and that is most of the time to attach. The typed way to the current task came with 5.11
 * (bpf_get_current_task_btf(), 3ca1032ab7ab).
 */
const volatile bool mt_typed_task;

enum mt_lost {
	MT_LOST_RING_FULL, /* the reader was too slow, or the buffer too small */
	MT_LOST_MAP_FULL,  /* no room for one more key */
	MT_LOST_NO_START,  /* began before tracing did */
	MT_LOST_TOO_LATE,  /* not over when tracing ended; counted by core */
	MT_LOST_BUSY,	   /* the kernel could not be asked just then, or not run the program: core adds these */
	MT_LOST_CAUSES,
};

/* seen = delivered + aggregated + the sum of lost, at any time when no program runs */
struct mt_account {
	__u64 seen;
	__u64 delivered;
	__u64 aggregated;
	__u64 lost[MT_LOST_CAUSES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mt_account);
} mt_accounts SEC(".maps");

/* atomic although per CPU: a program in an interrupt may come between */
#define mt_add(counter, n) __sync_fetch_and_add(&(counter), (n))

static __always_inline struct mt_account *mt_account(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&mt_accounts, &zero);
}

static __always_inline void mt_seen_lost(enum mt_lost cause)
{
	struct mt_account *a = mt_account();

	if (a) {
		mt_add(a->seen, 1);
		mt_add(a->lost[cause], 1);
	}
}

static __always_inline void mt_seen_aggregated(void)
{
	struct mt_account *a = mt_account();

	if (a) {
		mt_add(a->seen, 1);
		mt_add(a->aggregated, 1);
	}
}

/* One member of a kernel struct; @typed: the verifier knows what @p points to. */
#define mt_load(typed, p, member)                                       \
	({                                                              \
		__typeof__((p)->member) __v;                            \
		if (typed)                                              \
			__v = (p)->member;                              \
		else                                                    \
			bpf_core_read(&__v, sizeof(__v), &(p)->member); \
		__v;                                                    \
	})

/*
 * The slab cache that an object is from, NULL if from none. Core puts the number of the kernel's function in the
 * place of this one; it may be called only where mt_can_get_kmem_cache.
 */
const volatile bool mt_can_get_kmem_cache;
static struct kmem_cache *(*const mt_get_kmem_cache)(__u64 address) = (void *)0x4d540001;

static __always_inline struct task_struct *mt_current(void)
{
	if (mt_typed_task)
		return bpf_get_current_task_btf();
	return (struct task_struct *)bpf_get_current_task();
}

static __always_inline __u32 mt_task_uid(bool typed, struct task_struct *task)
{
	struct cred *cred = mt_load(typed, task, real_cred);

	return mt_load(typed, cred, uid.val);
}

static __always_inline void mt_task_comm(bool typed, struct task_struct *task, void *comm)
{
	__u64 *into = comm;

	if (typed) {
		into[0] = *(__u64 *)&task->comm[0];
		into[1] = *(__u64 *)&task->comm[8];
	} else {
		bpf_core_read(comm, sizeof(task->comm), &task->comm);
	}
}

/* The name of the current process: its first thread's, since a thread may have one of its own. */
static __always_inline void mt_process_comm(void *comm)
{
	mt_task_comm(mt_typed_task, mt_load(mt_typed_task, mt_current(), group_leader), comm);
}

static __always_inline __u32 mt_current_pid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

static __always_inline __u32 mt_current_tid(void)
{
	return bpf_get_current_pid_tgid();
}

#endif
