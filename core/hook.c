// SPDX-License-Identifier: GPL-2.0-only
/* The ways in which a program can be attached to the kernel. */
#include "hook.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kbtf.h"
#include "perf.h"

static struct bpf_link *attach_typed(struct bpf_program *prog, const char *target, int cpu)
{
	(void)target;
	(void)cpu;
	return bpf_program__attach_trace(prog);
}

static struct bpf_link *attach_kprobe(struct bpf_program *prog, const char *target, int cpu)
{
	(void)cpu;
	return bpf_program__attach_kprobe(prog, false, target);
}

static struct bpf_link *attach_kretprobe(struct bpf_program *prog, const char *target, int cpu)
{
	(void)cpu;
	return bpf_program__attach_kprobe(prog, true, target);
}

static struct bpf_link *attach_tp(struct bpf_program *prog, const char *target, int cpu)
{
	char category[64];
	const char *slash = strchr(target, '/');

	(void)cpu;
	if (!slash) {
		errno = EINVAL;
		return NULL;
	}
	snprintf(category, sizeof(category), "%.*s", (int)(slash - target), target);
	return bpf_program__attach_tracepoint(prog, category, slash + 1);
}

/* At each event, of which perf counts those of one CPU. */
static struct bpf_link *attach_event(struct bpf_program *prog, const char *target, int cpu)
{
	struct perf_event_attr attr;
	struct bpf_link *link;
	int fd, err;

	if (!mt_perf_parse(target, &attr)) {
		errno = EINVAL;
		return NULL;
	}
	attr.sample_period = 1;
	attr.sample_type = PERF_SAMPLE_ADDR;
	fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return NULL;
	link = bpf_program__attach_perf_event(prog, fd); /* which closes fd with the link */
	if (!link) {
		err = errno;
		close(fd);
		errno = err;
	}
	return link;
}

#define TYPED(type, find, wish) BPF_PROG_TYPE_TRACING, true, type, find, wish, attach_typed, false
#define UNTYPED(as, attach)	as, false, 0, NULL, NULL, attach, false
#define BY_CPU(as, attach)	as, false, 0, NULL, NULL, attach, true

const struct mt_hook_kind mt_hooks[MT_HOOKS] = {
	[MT_HOOK_TP_BTF] = { "tp_btf", "tp_btf/",
			     TYPED(BPF_TRACE_RAW_TP, mt_kbtf_tracepoint, mt_kbtf_wish_tracepoint) },
	[MT_HOOK_FENTRY] = { "fentry", "fentry/", TYPED(BPF_TRACE_FENTRY, mt_kbtf_func, mt_kbtf_wish_func) },
	[MT_HOOK_FEXIT] = { "fentry", "fexit/", TYPED(BPF_TRACE_FEXIT, mt_kbtf_func, mt_kbtf_wish_func) },
	[MT_HOOK_KPROBE] = { "kprobe", "kprobe/", UNTYPED(BPF_PROG_TYPE_KPROBE, attach_kprobe) },
	[MT_HOOK_KRETPROBE] = { "kprobe", "kretprobe/", UNTYPED(BPF_PROG_TYPE_KPROBE, attach_kretprobe) },
	[MT_HOOK_CALL] = { "call", "call/", UNTYPED(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL) },
	[MT_HOOK_TP] = { "tp", "tp/", UNTYPED(BPF_PROG_TYPE_TRACEPOINT, attach_tp) },
	[MT_HOOK_PERF] = { "perf", "perf_event/", BY_CPU(BPF_PROG_TYPE_PERF_EVENT, attach_event) },
};

unsigned mt_hook_mask(const char *name)
{
	unsigned mask = 0;

	for (int h = 0; h < MT_HOOKS; h++)
		if (!strcmp(mt_hooks[h].name, name))
			mask |= 1U << h;
	return mask;
}

int mt_hook_of(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	for (int h = 0; h < MT_HOOKS; h++)
		if (!strncmp(section, mt_hooks[h].section, strlen(mt_hooks[h].section)))
			return h;
	return -1;
}
