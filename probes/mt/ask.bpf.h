/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tasks ask the page cache for, and which of it they had to fetch.
 *
 * A read asks for all pages of its range, a fault on a mapped file for one. A page of them is missed when it is
 * put into the cache by the task that asked, between the asking and its end. All else was there. The end has no
 * hook of its own where there are only tracepoints, but it counts: a read that ended moves the task's number of
 * reads, a fault that ended the task's number of faults.
 *
 * Whoever includes this defines before
 *	MT_ASKERS	how many tasks it has room for
 *	bool mt_ask_wanted(void)
 *	int mt_asked(struct mt_ask *a, struct inode *inode, enum mt_asked_by by)
 *		where !a->counted, a->left + a->missed pages are asked for, a->missed of them missed already; sets
 *		a->counted, or a->inode to 0 to forget it
 *	int mt_mapped(struct inode *inode, __u64 first, __u64 last, bool around)
 *		these are, as far as they are cached; !around: it is only one
 * and has MT_ASK_SITES of cmd/ask.h among its sites.
 */
#ifndef MT_ASK_BPF_H
#define MT_ASK_BPF_H

#include "compat.bpf.h"
#include "filter.bpf.h"
#include "map.bpf.h"
#include "path.bpf.h"

/* A file, for a table of them. */
struct mt_file {
	__u64 inode; /* MT_NO_U64: the block device itself */
	__u32 dev;
	__u32 generation; /* of the inode's number, which the next file gets that is made */
};

static __always_inline struct mt_file mt_file_of(struct inode *inode)
{
	struct super_block *sb = mt_load(mt_typed_task, inode, i_sb);
	__u32 device = mt_load(mt_typed_task, inode, i_rdev);

	if (device) /* its pages are in an inode of a pseudo file system, which has no number to 5.10 */
		return (struct mt_file){ .inode = MT_NO_U64, .dev = device };
	return (struct mt_file){ .inode = mt_load(mt_typed_task, inode, i_ino),
				 .dev = mt_load(mt_typed_task, sb, s_dev),
				 .generation = mt_load(mt_typed_task, inode, i_generation) };
}

/*
 * The row of a file in a table of them, made from @init if there was none, and then with its path, at @path in the
 * row. NULL is a counted loss.
 */
static __always_inline void *mt_file_row(void *map, struct inode *inode, const void *init, __u32 path)
{
	struct mt_file key = mt_file_of(inode);
	void *row = bpf_map_lookup_elem(map, &key);
	bool is_new;

	if (row)
		return row;
	is_new = !bpf_map_update_elem(map, &key, init, BPF_NOEXIST);
	row = bpf_map_lookup_elem(map, &key);
	if (!row)
		mt_seen_lost(MT_LOST_MAP_FULL);
	else if (is_new && key.inode != MT_NO_U64)
		mt_inode_path(mt_typed_task, inode, row + path);
	return row;
}

/* What a task asked for, last. */
struct mt_ask {
	__u64 inode; /* its address; 0: nothing */
	__u64 first, last;
	__u64 end;    /* as asked, which may be behind the end of the file, where last is not */
	__u64 left;   /* pages of it that were not missed so far */
	__u64 looked; /* for mt_asked(): where it goes on, at the next piece */
	__u64 missed; /* before the asking itself was seen */
	__u32 nth;    /* read or fault of the task */
	bool counted;
};

enum mt_asked_by {
	MT_ASKED_BY_READ,     /* only where there is bpf_loop() (5.17) */
	MT_ASKED_BY_OLD_READ, /* anywhere */
	MT_ASKED_BY_FAULT,    /* anywhere, for one page */
};

struct mt_asker_key {
	__u32 tid;
};

/* Pages that a task is having read, all of which it may not need. For whoever defines MT_ASK_WINDOWS. */
struct mt_window {
	__u64 inode; /* its address; 0: none */
	__u64 first, end;
	__u64 nth; /* what the task did so far: it is over when that moved */
};

struct mt_asker {
	struct mt_ask read, fault;
#ifdef MT_ASK_WINDOWS
	struct mt_window window;
#endif
};

MT_TABLE(mt_askers, MT_ASKERS, struct mt_asker_key, struct mt_asker);

