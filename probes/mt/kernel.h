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
	struct page_counter swap; /* on version 1 memory and swap together */
};

struct oom_control {
	struct mem_cgroup *memcg; /* NULL: the whole host is out of memory */
	unsigned long totalpages;
};

struct mm_rss_stat { /* to 6.1 */
	struct atomic_long count[4];
};

struct work_struct {
	struct atomic_long data;
	void *func;
};

struct workqueue_struct {
	char name[32]; /* to 6.8 24 */
};

struct pool_workqueue {
	struct workqueue_struct *wq;
};

struct percpu_counter {
	__s64 count;
	__s32 *counters; /* of each CPU: what is not in count yet */
};

struct bpf_array {
	void *pptrs[0]; /* of each element: as the above */
};

struct maple_tree {
	void *ma_root;
};

enum maple_type {
	maple_leaf_64 = 1,
	maple_arange_64 = 3,
};

struct maple_range_64 {
	unsigned long pivot[15];
	void *slot[16];
};

struct maple_arange_64 {
	unsigned long pivot[9];
	void *slot[10];
};

struct mm_struct {
	struct maple_tree mm_mt;
	unsigned long brk;
	struct task_struct *owner;	   /* where there are memory cgroups */
	struct percpu_counter rss_stat[4]; /* f1a7941243c1, 6.2 */
};

struct mm_struct___atomic {
	struct mm_rss_stat rss_stat;
};

struct signal_struct {
	struct {
		int counter;
	} live; /* threads that have not ended */
	short oom_score_adj;
	struct mm_struct *oom_mm; /* set once the process is a victim */
};

struct cred {
	struct {
		__u32 val;
	} uid;
};

struct thread_info {
	__u32 status; /* x86 */
};

struct task_io_accounting {
	__u64 syscr; /* calls of read and the like that ended */
	__u64 syscw;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned long min_flt;
	unsigned long maj_flt;
	struct task_io_accounting ioac;
	int pid;
	int tgid;
	char comm[16];
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	__u64 start_boottime;
	struct mm_struct *mm;
	struct cred *real_cred;
	struct signal_struct *signal;
	struct files_struct *files;
	struct css_set *cgroups;
};

struct kmem_cache {
	const char *name;
	unsigned int object_size;
};

struct slab { /* d122019bf061, 5.17: before, struct page */
	struct kmem_cache *slab_cache;
};

struct page {
	unsigned long flags;
	unsigned long compound_head; /* to 7.0 */
	unsigned int page_type;
	struct kmem_cache *slab_cache; /* before struct slab */
	struct address_space *mapping;
	unsigned long index; /* to 6.15 */
};

struct page___f { /* 53fbef56e07d, 6.18: memdesc_flags_t */
	struct {
		unsigned long f;
	} flags;
};

struct folio { /* to 6.17 */
	unsigned long flags;
	struct address_space *mapping;
	unsigned long index;
	unsigned long _flags_1; /* from 6.6 on the low byte is the order */
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
	PG_locked = 0,
	PG_uptodate = 2,
	PG_slab = 9, /* to 6.9 */
	PG_head = 16,
	PG_swapbacked = 19,
};

enum pagetype {			  /* in the uppermost byte of page_type */
		PGTY_slab = 0xf5, /* 6.12 */
};

struct swap_io_ctx { /* 7.3 */
	void *sis;
};

struct bvec_iter {
	unsigned int bi_size;
};

struct bio_vec {
	struct page *bv_page;
};

#define MT_REQ_OP_MASK 0xff	/* REQ_OP_READ is 0 */
#define MT_BIO_CLONED  (1 << 1) /* of an enum that has no name */

struct bio {
	unsigned int bi_opf;
	unsigned short bi_flags;
	struct bvec_iter bi_iter;
	struct bio_vec *bi_io_vec;
};

enum vm_event_item {
	PSWPIN = 2,
	THP_FAULT_ALLOC = 73,
};

enum zone_type {
	ZONE_DMA,
	ZONE_DMA32,
	ZONE_NORMAL,
	ZONE_HIGHMEM,
	ZONE_MOVABLE,
	ZONE_DEVICE,
	__MAX_NR_ZONES,
};

enum zone_stat_item {
	NR_FREE_PAGES,
};

struct free_area {
	unsigned long nr_free;
};

struct zone {
	unsigned long _watermark[3]; /* min, low, high */
	unsigned long watermark_boost;
	struct pglist_data *zone_pgdat;
	struct free_area free_area[11];
	struct atomic_long vm_stat[1];
};

