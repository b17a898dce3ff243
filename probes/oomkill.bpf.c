// SPDX-License-Identifier: GPL-2.0-only
/* oomkill: each process that the kernel kills because memory ran out. */
#include "mt/compat.bpf.h"
#include "mt/event.bpf.h"
#include "mt/filter.bpf.h"

#define SIGKILL	      9
#define SEND_SIG_PRIV 1 /* in place of a pointer: the kernel itself sends it */

enum oomkill_scope {
	SCOPE_HOST = 1,
	SCOPE_MEMCG, /* 0: not known */
};

struct oomkill_event {
	mt_time at;
	mt_bytes anon_bytes;
	mt_bytes file_bytes;
	mt_bytes shmem_bytes;
	mt_pages domain_pages;
	mt_pages limit_pages;
	mt_pages swap_limit_pages;
	mt_cgroup scope_cgroup;
	mt_cgroup trigger_cgroup;
	mt_cgroup victim_cgroup;
	char trigger_comm[16];
	char victim_comm[16];
	enum oomkill_scope scope;
	mt_id trigger_pid;
	mt_id victim_pid;
	mt_id uid;
	mt_int oom_score_adj;
};

MT_EVENTS(struct oomkill_event, 64 << 10);

/* Where memory ran out. */
struct domain {
	enum oomkill_scope scope;
	__u64 cgroup;
	__u64 pages;
	__u64 limit;
	__u64 swap_limit;
};

#define DOMAIN_UNKNOWN                                                                               \
	(struct domain)                                                                              \
	{                                                                                            \
		.cgroup = MT_NO_U64, .pages = MT_NO_U64, .limit = MT_NO_U64, .swap_limit = MT_NO_U64 \
	}

/* A limit that nobody set is LONG_MAX / PAGE_SIZE. */
static __always_inline bool is_limit(__u64 pages)
{
	return pages >> 46 == 0;
}

/* Each CPU may hold back up to 64 pages that are charged already. */
static __always_inline bool is_reached(__u64 used, __u64 limit)
{
	return is_limit(limit) && used + 64 >= limit;
}

static __always_inline void set_limits(struct domain *d, __u64 limit, __u64 swap_limit)
{
	if (is_limit(limit))
		d->limit = limit;
	if (is_limit(swap_limit))
		d->swap_limit = swap_limit;
}

static __always_inline void fill(struct oomkill_event *e, struct task_struct *victim, const struct domain *d)
{
	struct mm_struct *mm = mt_load(mt_typed_task, victim, mm);
	struct signal_struct *signal = mt_load(mt_typed_task, victim, signal);

	e->at = bpf_ktime_get_ns();
	e->anon_bytes = mt_rss_bytes(mt_typed_task, mm, MT_RSS_ANON);
	e->file_bytes = mt_rss_bytes(mt_typed_task, mm, MT_RSS_FILE);
	e->shmem_bytes = mt_rss_bytes(mt_typed_task, mm, MT_RSS_SHMEM);
	e->domain_pages = d->pages;
	e->limit_pages = d->limit;
	e->swap_limit_pages = d->swap_limit;
	e->scope_cgroup = d->cgroup;
	e->trigger_cgroup = mt_current_cgroup();
	e->victim_cgroup = mt_cgroup_id(mt_typed_task, mt_cgroup_of(mt_typed_task, victim));
	bpf_get_current_comm(e->trigger_comm, sizeof(e->trigger_comm));
	mt_task_comm(mt_typed_task, victim, e->victim_comm);
	e->scope = d->scope;
	e->trigger_pid = mt_current_pid();
	e->victim_pid = mt_load(mt_typed_task, victim, tgid);
	e->uid = mt_task_uid(mt_typed_task, victim);
	e->oom_score_adj = mt_load(mt_typed_task, signal, oom_score_adj);
}

/*
 * By functions. oom_kill_process() chooses, and calls __oom_kill_process() for each process that it
 * ends; that counts the kill (oom_kill in /proc/vmstat) unless the process is gone already, and sends
 * the signal. All of it happens under oom_lock: there is one at a time in the whole host.
 */
struct {
	struct domain domain;
	__u32 tid;    /* who is in oom_kill_process(), or was last */
	__u32 victim; /* whose signal is to come first */
} now;

static __always_inline int enter_oom(struct oom_control *oc)
{
	struct mem_cgroup *memcg = mt_load(mt_typed_task, oc, memcg);
	struct domain d = DOMAIN_UNKNOWN;

	d.scope = memcg ? SCOPE_MEMCG : SCOPE_HOST;
	d.pages = mt_load(mt_typed_task, oc, totalpages);
	if (memcg) {
		d.cgroup = mt_cgroup_id(mt_typed_task, mt_load(mt_typed_task, memcg, css.cgroup));
		set_limits(&d, mt_load(mt_typed_task, memcg, memory.max), mt_load(mt_typed_task, memcg, swap.max));
	}
	now.domain = d;
	now.victim = 0;
	now.tid = mt_current_tid();
	return 0;
}

