// SPDX-License-Identifier: GPL-2.0-only
/* loads: load averages, and beside them the time that tasks really stood still for want of memory. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cgroup.h"
#include "err.h"
#include "host.h"
#include "pressure.h"
#include "row.h"
#include "tool.h"

#define UNKNOWN	  UINT64_MAX
#define UNKNOWN32 UINT32_MAX

struct loads_row {
	uint32_t load1, load5, load15; /* hundredths */
	uint32_t running, tasks;
	struct {
		uint32_t avg10; /* hundredths of a per cent */
		uint64_t stall_ns;
	} memory_some, memory_full, cpu_some, io_some, io_full;
};

#define MEMBER(member, unit) MT_MEMBER(struct loads_row, member, unit)

static const struct mt_member members[] = {
	MEMBER(load1, MT_U_CENTI),
	MEMBER(load5, MT_U_CENTI),
	MEMBER(load15, MT_U_CENTI),
	MEMBER(running, MT_U_NONE),
	MEMBER(tasks, MT_U_NONE),
	MEMBER(memory_some.avg10, MT_U_CENTI),
	MEMBER(memory_full.avg10, MT_U_CENTI),
	MEMBER(memory_some.stall_ns, MT_U_NS),
	MEMBER(memory_full.stall_ns, MT_U_NS),
	MEMBER(cpu_some.avg10, MT_U_CENTI),
	MEMBER(cpu_some.stall_ns, MT_U_NS),
	MEMBER(io_some.avg10, MT_U_CENTI),
	MEMBER(io_full.avg10, MT_U_CENTI),
	MEMBER(io_some.stall_ns, MT_U_NS),
	MEMBER(io_full.stall_ns, MT_U_NS),
	{ 0 },
};

static struct {
	uint64_t mt_in_cgroup; /* 0: the whole host */
} ask;

static const struct mt_member asks[] = {
	{ "mt_in_cgroup", MT_U_CGROUP, 0, sizeof(ask.mt_in_cgroup), false, NULL },
	{ 0 },
};

/* Files stay open: a cgroup that is made anew under the old name begins at 0. */
static struct source {
	const char *name;
	int fd;
	struct mt_pressure before;
} memory = { .name = "memory", .fd = -1 }, cpu = { .name = "cpu", .fd = -1 }, io = { .name = "io", .fd = -1 };

static int loadavg = -1;
static char *text;
static size_t text_size;

static bool read_source(struct source *s, struct mt_pressure *now)
{
	if (s->fd >= 0 && !mt_host_text(s->fd, &text, &text_size) && mt_pressure_parse(text, now))
		return true;
	memset(now, 0, sizeof(*now));
	return false;
}

/* Said once, for what the tool is there for: why there is nothing. */
static void no_pressure(const char *path, int err)
{
	if (ask.mt_in_cgroup)
		mt_note("%s: %s: pressure is null (pressure may be switched off: psi=1, or cgroup.pressure of the "
			"group)",
			path, strerror(err));
	else
		mt_note("%s: %s: pressure is null. It takes a kernel built with CONFIG_PSI, and psi=1 on its command "
			"line where CONFIG_PSI_DEFAULT_DISABLED is set",
			path, strerror(err));
}

static void open_source(struct source *s)
{
	const char *group = ask.mt_in_cgroup ? mt_cgroup_path(ask.mt_in_cgroup) : NULL;
	char path[2 * PATH_MAX];
	int err = 0;

	if (group)
		snprintf(path, sizeof(path), "%s%s/%s.pressure", mt_cgroup_root(), group, s->name);
	else
		snprintf(path, sizeof(path), "/proc/pressure/%s", s->name);
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		err = errno;
	else if (!read_source(s, &s->before))
		err = -mt_host_text(s->fd, &text, &text_size); /* EOPNOTSUPP: built in, and switched off */
	if (s == &memory && (err || !s->before.of[MT_SOME].there))
		no_pressure(path, err ? err : EINVAL);
}

static int open_files(void)
{
	if (ask.mt_in_cgroup && mt_cgroup_is_v1())
		return mt_cannot(0, "--cgroup: this host's cgroups are of version 1, which has no memory.pressure");
	loadavg = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	if (loadavg < 0)
		return mt_failed(errno, "/proc/loadavg");
	open_source(&memory);
	open_source(&cpu);
	open_source(&io);
	return 0;
}

/* What the counter grew by; null where either end of the interval is not known. */
static void fill(const struct mt_pressure *now, const struct mt_pressure *before, enum mt_stall which, uint32_t *avg10,
		 uint64_t *stall_ns, bool *moved)
{
	bool there = now->of[which].there;

	*avg10 = there ? now->of[which].avg10 : UNKNOWN32;
	*stall_ns = there && before->of[which].there ? (now->of[which].total_us - before->of[which].total_us) * 1000
						     : UNKNOWN;
	*moved |= *stall_ns && *stall_ns != UNKNOWN;
}

