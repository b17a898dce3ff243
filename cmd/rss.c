// SPDX-License-Identifier: GPL-2.0-only
/* rss: whose resident memory grows and shrinks, and by what. */
#include "err.h"
#include "host.h"
#include "last.h"
#include "object.h"
#include "row.h"
#include "tool.h"

#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#define UNKNOWN INT64_MIN	/* MT_NO_S64 of the probe */
#define NEVER	(INT64_MIN + 1) /* no change of that kind was seen */

static const struct {
	const char *now, *net;
	bool resident;
} kinds[MT_MEM_KINDS] = {
	[MT_MEM_ANON] = { "anon_bytes", "anon_net_bytes", true },
	[MT_MEM_FILE] = { "file_bytes", "file_net_bytes", true },
	[MT_MEM_SHMEM] = { "shmem_bytes", "shmem_net_bytes", true },
	[MT_MEM_SWAP] = { "swap_bytes", "swap_net_bytes", false },
};

static int64_t difference(int64_t now, int64_t before)
{
	return now == UNKNOWN || before == UNKNOWN ? UNKNOWN : now - before;
}

static int64_t resident(const int64_t bytes[MT_MEM_KINDS])
{
	int64_t sum = 0;

	for (int k = 0; k < MT_MEM_KINDS; k++)
		if (kinds[k].resident)
			sum = sum == UNKNOWN || bytes[k] == UNKNOWN ? UNKNOWN : sum + bytes[k];
	return sum;
}

/* A process that has ended cannot be asked: what the probe saw last. */
static void last_seen(const struct mt_row *row, const int64_t before[MT_MEM_KINDS], int64_t now[MT_MEM_KINDS])
{
	for (int k = 0; k < MT_MEM_KINDS; k++) {
		now[k] = (int64_t)mt_row_u64(row, kinds[k].now);
		if (now[k] == NEVER)
			now[k] = before[k];
	}
}

static void put(const struct mt_row *row, void *value, const int64_t before[MT_MEM_KINDS],
		const int64_t now[MT_MEM_KINDS])
{
	for (int k = 0; k < MT_MEM_KINDS; k++) {
		mt_row_set(row, value, kinds[k].now, now[k]);
		mt_row_set(row, value, kinds[k].net, difference(now[k], before[k]));
	}
	mt_row_set(row, value, "start_bytes", resident(before));
	mt_row_set(row, value, "end_bytes", resident(now));
	mt_row_set(row, value, "net_bytes", difference(resident(now), resident(before)));
}

static bool complete(const struct mt_row *row, void *value)
{
	uint32_t pid = mt_row_u64(row, "pid");
	uint64_t started = mt_row_u64(row, "started_ns");
	bool exited = mt_row_u64(row, "exited"), lives;
	int64_t before[MT_MEM_KINDS] = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN }, now[MT_MEM_KINDS];
	struct mt_last *last = mt_last_of(pid, started);

	/* in this order: only of a process that is still there was that the memory */
	lives = !exited && mt_proc_memory(pid, now) && mt_proc_is(pid, started);
	if (!lives && !exited && mt_proc_is(pid, started))
		return false; /* it is ending, which is a change, too */
	if (last && last->known)
		memcpy(before, last->bytes, sizeof(before));
	if (!lives)
		last_seen(row, before, now);
	put(row, value, before, now);
	mt_row_set(row, value, "exited", !lives);
	if (last && lives) {
		memcpy(last->bytes, now, sizeof(now));
		last->known = true;
	} else if (last) {
		mt_last_forget(last);
	}
	return memcmp(before, now, sizeof(now)) != 0;
}

/* By what rows are sorted: whichever way it went. */
static void change(const struct mt_row *row, struct mt_cell *cell)
{
	int64_t net = (int64_t)mt_row_u64(row, "net_bytes");

	if (net == UNKNOWN)
		return;
	cell->type = MT_C_U64;
	cell->u = net < 0 ? -net : net;
}

/* Numbers and starts of processes must be the kernel's own, in /proc as in the probe. */
static int start(struct mt_object *object)
{
	char link[64] = "";

	mt_object_set_u64(object, "rss_cpus", libbpf_num_possible_cpus());
	if (!mt_host_init_pid_ns())
		return mt_cannot(0, "not in a pid namespace of its own, where /proc has other numbers: run it in the "
				    "host's");
	if (readlink("/proc/self/ns/time", link, sizeof(link) - 1) > 0 && strcmp(link, "time:[4026531834]") != 0)
		return mt_cannot(0, "not in a time namespace of its own, where /proc has other times: run it in the "
				    "host's");
	return 0;
}

