// SPDX-License-Identifier: GPL-2.0-only
/* llcstat: what each task did to the last-level cache, by counters read where the processor goes to another task. */
#include "mt/filter.bpf.h"
#include "mt/map.bpf.h"

struct llcstat_key {
	mt_id pid;
	mt_id tid; /* without --threads none */
	mt_id cpu;
};

struct llcstat_counts {
	char comm[16];
	mt_cgroup cgroup;
	mt_count references;
	mt_count misses;
	mt_ns on_cpu_ns;
	mt_ns counted_ns; /* less where more events were wanted than there are counters */
};

struct llcstat_last {
	struct bpf_perf_event_value references;
	struct bpf_perf_event_value misses;
	mt_time at;
	mt_time moved; /* when the events, or their own clock, were last seen to go on */
};

/* That clock may stand still until the next tick. What stands longer is not counted any more. */
#define STANDSTILL_NS 200000000

const volatile bool llcstat_threads;

MT_TABLE(llcstat_of, 8192, struct llcstat_key, struct llcstat_counts);

/* core puts the events of each processor there */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} references SEC(".maps"), misses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct llcstat_last);
} llcstat_lasts SEC(".maps");

/* Time in which @now was to count and did not, since @before. */
static __always_inline __u64 gap(const struct bpf_perf_event_value *now, const struct bpf_perf_event_value *before)
{
	return (now->enabled - before->enabled) - (now->running - before->running);
}

/* What was counted on this processor since the last time is @task's. */
static __always_inline int credit(bool typed, struct task_struct *task)
{
	struct llcstat_key key = { .tid = MT_NO_U32, .cpu = bpf_get_smp_processor_id() };
	struct llcstat_counts none = {}, *counts;
	struct llcstat_last now, before, *last;
	__u64 ns, missing;
	bool moved;
	__u32 zero = 0;

	if (!mt_on)
		return 0;
	last = bpf_map_lookup_elem(&llcstat_lasts, &zero);
	if (!last)
		return 0;
	/* misses first: of what happens in between only the references are seen */
	if (bpf_perf_event_read_value(&misses, BPF_F_CURRENT_CPU, &now.misses, sizeof(now.misses)) ||
	    bpf_perf_event_read_value(&references, BPF_F_CURRENT_CPU, &now.references, sizeof(now.references))) {
		if (mt_wanted_task(typed, task))
			mt_seen_lost(MT_LOST_BUSY); /* a processor that came later */
		return 0;
	}
	if (!now.references.enabled)
		return 0; /* not yet */
	before = *last;
	now.at = bpf_ktime_get_ns();
	/* the first is since they began to count */
	ns = before.at ? now.at - before.at : now.references.enabled;
	moved = now.references.enabled != before.references.enabled ||
		now.references.counter != before.references.counter || now.misses.counter != before.misses.counter;
	now.moved = moved ? now.at : before.moved;
	*last = now;
	if (!mt_wanted_task(typed, task))
		return 0;
	if (now.at - now.moved > STANDSTILL_NS) {
		mt_seen_lost(MT_LOST_BUSY); /* a processor that was away: its events are not set again */
		return 0;
	}
	missing = gap(&now.references, &before.references);
	if (missing < gap(&now.misses, &before.misses))
		missing = gap(&now.misses, &before.misses);
	key.pid = mt_load(typed, task, tgid);
	if (llcstat_threads)
		key.tid = mt_load(typed, task, pid);
	counts = mt_row(&llcstat_of, &key, &none);
	if (!counts)
		return 0;
	mt_task_comm(typed, llcstat_threads ? task : mt_load(typed, task, group_leader), counts->comm);
	counts->cgroup = mt_cgroup_id(typed, mt_cgroup_of(typed, task));
	mt_add(counts->references, now.references.counter - before.references.counter);
	mt_add(counts->misses, now.misses.counter - before.misses.counter);
	mt_add(counts->on_cpu_ns, ns);
	mt_add(counts->counted_ns, missing < ns ? ns - missing : 0);
	mt_seen_aggregated();
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(switched, bool preempt, struct task_struct *prev)
{
	return credit(mt_typed_task, prev);
}

/* Called by core on each processor before it reads: tasks do not give it up for that. */
SEC("call/flush")
int flush(void *ctx)
{
	return credit(mt_typed_task, mt_current());
}