#define FILL(source, which, member) \
	fill(&now_##source, &source.before, which, &row.member.avg10, &row.member.stall_ns, &moved)

static int read_row(struct mt_sink *sink, bool rest)
{
	struct mt_pressure now_memory, now_cpu, now_io;
	struct mt_loadavg load;
	struct loads_row row;
	bool moved = false;
	int err = mt_host_text(loadavg, &text, &text_size);

	if (err || !mt_loadavg_parse(text, &load))
		return mt_failed(err, "/proc/loadavg: cannot be read");
	read_source(&memory, &now_memory);
	read_source(&cpu, &now_cpu);
	read_source(&io, &now_io);
	memset(&row, 0, sizeof(row));
	row.load1 = load.load[0];
	row.load5 = load.load[1];
	row.load15 = load.load[2];
	row.running = load.running;
	row.tasks = load.tasks;
	FILL(memory, MT_SOME, memory_some);
	FILL(memory, MT_FULL, memory_full);
	if (rest && !moved)
		return 0;
	FILL(cpu, MT_SOME, cpu_some);
	FILL(io, MT_SOME, io_some);
	FILL(io, MT_FULL, io_full);
	memory.before = now_memory;
	cpu.before = now_cpu;
	io.before = now_io;
	sink->row(sink, &row);
	return 0;
}

static void cgroup(const struct mt_row *row, struct mt_cell *cell)
{
	(void)row;
	mt_cell_string(cell, ask.mt_in_cgroup ? mt_cgroup_path(ask.mt_in_cgroup) : NULL);
}

static const struct mt_sample sample = {
	.members = members,
	.size = sizeof(struct loads_row),
	.asks = asks,
	.ask = &ask,
	.open = open_files,
	.read = read_row,
};

static const struct mt_col cols[] = {
	{ "ts", "TIME", -8, NULL, "end of the interval" },
	{ "load1", "LOAD1", 7, "load1", "tasks that ran or could not be interrupted in their sleep, of 1 minute" },
	{ "load5", "LOAD5", 7, "load5", "the same of 5 minutes" },
	{ "load15", "LOAD15", 7, "load15", "the same of 15 minutes" },
	{ "memory_some_avg10_percent", "MSOME%", 7, "memory_some.avg10",
	  "time in which some tasks waited for memory, per cent, average of 10 s", .flags = MT_MAYBE },
	{ "memory_full_avg10_percent", "MFULL%", 7, "memory_full.avg10",
	  "time in which all tasks that had work waited for memory", .flags = MT_MAYBE },
	{ "memory_some_stall_ns", "MSOMEms", 9, "memory_some.stall_ns",
	  "how long some tasks waited for memory in this interval", MT_MS, MT_MAYBE },
	{ "memory_full_stall_ns", "MFULLms", 9, "memory_full.stall_ns", "how long all tasks that had work did", MT_MS,
	  MT_MAYBE },
	{ "cpu_some_avg10_percent", "CSOME%", 7, "cpu_some.avg10", "time in which some tasks waited for a processor",
	  .flags = MT_WIDE | MT_MAYBE },
	{ "cpu_some_stall_ns", "CSOMEms", 9, "cpu_some.stall_ns", "how long some tasks did in this interval", MT_MS,
	  MT_WIDE | MT_MAYBE },
	{ "io_some_avg10_percent", "IOSOME%", 7, "io_some.avg10", "time in which some tasks waited for I/O",
	  .flags = MT_WIDE | MT_MAYBE },
	{ "io_full_avg10_percent", "IOFULL%", 7, "io_full.avg10", "time in which all that had work waited for I/O",
	  .flags = MT_WIDE | MT_MAYBE },
	{ "io_some_stall_ns", "IOSOMEms", 9, "io_some.stall_ns", "how long some tasks did in this interval", MT_MS,
	  MT_WIDE | MT_MAYBE },
	{ "io_full_stall_ns", "IOFULLms", 9, "io_full.stall_ns", "how long all that had work did", MT_MS,
	  MT_WIDE | MT_MAYBE },
	{ "running", "RUN", 5, "running", "threads that can run just now, this tool's among them", .flags = MT_WIDE },
	{ "tasks", "TASKS", 7, "tasks", "threads that there are", .flags = MT_WIDE },
	{ "cgroup", "CGROUP", 0, NULL, "whose pressure it is, with --cgroup", .flags = MT_HIDDEN, .fill = cgroup },
	{ 0 },
};

MT_TOOL(loads, .group = MT_STATE, .summary = "load averages, and time lost waiting for memory, each interval",
	.about = "Prints the load averages of 1, 5 and 15 minutes, and beside them pressure stall information: how "
		 "long tasks stood still for want of memory, as an average of 10 seconds in per cent and exactly, "
		 "for this interval. It reads files of the kernel only, and runs without privilege.\n"
		 "With --cgroup the pressure is that group's, and those below it; load averages are always the whole "
		 "host's.",
	.examples = "\ta line each second until Ctrl-C\n"
		    "5 12\ta minute, by five seconds\n"
		    "--wide -c /system.slice\tpressure of that cgroup, of processors and I/O too\n"
		    "--json -- make\tfor a machine, as long as the command runs",
	.view = { .source = MT_SAMPLED, .interval = 1, .cols = cols, .sample = &sample });
