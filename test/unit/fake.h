/* SPDX-License-Identifier: GPL-2.0-only */
/* A record's types made in memory, and an object that has them: for tests that wrap mt_object_*(). */
#ifndef MT_FAKE_H
#define MT_FAKE_H

#include <bpf/btf.h>

#include "object.h"

struct fake {
	struct btf *btf;
	int u8, u16, u32, u64, s32, s64, character, boolean;
};

static inline int fake_typedef(struct fake *f, const char *name, int of)
{
	return btf__add_typedef(f->btf, name, of);
}

static inline int fake_array(struct fake *f, int of, uint32_t n)
{
	return btf__add_array(f->btf, f->u32, of, n);
}

static inline void fake_init(struct fake *f)
{
	f->btf = btf__new_empty();
	f->u8 = btf__add_int(f->btf, "unsigned char", 1, 0);
	f->u16 = btf__add_int(f->btf, "unsigned short", 2, 0);
	f->u32 = btf__add_int(f->btf, "unsigned int", 4, 0);
	f->u64 = btf__add_int(f->btf, "unsigned long long", 8, 0);
	f->s32 = btf__add_int(f->btf, "int", 4, BTF_INT_SIGNED);
	f->s64 = btf__add_int(f->btf, "long long", 8, BTF_INT_SIGNED);
	f->character = btf__add_int(f->btf, "char", 1, BTF_INT_SIGNED);
	f->boolean = btf__add_int(f->btf, "_Bool", 1, BTF_INT_BOOL);
}

#endif
