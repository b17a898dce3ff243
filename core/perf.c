// SPDX-License-Identifier: GPL-2.0-only
/* Events that the kernel or the processor counts. */
#include "perf.h"

#include <ctype.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define CACHE(level, op, result) \
	(PERF_COUNT_HW_CACHE_##level | PERF_COUNT_HW_CACHE_OP_##op << 8 | PERF_COUNT_HW_CACHE_RESULT_##result << 16)

static const struct {
	const char *name;
	uint32_t type;
	uint64_t config;
} named[] = {
	{ "cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES },
	{ "cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
	{ "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "cpu-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
	{ "branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
	{ "branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES },
	{ "LLC-loads", PERF_TYPE_HW_CACHE, CACHE(LL, READ, ACCESS) },
	{ "LLC-load-misses", PERF_TYPE_HW_CACHE, CACHE(LL, READ, MISS) },
	{ "LLC-stores", PERF_TYPE_HW_CACHE, CACHE(LL, WRITE, ACCESS) },
	{ "LLC-store-misses", PERF_TYPE_HW_CACHE, CACHE(LL, WRITE, MISS) },
	{ "L1-dcache-loads", PERF_TYPE_HW_CACHE, CACHE(L1D, READ, ACCESS) },
	{ "L1-dcache-load-misses", PERF_TYPE_HW_CACHE, CACHE(L1D, READ, MISS) },
	{ "dTLB-loads", PERF_TYPE_HW_CACHE, CACHE(DTLB, READ, ACCESS) },
	{ "dTLB-load-misses", PERF_TYPE_HW_CACHE, CACHE(DTLB, READ, MISS) },
	{ "node-loads", PERF_TYPE_HW_CACHE, CACHE(NODE, READ, ACCESS) },
	{ "node-load-misses", PERF_TYPE_HW_CACHE, CACHE(NODE, READ, MISS) },
	{ "page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
	{ "minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN },
	{ "major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ },
	{ "context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
	{ "cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
	{ "cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK },
};

static bool raw(const char *name, uint64_t *config)
{
	size_t digits = name[0] == 'r' ? strspn(name + 1, "0123456789abcdefABCDEF") : 0;

	if (!digits || digits > 16 || name[1 + digits])
		return false;
	*config = strtoull(name + 1, NULL, 16);
	return true;
}

bool mt_perf_parse(const char *name, struct perf_event_attr *attr)
{
	uint64_t config;

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strcmp(named[i].name, name)) {
			attr->type = named[i].type;
			attr->config = named[i].config;
			return true;
		}
	if (!raw(name, &config))
		return false;
	attr->type = PERF_TYPE_RAW;
	attr->config = config;
	return true;
}

static const char *because(int err, bool hardware, bool grouped)
{
	if (err == -EACCES || err == -EPERM)
		return "not permitted: it takes CAP_PERFMON";
	if (err == -EINVAL && grouped)
		return "the processor cannot count it together with the other event";
	if ((err == -ENOENT || err == -EOPNOTSUPP || err == -ENODEV) && hardware)
		return "the kernel finds no such counter (PMU) in this processor. A virtual machine has one only if "
		       "its "
		       "host passes it on (KVM: a vPMU, on hardware that has one), and then often without cache events";
	return strerror(-err);
}

static int open_one(struct mt_perf *p, int cpu, size_t i)
{
	int *fds = p->fds + (size_t)cpu * p->n, err;
	struct perf_event_attr attr;

	if (!mt_perf_parse(p->of[i].name, &attr))
		return -EINVAL;
	attr.disabled = !i; /* the others go with the first */
	attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	fds[i] = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, i ? fds[0] : -1, PERF_FLAG_FD_CLOEXEC);
	err = fds[i] < 0 ? -errno : 0;
	if (err == -ENODEV && !i)
		return err; /* gone meanwhile */
	if (err)
		snprintf(p->why, sizeof(p->why), "%s: %s", p->of[i].name,
			 because(err, attr.type != PERF_TYPE_SOFTWARE, i > 0));
	else if (bpf_map_update_elem(p->of[i].fd, &cpu, fds + i, BPF_ANY))
		err = -errno;
	return err;
}

static bool online(int cpu)
{
	char path[64], line[8];
	FILE *f;
	bool on;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	f = fopen(path, "re");
	on = !f || !fgets(line, sizeof(line), f) || line[0] == '1'; /* the first has no such file */
	if (f)
		fclose(f);
	return on;
}

/* A file for each event and processor is more than the usual limit on a large host. */
static void more_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int mt_perf_open(struct mt_perf *p)
{
	size_t opened = 0;

	p->cpus = libbpf_num_possible_cpus();
	p->fds = p->cpus > 0 ? malloc(p->cpus * p->n * sizeof(*p->fds)) : NULL;
	if (!p->fds)
		return -ENOMEM;
	more_files();
	memset(p->fds, -1, p->cpus * p->n * sizeof(*p->fds));
	for (int cpu = 0; cpu < p->cpus; cpu++) {
		int err = 0;

		if (!online(cpu))
			continue;
		for (size_t i = 0; !err && i < p->n; i++)
			err = open_one(p, cpu, i);
		if (err && err != -ENODEV)
			return err;
		opened += !err;
	}
	if (!opened)
		snprintf(p->why, sizeof(p->why), "%s: %s", p->of[0].name, because(-ENODEV, true, false));
	return opened ? 0 : -ENODEV;
}

void mt_perf_start(const struct mt_perf *p)
{
	for (int cpu = 0; p->fds && cpu < p->cpus; cpu++)
		if (p->fds[(size_t)cpu * p->n] >= 0)
			ioctl(p->fds[(size_t)cpu * p->n], PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
}

void mt_perf_close(struct mt_perf *p)
{
	for (size_t i = 0; p->fds && i < p->cpus * p->n; i++)
		if (p->fds[i] >= 0)
			close(p->fds[i]);
	free(p->fds);
	p->fds = NULL;
}