static __always_inline bool mt_ask_wanted(void);
static __always_inline int mt_asked(struct mt_ask *a, struct inode *inode, enum mt_asked_by by);
static __always_inline int mt_mapped(struct inode *inode, __u64 first, __u64 last, bool around);

#define MT_TMPFS_MAGIC 0x01021994

static __always_inline struct mt_asker *mt_current_asker(void)
{
	struct mt_asker_key key = { mt_current_tid() };
	struct mt_asker none = {};

	return mt_row(&mt_askers, &key, &none);
}

static __always_inline __u32 mt_nth_read(void)
{
	struct task_struct *task = mt_current();

	if (!bpf_core_field_exists(task->ioac.syscr))
		return 0;
	return mt_load(mt_typed_task, task, ioac.syscr);
}

/* One that has to be tried again is still the same fault. */
static __always_inline __u32 mt_nth_fault(void)
{
	struct task_struct *task = mt_current();

	return mt_load(mt_typed_task, task, min_flt) + mt_load(mt_typed_task, task, maj_flt);
}

static __always_inline void mt_ask_anew(struct mt_ask *a, struct inode *inode, __u64 first, __u64 end, __u32 nth)
{
	__u64 size = mt_load(mt_typed_task, inode, i_size), pages = (size + mt_page_bytes - 1) / mt_page_bytes;

	a->inode = (__u64)inode;
	a->first = first;
	a->end = end;
	a->looked = first;
	a->last = end < pages ? end : pages - 1;
	a->left = a->last - first + 1;
	if (first >= pages || first > end) { /* behind the end of the file */
		a->last = first;
		a->left = 0;
		a->looked = first + 1;
	}
	a->missed = 0;
	a->nth = nth;
	a->counted = false;
}

/* A read of whole pages @first to @end, before anything of it was looked up. */
static __always_inline int mt_ask_all(struct inode *inode, __u64 first, __u64 end, enum mt_asked_by by)
{
	struct mt_asker *asker;

	if (!mt_ask_wanted())
		return 0;
	asker = mt_current_asker();
	if (!asker)
		return 0;
	mt_ask_anew(&asker->read, inode, first, end, mt_nth_read());
	return mt_asked(&asker->read, inode, by);
}

/*
 * The same, told piece by piece: each time what is left of it from @first on. @found: that much was read by now;
 * else it is a wish to read ahead, which may come before the first piece, and which others have too, so that it
 * counts once the piece is seen.
 */
static __always_inline int mt_ask_piece(struct inode *inode, __u64 first, __u64 end, bool found)
{
	struct mt_asker *asker;
	struct mt_ask *a;
	__u32 nth;

	if (!mt_ask_wanted())
		return 0;
	asker = mt_current_asker();
	if (!asker)
		return 0;
	if (!found && asker->fault.inode == (__u64)inode && asker->fault.nth == mt_nth_fault())
		return 0; /* the fault's */
	a = &asker->read;
	nth = mt_nth_read();
	if (a->inode != (__u64)inode || a->nth != nth || a->end != end || (a->counted && first <= a->first)) {
		mt_ask_anew(a, inode, first, end, nth);
	} else if (first < a->first) {
		a->left += a->first - first;
		a->first = a->looked = first;
	}
	return found ? mt_asked(a, inode, MT_ASKED_BY_READ) : 0;
}

/*
 * A fault on page @index, which may map those from @first to @last. It may be told more than once: by the pages
 * around that are mapped with it, before itself, and when it is tried again.
 */
static __always_inline int mt_ask_fault(struct inode *inode, __u64 index, __u64 first, __u64 last, bool around)
{
	struct mt_asker *asker;
	struct mt_ask *a;
	struct super_block *sb;
	__u32 nth;

	if (!mt_ask_wanted())
		return 0;
	sb = mt_load(mt_typed_task, inode, i_sb);
	if (mt_load(mt_typed_task, sb, s_magic) == MT_TMPFS_MAGIC)
		return 0; /* shared memory: of it only these would be seen */
	mt_mapped(inode, first, last, around);
	asker = mt_current_asker();
	if (!asker)
		return 0;
	a = &asker->fault;
	nth = mt_nth_fault();
	if (a->inode == (__u64)inode && a->nth == nth) {
		a->first = a->last = index;
		return 0;
	}
	mt_ask_anew(a, inode, index, index, nth);
	return mt_asked(a, inode, MT_ASKED_BY_FAULT);
}

