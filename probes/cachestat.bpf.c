// SPDX-License-Identifier: GPL-2.0-only
/*
 * cachestat: pages asked for, and which of them the page cache did not have.
 *
 * A read asks for all pages of its range, a fault on a mapped file for one. A page of them is missed when it is
 * put into the cache by the task that asked, between the asking and its end. All else was there. The end has no
 * hook of its own where there are only tracepoints, but it counts: a read that ended moves the task's number of
 * reads, a fault that ended the task's number of faults.
 */
#include "mt/compat.bpf.h"
#include "mt/filter.bpf.h"
#include "mt/map.bpf.h"

enum cachestat_by {
	BY_TOTAL,
	BY_PROCESS,
	BY_FILE,
};

struct cachestat_counts {
	mt_pages asked;
	mt_pages misses;
	mt_pages dirtied;
	mt_pages inserted;
	char comm[16]; /* of a process */
};

struct cachestat_process {
	mt_id pid;
};

struct cachestat_file {
	__u64 inode;
	__u32 dev;
	__u32 unused;
};

/* What a task asked for, last. */
struct cachestat_ask {
	__u64 inode; /* its address; 0: nothing */
	__u64 first, last;
	__u64 end;    /* as asked, which may be behind the end of the file, where last is not */
	__u64 left;   /* pages of it that were not missed so far */
	__u64 missed; /* before the asking itself was seen */
	__u32 nth;    /* read or fault of the task */
	bool counted;
};

struct cachestat_task_key {
	__u32 tid;
};

struct cachestat_task {
	struct cachestat_ask read, fault;
};

const volatile enum cachestat_by mt_by;

MT_TOTALS(struct cachestat_counts);
MT_TABLE(cachestat_processes, 2048, struct cachestat_process, struct cachestat_counts);
MT_TABLE(cachestat_files, 4096, struct cachestat_file, struct cachestat_counts);
MT_TABLE(cachestat_tasks, 4096, struct cachestat_task_key, struct cachestat_task);

#define TMPFS_MAGIC 0x01021994

static __always_inline struct cachestat_counts *counts_of_file(struct inode *inode)
{
	struct super_block *sb = mt_load(mt_typed_task, inode, i_sb);
	struct cachestat_file key = { .inode = mt_load(mt_typed_task, inode, i_ino),
				      .dev = mt_load(mt_typed_task, sb, s_dev) };
	struct cachestat_counts none = {};

	return mt_row(&cachestat_files, &key, &none);
}

static __always_inline struct cachestat_counts *counts_of_process(void)
{
	struct cachestat_process key = { mt_current_pid() };
	struct cachestat_counts none = {}, *counts = mt_row(&cachestat_processes, &key, &none);

	if (counts)
		mt_process_comm(counts->comm); /* each time: it may have become another program's */
	return counts;
}

/* Where to count; NULL is a counted loss. */
static __always_inline struct cachestat_counts *counts_of(struct inode *inode)
{
	if (mt_by == BY_FILE)
		return counts_of_file(inode);
	if (mt_by == BY_PROCESS)
		return counts_of_process();
	return mt_total();
}

static __always_inline struct cachestat_task *task_of_current(void)
{
	struct cachestat_task_key key = { mt_current_tid() };
	struct cachestat_task none = {};

	return mt_row(&cachestat_tasks, &key, &none);
}

static __always_inline __u32 nth_read(void)
{
	struct task_struct *task = mt_current();

	if (!bpf_core_field_exists(task->ioac.syscr))
		return 0;
	return mt_load(mt_typed_task, task, ioac.syscr);
}

/* One that has to be tried again is still the same fault. */
static __always_inline __u32 nth_fault(void)
{
	struct task_struct *task = mt_current();

	return mt_load(mt_typed_task, task, min_flt) + mt_load(mt_typed_task, task, maj_flt);
}

static __always_inline void ask_anew(struct cachestat_ask *a, struct inode *inode, __u64 first, __u64 end, __u32 nth)
{
	__u64 size = mt_load(mt_typed_task, inode, i_size), pages = (size + mt_page_bytes - 1) / mt_page_bytes;

	a->inode = (__u64)inode;
	a->first = first;
	a->end = end;
	a->last = end < pages ? end : pages - 1;
	a->left = first < pages && first <= end ? a->last - first + 1 : 0;
	a->missed = 0;
	a->nth = nth;
	a->counted = false;
}

static __always_inline int count_ask(struct cachestat_ask *a, struct inode *inode)
{
	struct cachestat_counts *counts = counts_of(inode);

	if (!counts) {
		a->inode = 0;
		return 0;
	}
	mt_add(counts->asked, a->left + a->missed);
	mt_add(counts->misses, a->missed);
	a->counted = true;
	mt_seen_aggregated();
	return 0;
}

