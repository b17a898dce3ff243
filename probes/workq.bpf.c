// SPDX-License-Identifier: GPL-2.0-only
/* workq: how long works wait in a work queue and how long they run, added up for each function. */
#include "mt/map.bpf.h"

struct workq_key {
	mt_ksym function;
	char workqueue[32]; /* "": its queueing was not seen */
};

struct workq_counts {
	mt_count runs;
	mt_count waits; /* runs whose queueing was seen */
	mt_count canceled;
	mt_ns wait_ns;
	mt_ns run_ns;
	mt_peak_ns wait_max_ns;
	mt_peak_ns run_max_ns;
	mt_log2 wait_hist[MT_LOG2_SLOTS];
	mt_log2 run_hist[MT_LOG2_SLOTS];
};

struct workq_wait {
	mt_time at;
	mt_time again; /* queued once more before the start of the first was seen; else 0 */
	struct workq_key key;
};

/* A work that runs in a softirq does so in the time of any task, another work's included. */
struct workq_run_of {
	__u64 work;
	mt_id tid;
	mt_id unused;
};

struct workq_run {
	mt_time at;
	struct workq_key key;
};

/* flush_work() puts one of this function behind a work, and that is told by no tracepoint; 0: not known */
const volatile __u64 workq_barrier;

MT_TABLE(workq_of, 512, struct workq_key, struct workq_counts);
MT_TABLE(mt_waits, 4096, __u64, struct workq_wait);
MT_TABLE(mt_starts, 1024, struct workq_run_of, struct workq_run);

static const struct workq_counts none;

/*
 * Who found no room at its beginning is told at its end, where it is an event. Remembered is for which function,
 * or in which task: two may share a place, so a cause may be mistaken for another; the sum never is.
 */
#define UNSTARTED 4096
__u8 workq_unstarted[2][UNSTARTED];

enum workq_kind {
	WORKQ_WAIT,
	WORKQ_RUN,
};

static __always_inline __u8 *unstarted(enum workq_kind kind, __u64 whose)
{
	return &workq_unstarted[kind][(whose ^ whose >> 12) % UNSTARTED];
}

static __always_inline void end_lost(enum workq_kind kind, __u64 whose)
{
	__u8 *at = unstarted(kind, whose);
	bool full = *at;

	*at = 0;
	mt_seen_lost(full ? MT_LOST_MAP_FULL : MT_LOST_NO_START);
}

static __always_inline struct workq_counts *counts_of(const struct workq_key *key)
{
	return mt_row(&workq_of, key, &none);
}

/* Of two that come together the smaller may be written last: hence the second look. */
static __always_inline void peak(mt_peak_ns *most, __u64 ns)
{
	for (int i = 0; i < 2; i++)
		if (*(volatile mt_peak_ns *)most < ns)
			*(volatile mt_peak_ns *)most = ns;
}

static __always_inline void name_of(struct pool_workqueue *pwq, char into[32])
{
	struct workqueue_struct *wq = mt_load(mt_typed_task, pwq, wq);
	__u64 *word = (__u64 *)into;
	__u32 size = bpf_core_field_size(wq->name);

	if (!mt_typed_task) {
		bpf_core_read(into, size < 32 ? size : 32, &wq->name);
		return;
	}
	word[0] = *(__u64 *)&wq->name[0];
	word[1] = *(__u64 *)&wq->name[8];
	word[2] = *(__u64 *)&wq->name[16];
	if (bpf_core_field_size(wq->name) >= 32) /* 31c89007285d, 6.9 */
		word[3] = *(__u64 *)&wq->name[24];
}

static __always_inline void count_canceled(const struct workq_key *key)
{
	struct workq_counts *counts = counts_of(key);

	if (!counts)
		return;
	mt_add(counts->canceled, 1);
	mt_seen_aggregated();
}