/* Takes out of what was asked for the pages that come into the cache. */
static __always_inline __u64 mt_ask_takes(struct mt_ask *a, __u64 index, __u64 pages)
{
	__u64 from = index > a->first ? index : a->first, to = index + pages;

	if (to > a->last + 1)
		to = a->last + 1;
	if (from >= to)
		return 0;
	pages = to - from;
	if (pages > a->left)
		pages = a->left;
	a->left -= pages;
	if (!a->counted)
		a->missed += pages;
	return pages;
}

/* Pages that were asked for, among those that come into the cache. */
struct mt_missed {
	__u64 first, pages;
	bool counted; /* else they are part of what mt_asked() is going to be told */
};

static __always_inline struct mt_missed mt_ask_missed(struct inode *inode, __u64 index, __u64 pages)
{
	struct mt_asker_key key = { mt_current_tid() };
	struct mt_asker *asker = bpf_map_lookup_elem(&mt_askers, &key);
	struct mt_missed none = {};
	struct mt_ask *a;

	if (!asker)
		return none;
	a = &asker->fault;
	if (a->inode != (__u64)inode || a->nth != mt_nth_fault() || a->last < index || a->first >= index + pages) {
		a = &asker->read;
		if (a->inode != (__u64)inode || a->nth != mt_nth_read())
			return none;
	}
	return (struct mt_missed){ .first = a->first > index ? a->first : index,
				   .pages = mt_ask_takes(a, index, pages),
				   .counted = a->counted };
}

#ifdef MT_ASK_WINDOWS
static __always_inline __u64 mt_nth_step(void)
{
	struct task_struct *task = mt_current();
	__u64 writes = 0;

	if (bpf_core_field_exists(task->ioac.syscw))
		writes = mt_load(mt_typed_task, task, ioac.syscw);
	return writes + mt_nth_read() + mt_nth_fault();
}

/* The kernel is going to read these for the current task, as far as they are not cached. */
static __always_inline int mt_window(struct inode *inode, __u64 first, __u64 pages)
{
	struct mt_asker *asker;

	if (!mt_ask_wanted())
		return 0;
	asker = mt_current_asker();
	if (asker)
		asker->window = (struct mt_window){ (__u64)inode, first, first + pages, mt_nth_step() };
	return 0;
}

static __always_inline bool mt_in_window(struct inode *inode, __u64 index, __u64 pages)
{
	struct mt_asker_key key = { mt_current_tid() };
	struct mt_asker *asker = bpf_map_lookup_elem(&mt_askers, &key);

	return asker && asker->window.inode == (__u64)inode && index < asker->window.end &&
	       index + pages > asker->window.first && asker->window.nth == mt_nth_step();
}
#endif

static __always_inline struct inode *mt_file_inode(struct file *file)
{
	struct address_space *mapping = mt_load(mt_typed_task, file, f_mapping);

	return mt_load(mt_typed_task, mapping, host);
}

/* At the end of each piece, with what the read still wants. */
SEC("tp_btf/mm_filemap_get_pages")
int BPF_PROG(get_pages, struct address_space *mapping, unsigned long index, unsigned long last)
{
	return mt_ask_piece(mt_load(mt_typed_task, mapping, host), index, last, true);
}

SEC("tp_btf/page_cache_sync_ra")
int BPF_PROG(sync_ra, struct inode *inode, unsigned long index, void *ra, unsigned long pages)
{
	return mt_ask_piece(inode, index, index + pages - 1, false);
}

SEC("tp_btf/page_cache_async_ra")
int BPF_PROG(async_ra, struct inode *inode, unsigned long index, void *ra, unsigned long pages)
{
	return mt_ask_piece(inode, index, index + pages - 1, false);
}

static __always_inline int mt_read_begins(struct kiocb *iocb, struct iov_iter *iter, enum mt_asked_by by)
{
	__u64 pos = mt_load(mt_typed_task, iocb, ki_pos), count = mt_load(mt_typed_task, iter, count);

	if (!count)
		return 0;
	return mt_ask_all(mt_file_inode(mt_load(mt_typed_task, iocb, ki_filp)), pos / mt_page_bytes,
			  (pos + count - 1) / mt_page_bytes, by);
}

