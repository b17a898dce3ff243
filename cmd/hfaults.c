// SPDX-License-Identifier: GPL-2.0-only
/* hfaults: which processes fault huge pages in. */
#include "host.h"
#include "object.h"
#include "tool.h"

static const struct mt_site sites[] = {
	{ .name = "hugetlb",
	  .try = { "hugetlb_exit", "hugetlb_begin+hugetlb_return+task_exit", "page_fault" },
	  .optional = true,
	  .lacks = "It takes fentry or kprobes, or the tracepoint exceptions:page_fault_user and bpf_find_vma()" },
	{ .name = "thp",
	  .try = { "thp_exit", "thp_begin+thp_return+task_exit", "memcg_event", "page_alloc/4" },
	  .optional = true,
	  .lacks = "It takes fentry or kprobes, or the tracepoint memcg:count_memcg_events or kmem:mm_page_alloc" },
	{ .name = "fallback",
	  .try = { "thp_exit", "thp_begin+thp_return+task_exit" },
	  .optional = true,
	  .lacks = "It takes fentry or kprobes" },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval, or of all" },
	{ "comm", "COMM", -16, "comm", "name of the process" },
	{ "pid", "PID", 7, "pid", "the process" },
	{ "hugetlb", "HUGETLB", 9, "hugetlb", "faults answered from the pool of huge pages", .site = "hugetlb" },
	{ "thp", "THP", 9, "thp", "faults answered with a transparent huge page", .site = "thp" },
	{ "thp_zero", "THPZERO", 9, "thp_zero", "faults by reading, answered with the huge page of zeros",
	  .site = "fallback" },
	{ "thp_fallback", "FALLBACK", 9, "thp_fallback",
	  "faults where a huge page fits and was allowed, but none was to be had: small pages answered them",
	  .site = "fallback" },
	{ "faults", "FAULTS", 9, "faults", "all that a huge page answered", .flags = MT_HIDDEN },
	MT_CGROUP_COLS("cgroup", "the process"),
	{ 0 },
};

static int start(struct mt_object *object)
{
	char line[16];

	mt_host_line("/sys/kernel/mm/transparent_hugepage/use_zero_page", line, sizeof(line));
	mt_object_set_u64(object, "hfaults_zero_page", line[0] == '1');
	return 0;
}

MT_TOOL(hfaults, .group = MT_FAULTS, .summary = "page faults that a huge page answered, for each process",
	.about = "Counts page faults that a huge page answered, for each process: from the pool of huge pages "
		 "(hugetlb), or transparent ones of anonymous memory (THP). Prints at the end, or each INTERVAL, the "
		 "process with the most faults first.",
	.examples = "\tcount until Ctrl-C\n"
		    "1\ta line each second for each process that had some\n"
		    "-d 10 -n java\tten seconds, processes with that in their name\n"
		    "--json -- ./a.out\tfor a machine, this command and its children",
	.sites = sites, .start = start,
	.view = { .source = MT_KEYED, .map = "hfaults_of", .sort = "faults", .cols = cols });
