// SPDX-License-Identifier: GPL-2.0-only
/* ffaults: page faults added up for each file. */
#include <linux/bpf_perf_event.h>
#include "mt/compat.bpf.h"
#include "mt/filter.bpf.h"
#include "mt/map.bpf.h"
#include "mt/pair.bpf.h"
#include "mt/path.bpf.h"
#include "mt/vma.bpf.h"

enum ffaults_kind {
	FFAULTS_FILE, /* cmd/ffaults.c knows these two numbers */
	FFAULTS_SHMEM,
	FFAULTS_ANON,
	FFAULTS_HUGETLB,
	FFAULTS_DAX,
	FFAULTS_DEVICE,
	FFAULTS_SPECIAL,
	FFAULTS_UNKNOWN,
};

enum ffaults_by {
	BY_FILE,
	BY_PROCESS,
};

const volatile enum ffaults_by mt_by;

struct ffaults_key {
	__u64 ino;
	__u64 apart;	  /* of file systems that have one number for several files; else 0 */
	__u32 dev;	  /* as the kernel writes it: 12 bits major, 20 minor */
	__u32 generation; /* the number of a file that was removed may be another's now */
	enum ffaults_kind kind;
	mt_id pid; /* only by process */
};

struct ffaults_counts {
	char comm[16];
	mt_cgroup cgroup;
	mt_count faults;
	mt_count minor;
	mt_count major;
	mt_count reads;
	mt_count writes;
	mt_count swap;
	mt_bytes mapped_bytes;
	mt_path path;
};

MT_TABLE(ffaults_of, 2048, struct ffaults_key, struct ffaults_counts);

const struct ffaults_counts ffaults_none;

static __always_inline mt_id process(void)
{
	return mt_by == BY_PROCESS ? mt_current_pid() : 0;
}

/*
 * What an area maps. A private mapping of /dev/zero has a file, and is anonymous memory. A character device or a file
 * system without page cache (DAX) puts pages into the page table by itself.
 */
static __always_inline struct ffaults_key key_of(bool typed, struct vm_area_struct *vma, struct file **file)
{
	struct ffaults_key key = { .kind = FFAULTS_ANON, .pid = process() };
	unsigned long flags = mt_load(typed, vma, vm_flags);
	struct super_block *sb;
	struct inode *inode;
	unsigned long magic;
	__u16 type;

	*file = 0;
	if (!mt_load(typed, vma, vm_ops) && !(flags & MT_VM_HUGETLB))
		return key;
	*file = mt_load(typed, vma, vm_file);
	if (!*file) {
		key.kind = FFAULTS_SPECIAL;
		return key;
	}
	inode = mt_load(typed, *file, f_inode);
	sb = mt_load(typed, inode, i_sb);
	key.ino = mt_load(typed, inode, i_ino);
	key.dev = mt_load(typed, sb, s_dev);
	key.generation = mt_load(typed, inode, i_generation);
	magic = mt_load(typed, sb, s_magic);
	/* a snapshot's files have the numbers of those that they were made from */
	if (magic == MT_BTRFS_MAGIC || magic == MT_BCACHEFS_MAGIC)
		key.apart = (__u64)inode;
	type = mt_load(typed, inode, i_mode) & MT_S_IFMT;
	if (flags & MT_VM_HUGETLB)
		key.kind = FFAULTS_HUGETLB;
	else if (type != MT_S_IFREG && type != MT_S_IFBLK)
		key.kind = FFAULTS_DEVICE;
	else if (mt_load(typed, inode, i_flags) & MT_S_DAX || flags & (MT_VM_MIXEDMAP | MT_VM_PFNMAP))
		key.kind = FFAULTS_DAX;
	else if (type == MT_S_IFREG && magic == MT_TMPFS_MAGIC)
		key.kind = FFAULTS_SHMEM;
	else
		key.kind = FFAULTS_FILE;
	return key;
}

/* The row of @key, whose file is @file; the first to come writes its name. */
static __always_inline struct ffaults_counts *row_of(bool typed, const struct ffaults_key *key, struct file *file)
{
	struct ffaults_counts *counts = bpf_map_lookup_elem(&ffaults_of, key);
	long err;

	if (counts)
		return counts;
	err = bpf_map_update_elem(&ffaults_of, key, &ffaults_none, BPF_NOEXIST);
	counts = bpf_map_lookup_elem(&ffaults_of, key);
	if (counts && !err)
		mt_file_path(typed, file, &counts->path);
	return counts;
}

enum ffaults_access {
	FFAULTS_READ,
	FFAULTS_WRITE,
	FFAULTS_EITHER,
};

