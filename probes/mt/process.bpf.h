/* SPDX-License-Identifier: GPL-2.0-only */
/* The common filters that a process has. What belongs to all of its threads has no --tid: then this is included alone. */
#ifndef MT_PROCESS_BPF_H
#define MT_PROCESS_BPF_H

#include "cgroup.bpf.h"

const volatile __u32 mt_pid;		/* 0: any */
const volatile __u32 mt_uid = ~0U;	/* ~0: any */
const volatile __u32 mt_tree;		/* 0: any; this process and all that descend from it */
const volatile __u64 mt_in_cgroup;	/* 0: any; this cgroup and all below it */
const volatile __u16 mt_comm_bits[256]; /* for each byte the places of mt_comm that it stands at, from bit 0 */
const volatile __u16 mt_comm_end;	/* the bit of the last place; 0: any name */

#define MT_TREE_DEPTH 16

/* Shift-and search (Baeza-Yates and Gonnet, 1992): no branch for the verifier to follow. */
static __always_inline bool mt_comm_matches(const __u8 comm[16])
{
	__u16 state = 0, found = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 16; i++) {
		state = (state << 1 | 1) & mt_comm_bits[comm[i]];
		found |= state & mt_comm_end;
	}
	return found;
}

static __always_inline bool mt_descends(bool typed, struct task_struct *task)
{
#pragma clang loop unroll(disable)
	for (int i = 0; i < MT_TREE_DEPTH; i++) {
		if ((__u32)mt_load(typed, task, tgid) == mt_tree)
			return true;
		task = mt_load(typed, task, real_parent);
	}
	return false;
}

static __always_inline bool mt_under_cgroup(bool typed, struct cgroup *cgroup)
{
	struct cgroup_subsys_state *css = (void *)cgroup; /* struct cgroup begins with its own css */

#pragma clang loop unroll(disable)
	for (int i = 0; i < MT_CGROUP_DEPTH; i++) {
		if (mt_cgroup_id(typed, mt_load(typed, css, cgroup)) == mt_in_cgroup)
			return true;
		css = mt_load(typed, css, parent);
		if (!css)
			break;
	}
	return false;
}

/* Is the process, by the task that stands for it, one that the user asked for? Tells also whether tracing is on. */
static __always_inline bool mt_wanted_process(bool typed, struct task_struct *task)
{
	__u8 comm[16] __attribute__((aligned(8)));

	if (!mt_on)
		return false;
	if (mt_pid && mt_load(typed, task, tgid) != (int)mt_pid)
		return false;
	if (mt_uid != ~0U && mt_task_uid(typed, task) != mt_uid)
		return false;
	if (mt_tree && !mt_descends(typed, task))
		return false;
	if (mt_in_cgroup && !mt_under_cgroup(typed, mt_cgroup_of(typed, task)))
		return false;
	if (!mt_comm_end)
		return true;
	mt_task_comm(typed, task, comm);
	return mt_comm_matches(comm);
}

#endif
