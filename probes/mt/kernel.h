/* SPDX-License-Identifier: GPL-2.0-only */
/* All that memtrace needs to know of kernel types: just the members that probes read, found by CO-RE. */
#ifndef MT_KERNEL_H
#define MT_KERNEL_H

#include <linux/types.h>

typedef __u32 gfp_t;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct atomic_long {
	long counter;
};

struct kernfs_node {
	__u64 id; /* of a cgroup: its id, and the inode number of its directory */
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
};

enum cgroup_subsys_id {
	memory_cgrp_id = 4,
};

struct page_counter {
	struct atomic_long usage;
	unsigned long max;
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
	struct page_counter memory;
};

struct mm_rss_stat { /* to 6.1 */
	struct atomic_long count[4];
};

struct percpu_counter {
	__s64 count;
};

struct mm_struct { /* f1a7941243c1, 6.2 */
	struct percpu_counter rss_stat[4];
};

struct mm_struct___atomic {
	struct mm_rss_stat rss_stat;
};

struct signal_struct {
	short oom_score_adj;
};

struct task_struct {
	int pid;
	int tgid;
	char comm[16];
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct signal_struct *signal;
	struct css_set *cgroups;
};

struct page {
	unsigned long flags;
};

struct folio { /* to 6.17 */
	unsigned long flags;
	unsigned long _flags_1; /* 379708ffde1b, 6.6: the low byte is the order */
};

struct folio___f { /* 53fbef56e07d, 6.18: memdesc_flags_t */
	struct {
		unsigned long f;
	} flags;
};

struct folio___order { /* 6.1 */
	unsigned char _folio_order;
};

enum pageflags {
	PG_head = 16,
};

#pragma clang attribute pop

#endif