static __always_inline int add_fault(struct ffaults_counts *counts, bool major, enum ffaults_access access)
{
	if (!counts) {
		mt_seen_lost(MT_LOST_MAP_FULL);
		return 0;
	}
	if (mt_by == BY_PROCESS) { /* each time: it may have become another's program, or moved */
		mt_process_comm(counts->comm);
		counts->cgroup = mt_current_cgroup();
	}
	mt_add(counts->faults, 1);
	if (major)
		mt_add(counts->major, 1);
	else
		mt_add(counts->minor, 1);
	if (access == FFAULTS_WRITE)
		mt_add(counts->writes, 1);
	else if (access == FFAULTS_READ)
		mt_add(counts->reads, 1);
	mt_seen_aggregated();
	return 0;
}

/* One that was begun again, or failed, is none yet: the kernel counts it neither. */
static __always_inline bool is_over(unsigned int ret)
{
	return !(ret & (MT_VM_FAULT_ERROR | MT_VM_FAULT_RETRY));
}

static __always_inline bool is_major(unsigned int flags, unsigned int ret)
{
	return ret & MT_VM_FAULT_MAJOR || flags & MT_FAULT_FLAG_TRIED;
}

static __always_inline enum ffaults_access access_of(unsigned int flags)
{
	return flags & FAULT_FLAG_WRITE ? FFAULTS_WRITE : FFAULTS_READ;
}

enum ffaults_pair {
	FFAULTS_FAULT,
	FFAULTS_SWAP,
};

struct ffaults_start {
	struct ffaults_key key;
	unsigned int flags;
	unsigned int unused;
};

MT_STARTS(struct ffaults_start, 1024);

static __always_inline void forget(void)
{
	struct mt_start_key key = mt_start_key(FFAULTS_FAULT);

	bpf_map_delete_elem(&mt_starts, &key);
}

/*
 * A write to a shared file may be held up for there are too many dirty pages, and completed without the lock: the area
 * may be gone by then (VM_FAULT_COMPLETED, d92725256b4f, 6.0). Of any other it is asked at the end.
 */
static __always_inline bool may_lose_area(struct vm_area_struct *vma, unsigned int flags)
{
	return flags & FAULT_FLAG_WRITE && mt_load(true, vma, vm_flags) & MT_VM_SHARED &&
	       bpf_core_enum_value_exists(enum vm_fault_reason, VM_FAULT_COMPLETED);
}

