/* SPDX-License-Identifier: GPL-2.0-only */
/* A small kernel's types, with all that is awkward in one; and those of a probe that asks for some. */
#ifndef MT_KERNEL_BTF_H
#define MT_KERNEL_BTF_H

#include "fake.h"

/* Types of no interest, so that the others are at no start of a stride. */
static inline void filler(struct fake *f, int n)
{
	char name[32];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "filler_%u", btf__type_cnt(f->btf));
		btf__add_struct(f->btf, name, 8);
		btf__add_field(f->btf, "pid", f->u64, 0, 0);
	}
}

static inline int proto_of(struct fake *f, int args)
{
	int id = btf__add_func_proto(f->btf, 0);

	for (int i = 0; i < args; i++)
		btf__add_func_param(f->btf, "arg", f->u64);
	return id;
}

static inline void tracepoint(struct fake *f, const char *name, int args)
{
	char full[64];
	int proto = proto_of(f, args + 1);

	snprintf(full, sizeof(full), "btf_trace_%s", name);
	btf__add_typedef(f->btf, full, btf__add_ptr(f->btf, proto));
}

static inline void function(struct fake *f, const char *name, int args)
{
	int proto = proto_of(f, args);

	btf__add_func(f->btf, name, BTF_FUNC_GLOBAL, proto);
}

#define FIELD(f, name, type, bit)	btf__add_field((f)->btf, name, type, bit, 0)
#define BITS(f, name, type, bit, width) btf__add_field((f)->btf, name, type, bit, width)

static inline void kernel_btf(struct fake *f)
{
	int chain, deep, inner, anonymous, nested, array, comm, kind, negative, big, pointer, parent, lone, names, real;

	fake_init(f);
	filler(f, 100);
	chain = fake_typedef(f, "pid_t", fake_typedef(f, "__kernel_pid_t", f->s32));
	chain = btf__add_volatile(f->btf, btf__add_const(f->btf, chain));
	comm = fake_array(f, f->character, 16);
	real = btf__add_float(f->btf, "double", 8);
	kind = btf__add_enum(f->btf, "kind", 4);
	btf__add_enum_value(f->btf, "KIND_A", 0);
	btf__add_enum_value(f->btf, "KIND_B", 7);
	negative = btf__add_enum(f->btf, "negative", 4);
	btf__add_enum_value(f->btf, "NEGATIVE_MINUS", -5);
	btf__add_enum_value(f->btf, "NEGATIVE_PLUS", 5);
	big = btf__add_enum64(f->btf, "big", 8, false);
	btf__add_enum64_value(f->btf, "BIG_A", 1ULL << 40);
	btf__add_enum64_value(f->btf, "BIG_B", UINT64_MAX);
	lone = btf__add_enum(f->btf, NULL, 4);
	btf__add_enum_value(f->btf, "LONE_A", 3);
	filler(f, 27);

	/* struct { u64 unwanted; union { struct { u32 lo, hi; }; u64 both; }; } */
	inner = btf__add_struct(f->btf, NULL, 8);
	FIELD(f, "lo", f->u32, 0);
	FIELD(f, "hi", f->u32, 32);
	anonymous = btf__add_union(f->btf, NULL, 8);
	FIELD(f, NULL, inner, 0);
	FIELD(f, "both", f->u64, 0);
	anonymous = btf__add_const(f->btf, anonymous); /* as in vm_fault */
	deep = btf__add_struct(f->btf, NULL, 16);
	FIELD(f, "unwanted", f->u64, 0);
	FIELD(f, NULL, anonymous, 64);

	nested = btf__add_struct(f->btf, "nested", 16);
	FIELD(f, "counter", f->u64, 0);
	FIELD(f, "val", f->u32, 64);
	array = fake_array(f, fake_typedef(f, "nested_t", nested), 4);
	filler(f, 64);
	pointer = btf__add_ptr(f->btf, nested);
	names = fake_array(f, pointer, 3);
	parent = btf__add_ptr(f->btf, btf__type_cnt(f->btf) + 1); /* to the struct that comes next */
	btf__add_struct(f->btf, "task", 256);
	FIELD(f, "pid", chain, 0);
	BITS(f, "flag", f->u32, 32, 1);
	BITS(f, "width", f->u32, 33, 7);
	BITS(f, "odd", kind, 40, 9);
	FIELD(f, NULL, deep, 64);
	FIELD(f, "nested", nested, 192);
	FIELD(f, "array", array, 320);
	FIELD(f, "pointer", pointer, 832);
	FIELD(f, "parent", parent, 896);
	FIELD(f, "kind", kind, 960);
	FIELD(f, "negative", negative, 992);
	FIELD(f, "big", big, 1024);
	FIELD(f, "comm", comm, 1088);
	FIELD(f, "names", names, 1216);
	FIELD(f, "lone", lone, 1408);
	FIELD(f, "ratio", real, 1472);
	FIELD(f, "unwanted_too", f->u64, 1536);

	/* two of a name, as where two files of the kernel each have one */
	btf__add_struct(f->btf, "twice", 8);
	FIELD(f, "value", f->u64, 0);
	filler(f, 3);
	btf__add_struct(f->btf, "twice", 24);
	FIELD(f, "before", f->u64, 0);
	FIELD(f, "value", f->u32, 64);
	/* a union and a typedef with the name of a struct */
	btf__add_union(f->btf, "nested", 4);
	FIELD(f, "counter", f->u32, 0);
	btf__add_typedef(f->btf, "task", f->u32);
	btf__add_fwd(f->btf, "only_declared", BTF_FWD_STRUCT);

	btf__add_struct(f->btf, "flavoured", 16);
	FIELD(f, "new_member", f->u64, 64);

	tracepoint(f, "begin", 2);
	tracepoint(f, "end", 0);
	function(f, "shrink", 5);
	function(f, "task", 1);
	btf__add_var(f->btf, "shrink", BTF_VAR_GLOBAL_ALLOCATED, f->u32);
	filler(f, 130);
}

