// SPDX-License-Identifier: GPL-2.0-only
/* shmsnoop: calls of System V shared memory. */
#include "names.h"
#include "row.h"
#include "tool.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>

#ifndef SHM_STAT_ANY /* 4.17 */
#define SHM_STAT_ANY 15
#endif

#define MODE 0777U

/* The size of huge pages is a number of six bits, which counts only with SHM_HUGETLB. */
#define HUGE_FIELD (0x3fU << 26 | SHM_HUGETLB)
#define HUGE(log2, size)                                                                       \
	{                                                                                      \
		(uint64_t)(log2) << 26 | SHM_HUGETLB, HUGE_FIELD, "SHM_HUGETLB|SHM_HUGE_" size \
	}

static const struct mt_name get_names[] = {
	MT_FLAG(IPC_CREAT),
	MT_FLAG(IPC_EXCL),
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
	MT_FLAG(SHM_HUGETLB),
	MT_FLAG(SHM_NORESERVE),
	{ 0 },
};

static const struct mt_name at_names[] = {
	MT_FLAG(SHM_RDONLY), MT_FLAG(SHM_RND), MT_FLAG(SHM_REMAP), MT_FLAG(SHM_EXEC), { 0 },
};

static const struct mt_name cmd_names[] = {
	MT_VALUE(IPC_RMID),   MT_VALUE(IPC_SET),  MT_VALUE(IPC_STAT), MT_VALUE(IPC_INFO),     MT_VALUE(SHM_LOCK),
	MT_VALUE(SHM_UNLOCK), MT_VALUE(SHM_STAT), MT_VALUE(SHM_INFO), MT_VALUE(SHM_STAT_ANY), { 0 },
};

enum { SHMGET, SHMAT, SHMDT, SHMCTL, CALLS }; /* enum shm_call of the probe */

/* "IPC_CREAT|0600": names, what has none in hex, and of shmget(2) the mode in octal. */
static const char *words(uint64_t call, uint64_t flags)
{
	static char buf[512];
	const bool get = call == SHMGET;
	uint64_t rest;
	size_t n = mt_names_rest(get ? get_names : at_names, flags, buf, sizeof(buf) - 32, &rest);

	if (rest & ~MODE || (rest && !get)) {
		n += sprintf(buf + n, "%s0x%" PRIx64, n ? "|" : "", get ? rest & ~MODE : rest);
		rest &= MODE;
	}
	if (get && (rest || !n))
		n += sprintf(buf + n, "%s0%03" PRIo64, n ? "|" : "", rest);
	return n ? buf : "0";
}

static void flags(const struct mt_row *row, struct mt_cell *cell)
{
	uint64_t call = mt_row_u64(row, "call");

	if (call == SHMGET || call == SHMAT)
		mt_cell_string(cell, words(call, mt_row_u64(row, "flags")));
}

static void sys(const struct mt_row *row, struct mt_cell *cell)
{
	static const char *const names[] = { "SHMGET", "SHMAT", "SHMDT", "SHMCTL" };
	uint64_t call = mt_row_u64(row, "call");

	mt_cell_string(cell, call < CALLS ? names[call] : NULL);
}

/* All arguments in a line, under the names that shmget(2) and the others give them. */
static void args(const struct mt_row *row, struct mt_cell *cell)
{
	static char buf[1024];
	uint64_t call = mt_row_u64(row, "call"), addr = mt_row_u64(row, "addr");
	int shmid = (int)mt_row_u64(row, "shmid");
	char cmd[64];

	switch (call) {
	case SHMGET:
		snprintf(buf, sizeof(buf), "key: 0x%" PRIx64 ", size: %" PRIu64 ", shmflg: %s", mt_row_u64(row, "key"),
			 mt_row_u64(row, "size_bytes"), words(call, mt_row_u64(row, "flags")));
		break;
	case SHMAT:
		snprintf(buf, sizeof(buf), "shmid: 0x%x, shmaddr: 0x%" PRIx64 ", shmflg: %s", shmid, addr,
			 words(call, mt_row_u64(row, "flags")));
		break;
	case SHMDT:
		snprintf(buf, sizeof(buf), "shmaddr: 0x%" PRIx64, addr);
		break;
	case SHMCTL:
		mt_names(cmd_names, (uint32_t)mt_row_u64(row, "cmd"), cmd, sizeof(cmd));
		snprintf(buf, sizeof(buf), "shmid: 0x%x, cmd: %s, buf: 0x%" PRIx64, shmid, cmd, mt_row_u64(row, "buf"));
		break;
	default:
		return;
	}
	mt_cell_string(cell, buf);
}

