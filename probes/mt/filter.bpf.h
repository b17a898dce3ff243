/* SPDX-License-Identifier: GPL-2.0-only */
/* The common filters. One that a probe never asks for is not in its object, and core refuses the option. */
#ifndef MT_FILTER_BPF_H
#define MT_FILTER_BPF_H

#include "process.bpf.h"

const volatile __u32 mt_tid; /* 0: any */

/* Is the current task one that the user asked for? Tells also whether tracing is on. */
static __always_inline bool mt_wanted(void)
{
	__u8 comm[16] __attribute__((aligned(8)));

	if (!mt_on)
		return false;
	if (mt_pid && mt_current_pid() != mt_pid)
		return false;
	if (mt_tid && mt_current_tid() != mt_tid)
		return false;
	if (mt_uid != ~0U && (__u32)bpf_get_current_uid_gid() != mt_uid)
		return false;
	if (mt_tree && !mt_descends(mt_typed_task, mt_current()))
		return false;
	if (mt_in_cgroup && !mt_under_cgroup(mt_typed_task, mt_cgroup_of(mt_typed_task, mt_current())))
		return false;
	if (!mt_comm_end)
		return true;
	bpf_get_current_comm(comm, sizeof(comm));
	return mt_comm_matches(comm);
}

/* The same of another task. */
static __always_inline bool mt_wanted_task(bool typed, struct task_struct *task)
{
	if (mt_tid && mt_load(typed, task, pid) != (int)mt_tid)
		return false;
	return mt_wanted_process(typed, task);
}

#endif
