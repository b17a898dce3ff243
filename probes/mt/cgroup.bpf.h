/* SPDX-License-Identifier: GPL-2.0-only */
/* The cgroup that a task's memory is charged to, on either hierarchy. */
#ifndef MT_CGROUP_BPF_H
#define MT_CGROUP_BPF_H

#include "probe.bpf.h"

/* core sets it where the memory controller sits on a hierarchy of version 1 */
const volatile bool mt_cgroup_v1;

#define MT_CGROUP_DEPTH 16

/* Which place is the memory controller's depends on what else is built into the kernel. */
static __always_inline struct cgroup_subsys_state *mt_memory_css(bool typed, struct task_struct *task)
{
	struct css_set *set = mt_load(typed, task, cgroups);
	struct cgroup_subsys_state **at = &set->subsys[0] + bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	struct cgroup_subsys_state *css;

	if (typed)
		css = *at;
	else
		bpf_probe_read_kernel(&css, sizeof(css), at);
	return css;
}

static __always_inline struct cgroup *mt_cgroup_of(bool typed, struct task_struct *task)
{
	struct css_set *set;
	struct cgroup_subsys_state *css;

	if (mt_cgroup_v1) {
		css = mt_memory_css(typed, task);
		return mt_load(typed, css, cgroup);
	}
	set = mt_load(typed, task, cgroups);
	return mt_load(typed, set, dfl_cgrp);
}

static __always_inline __u64 mt_cgroup_id(bool typed, struct cgroup *cgroup)
{
	struct kernfs_node *kn = mt_load(typed, cgroup, kn);

	return mt_load(typed, kn, id);
}

static __always_inline __u64 mt_current_cgroup(void)
{
	return mt_cgroup_id(mt_typed_task, mt_cgroup_of(mt_typed_task, mt_current()));
}

#endif