/*
 * Nothing tells that a work is canceled. It is found out when the same work, or another at its address, is queued
 * and no start came between. But a work may be queued again just before its start is told: it is then
 * up to the start to say which of the two was meant.
 */
SEC("tp_btf/workqueue_queue_work")
int BPF_PROG(queued, int cpu, struct pool_workqueue *pwq, struct work_struct *work)
{
	struct workq_wait now = { .at = bpf_ktime_get_ns() }, *before;
	__u64 key = (__u64)work;

	if (!mt_on)
		return 0;
	now.key.function = (__u64)mt_load(mt_typed_task, work, func);
	name_of(pwq, now.key.workqueue);
	before = bpf_map_lookup_elem(&mt_waits, &key);
	if (!before) {
		if (bpf_map_update_elem(&mt_waits, &key, &now, BPF_NOEXIST))
			*unstarted(WORKQ_WAIT, now.key.function) = 1;
	} else if (before->key.function != now.key.function) {
		count_canceled(&before->key);
		*before = now;
	} else {
		if (before->again) {
			count_canceled(&before->key);
			before->at = before->again;
		}
		before->again = now.at;
		before->key = now.key;
	}
	return 0;
}

static __always_inline void waited(struct workq_key *key, __u64 ns)
{
	struct workq_counts *counts = counts_of(key);

	if (!counts)
		return;
	mt_add(counts->waits, 1);
	mt_add(counts->wait_ns, ns);
	peak(&counts->wait_max_ns, ns);
	mt_log2_add(counts->wait_hist, ns);
	mt_seen_aggregated();
}

#define PENDING 1 /* of a work's data: it is queued, or its timer runs */

SEC("tp_btf/workqueue_execute_start")
int BPF_PROG(started, struct work_struct *work)
{
	struct workq_run run = { .at = bpf_ktime_get_ns() };
	struct workq_run_of of = { .work = (__u64)work, .tid = mt_current_tid() };
	struct workq_wait *wait;
	__u64 at;

	if (!mt_on)
		return 0;
	wait = bpf_map_lookup_elem(&mt_waits, &of.work);
	if (wait) {
		run.key = wait->key;
		at = wait->at;
		if (wait->again && mt_load(mt_typed_task, work, data.counter) & PENDING) {
			wait->at = wait->again; /* the second is still to come */
			wait->again = 0;
		} else {
			if (wait->again) {
				count_canceled(&run.key);
				at = wait->again;
			}
			bpf_map_delete_elem(&mt_waits, &of.work);
		}
		waited(&run.key, run.at - at);
	} else {
		run.key.function = (__u64)mt_load(mt_typed_task, work, func);
		if (!workq_barrier || run.key.function != workq_barrier)
			end_lost(WORKQ_WAIT, run.key.function);
	}
	if (bpf_map_update_elem(&mt_starts, &of, &run, BPF_ANY))
		*unstarted(WORKQ_RUN, of.tid) = 1;
	return 0;
}

/* The work may be free already, and another's. */
SEC("tp_btf/workqueue_execute_end")
int BPF_PROG(ended, struct work_struct *work)
{
	struct workq_run_of of = { .work = (__u64)work, .tid = mt_current_tid() };
	struct workq_run *found, run;
	struct workq_counts *counts;
	__u64 now = bpf_ktime_get_ns();

	if (!mt_on)
		return 0;
	found = bpf_map_lookup_elem(&mt_starts, &of);
	if (!found) {
		end_lost(WORKQ_RUN, of.tid);
		return 0;
	}
	run = *found;
	bpf_map_delete_elem(&mt_starts, &of);
	counts = counts_of(&run.key);
	if (!counts)
		return 0;
	mt_add(counts->runs, 1);
	mt_add(counts->run_ns, now - run.at);
	peak(&counts->run_max_ns, now - run.at);
	mt_log2_add(counts->run_hist, now - run.at);
	mt_seen_aggregated();
	return 0;
}
