/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls, by one of two ways. The tracepoints syscalls:sys_enter_NAME run a program for that call alone, and
 * need tracefs to be attached. The typed sys_enter and sys_exit need nothing, and run for every call of the host.
 * The former pass over calls of 32-bit processes, so the latter do.
 */
#ifndef MT_SYSCALL_BPF_H
#define MT_SYSCALL_BPF_H

#include <asm/unistd.h>

#include "probe.bpf.h"

/* What a program of tp/syscalls/... is given: no kernel has changed it, and no BTF names it. */
struct mt_sys_enter {
	__u64 common;
	__u64 nr;
	__u64 args[6];
};

struct mt_sys_exit {
	__u64 common;
	__u64 nr;
	__s64 ret;
};

/* Arguments of a call from typed registers, as its beginning finds them, and its number, at both ends. */
#if defined(__TARGET_ARCH_x86)
#define MT_SYS_NR(regs) ((int)(regs)->orig_rax)
#define MT_SYS_ARGS(regs)                                                                  \
	{                                                                                  \
		(regs)->rdi, (regs)->rsi, (regs)->rdx, (regs)->r10, (regs)->r8, (regs)->r9 \
	}
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs___arm64 {
	int syscallno;
} __attribute__((preserve_access_index));

#define MT_SYS_NR(regs)	  (((struct pt_regs___arm64 *)(regs))->syscallno)
#define MT_SYS_X(regs, n) (((struct user_pt_regs *)(regs))->regs[n])
#define MT_SYS_ARGS(regs)                                                                                      \
	{                                                                                                      \
		MT_SYS_X(regs, 0), MT_SYS_X(regs, 1), MT_SYS_X(regs, 2), MT_SYS_X(regs, 3), MT_SYS_X(regs, 4), \
			MT_SYS_X(regs, 5)                                                                      \
	}
#endif

/* Is it a call of 64-bit code, whose numbers are those of asm/unistd.h? */
static __always_inline bool mt_sys_native(void)
{
	struct task_struct *task = mt_current();

	if (!bpf_core_field_exists(task->thread_info.status))
		return true;
	return !(mt_load(mt_typed_task, task, thread_info.status) & MT_TS_COMPAT);
}

#endif
