// SPDX-License-Identifier: GPL-2.0-only
/* cachestat: pages asked for, and which of them the page cache did not have. */
#define MT_ASKERS 4096
#include "mt/ask.bpf.h"

enum cachestat_by {
	BY_TOTAL,
	BY_PROCESS,
	BY_FILE,
};

struct cachestat_counts {
	mt_net_pages hits; /* until they are known to be misses */
	mt_pages misses;
	mt_pages dirtied;
	mt_pages inserted;
};

struct cachestat_key {
	mt_id pid;
};

struct cachestat_process { /* begins as cachestat_counts does, and so does that of a file */
	mt_net_pages hits;
	mt_pages misses;
	mt_pages dirtied;
	mt_pages inserted;
	mt_cgroup cgroup;
	char comm[16];
};

struct cachestat_file {
	mt_net_pages hits;
	mt_pages misses;
	mt_pages dirtied;
	mt_pages inserted;
	mt_path path;
};

const volatile enum cachestat_by mt_by;

MT_TOTALS(struct cachestat_counts);
MT_TABLE(cachestat_processes, 2048, struct cachestat_key, struct cachestat_process);
MT_TABLE(cachestat_files, 2048, struct mt_file, struct cachestat_file);

static __always_inline void *counts_of_file(struct inode *inode)
{
	static const struct cachestat_file none;

	return mt_file_row(&cachestat_files, inode, &none, __builtin_offsetof(struct cachestat_file, path));
}

static __always_inline void *counts_of_process(void)
{
	struct cachestat_key key = { mt_current_pid() };
	struct cachestat_process none = {}, *process = mt_row(&cachestat_processes, &key, &none);

	if (!process)
		return NULL;
	mt_process_comm(process->comm); /* each time: it may have become another program's */
	process->cgroup = mt_current_cgroup();
	return process;
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

static __always_inline bool mt_ask_wanted(void)
{
	return mt_wanted();
}

static __always_inline int mt_asked(struct mt_ask *a, struct inode *inode, enum mt_asked_by by)
{
	struct cachestat_counts *counts;

	if (a->counted)
		return 0;
	counts = counts_of(inode);
	if (!counts) {
		a->inode = 0;
		return 0;
	}
	mt_add(counts->hits, a->left);
	mt_add(counts->misses, a->missed);
	a->counted = true;
	mt_seen_aggregated();
	return 0;
}

static __always_inline int mt_mapped(struct inode *inode, __u64 first, __u64 last, bool around)
{
	return 0;
}

static __always_inline int inserted(struct inode *inode, __u64 index, __u64 pages)
{
	struct cachestat_counts *counts;
	struct mt_missed missed;

	if (!mt_wanted())
		return 0;
	counts = counts_of(inode);
	if (!counts)
		return 0;
	mt_add(counts->inserted, pages);
	missed = mt_ask_missed(inode, index, pages);
	if (missed.counted && missed.pages) {
		mt_add(counts->misses, missed.pages);
		mt_add(counts->hits, -missed.pages);
	}
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
