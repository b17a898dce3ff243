// SPDX-License-Identifier: GPL-2.0-only
/* shmsnoop: each call of System V shared memory, with its arguments and what came of it. */
#include "mt/event.bpf.h"
#include "mt/filter.bpf.h"
#include "mt/pair.bpf.h"
#include "mt/syscall.bpf.h"

enum shm_call {
	CALL_SHMGET,
	CALL_SHMAT,
	CALL_SHMDT,
	CALL_SHMCTL,
};

struct shm_event {
	mt_time ended;
	mt_ns latency_ns;
	mt_cgroup cgroup;
	__u64 ret;
	__u64 addr;
	__u64 buf;
	mt_bytes size_bytes;
	enum shm_call call;
	mt_id pid;
	mt_id tid;
	mt_id uid;
	__u32 key;
	mt_int shmid;
	__u32 flags;
	mt_int cmd;
	mt_errno error;
	char comm[16];
};

const volatile __u64 mt_min_ns;
const volatile bool mt_failed;

/* What the call asks for waits for its end, in the event itself. */
MT_STARTS(struct shm_event, 1024);
MT_EVENTS(struct shm_event, 128 << 10);

static const struct shm_event nothing;

static __always_inline struct shm_event *begin(enum shm_call call)
{
	struct mt_start_key key = mt_start_key(0); /* a thread is in one call at a time */
	struct shm_event *e;

	if (!mt_wanted())
		return 0;
	e = mt_begin_at(&mt_starts, &key, &nothing);
	if (!e)
		return 0;
	e->call = call;
	e->addr = MT_NO_U64;
	e->buf = MT_NO_U64;
	e->size_bytes = MT_NO_U64;
	e->shmid = MT_NO_INT;
	e->cmd = MT_NO_INT;
	e->ended = bpf_ktime_get_ns();
	return e;
}

static __always_inline int begin_shmget(const __u64 args[6])
{
	struct shm_event *e = begin(CALL_SHMGET);

	if (!e)
		return 0;
	e->key = args[0];
	e->size_bytes = args[1];
	e->flags = args[2];
	return 0;
}

static __always_inline int begin_shmat(const __u64 args[6])
{
	struct shm_event *e = begin(CALL_SHMAT);

	if (!e)
		return 0;
	e->shmid = args[0];
	e->addr = args[1];
	e->flags = args[2];
	return 0;
}

static __always_inline int begin_shmdt(const __u64 args[6])
{
	struct shm_event *e = begin(CALL_SHMDT);

	if (!e)
		return 0;
	e->addr = args[0];
	return 0;
}

static __always_inline int begin_shmctl(const __u64 args[6])
{
	struct shm_event *e = begin(CALL_SHMCTL);

	if (!e)
		return 0;
	e->shmid = args[0];
	e->cmd = args[1];
	e->buf = args[2];
	return 0;
}

#define MAX_ERRNO 4095

static __always_inline void send(const struct shm_event *start)
{
	struct shm_event *e = mt_event(struct shm_event);

	if (!e)
		return;
	*e = *start;
	e->cgroup = mt_current_cgroup();
	e->pid = mt_current_pid();
	e->tid = mt_current_tid();
	e->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	mt_submit(e);
}

static __always_inline int end(__s64 ret)
{
	struct mt_start_key key = mt_start_key(0);
	struct shm_event *start;
	__u64 now = bpf_ktime_get_ns();

	if (!mt_wanted())
		return 0;
	start = mt_end_at(&mt_starts, &key);
	if (!start)
		return 0;
	start->latency_ns = now - start->ended;
	start->ended = now;
	start->error = ret < 0 && ret >= -MAX_ERRNO ? -ret : 0;
	start->ret = start->error ? MT_NO_U64 : ret;
	if (start->latency_ns >= mt_min_ns && (!mt_failed || start->error))
		send(start);
	bpf_map_delete_elem(&mt_starts, &key);
	return 0;
}

#define BY_NAME(name)                              \
	SEC("tp/syscalls/sys_enter_" #name)        \
	int enter_##name(struct mt_sys_enter *ctx) \
	{                                          \
		return begin_##name(ctx->args);    \
	}                                          \
	SEC("tp/syscalls/sys_exit_" #name)         \
	int exit_##name(struct mt_sys_exit *ctx)   \
	{                                          \
		return end(ctx->ret);              \
	}

BY_NAME(shmget)
BY_NAME(shmat)
BY_NAME(shmdt)
BY_NAME(shmctl)

static __always_inline bool is_ours(long nr)
{
	return nr == __NR_shmget || nr == __NR_shmat || nr == __NR_shmdt || nr == __NR_shmctl;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(enter_any, struct pt_regs *regs, long nr)
{
	if (!is_ours(nr) || !mt_sys_native())
		return 0;
	__u64 args[6] = MT_SYS_ARGS(regs);
	switch (nr) {
	case __NR_shmget:
		return begin_shmget(args);
	case __NR_shmat:
		return begin_shmat(args);
	case __NR_shmdt:
		return begin_shmdt(args);
	default:
		return begin_shmctl(args);
	}
}

SEC("tp_btf/sys_exit")
int BPF_PROG(exit_any, struct pt_regs *regs, long ret)
{
	if (!is_ours(MT_SYS_NR(regs)) || !mt_sys_native())
		return 0;
	return end(ret);
}