static const struct mt_site sites[] = {
	{ .name = "change",
	  .try = { "changed/2", "changed_to/3" },
	  .lacks = "It takes memory cgroups (CONFIG_MEMCG): by them the kernel knows whose memory it is" },
	/* To 6.1 the kernel's sum is exact when a process ends; since 6.16 the tracepoint comes while it has its memory. */
	{ .name = "life",
	  .try = { "ended/2+forked+execed", "ended/1!mm_rss_stat+forked+execed+released",
		   "ended/1!mm_rss_stat+forked+execed+released_kprobe", "ended/1+forked+execed" } },
	{ 0 },
};

static const struct mt_complete rows = { mt_last_begin, complete };

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval" },
	{ "pid", "PID", 7, "pid", "the process" },
	{ "comm", "COMM", -16, "comm", "its name" },
	{ "start_bytes", "START(KB)", 10, "start_bytes", "resident memory at the beginning of the interval", MT_KB,
	  MT_MAYBE },
	{ "end_bytes", "END(KB)", 10, "end_bytes", "resident memory at its end", MT_KB, MT_MAYBE },
	{ "net_bytes", "NET(KB)", 10, "net_bytes", "by how much it grew; negative: shrank", MT_KB, MT_MAYBE },
	{ "anon_net_bytes", "ANON", 9, "anon_net_bytes", "of that anonymous memory", MT_KB, MT_MAYBE },
	{ "file_net_bytes", "FILE", 9, "file_net_bytes", "of that pages of files", MT_KB, MT_MAYBE },
	{ "shmem_net_bytes", "SHMEM", 9, "shmem_net_bytes", "of that shared memory and tmpfs", MT_KB, MT_MAYBE },
	{ "swap_net_bytes", "SWAP", 9, "swap_net_bytes", "by how much what it has in swap grew, which NET has not",
	  MT_KB, MT_MAYBE },
	{ "exited", "EXITED", -6, "exited", "it has ended, and END is what was last seen of it" },
	{ "anon_bytes", "RSSANON(KB)", 11, "anon_bytes", "anonymous memory at the end of the interval", MT_KB,
	  MT_MAYBE | MT_WIDE },
	{ "file_bytes", "RSSFILE(KB)", 11, "file_bytes", "pages of files at the end", MT_KB, MT_MAYBE | MT_WIDE },
	{ "shmem_bytes", "RSSSHMEM(KB)", 12, "shmem_bytes", "shared memory and tmpfs at the end", MT_KB,
	  MT_MAYBE | MT_WIDE },
	{ "swap_bytes", "VMSWAP(KB)", 10, "swap_bytes", "what it has in swap at the end", MT_KB, MT_MAYBE | MT_WIDE },
	{ "changes", "CHANGES", 9, "changes", "how often the kernel changed these numbers", .flags = MT_WIDE },
	{ "container_id", "CONTAINER", -12, "cgroup", "container of the process: the id in the path of its cgroup",
	  .flags = MT_WIDE | MT_CONTAINER },
	{ "cgroup", "CGROUP", 0, "cgroup", "memory cgroup of the process", .flags = MT_WIDE },
	{ "change_bytes", "CHANGE(KB)", 10, NULL, "NET without its sign, by which rows are sorted", MT_KB, MT_HIDDEN,
	  .fill = change },
	{ "cgroup_id", "CGROUPID", 12, "cgroup", "its number", .flags = MT_HIDDEN | MT_NUMBER },
	{ "started_ns", "STARTED(ns)", 16, "started_ns", "start of the process, since boot", .flags = MT_HIDDEN },
	{ 0 },
};

MT_TOOL(rss, .group = MT_PROCESSES, .summary = "whose resident memory grew and shrank, by kind, each interval",
	.about = "Prints a line for each process whose resident memory is not what it was at the beginning of the "
		 "interval, the largest change first: start, end and net, and the net of anonymous memory, pages of "
		 "files, shared memory, and what it has in swap. Without an interval, once at the end, over all of the "
		 "run. A change is charged to the owner of the memory, whoever reclaims it. The numbers are those of "
		 "/proc/PID/status; a process that has ended is told as exited, with what was last seen of it.",
	.examples = "\twho grew and shrank until Ctrl-C, once at the end\n"
		    "5 12\ta minute, by five seconds\n"
		    "1 -n java --wide\tonly processes with that in their name, with all kinds and cgroup\n"
		    "--json 10 -c /system.slice\tfor a machine, cgroups below system.slice\n"
		    "-- make -j8\twhat the processes of a command come to",
	.sites = sites, .start = start,
	.view = { .source = MT_KEYED,
		  .map = "processes",
		  .sort = "change_bytes",
		  .rows = 20,
		  .complete = &rows,
		  .cols = cols });
