// SPDX-License-Identifier: GPL-2.0-only
/* hfaults: page faults that a huge page answered, added up for each process. */
#include "mt/compat.bpf.h"
#include "mt/filter.bpf.h"
#include "mt/map.bpf.h"
#include "mt/pair.bpf.h"

struct hfaults_key {
	mt_id pid;
};

struct hfaults_counts {
	mt_cgroup cgroup;
	char comm[16];
	mt_count faults; /* all but fallbacks */
	mt_count hugetlb;
	mt_count thp;
	mt_count thp_zero;
	mt_count thp_fallback;
};

/* A read of memory that was never written maps the one huge page of zeros; an administrator may forbid it. */
const volatile bool hfaults_zero_page;

MT_TABLE(hfaults_of, 1024, struct hfaults_key, struct hfaults_counts);

static __always_inline struct hfaults_counts *counts_of_current(void)
{
	struct hfaults_key key = { mt_current_pid() };
	struct hfaults_counts none = {}, *counts = mt_row(&hfaults_of, &key, &none);

	if (counts) {
		mt_process_comm(counts->comm); /* each time: it may have become another program's */
		counts->cgroup = mt_current_cgroup();
	}
	return counts;
}

#define COUNT(member, n)                                          \
	({                                                        \
		struct hfaults_counts *__c = counts_of_current(); \
		if (__c) {                                        \
			mt_add(__c->member, (n));                 \
			mt_seen_aggregated();                     \
		}                                                 \
		__c;                                              \
	})

/* A fault that got its huge page. */
#define COUNT_FAULT(member, n)                                 \
	({                                                     \
		struct hfaults_counts *__f = COUNT(member, n); \
		if (__f)                                       \
			mt_add(__f->faults, (n));              \
		0;                                             \
	})

/* One that was begun again, or failed, is no fault yet. */
static __always_inline int hugetlb_end(unsigned int ret)
{
	return ret & (MT_VM_FAULT_ERROR | MT_VM_FAULT_RETRY) ? 0 : COUNT_FAULT(hugetlb, 1);
}

/* What a fault is, told at its beginning. */
struct hfaults_start {
	bool fits; /* a huge page does, in the mapping */
	bool zero;
};

static __always_inline struct hfaults_start thp_start(bool typed, struct vm_fault *vmf)
{
	struct vm_area_struct *vma = mt_load(typed, vmf, vma);
	__u64 huge = mt_page_bytes * (mt_page_bytes / sizeof(__u64)), at;

	at = mt_load(typed, vmf, address) & -huge;
	return (struct hfaults_start){
		.fits = at >= mt_load(typed, vma, vm_start) && at + huge <= mt_load(typed, vma, vm_end),
		.zero = hfaults_zero_page && !mt_fault_writes(typed, vmf),
	};
}

static __always_inline int thp_end(const struct hfaults_start *start, unsigned int ret)
{
	if (ret & MT_VM_FAULT_FALLBACK) {
		if (start->fits)
			COUNT(thp_fallback, 1);
		return 0;
	}
	if (ret & (MT_VM_FAULT_ERROR | MT_VM_FAULT_RETRY))
		return 0;
	return start->zero ? COUNT_FAULT(thp_zero, 1) : COUNT_FAULT(thp, 1);
}

SEC("fexit/hugetlb_fault")
int BPF_PROG(hugetlb_exit, void *mm, void *vma, unsigned long address, unsigned int flags, unsigned int ret)
{
	return mt_wanted() ? hugetlb_end(ret) : 0;
}

SEC("fexit/do_huge_pmd_anonymous_page")
int BPF_PROG(thp_exit, struct vm_fault *vmf, unsigned int ret)
{
	struct hfaults_start start;

	if (!mt_wanted())
		return 0;
	start = thp_start(true, vmf);
	return thp_end(&start, ret);
}

enum hfaults_kind {
	HFAULTS_HUGETLB,
	HFAULTS_THP,
};