/* A read of whole pages @first to @end, before anything of it was looked up. */
static __always_inline int ask(struct inode *inode, __u64 first, __u64 end)
{
	struct cachestat_task *task;

	if (!mt_wanted())
		return 0;
	task = task_of_current();
	if (!task)
		return 0;
	ask_anew(&task->read, inode, first, end, nth_read());
	return count_ask(&task->read, inode);
}

/*
 * The same, told piece by piece: each time what is left of it from @first on. @found: that much was read by now;
 * else it is a wish to read ahead, which may come before the first piece, and which others have too, so that it
 * counts once the piece is seen.
 */
static __always_inline int ask_piece(struct inode *inode, __u64 first, __u64 end, bool found)
{
	struct cachestat_task *task;
	struct cachestat_ask *a;
	__u32 nth;

	if (!mt_wanted())
		return 0;
	task = task_of_current();
	if (!task)
		return 0;
	if (!found && task->fault.inode == (__u64)inode && task->fault.nth == nth_fault())
		return 0; /* the fault's */
	a = &task->read;
	nth = nth_read();
	if (a->inode != (__u64)inode || a->nth != nth || a->end != end || (a->counted && first <= a->first)) {
		ask_anew(a, inode, first, end, nth);
	} else if (first < a->first) {
		a->left += a->first - first;
		a->first = first;
	}
	return found && !a->counted ? count_ask(a, inode) : 0;
}

/* A fault may be told more than once: first by the pages around that are mapped with it, and when it is tried again. */
static __always_inline int ask_fault(struct inode *inode, __u64 index)
{
	struct cachestat_task *task;
	struct cachestat_ask *a;
	struct super_block *sb;
	__u32 nth;

	if (!mt_wanted())
		return 0;
	sb = mt_load(mt_typed_task, inode, i_sb);
	if (mt_load(mt_typed_task, sb, s_magic) == TMPFS_MAGIC)
		return 0; /* shared memory: of it only these would be seen */
	task = task_of_current();
	if (!task)
		return 0;
	a = &task->fault;
	nth = nth_fault();
	if (a->inode == (__u64)inode && a->nth == nth) {
		a->first = a->last = index;
		return 0;
	}
	ask_anew(a, inode, index, index, nth);
	return count_ask(a, inode);
}

/* How many of these pages, which come into the cache, did the task ask for? */
static __always_inline __u64 missed(struct cachestat_ask *a, __u32 nth, struct inode *inode, __u64 index, __u64 pages)
{
	__u64 from = index, to = index + pages;

	if (a->inode != (__u64)inode || a->nth != nth)
		return 0;
	if (from < a->first)
		from = a->first;
	if (to > a->last + 1)
		to = a->last + 1;
	if (from >= to)
		return 0;
	pages = to - from;
	if (pages > a->left)
		pages = a->left;
	a->left -= pages;
	if (a->counted)
		return pages;
	a->missed += pages;
	return 0;
}

static __always_inline int inserted(struct inode *inode, __u64 index, __u64 pages)
{
	struct cachestat_task_key key = { mt_current_tid() };
	struct cachestat_task *task;
	struct cachestat_counts *counts;
	__u64 n = 0;

	if (!mt_wanted())
		return 0;
	counts = counts_of(inode);
	if (!counts)
		return 0;
	mt_add(counts->inserted, pages);
	task = bpf_map_lookup_elem(&cachestat_tasks, &key);
	if (task) {
		n = missed(&task->fault, nth_fault(), inode, index, pages);
		if (!n)
			n = missed(&task->read, nth_read(), inode, index, pages);
	}
	if (n)
		mt_add(counts->misses, n);
	mt_seen_aggregated();
	return 0;
}

static __always_inline int dirtied(struct address_space *mapping, __u64 pages)
{
	struct cachestat_counts *counts;

	if (!mapping || !mt_wanted())
		return 0;
	counts = counts_of(mt_load(mt_typed_task, mapping, host));
	if (!counts)
		return 0;
	mt_add(counts->dirtied, pages);
	mt_seen_aggregated();
	return 0;
}

static __always_inline struct inode *file_inode(struct file *file)
{
	struct address_space *mapping = mt_load(mt_typed_task, file, f_mapping);

	return mt_load(mt_typed_task, mapping, host);
}

/* At the end of each piece, with what the read still wants. */
SEC("tp_btf/mm_filemap_get_pages")
int BPF_PROG(get_pages, struct address_space *mapping, unsigned long index, unsigned long last)
{
	return ask_piece(mt_load(mt_typed_task, mapping, host), index, last, true);
}

SEC("tp_btf/page_cache_sync_ra")
int BPF_PROG(sync_ra, struct inode *inode, unsigned long index, void *ra, unsigned long pages)
{
	return ask_piece(inode, index, index + pages - 1, false);
}

