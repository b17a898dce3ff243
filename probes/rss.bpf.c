// SPDX-License-Identifier: GPL-2.0-only
/*
 * rss: which processes' resident memory changed. How much it is, core asks /proc: the kernel keeps part of it for each
 * CPU. Noted here is whose memory it is that changes, and what the kernel's sum was when it last did, for processes
 * that can no longer be asked.
 */
#include "mt/compat.bpf.h"
#include "mt/map.bpf.h"
#include "mt/process.bpf.h"

#define NEVER (MT_NO_S64 + 1) /* of a kind: no change was seen */

struct rss_key {
	mt_ns started_ns; /* since boot: a pid comes again */
	mt_id pid;
	__u32 unused;
};

struct rss_row {
	char comm[16];
	mt_cgroup cgroup;
	mt_count changes;
	mt_level anon_bytes; /* these four: MT_NO_S64, NEVER, or what the kernel had */
	mt_level file_bytes;
	mt_level shmem_bytes;
	mt_level swap_bytes;
	mt_level start_bytes; /* from here on by core */
	mt_level end_bytes;
	mt_level net_bytes;
	mt_level anon_net_bytes;
	mt_level file_net_bytes;
	mt_level shmem_net_bytes;
	mt_level swap_net_bytes;
	bool exited; /* all of its threads have ended: by the probe */
};

MT_TABLE(processes, 4096, struct rss_key, struct rss_row);

static __always_inline struct rss_row *row_of(struct task_struct *leader)
{
	struct rss_row none = { .anon_bytes = NEVER, .file_bytes = NEVER, .shmem_bytes = NEVER, .swap_bytes = NEVER };
	struct rss_key key = {};
	struct rss_row *row;

	if (!mt_wanted_process(mt_typed_task, leader))
		return NULL;
	key.pid = mt_load(mt_typed_task, leader, tgid);
	key.started_ns = mt_load(mt_typed_task, leader, start_boottime);
	row = mt_row(&processes, &key, &none);
	if (!row || row->exited)
		return NULL;
	mt_task_comm(mt_typed_task, leader, row->comm);
	row->cgroup = mt_cgroup_id(mt_typed_task, mt_cgroup_of(mt_typed_task, leader));
	mt_add(row->changes, 1);
	mt_seen_aggregated();
	return row;
}

/* A macro, as the one that it wraps. */
#define sum(mm, kind)                                                    \
	({                                                               \
		__u64 __bytes = mt_rss_bytes(mt_typed_task, (mm), kind); \
		__bytes == MT_NO_U64 ? MT_NO_S64 : (mt_level)__bytes;    \
	})

/*
 * Whose is it? Whoever reclaims it, or uses it for a while, is not its owner. Memory that is about to become a
 * process's (fork, exec) is nobody's yet, and what is left of a process's that has ended or gone on to another
 * program no more.
 */
static __always_inline struct rss_row *row_of_mm(struct mm_struct *mm)
{
	struct task_struct *owner = mt_load(mt_typed_task, mm, owner);

	if (!owner || mt_load(mt_typed_task, owner, mm) != mm)
		return NULL;
	return row_of(mt_load(mt_typed_task, owner, group_leader));
}

static __always_inline void note(struct rss_row *row, int kind, mt_level bytes)
{
	switch (kind) {
	case MT_RSS_ANON:
		row->anon_bytes = bytes;
		break;
	case MT_RSS_FILE:
		row->file_bytes = bytes;
		break;
	case MT_RSS_SHMEM:
		row->shmem_bytes = bytes;
		break;
	case MT_RSS_SWAP:
		row->swap_bytes = bytes;
		break;
	}
}

SEC("tp_btf/rss_stat")
int BPF_PROG(changed, struct mm_struct *mm, int kind)
{
	struct rss_row *row = row_of_mm(mm);

	if (!row)
		return 0;
	switch (kind) {
	case MT_RSS_ANON:
		note(row, kind, sum(mm, MT_RSS_ANON));
		break;
	case MT_RSS_FILE:
		note(row, kind, sum(mm, MT_RSS_FILE));
		break;
	case MT_RSS_SHMEM:
		note(row, kind, sum(mm, MT_RSS_SHMEM));
		break;
	case MT_RSS_SWAP:
		note(row, kind, sum(mm, MT_RSS_SWAP));
		break;
	}
	return 0;
}

/* The new value came with it until f1a7941243c1, 6.2. */
SEC("tp_btf/rss_stat")
int BPF_PROG(changed_to, struct mm_struct *mm, int kind, long pages)
{
	struct rss_row *row = row_of_mm(mm);

	if (row)
		note(row, kind, pages > 0 ? pages * mt_page_bytes : 0);
	return 0;
}

