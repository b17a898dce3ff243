// SPDX-License-Identifier: GPL-2.0-only
/* mmapsnoop: what processes map, and what they give back. */
#include "names.h"
#include "row.h"
#include "tool.h"

#include <sys/mman.h>

#ifndef MAP_DROPPABLE /* 6.11 */
#define MAP_DROPPABLE 8
#endif

#define MAP_HUGE_SHIFT 26
#define MAP_HUGE       (0x3fU << MAP_HUGE_SHIFT)
#define HUGE(log2, size)                                                                                               \
	{                                                                                                              \
		(uint64_t)(log2) << MAP_HUGE_SHIFT | MAP_HUGETLB, MAP_HUGE | MAP_HUGETLB, "MAP_HUGETLB|MAP_HUGE_" size \
	}
#define TYPE(name)                    \
	{                             \
		name, MAP_TYPE, #name \
	}

static const struct mt_name prot_names[] = {
	MT_VALUE(PROT_NONE),
	MT_FLAG(PROT_READ),
	MT_FLAG(PROT_WRITE),
	MT_FLAG(PROT_EXEC),
	MT_FLAG(PROT_GROWSDOWN),
	MT_FLAG(PROT_GROWSUP),
	{ 0 },
};

static const struct mt_name map_names[] = {
	TYPE(MAP_SHARED_VALIDATE),
	TYPE(MAP_SHARED),
	TYPE(MAP_PRIVATE),
	TYPE(MAP_DROPPABLE),
	HUGE(16, "64KB"),
	HUGE(19, "512KB"),
	HUGE(20, "1MB"),
	HUGE(21, "2MB"),
	HUGE(23, "8MB"),
	HUGE(24, "16MB"),
	HUGE(25, "32MB"),
	HUGE(28, "256MB"),
	HUGE(29, "512MB"),
	HUGE(30, "1GB"),
	HUGE(31, "2GB"),
	HUGE(34, "16GB"),
	MT_FLAG(MAP_HUGETLB),
	MT_FLAG(MAP_FIXED),
	MT_FLAG(MAP_ANONYMOUS),
#ifdef MAP_32BIT
	MT_FLAG(MAP_32BIT),
#endif
	MT_FLAG(MAP_GROWSDOWN),
	MT_FLAG(MAP_DENYWRITE),
	MT_FLAG(MAP_EXECUTABLE),
	MT_FLAG(MAP_LOCKED),
	MT_FLAG(MAP_NORESERVE),
	MT_FLAG(MAP_POPULATE),
	MT_FLAG(MAP_NONBLOCK),
	MT_FLAG(MAP_STACK),
	MT_FLAG(MAP_SYNC),
	MT_FLAG(MAP_FIXED_NOREPLACE),
	{ 0 },
};

static const struct mt_name mremap_names[] = {
	MT_FLAG(MREMAP_MAYMOVE),
	MT_FLAG(MREMAP_FIXED),
	{ 4, 4, "MREMAP_DONTUNMAP" },
	{ 0 },
};

enum { MMAP, MUNMAP, MREMAP, BRK }; /* enum mmap_call of the probe */

static void flags(const struct mt_row *row, struct mt_cell *cell)
{
	static const struct mt_name *const tables[] = { [MMAP] = map_names, [MREMAP] = mremap_names, [BRK] = NULL };
	static char buf[512];
	uint64_t call = mt_row_u64(row, "call");

	if (call > BRK || !tables[call])
		return;
	mt_names(tables[call], mt_row_u64(row, "flags"), buf, sizeof(buf));
	mt_cell_string(cell, buf);
}

/* A letter each, or '-', as the classic has them. */
static void letters(struct mt_cell *cell, uint64_t word, const struct mt_name *table)
{
	static char buf[8];
	size_t n = 0;

	for (; table->name; table++)
		buf[n++] = (word & table->mask) == table->value ? table->name[0] : '-';
	buf[n] = '\0';
	mt_cell_string(cell, buf);
}

static void prot(const struct mt_row *row, struct mt_cell *cell)
{
	static const struct mt_name table[] = {
		{ PROT_READ, PROT_READ, "R" },
		{ PROT_WRITE, PROT_WRITE, "W" },
		{ PROT_EXEC, PROT_EXEC, "E" },
		{ 0 },
	};

	if (mt_row_u64(row, "call") == MMAP)
		letters(cell, mt_row_u64(row, "prot"), table);
}

/* The last bit of a kind of sharing is MAP_SHARED's, of MAP_SHARED_VALIDATE too; MAP_FIXED_NOREPLACE is fixed as well. */
static void map(const struct mt_row *row, struct mt_cell *cell)
{
	static const struct mt_name table[] = {
		{ MAP_SHARED, MAP_SHARED, "S" },
		{ MAP_PRIVATE, MAP_TYPE, "P" },
		{ MAP_FIXED, MAP_FIXED, "F" },
		{ MAP_ANONYMOUS, MAP_ANONYMOUS, "A" },
		{ 0 },
	};
	uint64_t word = mt_row_u64(row, "flags");

	if (word & MAP_FIXED_NOREPLACE)
		word |= MAP_FIXED;
	if (mt_row_u64(row, "call") == MMAP)
		letters(cell, word, table);
}

