// SPDX-License-Identifier: GPL-2.0-only
/* What this kernel offers to a tracer, found out by trying where a file cannot tell. */
#include "fact.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "cgroup.h"
#include "host.h"
#include "kbtf.h"

/* A function that every kernel has, and that may be hooked where any may. */
#define A_FUNCTION   "vfs_read"
#define A_TRACEPOINT "sched_process_exit"

#define NEEDS_CAPS "cannot be seen without CAP_BPF and CAP_PERFMON"

const char *const mt_state_name[] = {
	[MT_YES] = "yes",
	[MT_NO] = "no",
	[MT_UNSEEN] = "unseen",
};

static enum mt_state say(enum mt_state state, char *detail, size_t size, const char *text)
{
	snprintf(detail, size, "%s", text);
	return state;
}

static enum mt_state kernel(char *detail, size_t size)
{
	struct utsname u;

	uname(&u);
	snprintf(detail, size, "%s %s", u.release, u.machine);
	return MT_YES;
}

static enum mt_state btf(char *detail, size_t size)
{
	struct mt_kbtf *kbtf;
	struct stat st;
	int err = mt_kbtf_open(&kbtf, MT_KBTF_PATH);

	if (err == -ENOENT)
		return say(MT_NO, detail, size,
			   "no " MT_KBTF_PATH ": a kernel with CONFIG_DEBUG_INFO_BTF has it, once /sys is mounted");
	if (err) {
		snprintf(detail, size, MT_KBTF_PATH ": %s", strerror(-err));
		return err == -EACCES || err == -EPERM ? MT_UNSEEN : MT_NO;
	}
	mt_kbtf_close(kbtf);
	stat(MT_KBTF_PATH, &st);
	snprintf(detail, size, "%.1f MB", (double)st.st_size / 1e6);
	return MT_YES;
}

static enum mt_state lockdown(char *detail, size_t size)
{
	char line[128], *level, *end;

	if (!mt_host_line("/sys/kernel/security/lockdown", line, sizeof(line))) {
		if (errno == EACCES)
			return say(MT_UNSEEN, detail, size, "/sys/kernel/security/lockdown may not be read");
		return say(MT_UNSEEN, detail, size,
			   "no /sys/kernel/security/lockdown: not in this kernel, or securityfs is not mounted");
	}
	level = strchr(line, '[');
	end = level ? strchr(level, ']') : NULL;
	if (!end)
		return say(MT_UNSEEN, detail, size, line);
	*end = '\0';
	snprintf(detail, size, "%s", level + 1);
	return strcmp(level + 1, "none") != 0 ? MT_YES : MT_NO;
}

/* Loads and attaches a program that does nothing; a negative errno of the step that failed. */
static int try_typed(enum bpf_attach_type type, uint32_t id)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type, .attach_btf_id = id);
	int prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "check", "GPL", insns, 2, &opts), link, err = 0;

	if (prog < 0)
		return -errno;
	link = bpf_raw_tracepoint_open(NULL, prog);
	if (link < 0)
		err = -errno;
	else
		close(link);
	close(prog);
	return err;
}

static enum mt_state typed(char *detail, size_t size, enum bpf_attach_type type)
{
	struct mt_kbtf *kbtf;
	uint32_t id;
	int err;

	if (mt_kbtf_open(&kbtf, MT_KBTF_PATH))
		return say(MT_NO, detail, size, "needs BTF");
	mt_kbtf_wish_func(kbtf, A_FUNCTION);
	mt_kbtf_wish_tracepoint(kbtf, A_TRACEPOINT);
	id = type == BPF_TRACE_FENTRY ? mt_kbtf_func(kbtf, A_FUNCTION) : mt_kbtf_tracepoint(kbtf, A_TRACEPOINT);
	mt_kbtf_close(kbtf);
	err = id ? try_typed(type, id) : -ENOENT;
	if (!err)
		return say(MT_YES, detail, size,
			   type == BPF_TRACE_FENTRY ? "a program was loaded and attached to " A_FUNCTION
						    : "a program was loaded and attached to " A_TRACEPOINT);
	if (!mt_host_may_bpf())
		return say(MT_UNSEEN, detail, size, NEEDS_CAPS);
	snprintf(detail, size, "%s%s", strerror(-err),
		 err == -EPERM ? ": a policy of this host forbids it (a security module, or lockdown)" : "");
	return MT_NO;
}

static enum mt_state typed_tracepoints(char *detail, size_t size)
{
	return typed(detail, size, BPF_TRACE_RAW_TP);
}

static enum mt_state fentry(char *detail, size_t size)
{
	return typed(detail, size, BPF_TRACE_FENTRY);
}