/* What a probe would have: own numbers for everything, members in another order, some that are not there. */
static inline void probe_btf(struct fake *f)
{
	int nested, array, kind, pointer;

	fake_init(f);
	kind = btf__add_enum(f->btf, "kind", 4);
	btf__add_enum_value(f->btf, "KIND_B", 1);
	btf__add_enum_value(f->btf, "KIND_NONE", 2);
	btf__add_enum(f->btf, "negative___new", 4);
	btf__add_enum_value(f->btf, "NEGATIVE_MINUS", 1);
	btf__add_enum64(f->btf, "big", 8, false);
	btf__add_enum64_value(f->btf, "BIG_B", 1);
	nested = btf__add_struct(f->btf, "nested", 8);
	FIELD(f, "val", f->u32, 0);
	array = fake_array(f, nested, 1);
	pointer = btf__add_ptr(f->btf, nested);
	btf__add_struct(f->btf, "task", 64);
	FIELD(f, "comm", f->u64, 0);
	FIELD(f, "array", array, 64);
	FIELD(f, "hi", f->u32, 128);
	FIELD(f, "both", f->u64, 192);
	FIELD(f, "flag", f->u32, 256);
	FIELD(f, "width", f->u32, 288);
	FIELD(f, "odd", kind, 320);
	FIELD(f, "pid", f->s32, 352);
	FIELD(f, "pointer", pointer, 384);
	FIELD(f, "parent", pointer, 448);
	btf__add_struct(f->btf, "task___old", 64);
	FIELD(f, "gone", f->u64, 0);
	FIELD(f, "nested", nested, 64);
	FIELD(f, "negative", f->s32, 128);
	FIELD(f, "big", f->u64, 192);
	FIELD(f, "kind", kind, 256);
	FIELD(f, "names", f->u64, 320);
	FIELD(f, "lone", f->u32, 384);
	FIELD(f, "ratio", f->u64, 448);
	btf__add_struct(f->btf, "twice", 8);
	FIELD(f, "value", f->u64, 0);
	btf__add_struct(f->btf, "only_declared", 8);
	FIELD(f, "value", f->u64, 0);
	btf__add_struct(f->btf, "flavoured___new", 8);
	FIELD(f, "new_member", f->u64, 0);
	btf__add_struct(f->btf, "not_there", 8);
	FIELD(f, "value", f->u64, 0);
	btf__add_union(f->btf, "nested___union", 8);
	FIELD(f, "counter", f->u32, 0);
}

#endif
