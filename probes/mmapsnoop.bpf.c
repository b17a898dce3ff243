// SPDX-License-Identifier: GPL-2.0-only
/* mmapsnoop: each mmap(2), munmap(2) and mremap(2), with the file by its path; brk(2) if asked for. */
#include "mt/event.bpf.h"
#include "mt/filter.bpf.h"
#include "mt/pair.bpf.h"
#include "mt/path.bpf.h"
#include "mt/syscall.bpf.h"

#define MAP_ANONYMOUS 0x20 /* of all machines that are built for */

enum mmap_call {
	CALL_MMAP,
	CALL_MUNMAP,
	CALL_MREMAP,
	CALL_BRK,
};

struct mmap_event {
	mt_time ended;
	mt_ns latency_ns;
	mt_cgroup cgroup;
	__u64 addr;
	__u64 asked_addr;
	mt_bytes size_bytes;
	__u64 old_addr;
	mt_bytes old_size_bytes;
	mt_bytes offset_bytes;
	enum mmap_call call;
	mt_id pid;
	mt_id tid;
	mt_id uid;
	__u32 prot;
	__u32 flags;
	mt_errno error;
	mt_int fd;
	char comm[16];
	mt_path path;
};

const volatile mt_bytes mt_min_bytes;
const volatile __u64 mt_min_ns;
const volatile bool mt_files;
const volatile bool mt_failed;
const volatile bool mt_brk;

/* What the call asks for waits for its end, in the event itself. */
MT_STARTS(struct mmap_event, 1024);
MT_EVENTS(struct mmap_event, 512 << 10);

static const struct mmap_event nothing;

static __always_inline struct mmap_event *begin(enum mmap_call call)
{
	struct mt_start_key key = mt_start_key(0); /* a thread is in one call at a time */
	struct mmap_event *e;

	if (!mt_wanted() || (call == CALL_BRK && !mt_brk) || (call != CALL_MMAP && mt_files))
		return 0;
	e = mt_begin_at(&mt_starts, &key, &nothing);
	if (!e)
		return 0;
	e->call = call;
	e->asked_addr = MT_NO_U64;
	e->old_addr = MT_NO_U64;
	e->old_size_bytes = MT_NO_U64;
	e->offset_bytes = MT_NO_U64;
	e->prot = MT_NO_U32;
	e->flags = MT_NO_U32;
	e->fd = MT_NO_INT;
	mt_no_path(&e->path);
	e->ended = bpf_ktime_get_ns();
	return e;
}

/* The file is looked up as the call does it, at its beginning: at its end another thread may have closed it. */
static __always_inline int begin_mmap(const __u64 args[6])
{
	struct mmap_event *e = begin(CALL_MMAP);

	if (!e)
		return 0;
	e->asked_addr = args[0];
	e->size_bytes = args[1];
	e->prot = args[2];
	e->flags = args[3];
	if (args[3] & MAP_ANONYMOUS)
		return 0;
	e->fd = args[4];
	e->offset_bytes = args[5];
	if (args[1] >= mt_min_bytes)
		mt_file_path(mt_typed_task, mt_fd_file(mt_typed_task, args[4]), &e->path);
	return 0;
}

static __always_inline int begin_munmap(const __u64 args[6])
{
	struct mmap_event *e = begin(CALL_MUNMAP);

	if (!e)
		return 0;
	e->asked_addr = args[0];
	e->size_bytes = args[1];
	return 0;
}

static __always_inline int begin_mremap(const __u64 args[6])
{
	struct mmap_event *e = begin(CALL_MREMAP);

	if (!e)
		return 0;
	e->old_addr = args[0];
	e->old_size_bytes = args[1];
	e->size_bytes = args[2];
	e->flags = args[3];
	e->asked_addr = args[4];
	return 0;
}

static __always_inline int begin_brk(const __u64 args[6])
{
	struct mmap_event *e = begin(CALL_BRK);
	struct mm_struct *mm;

	if (!e)
		return 0;
	mm = mt_load(mt_typed_task, mt_current(), mm);
	e->asked_addr = args[0];
	e->old_addr = mt_load(mt_typed_task, mm, brk);
	return 0;
}

#define MAX_ERRNO 4095
#define ENOMEM	  12