/* A process has got memory of its own: it had none, or other. */
static __always_inline int install(struct task_struct *task)
{
	struct mm_struct *mm = mt_load(mt_typed_task, task, mm);
	struct rss_row *row;

	if (!mm)
		return 0;
	row = row_of_mm(mm);
	if (!row)
		return 0;
	row->anon_bytes = sum(mm, MT_RSS_ANON);
	row->file_bytes = sum(mm, MT_RSS_FILE);
	row->shmem_bytes = sum(mm, MT_RSS_SHMEM);
	row->swap_bytes = sum(mm, MT_RSS_SWAP);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(forked, struct task_struct *parent, struct task_struct *child)
{
	struct mm_struct *mm = mt_load(mt_typed_task, child, mm);

	/* else a thread, or a process that shares its parent's memory */
	return mm && mt_load(mt_typed_task, mm, owner) == child ? install(child) : 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(execed, struct task_struct *task)
{
	return install(task);
}

/*
 * What the CPUs hold back of a counter, f1a7941243c1, 6.2. Where that is the kernel has no helper for, but it is as
 * far from the address that the counter has as an element of a map of ours is from the one that the map has.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} ruler SEC(".maps");

const volatile __u32 rss_cpus;

/* The verifier takes what is read from a map for a number. No other program of this kind comes between on this CPU. */
static __always_inline __u64 number(__u64 *place, const void *pointer)
{
	*(volatile __u64 *)place = (__u64)pointer;
	return *(volatile __u64 *)place;
}

static __always_inline __s64 part(struct mm_struct *mm, int kind, __u64 distance)
{
	__u64 at = 0;
	__s32 pages = 0;

#define READ(n)                                                       \
	case n:                                                       \
		at = (__u64)mt_load(false, mm, rss_stat[n].counters); \
		break
	switch (kind) {
		READ(MT_RSS_FILE);
		READ(MT_RSS_ANON);
		READ(MT_RSS_SWAP);
		READ(MT_RSS_SHMEM);
	}
#undef READ
	if (at)
		bpf_probe_read_kernel(&pages, sizeof(pages), (void *)(at + distance));
	return pages;
}

static __always_inline mt_level level(__s64 pages)
{
	return pages > 0 ? pages * (__s64)mt_page_bytes : 0;
}

static __always_inline void note_exactly(struct rss_row *row, struct mm_struct *mm)
{
	__s64 anon = mt_load(false, mm, rss_stat[MT_RSS_ANON].count);
	__s64 file = mt_load(false, mm, rss_stat[MT_RSS_FILE].count);
	__s64 shmem = mt_load(false, mm, rss_stat[MT_RSS_SHMEM].count);
	__s64 swap = mt_load(false, mm, rss_stat[MT_RSS_SWAP].count);
	__u32 zero = 0;
	__u64 *place = bpf_map_lookup_elem(&ruler, &zero);
	void *origin = NULL;

	if (!place)
		return;
	bpf_core_read(&origin, sizeof(origin), &((struct bpf_array *)number(place, &ruler))->pptrs[0]);
	for (__u32 cpu = 0; cpu < rss_cpus; cpu++) {
		void *element = bpf_map_lookup_percpu_elem(&ruler, &zero, cpu);
		__u64 distance;

		if (!element || !origin)
			return;
		distance = number(place, element) - (__u64)origin;
		anon += part(mm, MT_RSS_ANON, distance);
		file += part(mm, MT_RSS_FILE, distance);
		shmem += part(mm, MT_RSS_SHMEM, distance);
		swap += part(mm, MT_RSS_SWAP, distance);
	}
	row->anon_bytes = level(anon);
	row->file_bytes = level(file);
	row->shmem_bytes = level(shmem);
	row->swap_bytes = level(swap);
}

static __always_inline bool owned_by(struct mm_struct *mm, struct task_struct *task)
{
	struct task_struct *owner = mt_load(mt_typed_task, mm, owner);

	return mt_load(mt_typed_task, owner, group_leader) == mt_load(mt_typed_task, task, group_leader);
}

/* Exact, where the probe can be: the last thread is about to give the memory back. */
static __always_inline void note_last(struct rss_row *row, struct mm_struct *mm, struct task_struct *task)
{
	struct mm_struct___atomic *old = (void *)mm;

	if (!mt_typed_task && mm && !bpf_core_field_exists(old->rss_stat.count) &&
	    bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_map_lookup_percpu_elem) && owned_by(mm, task))
		note_exactly(row, mm);
}

static __always_inline bool is_last(struct task_struct *task)
{
	struct signal_struct *signal = mt_load(mt_typed_task, task, signal);

	return !mt_load(mt_typed_task, signal, live.counter);
}

/* Since 6.16 the task still has its memory here. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(ended, struct task_struct *task)
{
	struct rss_row *row;

	if (!is_last(task))
		return 0;
	row = row_of(mt_load(mt_typed_task, task, group_leader));
	if (!row)
		return 0;
	note_last(row, mt_load(mt_typed_task, task, mm), task);
	row->exited = true;
	return 0;
}

static __always_inline int release(struct task_struct *task, struct mm_struct *mm)
{
	struct rss_row *row;

	if (!is_last(task))
		return 0;
	row = row_of(mt_load(mt_typed_task, task, group_leader));
	if (row)
		note_last(row, mm, task);
	return 0;
}

SEC("fentry/exit_mm_release")
int BPF_PROG(released, struct task_struct *task, struct mm_struct *mm)
{
	return release(task, mm);
}

SEC("kprobe/exit_mm_release")
int BPF_KPROBE(released_kprobe, struct task_struct *task, struct mm_struct *mm)
{
	return release(task, mm);
}