SEC("tp_btf/page_cache_async_ra")
int BPF_PROG(async_ra, struct inode *inode, unsigned long index, void *ra, unsigned long pages)
{
	return ask_piece(inode, index, index + pages - 1, false);
}

static __always_inline int read_begins(struct kiocb *iocb, struct iov_iter *iter)
{
	__u64 pos = mt_load(mt_typed_task, iocb, ki_pos), count = mt_load(mt_typed_task, iter, count);

	if (!count)
		return 0;
	return ask(file_inode(mt_load(mt_typed_task, iocb, ki_filp)), pos / mt_page_bytes,
		   (pos + count - 1) / mt_page_bytes);
}

/* Of the same arguments to 5.10 as generic_file_buffered_read(). */
SEC("fentry/filemap_read")
int BPF_PROG(read_entry, struct kiocb *iocb, struct iov_iter *iter)
{
	return read_begins(iocb, iter);
}

SEC("kprobe/filemap_read")
int BPF_KPROBE(read_kprobe, struct kiocb *iocb, struct iov_iter *iter)
{
	return read_begins(iocb, iter);
}

static __always_inline int splice_begins(struct file *file, __s64 *at, __u64 count)
{
	__s64 pos = 0;

	if (!count)
		return 0;
	if (mt_typed_task)
		pos = *at;
	else
		bpf_probe_read_kernel(&pos, sizeof(pos), at);
	return ask(file_inode(file), (__u64)pos / mt_page_bytes, ((__u64)pos + count - 1) / mt_page_bytes);
}

/* Does not pass by filemap_read() since 6.5. */
SEC("fentry/filemap_splice_read")
int BPF_PROG(splice_entry, struct file *file, __s64 *at, void *pipe, unsigned long count)
{
	return splice_begins(file, at, count);
}

SEC("kprobe/filemap_splice_read")
int BPF_KPROBE(splice_kprobe, struct file *file, __s64 *at, void *pipe, unsigned long count)
{
	return splice_begins(file, at, count);
}

SEC("tp_btf/mm_filemap_fault")
int BPF_PROG(fault, struct address_space *mapping, unsigned long index)
{
	return ask_fault(mt_load(mt_typed_task, mapping, host), index);
}

/* Which page was wanted it does not tell: if it was not among these, the fault comes next. */
SEC("tp_btf/mm_filemap_map_pages")
int BPF_PROG(map_pages, struct address_space *mapping, unsigned long first)
{
	return ask_fault(mt_load(mt_typed_task, mapping, host), first);
}

static __always_inline int fault_begins(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = mt_load(mt_typed_task, vmf, vma);

	return ask_fault(file_inode(mt_load(mt_typed_task, vma, vm_file)), mt_load(mt_typed_task, vmf, pgoff));
}

SEC("fentry/filemap_fault")
int BPF_PROG(fault_entry, struct vm_fault *vmf)
{
	return fault_begins(vmf);
}

SEC("kprobe/filemap_fault")
int BPF_KPROBE(fault_kprobe, struct vm_fault *vmf)
{
	return fault_begins(vmf);
}

SEC("fentry/filemap_map_pages")
int BPF_PROG(map_entry, struct vm_fault *vmf)
{
	return fault_begins(vmf);
}

SEC("kprobe/filemap_map_pages")
int BPF_KPROBE(map_kprobe, struct vm_fault *vmf)
{
	return fault_begins(vmf);
}

SEC("tp_btf/mm_filemap_add_to_page_cache")
int BPF_PROG(add_folio, struct folio *folio)
{
	struct address_space *mapping = mt_load(mt_typed_task, folio, mapping);

	return inserted(mt_load(mt_typed_task, mapping, host), mt_load(mt_typed_task, folio, index),
			mt_folio_pages(mt_typed_task, folio));
}

SEC("tp_btf/mm_filemap_add_to_page_cache")
int BPF_PROG(add_page, struct page *page)
{
	struct address_space *mapping = mt_load(mt_typed_task, page, mapping);

	return inserted(mt_load(mt_typed_task, mapping, host), mt_load(mt_typed_task, page, index), 1);
}

SEC("tp_btf/writeback_dirty_folio")
int BPF_PROG(dirty_folio, struct folio *folio, struct address_space *mapping)
{
	return dirtied(mapping, mt_folio_pages(mt_typed_task, folio));
}

SEC("tp_btf/writeback_dirty_page")
int BPF_PROG(dirty_page, struct page *page, struct address_space *mapping)
{
	return dirtied(mapping, 1);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(task_exit)
{
	struct cachestat_task_key key = { mt_current_tid() };

	bpf_map_delete_elem(&cachestat_tasks, &key);
	return 0;
}