static void command(const struct mt_row *row, struct mt_cell *cell)
{
	static char buf[64];

	if (mt_row_u64(row, "call") != SHMCTL)
		return;
	mt_names(cmd_names, (uint32_t)mt_row_u64(row, "cmd"), buf, sizeof(buf));
	mt_cell_string(cell, buf);
}

static void key(const struct mt_row *row, struct mt_cell *cell)
{
	if (mt_row_u64(row, "call") != SHMGET)
		return;
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, "key");
}

static const struct mt_site sites[] = {
	{ .name = "calls",
	  .try = { "enter_shmget+exit_shmget+enter_shmat+exit_shmat+enter_shmdt+exit_shmdt+enter_shmctl+exit_shmctl",
		   "enter_any+exit_any" } },
	{ 0 },
};

static const struct mt_opt opts[] = {
	{ "failed", NULL, "mt_failed", "only calls that failed", 'x' },
	{ 0 },
};

static const struct mt_alias aliases[] = {
	{ 'T', "columns", "+ts", "show the time, which is the default" },
	{ 0 },
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, "ended", "end of the call" },
	{ "uid", "UID", 6, "uid", "user of the task", .flags = MT_WIDE },
	{ "pid", "PID", 7, "pid", "its process" },
	{ "tid", "TID", 7, "tid", "its thread", .flags = MT_WIDE },
	{ "comm", "COMM", -16, "comm", "name of the task" },
	{ "call", "SYS", -6, "call", "SHMGET, SHMAT, SHMDT or SHMCTL", .fill = sys },
	{ "ret", "RET", 16, "ret", "what it returned: an address, an id, or 0", MT_HEX, MT_MAYBE },
	{ "error", "ERROR", -11, "error", "why it failed" },
	{ "latency_ns", "LAT(ms)", 8, "latency_ns", "how long the call took", MT_MS3, MT_WIDE },
	{ "container_id", "CONTAINER", -12, "cgroup", "container of the task: the id in the path of its cgroup",
	  .flags = MT_WIDE | MT_CONTAINER },
	{ "cgroup", "CGROUP", -24, "cgroup", "memory cgroup of the task", .flags = MT_WIDE },
	{ "args", "ARGs", 0, NULL, "its arguments, flags and commands by name", .fill = args },
	{ "key", "KEY", 12, "key", "key of shmget", MT_HEX, MT_HIDDEN, .fill = key },
	{ "size_bytes", "SIZE(KB)", 10, "size_bytes", "size of shmget", MT_KB, MT_HIDDEN | MT_MAYBE },
	{ "shmid", "SHMID", 10, "shmid", "segment of shmat and shmctl", .flags = MT_HIDDEN | MT_MAYBE },
	{ "shmaddr", "SHMADDR", 14, "addr", "address of shmat and shmdt", MT_HEX, MT_HIDDEN | MT_MAYBE },
	{ "shmflg", "SHMFLG", -34, "flags", "flags of shmget and shmat", .flags = MT_HIDDEN, .fill = flags },
	{ "cmd", "CMD", -12, "cmd", "command of shmctl", .flags = MT_HIDDEN, .fill = command },
	{ "buf", "BUF", 14, "buf", "its buffer", MT_HEX, MT_HIDDEN | MT_MAYBE },
	{ "cgroup_id", "CGROUPID", 12, "cgroup", "number of CGROUP", .flags = MT_HIDDEN | MT_NUMBER },
	{ 0 },
};

MT_TOOL(shmsnoop, .group = MT_FAULTS, .summary = "each call of System V shared memory, with its arguments",
	.about = "Prints a line for each shmget, shmat, shmdt and shmctl as it returns: the arguments by name, and the "
		 "address, the id, or the error.\n"
		 "POSIX shared memory (shm_open) is files that are mapped: see mmapsnoop. Calls of 32-bit processes on "
		 "a "
		 "64-bit kernel are not seen.",
	.examples = "\teach call until Ctrl-C\n"
		    "-p 181\tonly process 181\n"
		    "-x\tonly calls that failed\n"
		    "-n postgres -w\tonly of tasks whose name contains postgres, with user, thread and cgroup\n"
		    "--json -d 60\tfor a machine, a minute long",
	.opts = opts, .aliases = aliases, .sites = sites, .view = { .source = MT_RING, .cols = cols });