static __always_inline void result(struct mmap_event *e, __s64 ret)
{
	e->addr = MT_NO_U64;
	e->error = 0;
	if (ret < 0 && ret >= -MAX_ERRNO) {
		e->error = -ret;
		return;
	}
	e->addr = e->call == CALL_MUNMAP ? e->asked_addr : (__u64)ret;
	if (e->call != CALL_BRK)
		return;
	/* brk(2) gives the break as it is: what fails leaves it, and the C library makes ENOMEM of that */
	e->size_bytes = e->addr > e->old_addr ? e->addr - e->old_addr : e->old_addr - e->addr;
	if (e->asked_addr && e->asked_addr != e->addr)
		e->error = ENOMEM;
}

static __always_inline bool is_shown(const struct mmap_event *start, const struct mmap_event *e)
{
	if (e->latency_ns < mt_min_ns || e->size_bytes < mt_min_bytes)
		return false;
	if (mt_failed && !e->error)
		return false;
	return !mt_files || !(e->flags & MAP_ANONYMOUS);
}

static __always_inline int end(enum mmap_call call, __s64 ret)
{
	struct mt_start_key key = mt_start_key(0);
	struct mmap_event *start, *e;

	if (!mt_wanted() || (call == CALL_BRK && !mt_brk) || (call != CALL_MMAP && mt_files))
		return 0;
	start = mt_end_at(&mt_starts, &key);
	if (!start)
		return 0;
	start->latency_ns = bpf_ktime_get_ns() - start->ended;
	start->ended += start->latency_ns;
	result(start, ret);
	if (is_shown(start, start)) {
		e = mt_event(struct mmap_event);
		if (e) {
			*e = *start;
			e->cgroup = mt_current_cgroup();
			e->pid = mt_current_pid();
			e->tid = mt_current_tid();
			e->uid = bpf_get_current_uid_gid();
			bpf_get_current_comm(e->comm, sizeof(e->comm));
			mt_submit(e);
		}
	}
	bpf_map_delete_elem(&mt_starts, &key);
	return 0;
}

#define BY_NAME(name, call)                        \
	SEC("tp/syscalls/sys_enter_" #name)        \
	int enter_##name(struct mt_sys_enter *ctx) \
	{                                          \
		return begin_##name(ctx->args);    \
	}                                          \
	SEC("tp/syscalls/sys_exit_" #name)         \
	int exit_##name(struct mt_sys_exit *ctx)   \
	{                                          \
		return end(call, ctx->ret);        \
	}

BY_NAME(mmap, CALL_MMAP)
BY_NAME(munmap, CALL_MUNMAP)
BY_NAME(mremap, CALL_MREMAP)
BY_NAME(brk, CALL_BRK)

SEC("tp_btf/sys_enter")
int BPF_PROG(enter_any, struct pt_regs *regs, long nr)
{
	if (nr != __NR_mmap && nr != __NR_munmap && nr != __NR_mremap && nr != __NR_brk)
		return 0;
	if (!mt_sys_native())
		return 0;
	__u64 args[6] = MT_SYS_ARGS(regs);
	switch (nr) {
	case __NR_mmap:
		return begin_mmap(args);
	case __NR_munmap:
		return begin_munmap(args);
	case __NR_mremap:
		return begin_mremap(args);
	default:
		return begin_brk(args);
	}
}

#define NO_CALL -1

static __always_inline int call_of(long nr)
{
	return nr == __NR_mmap	 ? CALL_MMAP
	     : nr == __NR_munmap ? CALL_MUNMAP
	     : nr == __NR_mremap ? CALL_MREMAP
	     : nr == __NR_brk	 ? CALL_BRK
				 : NO_CALL;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(exit_any, struct pt_regs *regs, long ret)
{
	int call = call_of(MT_SYS_NR(regs));

	if (call == NO_CALL || !mt_sys_native())
		return 0;
	return end(call, ret);
}

/* Where memory of the kernel is read by typed loads alone: the file of the call that this thread is in. */
SEC("fentry/vm_mmap_pgoff")
int BPF_PROG(file_of_call, struct file *file)
{
	struct mt_start_key key = mt_start_key(0);
	struct mmap_event *start;

	if (!mt_on || !mt_typed_task)
		return 0;
	start = bpf_map_lookup_elem(&mt_starts, &key);
	if (start && start->call == CALL_MMAP && !(start->flags & MAP_ANONYMOUS) && start->size_bytes >= mt_min_bytes)
		mt_file_path(true, file, &start->path);
	return 0;
}