static __always_inline int enter_kill(struct task_struct *victim)
{
	if (now.tid == mt_current_tid())
		now.victim = mt_load(mt_typed_task, victim, tgid);
	return 0;
}

/* The first signal is the victim's; more go to processes that use the same memory, which are not counted. */
static __always_inline int enter_signal(int sig, const void *info, struct task_struct *task)
{
	struct oomkill_event *e;
	__u32 victim = now.victim;

	if (now.tid != mt_current_tid() || !victim)
		return 0;
	now.victim = 0;
	if (sig != SIGKILL || (__u64)info != SEND_SIG_PRIV || mt_load(mt_typed_task, task, tgid) != (int)victim)
		return 0;
	if (!mt_wanted_task(mt_typed_task, task))
		return 0;
	e = mt_event(struct oomkill_event);
	if (!e)
		return 0;
	fill(e, task, &now.domain);
	mt_submit(e);
	return 0;
}

SEC("fentry/oom_kill_process")
int BPF_PROG(oom_entry, struct oom_control *oc)
{
	return enter_oom(oc);
}

SEC("fentry/__oom_kill_process")
int BPF_PROG(kill_entry, struct task_struct *victim)
{
	return enter_kill(victim);
}

SEC("fentry/do_send_sig_info")
int BPF_PROG(signal_entry, int sig, void *info, struct task_struct *task)
{
	return enter_signal(sig, info, task);
}

/*
 * The signal's tracepoint in place of its function: a function costs the kernel some millions of instructions
 * to hook. It is passed for each victim, whose lock the killer holds: it cannot have lost its signal handlers.
 */
SEC("tp_btf/signal_generate")
int BPF_PROG(signal_sent, int sig, void *info, struct task_struct *task)
{
	return enter_signal(sig, info, task);
}

SEC("kprobe/oom_kill_process")
int BPF_KPROBE(oom_kprobe, struct oom_control *oc)
{
	return enter_oom(oc);
}

SEC("kprobe/__oom_kill_process")
int BPF_KPROBE(kill_kprobe, struct task_struct *victim)
{
	return enter_kill(victim);
}

SEC("kprobe/do_send_sig_info")
int BPF_KPROBE(signal_kprobe, int sig, void *info, struct task_struct *task)
{
	return enter_signal(sig, info, task);
}

/*
 * By tracepoints. oom:mark_victim alone is no kill: it comes also for a process that is dying anyway
 * and only gets reserves. A kill is the signal, and then the mark by the same task.
 */
#define PENDING 16

/* In memory and not on the stack: the verifier does not follow what is there from branch to branch. */
struct search {
	struct mem_cgroup *limited;
	struct mem_cgroup *full;
	__u32 nr_limited;
	__u32 nr_full;
};

struct pending {
	__u32 tid;
	__u32 pid;  /* of the thread that the mark will name; 0: recorded */
	__u64 site; /* where in __oom_kill_process() the signal is sent; 0: not known */
	struct search search;
	struct oomkill_event event;
} pending[PENDING];

__u64 kill_site; /* that of signals that were marked: the other one is for processes that share the memory */

static __always_inline struct pending *pending_of_current(void)
{
	return &pending[mt_current_tid() % PENDING];
}

static __always_inline void record(struct pending *p)
{
	struct oomkill_event *e = mt_event(struct oomkill_event);

	p->pid = 0;
	if (!e)
		return;
	*e = p->event;
	mt_submit(e);
}

static __always_inline bool may_be_kill(int sig, const void *info, struct task_struct *task)
{
	return sig == SIGKILL && (__u64)info == SEND_SIG_PRIV && mt_wanted_task(mt_typed_task, task);
}

/* What is known of a signal that may be a kill waits for the mark. */
static __always_inline void wait(struct pending *p, struct task_struct *task, const struct domain *d)
{
	p->tid = mt_current_tid();
	p->pid = mt_load(mt_typed_task, task, pid);
	fill(&p->event, task, d);
}

static __always_inline int marked(int pid)
{
	struct pending *p = pending_of_current();

	if (!mt_on || p->tid != mt_current_tid() || p->pid != (__u32)pid)
		return 0;
	kill_site = p->site;
	record(p);
	return 0;
}

#define DEPTH 20 /* of the stack: the frames from here to the end of reclaim are about twelve */

enum frame { /* who is on the stack */
	     FRAME_OTHER = 0,
	     FRAME_SENDER = 1, /* do_send_sig_info(): names are to be had */
	     FRAME_KILL = 2,   /* __oom_kill_process() */
	     FRAME_MEMCG = 4,  /* mem_cgroup_out_of_memory() */
};

/* Eight characters at once, on a little-endian machine: the verifier follows each branch. */
#define WORD(a, b, c, d, e, f, g, h)                                                                                \
	((__u64)(h) << 56 | (__u64)(g) << 48 | (__u64)(f) << 40 | (__u64)(e) << 32 | (__u64)(d) << 24 | (c) << 16 | \
	 (b) << 8 | (a))