SEC("fentry/filemap_read")
int BPF_PROG(read_entry, struct kiocb *iocb, struct iov_iter *iter)
{
	return mt_read_begins(iocb, iter, MT_ASKED_BY_READ);
}

SEC("kprobe/filemap_read")
int BPF_KPROBE(read_kprobe, struct kiocb *iocb, struct iov_iter *iter)
{
	return mt_read_begins(iocb, iter, MT_ASKED_BY_READ);
}

/* Of the same arguments to 5.10 as generic_file_buffered_read(). */
SEC("fentry/filemap_read")
int BPF_PROG(old_read_entry, struct kiocb *iocb, struct iov_iter *iter)
{
	return mt_read_begins(iocb, iter, MT_ASKED_BY_OLD_READ);
}

SEC("kprobe/filemap_read")
int BPF_KPROBE(old_read_kprobe, struct kiocb *iocb, struct iov_iter *iter)
{
	return mt_read_begins(iocb, iter, MT_ASKED_BY_OLD_READ);
}

/* filemap_splice_read() did not pass by filemap_read() any more when this got its fourth argument. */
SEC("fentry/filemap_get_pages")
int BPF_PROG(piece_entry, struct kiocb *iocb, unsigned long count)
{
	__u64 pos = mt_load(mt_typed_task, iocb, ki_pos);

	if (!count)
		return 0;
	return mt_ask_piece(mt_file_inode(mt_load(mt_typed_task, iocb, ki_filp)), pos / mt_page_bytes,
			    (pos + count - 1) / mt_page_bytes, true);
}

SEC("kprobe/filemap_splice_read")
int BPF_KPROBE(splice_kprobe, struct file *file, __s64 *at, void *pipe, unsigned long count)
{
	__u64 pos = 0;

	bpf_probe_read_kernel(&pos, sizeof(pos), at);
	if (!count)
		return 0;
	return mt_ask_all(mt_file_inode(file), pos / mt_page_bytes, (pos + count - 1) / mt_page_bytes,
			  MT_ASKED_BY_READ);
}

SEC("tp_btf/mm_filemap_fault")
int BPF_PROG(fault, struct address_space *mapping, unsigned long index)
{
	return mt_ask_fault(mt_load(mt_typed_task, mapping, host), index, index, index, false);
}

/* Which page was wanted it does not tell: if it was not among these, the fault comes next. */
SEC("tp_btf/mm_filemap_map_pages")
int BPF_PROG(map_pages, struct address_space *mapping, unsigned long first, unsigned long last)
{
	return mt_ask_fault(mt_load(mt_typed_task, mapping, host), first, first, last, true);
}

static __always_inline struct inode *mt_vmf_inode(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = mt_load(mt_typed_task, vmf, vma);

	return mt_file_inode(mt_load(mt_typed_task, vma, vm_file));
}

static __always_inline int mt_fault_begins(struct vm_fault *vmf)
{
	__u64 index = mt_load(mt_typed_task, vmf, pgoff);

	return mt_ask_fault(mt_vmf_inode(vmf), index, index, index, false);
}

SEC("fentry/filemap_fault")
int BPF_PROG(fault_entry, struct vm_fault *vmf)
{
	return mt_fault_begins(vmf);
}

SEC("kprobe/filemap_fault")
int BPF_KPROBE(fault_kprobe, struct vm_fault *vmf)
{
	return mt_fault_begins(vmf);
}

SEC("fentry/filemap_map_pages")
int BPF_PROG(map_entry, struct vm_fault *vmf, unsigned long first, unsigned long last)
{
	return mt_ask_fault(mt_vmf_inode(vmf), mt_load(mt_typed_task, vmf, pgoff), first, last, true);
}

SEC("kprobe/filemap_map_pages")
int BPF_KPROBE(map_kprobe, struct vm_fault *vmf, unsigned long first, unsigned long last)
{
	return mt_ask_fault(mt_vmf_inode(vmf), mt_load(mt_typed_task, vmf, pgoff), first, last, true);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(task_exit)
{
	struct mt_asker_key key = { mt_current_tid() };

	bpf_map_delete_elem(&mt_askers, &key);
	return 0;
}

#endif
