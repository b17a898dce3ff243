/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways in which a program can be attached to the kernel. */
#ifndef MT_HOOK_H
#define MT_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include <bpf/libbpf.h>

struct mt_kbtf;

enum mt_hook {
	MT_HOOK_TP_BTF,
	MT_HOOK_FENTRY,
	MT_HOOK_FEXIT,
	MT_HOOK_KPROBE,
	MT_HOOK_KRETPROBE,
	MT_HOOK_TP,
	MT_HOOK_PERF, /* an event that perf counts */
	MT_HOOK_CALL, /* by core itself, on each processor: mt_object_call() */
	MT_HOOKS,
};

struct mt_hook_kind {
	const char *name;    /* as --hook takes it; entry and return of a function share one */
	const char *section; /* what the names of its programs' sections begin with */
	enum bpf_prog_type load_as;
	bool typed;		   /* names its target by an id among the kernel's types, and is one of... */
	enum bpf_attach_type type; /* ...these */
	uint32_t (*find)(struct mt_kbtf *kbtf, const char *target); /* that id; NULL: only attaching can tell */
	int (*wish)(struct mt_kbtf *kbtf, const char *target);	    /* before it */
	/* NULL: errno says why, ENODEV: that CPU is not there; no such function: not at all */
	struct bpf_link *(*attach)(struct bpf_program *prog, const char *target, int cpu);
	bool by_cpu; /* on each CPU by itself */
};

extern const struct mt_hook_kind mt_hooks[MT_HOOKS];

/* Mask (1 << hook) of the hooks of that name, 0: no such name. */
unsigned mt_hook_mask(const char *name);

/* The hook that a program's section asks for, or -1. */
int mt_hook_of(const struct bpf_program *prog);

#endif
