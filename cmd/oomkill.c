// SPDX-License-Identifier: GPL-2.0-only
/* oomkill: each process that the kernel kills because memory ran out. */
#include "cgroup.h"
#include "host.h"
#include "row.h"
#include "tool.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static uint64_t pages(const struct sysinfo *info, unsigned long units)
{
	return (uint64_t)units * info->mem_unit / sysconf(_SC_PAGESIZE);
}

/* With several nodes an allocation may have been bound to some of them. */
static bool one_node(void)
{
	char nodes[64];

	return !mt_host_line("/sys/devices/system/node/has_memory", nodes, sizeof(nodes)) || !strcmp(nodes, "0");
}

/* What the kernel adds to the limit of a memory cgroup: mem_cgroup_get_max(), mm/memcontrol.c. False: not certain. */
static bool add_swap(const struct sysinfo *info, uint64_t swap_limit, uint64_t *domain)
{
	uint64_t swap = pages(info, info->totalswap), swappiness;
	char line[32];

	if (!swap || !swap_limit)
		return true;
	if (mt_cgroup_is_v1() || !mt_host_line("/proc/sys/vm/swappiness", line, sizeof(line)) ||
	    mt_unit_parse(MT_U_NONE, line, 0, &swappiness))
		return false;
	if (swappiness)
		*domain += swap_limit < swap ? swap_limit : swap;
	return true;
}

/* Where no hook has it, it is worked out as the kernel does (constrained_alloc(), mm/oom_kill.c). */
static void domain(const struct mt_row *row, struct mt_cell *cell)
{
	uint64_t known = mt_row_u64(row, "domain_pages"), limit = mt_row_u64(row, "limit_pages");
	struct sysinfo info;

	if (known == UINT64_MAX && sysinfo(&info))
		return;
	if (known == UINT64_MAX && limit != UINT64_MAX) {
		if (!add_swap(&info, mt_row_u64(row, "swap_limit_pages"), &limit))
			return;
		known = limit;
	} else if (known == UINT64_MAX) {
		if (mt_row_u64(row, "scope") != 1 || !one_node())
			return;
		known = pages(&info, info.totalram) + pages(&info, info.totalswap);
	}
	cell->type = MT_C_U64;
	cell->u = known;
}

/* /proc/loadavg is read once for each record. */
static void load(const struct mt_row *row, struct mt_cell *cell, int nth)
{
	static uint64_t of = UINT64_MAX;
	static double loads[3];
	static bool known;
	char line[64];

	if (mt_row_u64(row, "at") != of) {
		of = mt_row_u64(row, "at");
		known = mt_host_line("/proc/loadavg", line, sizeof(line)) &&
			sscanf(line, "%lf %lf %lf", loads, loads + 1, loads + 2) == 3;
	}
	if (!known)
		return;
	cell->type = MT_C_REAL;
	cell->real = loads[nth];
}

static void load1(const struct mt_row *row, struct mt_cell *cell)
{
	load(row, cell, 0);
}

static void load5(const struct mt_row *row, struct mt_cell *cell)
{
	load(row, cell, 1);
}

static void load15(const struct mt_row *row, struct mt_cell *cell)
{
	load(row, cell, 2);
}