SEC("fentry/handle_mm_fault")
int BPF_PROG(fault_begin, struct vm_area_struct *vma, unsigned long address, unsigned int flags)
{
	struct ffaults_start start = {};
	struct file *file;

	if (!may_lose_area(vma, flags) || !mt_wanted())
		return 0;
	forget(); /* its end was missed */
	start.key = key_of(true, vma, &file);
	row_of(mt_typed_task, &start.key, file);
	mt_begin(FFAULTS_FAULT, &start);
	return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(fault_exit, struct vm_area_struct *vma, unsigned long address, unsigned int flags, struct pt_regs *regs,
	     unsigned int ret)
{
	struct ffaults_start start;
	struct file *file;

	if (!mt_wanted())
		return 0;
	if (!is_over(ret)) {
		if (flags & FAULT_FLAG_WRITE)
			forget();
		return 0;
	}
	if (ret & MT_VM_FAULT_COMPLETED) {
		if (!mt_end(FFAULTS_FAULT, &start))
			return 0;
		return add_fault(bpf_map_lookup_elem(&ffaults_of, &start.key), is_major(flags, ret), access_of(flags));
	}
	if (may_lose_area(vma, flags))
		forget();
	start.key = key_of(true, vma, &file);
	return add_fault(row_of(mt_typed_task, &start.key, file), is_major(flags, ret), access_of(flags));
}

/*
 * A kretprobe has room for a few calls at once and passes silently over more. Whose start is still there when the
 * task begins the next, or ends, was passed over.
 */
static __always_inline void fault_missed(void)
{
	struct mt_start_key key = mt_start_key(FFAULTS_FAULT);

	if (!bpf_map_delete_elem(&mt_starts, &key))
		mt_seen_lost(MT_LOST_TOO_LATE);
	else if (mt_unstarted[mt_unstarted_at(&key)])
		mt_end_lost(&key);
}

static __always_inline void swap_missed(void)
{
	struct mt_start_key key = mt_start_key(FFAULTS_SWAP);

	if (!bpf_map_delete_elem(&mt_starts, &key))
		mt_seen_lost(MT_LOST_TOO_LATE);
}

SEC("kprobe/do_exit")
int task_exit(void *ctx)
{
	fault_missed();
	swap_missed();
	return 0;
}

SEC("kprobe/handle_mm_fault")
int BPF_KPROBE(fault_entry, struct vm_area_struct *vma, unsigned long address, unsigned int flags)
{
	struct ffaults_start start = { .flags = flags };
	struct file *file;

	if (!mt_wanted())
		return 0;
	fault_missed();
	start.key = key_of(false, vma, &file);
	row_of(false, &start.key, file);
	mt_begin(FFAULTS_FAULT, &start);
	return 0;
}

SEC("kretprobe/handle_mm_fault")
int BPF_KRETPROBE(fault_return, unsigned int ret)
{
	struct ffaults_start start;

	if (!mt_wanted() || !mt_end(FFAULTS_FAULT, &start) || !is_over(ret))
		return 0;
	return add_fault(bpf_map_lookup_elem(&ffaults_of, &start.key), is_major(start.flags, ret),
			 access_of(start.flags));
}

/*
 * What the processor said of the fault that a task has raised last, for the events that tell of its end but not of
 * its kind. In one word, so that it is never half another's: two tasks may share a place.
 */
#define FFAULTS_RAISED 8192
__u64 ffaults_raised[FFAULTS_RAISED];

#define ADDRESS_BITS 41
#define RAISED_WRITE (1ULL << 63)

static __always_inline __u64 raised_word(unsigned long address)
{
	return (__u64)mt_current_tid() << ADDRESS_BITS | (address & ((1ULL << ADDRESS_BITS) - 1));
}

static __always_inline int raise(unsigned long address, unsigned long error)
{
	__u64 word = raised_word(address);

	if (error & (MT_X86_PF_WRITE | MT_X86_PF_SHSTK))
		word |= RAISED_WRITE;
	*(volatile __u64 *)&ffaults_raised[mt_current_tid() % FFAULTS_RAISED] = word;
	return 0;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(raised_user, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	return raise(address, error);
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(raised_kernel, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	return raise(address, error);
}

struct ffaults_event {
	struct vm_area_struct *vma;
	bool major;
	enum ffaults_access access;
};

/* By typed loads all is done here; elsewhere it goes the same way as what was found without a lock. */
static long look(struct task_struct *task, struct vm_area_struct *vma, void *data)
{
	struct ffaults_event *event = data;
	struct ffaults_key key;
	struct file *file;

	event->vma = vma;
	if (mt_typed_task) {
		key = key_of(true, vma, &file);
		add_fault(row_of(true, &key, file), event->major, event->access);
	}
	return 0;
}

static __always_inline int count_event(unsigned long address, bool major, enum ffaults_access access)
{
	struct mm_struct *mm = mt_load(mt_typed_task, mt_current(), mm);
	struct ffaults_event event = { mt_vma_at(mm, address), major, access };
	struct ffaults_key key;
	struct file *file;

	if (!event.vma || !mt_vma_covers(event.vma, mm, address)) {
		event.vma = 0;
		bpf_find_vma(bpf_get_current_task_btf(), address, look, &event, 0);
		if (mt_typed_task && event.vma)
			return 0;
	}
	if (!mt_typed_task && event.vma) {
		key = key_of(false, event.vma, &file);
		if (mt_vma_covers(event.vma, mm, address))
			return add_fault(row_of(false, &key, file), major, access);
	}
	/* just then another thread was changing the areas, or this one is gone */
	key = (struct ffaults_key){ .kind = FFAULTS_UNKNOWN, .pid = process() };
	return add_fault(row_of(false, &key, 0), major, access);
}

static __always_inline int count_raised(unsigned long address, bool major)
{
	__u64 word = *(volatile __u64 *)&ffaults_raised[mt_current_tid() % FFAULTS_RAISED];

	if ((word & ~RAISED_WRITE) != raised_word(address)) {
		mt_seen_lost(MT_LOST_NO_START);
		return 0;
	}
	return count_event(address, major, word & RAISED_WRITE ? FFAULTS_WRITE : FFAULTS_READ);
}

SEC("perf_event/minor-faults")
int minor_raised(struct bpf_perf_event_data *ctx)
{
	return mt_wanted() ? count_raised(ctx->addr, false) : 0;
}

SEC("perf_event/major-faults")
int major_raised(struct bpf_perf_event_data *ctx)
{
	return mt_wanted() ? count_raised(ctx->addr, true) : 0;
}

SEC("perf_event/minor-faults")
int minor(struct bpf_perf_event_data *ctx)
{
	return mt_wanted() ? count_event(ctx->addr, false, FFAULTS_EITHER) : 0;
}

SEC("perf_event/major-faults")
int major(struct bpf_perf_event_data *ctx)
{
	return mt_wanted() ? count_event(ctx->addr, true, FFAULTS_EITHER) : 0;
}

#ifdef __TARGET_ARCH_x86
/*
 * Whether an entry that maps nothing names a place in swap: others are of pages under migration, of devices, markers.
 * Where in the entry it says so is the machine's affair. Of the 32 types at most 9, the last, are not swap's.
 */
static __always_inline bool is_swap(unsigned long entry)
{
	return entry >> 59 < 32 - 9;
}

/* khugepaged swaps in by itself, without a fault, and is known by its flags. */
static __always_inline bool is_swap_fault(bool typed, struct vm_fault *vmf)
{
	return is_swap(mt_load(typed, vmf, orig_pte.pte)) && mt_fault_flags(typed, vmf) != MT_FAULT_FLAG_ALLOW_RETRY;
}

static __always_inline int add_swap(struct ffaults_counts *counts)
{
	if (counts)
		mt_add(counts->swap, 1);
	return 0;
}

SEC("fexit/do_swap_page")
int BPF_PROG(swap_exit, struct vm_fault *vmf, unsigned int ret)
{
	struct ffaults_key key;
	struct file *file;

	if (!mt_wanted() || !is_over(ret) || !is_swap_fault(true, vmf))
		return 0;
	key = key_of(true, mt_load(true, vmf, vma), &file);
	return add_swap(row_of(mt_typed_task, &key, file));
}

SEC("kprobe/do_swap_page")
int BPF_KPROBE(swap_entry, struct vm_fault *vmf)
{
	struct mt_start_key at = mt_start_key(FFAULTS_SWAP);
	struct ffaults_start start = {};
	struct file *file;

	if (!mt_wanted() || !is_swap_fault(false, vmf))
		return 0;
	swap_missed();
	start.key = key_of(false, mt_load(false, vmf, vma), &file);
	row_of(false, &start.key, file);
	if (bpf_map_update_elem(&mt_starts, &at, &start, BPF_ANY))
		mt_seen_lost(MT_LOST_MAP_FULL);
	return 0;
}

SEC("kretprobe/do_swap_page")
int BPF_KRETPROBE(swap_return, unsigned int ret)
{
	struct mt_start_key at = mt_start_key(FFAULTS_SWAP);
	struct ffaults_start start, *begun = bpf_map_lookup_elem(&mt_starts, &at);

	if (!begun)
		return 0; /* no place in swap */
	start = *begun;
	bpf_map_delete_elem(&mt_starts, &at);
	return is_over(ret) ? add_swap(bpf_map_lookup_elem(&ffaults_of, &start.key)) : 0;
}
#endif

/*
 * Pages that a fault put into the page table, its neighbours too (fault-around). Only faults call these, and from
 * another file than they are in, so none is inlined there.
 */
static __always_inline int add_mapped(struct vm_fault *vmf, __u64 pages)
{
	struct ffaults_counts *counts;
	struct ffaults_key key;
	struct file *file;

	if (!mt_wanted())
		return 0;
	key = key_of(true, mt_load(true, vmf, vma), &file);
	counts = row_of(mt_typed_task, &key, file);
	if (counts)
		mt_add(counts->mapped_bytes, pages * mt_page_bytes);
	return 0;
}

#define HUGE_PAGES (mt_page_bytes / sizeof(__u64))

SEC("fentry/set_pte_range")
int BPF_PROG(set_range, struct vm_fault *vmf, struct folio *folio, struct page *page, unsigned int pages)
{
	return add_mapped(vmf, pages);
}

/* Its name until 6.5. */
SEC("fentry/do_set_pte")
int BPF_PROG(set_one, struct vm_fault *vmf)
{
	return add_mapped(vmf, 1);
}

SEC("fexit/do_set_pmd")
int BPF_PROG(set_huge, struct vm_fault *vmf, struct page *page, unsigned int ret)
{
	return ret ? 0 : add_mapped(vmf, HUGE_PAGES);
}

SEC("fexit/do_set_pmd")
int BPF_PROG(set_huge_folio, struct vm_fault *vmf, struct folio *folio, struct page *page, unsigned int ret)
{
	return ret ? 0 : add_mapped(vmf, HUGE_PAGES);
}

/* To 5.11 one for both: a huge page leaves no entry to point to. */
SEC("fexit/alloc_set_pte")
int BPF_PROG(set_any, struct vm_fault *vmf, struct page *page, unsigned int ret)
{
	return ret ? 0 : add_mapped(vmf, mt_load(true, vmf, pte) ? 1 : HUGE_PAGES);
}