static int perf_open(struct perf_event_attr *attr)
{
	int fd = syscall(SYS_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static enum mt_state kprobes(char *detail, size_t size)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .config1 = (uintptr_t)A_FUNCTION };
	char line[32];
	int err;

	if (!mt_host_kprobes())
		return say(MT_NO, detail, size, "this kernel was built without CONFIG_KPROBE_EVENTS");
	if (!mt_host_line("/sys/bus/event_source/devices/kprobe/type", line, sizeof(line)))
		return say(MT_YES, detail, size, "by tracefs");
	attr.type = atoi(line);
	err = perf_open(&attr);
	if (!err)
		return say(MT_YES, detail, size, "one was set on " A_FUNCTION);
	if (!mt_host_may_bpf())
		return say(MT_UNSEEN, detail, size, NEEDS_CAPS);
	snprintf(detail, size, "%s%s", strerror(-err), err == -EPERM ? ": lockdown=confidentiality forbids them" : "");
	return MT_NO;
}

static enum mt_state tracefs(char *detail, size_t size)
{
	const char *at = mt_host_tracefs();

	if (at)
		return say(MT_YES, detail, size, at);
	return say(geteuid() ? MT_UNSEEN : MT_NO, detail, size,
		   geteuid() ? "only root may look"
			     : "not mounted, or empty under lockdown=confidentiality (mount -t tracefs none "
			       "/sys/kernel/tracing); no tool needs it");
}

static enum mt_state ring_buffer(char *detail, size_t size)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "check", 0, 0, sysconf(_SC_PAGESIZE), NULL);

	if (fd >= 0) {
		close(fd);
		return say(MT_YES, detail, size, "a map was made");
	}
	if (errno == EPERM)
		return say(MT_UNSEEN, detail, size, NEEDS_CAPS);
	snprintf(detail, size, "%s: it came with 5.8", strerror(errno));
	return MT_NO;
}

static enum mt_state perf(char *detail, size_t size)
{
	struct perf_event_attr software = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(software), .exclude_kernel = 1 };
	struct perf_event_attr hardware = { .type = PERF_TYPE_HARDWARE, .size = sizeof(hardware), .exclude_kernel = 1 };
	int soft = perf_open(&software), hard = perf_open(&hardware);

	snprintf(detail, size, "software: %s; hardware: %s", soft ? strerror(-soft) : "yes",
		 !hard		   ? "yes"
		 : hard == -ENOENT ? "no PMU"
				   : strerror(-hard));
	return soft ? (soft == -EACCES || soft == -EPERM ? MT_UNSEEN : MT_NO) : MT_YES;
}

static enum mt_state capabilities(char *detail, size_t size)
{
	static const struct {
		int bit;
		const char *name;
	} wanted[] = {
		{ CAP_BPF, "CAP_BPF" },
		{ CAP_PERFMON, "CAP_PERFMON" },
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
		{ CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE" },
		{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH" },
		{ CAP_SYSLOG, "CAP_SYSLOG" },
	};
	uint64_t caps = mt_host_capabilities();
	size_t n = 0;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		n += snprintf(detail + n, size - n, "%s%s%s", n ? ", " : "", caps >> wanted[i].bit & 1 ? "" : "no ",
			      wanted[i].name);
	return mt_host_may_bpf() ? MT_YES : MT_NO;
}

static enum mt_state cgroup(char *detail, size_t size)
{
	if (!mt_cgroup_init())
		return say(MT_NO, detail, size, "no cgroup tree is mounted");
	snprintf(detail, size, "memory controller on version %d, %s", mt_cgroup_is_v1() ? 1 : 2, mt_cgroup_root());
	return MT_YES;
}

static enum mt_state swap(char *detail, size_t size)
{
	uint64_t total = 0, unused = 0;

	if (!mt_host_number("/proc/meminfo", "SwapTotal", &total))
		return say(MT_UNSEEN, detail, size, "/proc/meminfo cannot be read");
	mt_host_number("/proc/meminfo", "SwapFree", &unused);
	if (!total)
		return say(MT_NO, detail, size, "none is in use");
	snprintf(detail, size, "%llu MB, %llu MB of it used", (unsigned long long)total >> 10,
		 (unsigned long long)(total - unused) >> 10);
	return MT_YES;
}

const struct mt_fact mt_facts[] = {
	{ "kernel", kernel },	  { "btf", btf },
	{ "lockdown", lockdown }, { "tp_btf", typed_tracepoints },
	{ "fentry", fentry },	  { "kprobe", kprobes },
	{ "tracefs", tracefs },	  { "ring_buffer", ring_buffer },
	{ "perf", perf },	  { "capabilities", capabilities },
	{ "cgroup", cgroup },	  { "swap", swap },
	{ NULL, NULL },
};
