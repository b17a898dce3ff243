// SPDX-License-Identifier: GPL-2.0-only
/* cachestat: what the page cache answered, and what it had to fetch, each interval. */
#include "ask.h"
#include "host.h"

static void hit_ratio(const struct mt_row *row, struct mt_cell *cell)
{
	uint64_t found = mt_row_u64(row, "hits"), all = found + mt_row_u64(row, "misses");

	if (!all)
		return;
	cell->type = MT_C_REAL;
	cell->real = (double)found / (double)all;
}

static void asked(const struct mt_row *row, struct mt_cell *cell)
{
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, "hits") + mt_row_u64(row, "misses");
}

static void meminfo(const char *key, struct mt_cell *cell)
{
	uint64_t kib;

	if (!mt_host_number("/proc/meminfo", key, &kib))
		return;
	cell->type = MT_C_U64;
	cell->u = kib * 1024;
}

static void buffers(const struct mt_row *row, struct mt_cell *cell)
{
	(void)row;
	meminfo("Buffers", cell);
}

static void cached(const struct mt_row *row, struct mt_cell *cell)
{
	(void)row;
	meminfo("Cached", cell);
}

static const struct mt_site sites[] = {
	MT_ASK_SITES,
	{ .name = "insert", .try = { "add_page!folio", "add_folio" } },
	{ .name = "dirty", .try = { "dirty_folio", "dirty_page" } },
	{ 0 },
};

static const struct mt_alias aliases[] = {
	{ 'T', "columns", "+ts", "show the time too" },
	{ 0 },
};

#define TS                                                                        \
	{                                                                         \
		"ts", "TIME", -8, NULL, "end of the interval", .flags = MT_HIDDEN \
	}
#define HITS                                                                         \
	{                                                                            \
		"hit_pages", "HITS", 8, "hits", "pages asked for that the cache had" \
	}
#define MISSES                                                                                                    \
	{                                                                                                         \
		"miss_pages", "MISSES", 8, "misses", "pages asked for that it had not, and the task had to fetch" \
	}
#define DIRTIES                                                                                                  \
	{                                                                                                        \
		"dirty_pages", "DIRTIES", 8, "dirtied", "pages that became dirty: written, or changed in memory" \
	}
#define HITRATIO                                                                                               \
	{                                                                                                      \
		"hit_ratio", "HITRATIO", 8, NULL, "hits of all pages asked for", MT_PERCENT, .fill = hit_ratio \
	}
#define ASKED                                                                                       \
	{                                                                                           \
		"asked_pages", "ASKED", 8, NULL, "hits and misses", .flags = MT_WIDE, .fill = asked \
	}
#define INSERTED                                                                                          \
	{                                                                                                 \
		"inserted_pages", "INSERTED", 8, "inserted",                                              \
			"pages put into the cache for whatever: asked for, read ahead, or to be written", \
			.flags = MT_WIDE                                                                  \
	}

static const struct mt_col cols[] = {
	TS,
	HITS,
	MISSES,
	DIRTIES,
	HITRATIO,
	{ "buffers_bytes", "BUFFERS_MB", 12, NULL, "cache of block devices, by now", MT_MB, .fill = buffers },
	{ "cached_bytes", "CACHED_MB", 10, NULL, "cache of files and shared memory, by now", MT_MB, .fill = cached },
	INSERTED,
	{ 0 },
};

static const struct mt_col process_cols[] = {
	TS,
	{ "comm", "COMM", -16, "comm", "name of the process" },
	{ "pid", "PID", 7, "pid", "the process" },
	HITS,
	MISSES,
	DIRTIES,
	HITRATIO,
	ASKED,
	INSERTED,
	MT_CGROUP_COLS("cgroup", "the process"),
	{ 0 },
};

static const struct mt_col file_cols[] = {
	TS, MT_FILE_COLS, HITS, MISSES, DIRTIES, HITRATIO, ASKED, INSERTED, MT_FILE_PATH_COL, { 0 },
};

static const struct mt_view views[] = {
	{ .source = MT_KEYED,
	  .map = "cachestat_processes",
	  .sort = "asked_pages",
	  .rows = 20,
	  .interval = 1,
	  .cols = process_cols,
	  .word = "process" },
	{ .source = MT_KEYED,
	  .map = "cachestat_files",
	  .sort = "asked_pages",
	  .rows = 20,
	  .interval = 1,
	  .cols = file_cols,
	  .word = "file" },
	{ 0 },
};

MT_TOOL(cachestat, .group = MT_CACHE, .summary = "hits and misses of the page cache, each interval",
	.about =
		"Counts the pages that tasks asked the page cache for, and how many of them it had. A read or splice "
		"asks "
		"for every page of its range, a fault on a mapped file for one page. It is a miss if the cache did not "
		"have it and the task put it there to go on; all else is a hit. Pages are counted, never calls, and "
		"large folios by their pages.\n"
		"Read-ahead is not a miss: a page that came in before it was asked for is a hit when it is. Writing is "
		"neither, but what it makes dirty has a column. Shared memory is left out, as is direct I/O.",
	.examples = "\ta line each second until Ctrl-C\n"
		    "-T 5 12\ta minute, by five seconds, with the time\n"
		    "--by process -n postgres 1\tprocesses with that in their name\n"
		    "--by file -p 1234\twhich files a process reads\n"
		    "--json 1 60\tfor a machine: raw pages and bytes, a minute long",
	.aliases = aliases, .sites = sites,
	.view = { .source = MT_TOTAL, .interval = 1, .cols = cols, .word = "total" }, .views = views);
