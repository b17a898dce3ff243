// SPDX-License-Identifier: GPL-2.0-only
/* ffaults: which files the page faults are for. */
#include <stdio.h>

#include "row.h"
#include "tool.h"

/* the first of enum ffaults_kind of the probe */
enum { FILE_PAGES, SHMEM_PAGES };

/* Other kinds are mapped by other means than those that are observed. */
static void mapped(const struct mt_row *row, struct mt_cell *cell)
{
	if (mt_row_u64(row, "kind") > SHMEM_PAGES)
		return;
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, "mapped_bytes");
}

/* What of shared memory is in swap only its own part of the kernel knows. */
static void swap(const struct mt_row *row, struct mt_cell *cell)
{
	if (mt_row_u64(row, "kind") == SHMEM_PAGES)
		return;
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, "swap");
}

static void dev(const struct mt_row *row, struct mt_cell *cell)
{
	static char text[24];
	uint32_t dev = mt_row_u64(row, "dev");

	if (!mt_row_u64(row, "ino"))
		return;
	snprintf(text, sizeof(text), "%u:%u", dev >> 20, dev & ((1 << 20) - 1));
	mt_cell_string(cell, text);
}

static void ino(const struct mt_row *row, struct mt_cell *cell)
{
	cell->u = mt_row_u64(row, "ino");
	cell->type = cell->u ? MT_C_U64 : MT_C_NULL;
}

static const struct mt_site sites[] = {
	{ .name = "fault",
	  .try = { "fault_exit/4+fault_begin", "fault_entry+fault_return+task_exit",
		   "minor_raised+major_raised+raised_user+raised_kernel", "minor+major" },
	  .lacks = "It takes fentry or kprobes, or perf events and bpf_find_vma()" },
	{ .name = "access",
	  .try = { "fault_exit/4+fault_begin", "fault_entry+fault_return+task_exit",
		   "minor_raised+major_raised+raised_user+raised_kernel" },
	  .optional = true,
	  .lacks = "It takes fentry or kprobes, or the tracepoint exceptions:page_fault_user" },
	{ .name = "swap",
#ifdef __x86_64__
	  .try = { "swap_exit", "swap_entry+swap_return" },
#endif
	  .optional = true,
	  .lacks = "It takes fentry or kprobes, and x86" },
	{ .name = "mapped",
	  .try = { "set_range/5+set_huge_folio/3", "set_range/5+set_huge/2", "set_one/3+set_huge/2", "set_any/2" },
	  .optional = true,
	  .wide = true,
	  .lacks = "It takes fentry" },
	{ 0 },
};

#define TIME "ts", "TIME", -8, NULL, "end of the interval, or of all"
#define COUNTS                                                                                                     \
	{ "kind", "KIND", -7, "kind",                                                                              \
	  "file; shmem: shared memory, and files of tmpfs; anon; hugetlb; dax: files without page cache; device; " \
	  "special: vdso and the like; unknown: could not be asked just then" },                                   \
		{ "faults", "FAULTS", 9, "faults", "page faults" },                                                \
		{ "minor", "MINOR", 9, "minor", "of these, without waiting for input" },                           \
		{ "major", "MAJOR", 9, "major", "of these, with waiting for input" },                              \
		{ "reads", "READ", 9, "reads", "of these, by reading or executing", .site = "access" },            \
		{ "writes", "WRITE", 9, "writes", "of these, by writing", .site = "access" },                      \
		{ "swap",	  "SWAP",      9, "swap", "of these, for a page in swap; not known of shmem",      \
		  .site = "swap", .fill = swap },                                                                  \
		{ "mapped_bytes",                                                                                  \
		  "MAPPED(KB)",                                                                                    \
		  10,                                                                                              \
		  "mapped_bytes",                                                                                  \
		  "memory that these faults put into page tables, the neighbours of what was asked for included; " \
		  "known of file and shmem",                                                                       \
		  MT_KB,                                                                                           \
		  MT_WIDE,                                                                                         \
		  "mapped",                                                                                        \
		  .fill = mapped },                                                                                \
		{ "dev", "DEV", -7, "dev", "device of the file, major:minor", .flags = MT_WIDE, .fill = dev },     \
	{                                                                                                          \
		"ino", "INODE", 10, "ino", "inode of the file", .flags = MT_WIDE, .fill = ino                      \
	}
#define FILE_PATH "file", "FILE", 0, "path", "its path"

static const struct mt_col file_cols[] = {
	{ TIME },
	COUNTS,
	{ FILE_PATH },
	{ 0 },
};

static const struct mt_col process_cols[] = {
	{ TIME },
	{ "comm", "COMM", -16, "comm", "name of the process" },
	{ "pid", "PID", 7, "pid", "the process" },
	COUNTS,
	{ "container_id", "CONTAINER", -12, "cgroup", "container of the process: the id in the path of its cgroup",
	  .flags = MT_WIDE | MT_CONTAINER },
	{ "cgroup", "CGROUP", -24, "cgroup", "memory cgroup of the process", .flags = MT_WIDE },
	{ FILE_PATH },
	{ "cgroup_id", "CGROUPID", 12, "cgroup", "number of CGROUP", .flags = MT_HIDDEN | MT_NUMBER },
	{ 0 },
};

static const struct mt_view views[] = {
	{ .word = "process", .source = MT_KEYED, .map = "ffaults_of", .sort = "faults", .cols = process_cols },
	{ 0 },
};

MT_TOOL(ffaults, .group = MT_FAULTS, .summary = "page faults by file",
	.about = "Counts page faults for each file that is mapped, and for memory that has none. Prints at the end, or "
		 "each INTERVAL, the file with the most faults first. Files are told apart by device and inode: those "
		 "of "
		 "the same name in several directories are several, a file with several names is one.",
	.examples = "\tcount until Ctrl-C\n"
		    "1\teach second the files that had some\n"
		    "-w -p 1234\tof one process, with the memory that was mapped\n"
		    "--by process 5\teach five seconds, a row for each process and file\n"
		    "--json -d 10 -c /system.slice\tfor a machine, cgroups below system.slice",
	.sites = sites, .views = views,
	.view = { .word = "file", .source = MT_KEYED, .map = "ffaults_of", .sort = "faults", .cols = file_cols });