MT_STARTS(struct hfaults_start, 256);

/*
 * A kretprobe has room for a few calls at once, as few as there are processors, and passes silently over
 * more. Whose start is still there when the task begins the next, or ends, was passed over.
 */
static __always_inline void end_missed(enum hfaults_kind kind)
{
	struct mt_start_key key = mt_start_key(kind);

	if (!bpf_map_delete_elem(&mt_starts, &key))
		mt_seen_lost(MT_LOST_TOO_LATE);
	else if (mt_unstarted[mt_unstarted_at(&key)])
		mt_end_lost(&key);
}

static __always_inline int begin(enum hfaults_kind kind, const struct hfaults_start *start)
{
	end_missed(kind);
	mt_begin(kind, start);
	return 0;
}

SEC("kprobe/do_exit")
int task_exit(void *ctx)
{
	end_missed(HFAULTS_HUGETLB);
	end_missed(HFAULTS_THP);
	return 0;
}

SEC("kprobe/hugetlb_fault")
int hugetlb_begin(void *ctx)
{
	struct hfaults_start start = {};

	return mt_wanted() ? begin(HFAULTS_HUGETLB, &start) : 0;
}

SEC("kretprobe/hugetlb_fault")
int BPF_KRETPROBE(hugetlb_return, unsigned int ret)
{
	struct hfaults_start start;

	return mt_wanted() && mt_end(HFAULTS_HUGETLB, &start) ? hugetlb_end(ret) : 0;
}

SEC("kprobe/do_huge_pmd_anonymous_page")
int BPF_KPROBE(thp_begin, struct vm_fault *vmf)
{
	struct hfaults_start start;

	if (!mt_wanted())
		return 0;
	start = thp_start(false, vmf);
	return begin(HFAULTS_THP, &start);
}

SEC("kretprobe/do_huge_pmd_anonymous_page")
int BPF_KRETPROBE(thp_return, unsigned int ret)
{
	struct hfaults_start start;

	return mt_wanted() && mt_end(HFAULTS_THP, &start) ? thp_end(&start, ret) : 0;
}

static long look(struct task_struct *task, struct vm_area_struct *vma, void *is_hugetlb)
{
	*(bool *)is_hugetlb = vma->vm_flags & MT_VM_HUGETLB;
	return 0;
}

/* A fault as the processor raises it, whatever becomes of it. */
SEC("tp_btf/page_fault_user")
int BPF_PROG(page_fault, unsigned long address)
{
	bool is_hugetlb = false;

	if (!mt_wanted())
		return 0;
	if (bpf_find_vma(bpf_get_current_task_btf(), address, look, &is_hugetlb, 0) == -MT_EBUSY)
		mt_seen_lost(MT_LOST_BUSY);
	return is_hugetlb ? COUNT_FAULT(hugetlb, 1) : 0;
}

SEC("tp_btf/count_memcg_events")
int BPF_PROG(memcg_event, struct mem_cgroup *memcg, int item, unsigned long n)
{
	if (item != (int)bpf_core_enum_value(enum vm_event_item, THP_FAULT_ALLOC) || !mt_wanted())
		return 0;
	return COUNT_FAULT(thp, n);
}

/* A huge page for a fault, or for shared memory, is asked for with other flags than one for the pool. */
SEC("tp_btf/mm_page_alloc")
int BPF_PROG(page_alloc, struct page *page, unsigned int order, gfp_t gfp, int migratetype)
{
	if (!page || mt_page_bytes << order != mt_page_bytes * (mt_page_bytes / sizeof(__u64)))
		return 0;
	if (migratetype != MT_MIGRATE_MOVABLE || !(gfp & MT_GFP_NOMEMALLOC) || !mt_wanted())
		return 0;
	return mt_load(mt_typed_task, mt_current(), mm) ? COUNT_FAULT(thp, 1) : 0;
}