static const struct mt_site sites[] = {
	{ .name = "kill",
	  .try = { "oom_entry+kill_entry+signal_sent", "oom_entry+kill_entry+signal_entry",
		   "oom_kprobe+kill_kprobe+signal_kprobe", "signal_named+mark_task/2", "signal_named+mark_pid/1",
		   "signal_plain+mark_task/2", "signal_plain+mark_pid/1" } },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, "at", "when the victim was sent its signal" },
	{ "trigger_pid", "BY-PID", 7, "trigger_pid", "process that wanted memory, in whose time the kernel killed" },
	{ "trigger_comm", "BY-COMM", -15, "trigger_comm", "name of its thread" },
	{ "victim_pid", "PID", 7, "victim_pid", "process that was killed" },
	{ "victim_comm", "COMM", -15, "victim_comm", "its name" },
	{ "anon_bytes", "ANON(KB)", 9, "anon_bytes", "its resident anonymous memory", MT_KB, MT_MAYBE },
	{ "file_bytes", "FILE(KB)", 8, "file_bytes", "its resident file pages", MT_KB, MT_MAYBE },
	{ "shmem_bytes", "SHMEM(KB)", 9, "shmem_bytes", "its resident shared memory", MT_KB, MT_MAYBE },
	{ "uid", "UID", 6, "uid", "its user", .flags = MT_WIDE },
	{ "oom_score_adj", "ADJ", 5, "oom_score_adj", "its oom_score_adj, -1000 to 1000: higher is killed sooner" },
	{ "domain_pages", "PAGES", 9, "domain_pages",
	  "size of what ran out: memory and swap of the host, or of the memory cgroup", .fill = domain },
	{ "load1", "LOAD1", 5, NULL, "load average over 1 minute when the record was read, just after", .fill = load1 },
	{ "load5", "LOAD5", 5, NULL, "over 5 minutes", .flags = MT_WIDE, .fill = load5 },
	{ "load15", "LOAD15", 6, NULL, "over 15 minutes", .flags = MT_WIDE, .fill = load15 },
	{ "trigger_cgroup", "BY-CGROUP", -24, "trigger_cgroup", "memory cgroup of the process that wanted memory",
	  .flags = MT_WIDE },
	{ "trigger_container_id", "BY-CONTAINER", -12, "trigger_cgroup",
	  "container of that process: the id in BY-CGROUP", .flags = MT_WIDE | MT_CONTAINER },
	{ "victim_container_id", "CONTAINER", -12, "victim_cgroup", "container of the victim: the id in CGROUP",
	  .flags = MT_WIDE | MT_CONTAINER },
	{ "victim_cgroup", "CGROUP", -24, "victim_cgroup", "memory cgroup of the victim", .flags = MT_WIDE },
	{ "scope", "SCOPE", -5, "scope",
	  "host: it ran out for all; memcg: a memory cgroup reached its limit, and the victim is in it" },
	{ "scope_cgroup", "LIMIT-OF", 0, "scope_cgroup", "that memory cgroup", .flags = MT_MAYBE },
	{ "limit_pages", "LIMIT", 9, "limit_pages", "its limit, without swap", .flags = MT_MAYBE | MT_HIDDEN },
	{ "swap_limit_pages", "SWAPLIMIT", 9, "swap_limit_pages",
	  "its limit of swap, on cgroup version 1 of memory and swap together; none if it has none",
	  .flags = MT_MAYBE | MT_HIDDEN },
	{ "trigger_cgroup_id", "BY-CGROUPID", 12, "trigger_cgroup", "number of BY-CGROUP",
	  .flags = MT_HIDDEN | MT_NUMBER },
	{ "victim_cgroup_id", "CGROUPID", 12, "victim_cgroup", "number of CGROUP", .flags = MT_HIDDEN | MT_NUMBER },
	{ "scope_cgroup_id", "LIMIT-OFID", 12, "scope_cgroup", "number of LIMIT-OF",
	  .flags = MT_MAYBE | MT_HIDDEN | MT_NUMBER },
	{ 0 },
};

MT_TOOL(oomkill, .group = MT_RECLAIM, .summary = "each OOM kill: the victim, who triggered it, and what ran out",
	.about = "Prints a line for each process that the kernel kills because memory ran out, in the whole host or "
		 "in a memory cgroup: as many as oom_kill in /proc/vmstat counts. Where memory.oom.group is set the "
		 "kernel kills all processes of the group, and counts the first of them twice.\n"
		 "Filters are about the victim, not about the process that wanted memory.\n"
		 "Resident memory is what the kernel has added up: each CPU may hold back 32 pages or more of each "
		 "kind. So do the numbers that the kernel logs (\"Killed process\"), except those of the newest "
		 "kernels.",
	.examples = "\teach OOM kill until Ctrl-C\n"
		    "--wide\twith user, cgroups and all load averages\n"
		    "--cgroup /system.slice\tonly victims below system.slice\n"
		    "--json --count 1\twait for one, for a machine",
	.sites = sites, .view = { .source = MT_RING, .cols = cols });