struct pglist_data {
	struct zone node_zones[1];
	int node_id;
	struct task_struct *kcompactd;
};

enum compact_result {
	COMPACT_NOT_SUITABLE_ZONE,
	COMPACT_SKIPPED,
	COMPACT_DEFERRED,
	COMPACT_NO_SUITABLE_PAGE,
	COMPACT_CONTINUE,
	COMPACT_COMPLETE,
	COMPACT_PARTIAL_SKIPPED,
	COMPACT_CONTENDED,
	COMPACT_SUCCESS,
};

struct compact_control {
	struct zone *zone;
	unsigned long total_migrate_scanned;
	unsigned long total_free_scanned;
	gfp_t gfp_mask;
	int order;
};

struct zoneref {
	struct zone *zone;
};

struct zonelist {
	struct zoneref _zonerefs[1]; /* all zones of all nodes that there could be, and an end */
};

struct mem_section_usage {
	unsigned long subsection_map[1]; /* only with CONFIG_SPARSEMEM_VMEMMAP */
};

struct trace_event_raw_mm_migrate_pages_start {
	int mode;
};

enum migrate_reason {
	MR_COMPACTION,
	MR_NUMA_MISPLACED = 5,
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	struct mm_struct *vm_mm;
	unsigned long vm_flags;
	void *vm_ops;
	struct file *vm_file;
};

#define MT_TS_COMPAT 2 /* arch/x86/include/asm/thread_info.h */

#define MT_EBUSY	   16
#define MT_VM_SHARED	   0x00000008
#define MT_VM_PFNMAP	   0x00000400
#define MT_VM_HUGETLB	   0x00400000
#define MT_VM_MIXEDMAP	   0x10000000
#define MT_GFP_NOMEMALLOC  (1 << 19) /* as in core/gfp.c */
#define MT_MIGRATE_MOVABLE 1

/* enum vm_fault_reason */
#define MT_VM_FAULT_ERROR     0x0873 /* OOM, SIGBUS, SIGSEGV, HWPOISON, HWPOISON_LARGE, FALLBACK */
#define MT_VM_FAULT_MAJOR     0x0004
#define MT_VM_FAULT_RETRY     0x0400
#define MT_VM_FAULT_FALLBACK  0x0800
#define MT_VM_FAULT_COMPLETED 0x4000

enum vm_fault_reason {
	VM_FAULT_COMPLETED = MT_VM_FAULT_COMPLETED,
};

#define MT_FAULT_FLAG_ALLOW_RETRY 0x04
#define MT_FAULT_FLAG_TRIED	  0x20

/* what an x86 processor says of a fault */
#define MT_X86_PF_WRITE 0x02
#define MT_X86_PF_SHSTK 0x40 /* to a shadow stack, which is a write */

enum fault_flag {
	FAULT_FLAG_WRITE = 1,
};

typedef struct pte {
	unsigned long pte;
} pte_t;

struct vm_fault {
	struct vm_area_struct *vma;
	enum fault_flag flags;
	unsigned long address;
	pte_t orig_pte;
	pte_t *pte;
	unsigned long pgoff;
};

struct vm_fault___int { /* 5.10 */
	unsigned int flags;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev; /* NULL: on no list */
};

struct super_block {
	__u32 s_dev;
	unsigned long s_magic;
};

#define MT_S_IFMT	  0170000
#define MT_S_IFBLK	  0060000
#define MT_S_IFREG	  0100000
#define MT_S_DAX	  (1 << 13) /* of i_flags */
#define MT_TMPFS_MAGIC	  0x01021994
#define MT_BTRFS_MAGIC	  0x9123683e
#define MT_BCACHEFS_MAGIC 0xca451a4e

struct inode {
	__u16 i_mode;
	unsigned int i_flags;
	struct super_block *i_sb;
	unsigned long i_ino;
	__u32 i_generation;
	__u32 i_rdev;
	__s64 i_size;
	struct hlist_head i_dentry;
};

struct address_space {
	struct inode *host;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct super_block *d_sb;
	struct hlist_node d_alias;
};

struct dentry___u {
	union {
		struct hlist_node d_alias;
	} d_u;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct inode *f_inode;
	struct path f_path;
	struct address_space *f_mapping;
};

struct file_ra_state {
	unsigned long start;
	unsigned int size;
};

struct readahead_control {
	struct address_space *mapping;
	unsigned long _index;
};

struct kiocb {
	struct file *ki_filp;
	__s64 ki_pos;
};

struct iov_iter {
	unsigned long count;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

#pragma clang attribute pop

#endif