static const struct mt_site sites[] = {
	{ .name = "calls",
	  .try = { "enter_mmap+exit_mmap+enter_munmap+exit_munmap+enter_mremap+exit_mremap+enter_brk+exit_brk",
		   "enter_any+exit_any+file_of_call", "enter_any+exit_any" } },
	{ 0 },
};

static const struct mt_opt opts[] = {
	{ "files", NULL, "mt_files", "only maps of files, as the classic mmapsnoop" },
	{ "failed", NULL, "mt_failed", "only calls that failed", 'x' },
	{ "brk", NULL, "mt_brk", "brk(2) too" },
	{ "min-size", "SIZE", "mt_min_bytes", "only sizes of at least SIZE (1M; a plain number is bytes)" },
	{ 0 },
};

static const struct mt_alias aliases[] = {
	{ 'T', "columns", "+ts", "show the time, which is the default" },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, "ended", "end of the call" },
	{ "uid", "UID", 6, "uid", "user of the task", .flags = MT_HIDDEN },
	{ "pid", "PID", 7, "pid", "its process" },
	{ "tid", "TID", 7, "tid", "its thread", .flags = MT_WIDE },
	{ "comm", "COMM", -16, "comm", "name of the task" },
	{ "call", "CALL", -6, "call", "mmap, munmap, mremap or brk" },
	{ "prot", "PROT", -4, "prot", "protection: R, W and E, or - for each", .fill = prot },
	{ "map", "MAP", -4, "flags", "S shared, P private, F fixed, A anonymous", .fill = map },
	{ "offset_bytes", "OFFS(KB)", 8, "offset_bytes", "where in the file it begins", MT_KB, MT_MAYBE },
	{ "size_bytes", "SIZE(KB)", 8, "size_bytes",
	  "size asked for; of brk, by how much the heap grew, or shrank where ADDR is below OLD-ADDR", MT_KB },
	{ "addr", "ADDR", 14, "addr", "address returned, of munmap the one given", MT_HEX, MT_MAYBE },
	{ "error", "ERROR", -11, "error", "why it failed" },
	{ "latency_ns", "LAT(ms)", 8, "latency_ns", "how long the call took", MT_MS3, MT_WIDE },
	{ "asked_addr", "ASKED-ADDR", 14, "asked_addr", "address asked for", MT_HEX, MT_WIDE | MT_MAYBE },
	{ "old_addr", "OLD-ADDR", 14, "old_addr", "address before, of mremap and brk", MT_HEX, MT_WIDE | MT_MAYBE },
	{ "old_size_bytes", "OLD(KB)", 8, "old_size_bytes", "size before, of mremap", MT_KB, MT_WIDE | MT_MAYBE },
	{ "fd", "FD", 4, "fd", "number of the open file", .flags = MT_WIDE | MT_MAYBE },
	{ "prot_flags", "PROTECTION", -20, "prot", "protection by name", .flags = MT_WIDE | MT_MAYBE,
	  .names = prot_names },
	{ "flags", "FLAGS", -44, "flags", "flags by name", .flags = MT_WIDE, .fill = flags },
	{ "container_id", "CONTAINER", -12, "cgroup", "container of the task: the id in the path of its cgroup",
	  .flags = MT_WIDE | MT_CONTAINER },
	{ "cgroup", "CGROUP", -24, "cgroup", "memory cgroup of the task", .flags = MT_WIDE },
	{ "file", "FILE", 0, "path", "path of the file" },
	{ "cgroup_id", "CGROUPID", 12, "cgroup", "number of CGROUP", .flags = MT_HIDDEN | MT_NUMBER },
	{ 0 },
};

MT_TOOL(mmapsnoop, .group = MT_FAULTS, .summary = "each mmap, munmap and mremap, with the path of the file",
	.about = "Prints a line for each call that maps memory, unmaps it, or moves or resizes a map, as it returns: "
		 "what was asked for, the address or the error, and the file by its whole path.\n"
		 "Calls of 32-bit processes on a 64-bit kernel are not seen.",
	.examples = "\teach call until Ctrl-C\n"
		    "--files\tonly maps of files\n"
		    "-x\tonly calls that failed\n"
		    "--min-size 64M -n java\tonly maps of 64 MB and more, of java\n"
		    "--brk -w -- ls\ta command from its first call on, the heap too, with flags by name",
	.opts = opts, .aliases = aliases, .sites = sites, .view = { .source = MT_RING, .cols = cols });