static __always_inline enum frame frame_of(__u64 address)
{
	static const char fmt[] = "%ps";
	__u64 name[4] = {};

	bpf_snprintf((char *)name, sizeof(name), fmt, &address, sizeof(address));
	if (name[0] == WORD('d', 'o', '_', 's', 'e', 'n', 'd', '_') &&
	    name[1] == WORD('s', 'i', 'g', '_', 'i', 'n', 'f', 'o'))
		return FRAME_SENDER;
	if (name[0] == WORD('_', '_', 'o', 'o', 'm', '_', 'k', 'i') &&
	    name[1] == WORD('l', 'l', '_', 'p', 'r', 'o', 'c', 'e'))
		return FRAME_KILL;
	if (name[0] == WORD('m', 'e', 'm', '_', 'c', 'g', 'r', 'o') &&
	    name[1] == WORD('u', 'p', '_', 'o', 'u', 't', '_', 'o'))
		return FRAME_MEMCG;
	return FRAME_OTHER;
}

static __always_inline unsigned frames(void *ctx, __u64 *site)
{
	__u64 stack[DEPTH] = {};
	unsigned found = 0;

	bpf_get_stack(ctx, stack, sizeof(stack), 0);
	for (int i = 0; i < DEPTH && stack[i]; i++) {
		enum frame frame = frame_of(stack[i]);

		if (frame == FRAME_KILL)
			*site = stack[i];
		found |= frame;
	}
	return found;
}

/*
 * The memory cgroup that is at its limit, where it is certain: of those that the victim is in only one
 * has a limit, or only one has reached it.
 */
static __always_inline void find_limit(struct domain *d, struct search *s, struct task_struct *victim)
{
	struct mem_cgroup *memcg = (void *)mt_memory_css(false, victim);

	*s = (struct search){};
	for (int i = 0; i < MT_CGROUP_DEPTH && memcg; i++) {
		__u64 max = mt_load(false, memcg, memory.max), swap = mt_load(false, memcg, swap.max);
		__u64 used = mt_load(false, memcg, memory.usage.counter);
		bool full = is_reached(used, max);

		if (mt_cgroup_v1)
			full |= is_reached(mt_load(false, memcg, swap.usage.counter), swap);
		if (is_limit(max) || (mt_cgroup_v1 && is_limit(swap))) {
			s->limited = memcg;
			s->nr_limited++;
		}
		if (full) {
			s->full = memcg;
			s->nr_full++;
		}
		memcg = (void *)mt_load(false, memcg, css.parent);
	}
	if (memcg || (s->nr_limited != 1 && s->nr_full != 1))
		return;
	memcg = s->nr_limited == 1 ? s->limited : s->full;
	d->cgroup = mt_cgroup_id(false, mt_load(false, memcg, css.cgroup));
	set_limits(d, mt_load(false, memcg, memory.max), mt_load(false, memcg, swap.max));
}

/* The stack says what no argument does. It needs bpf_snprintf() (7b15523a989b, 5.13). */
SEC("tp_btf/signal_generate")
int BPF_PROG(signal_named, int sig, void *info, struct task_struct *task)
{
	struct domain d = DOMAIN_UNKNOWN;
	struct pending *p = pending_of_current();
	struct signal_struct *signal;
	unsigned found;

	if (!may_be_kill(sig, info, task))
		return 0;
	p->site = 0;
	p->pid = 0;
	found = frames(ctx, &p->site);
	if (found & FRAME_SENDER && !(found & FRAME_KILL))
		return 0;
	if (p->site && kill_site && p->site != kill_site)
		return 0;
	if (found & FRAME_KILL)
		d.scope = found & FRAME_MEMCG ? SCOPE_MEMCG : SCOPE_HOST;
	if (d.scope == SCOPE_MEMCG && !mt_typed_task)
		find_limit(&d, &p->search, task);
	wait(p, task, &d);
	/* Who was a victim before is not marked again, yet counted: memory.oom.group ends all, the first one too. */
	signal = mt_load(mt_typed_task, task, signal);
	if (kill_site && p->site && mt_load(mt_typed_task, signal, oom_mm))
		record(p);
	return 0;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(signal_plain, int sig, void *info, struct task_struct *task)
{
	struct domain d = DOMAIN_UNKNOWN;

	if (may_be_kill(sig, info, task))
		wait(pending_of_current(), task, &d);
	return 0;
}

SEC("tp_btf/mark_victim")
int BPF_PROG(mark_task, struct task_struct *task)
{
	return marked(mt_load(mt_typed_task, task, pid));
}

/* To 6.8, and to the stable releases that took 72ba14deb40a in. */
SEC("tp_btf/mark_victim")
int BPF_PROG(mark_pid, int pid)
{
	return marked(pid);
}
