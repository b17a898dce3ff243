/* SPDX-License-Identifier: GPL-2.0-only */
/* Is a reduced BTF as good as the full one, for all that an object's relocations can ask? */
#ifndef MT_KBTF_COMPARE_H
#define MT_KBTF_COMPARE_H

#include <bpf/btf.h>

#include "kbtf.h"
#include "reduce.h"
#include "test.h"

struct found {
	uint32_t type;
	uint64_t bit_offset;
	unsigned bits;
};

static unsigned compared; /* members and enumerators that both have */

static inline uint32_t strip(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t))) {
		id = t->type;
		t = btf__type_by_id(btf, id);
	}
	return id;
}

static inline const char *name_of(const struct btf *btf, uint32_t offset)
{
	const char *name = btf__name_by_offset(btf, offset);

	return name ? name : "";
}

/* As C finds it: also in members that have no name. */
static inline bool find_member(const struct btf *btf, uint32_t id, const char *name, uint64_t base, struct found *f)
{
	const struct btf_type *t = btf__type_by_id(btf, strip(btf, id));

	for (int i = 0; t && btf_is_composite(t) && i < btf_vlen(t); i++) {
		const struct btf_member *m = btf_members(t) + i;
		const char *member = name_of(btf, m->name_off);
		uint64_t at = base + btf_member_bit_offset(t, i);

		if (!member[0] && find_member(btf, m->type, name, at, f))
			return true;
		if (member[0] && !strcmp(member, name)) {
			*f = (struct found){ m->type, at, btf_member_bitfield_size(t, i) };
			return true;
		}
	}
	return false;
}

static inline bool find_value(const struct btf *btf, const struct btf_type *t, const char *name, int64_t *value)
{
	for (int i = 0; i < btf_vlen(t); i++) {
		bool small = btf_is_enum(t);
		uint32_t off = small ? btf_enum(t)[i].name_off : btf_enum64(t)[i].name_off;

		if (strcmp(name_of(btf, off), name) != 0)
			continue;
		*value = small ? btf_enum(t)[i].val : (int64_t)btf_enum64_value(btf_enum64(t) + i);
		return true;
	}
	return false;
}

struct pair {
	const struct btf *full, *reduced, *local;
};

static inline void compare_types(const struct pair *p, uint32_t full, uint32_t reduced, uint32_t local);

static inline void compare_members(const struct pair *p, uint32_t full, uint32_t reduced, const struct btf_type *l)
{
	for (int i = 0; i < btf_vlen(l); i++) {
		const char *name = name_of(p->local, btf_members(l)[i].name_off);
		struct found a, b;
		bool has;

		if (!name[0]) {
			const struct btf_type *inner = btf__type_by_id(p->local, btf_members(l)[i].type);

			compare_members(p, full, reduced, inner);
			continue;
		}
		has = find_member(p->full, full, name, 0, &a);
		if (!ASSERT_EQ(find_member(p->reduced, reduced, name, 0, &b), has)) {
			printf("  member %s\n", name);
			continue;
		}
		if (!has)
			continue;
		compared++;
		if (!ASSERT_EQ(b.bit_offset, a.bit_offset) || !ASSERT_EQ(b.bits, a.bits))
			printf("  member %s\n", name);
		compare_types(p, a.type, b.type, btf_members(l)[i].type);
	}
}

static inline void compare_values(const struct pair *p, const struct btf_type *f, const struct btf_type *r,
				  const struct btf_type *l)
{
	for (int i = 0; i < btf_vlen(l); i++) {
		const char *name = name_of(p->local,
					   btf_is_enum(l) ? btf_enum(l)[i].name_off : btf_enum64(l)[i].name_off);
		int64_t a = 0, b = 0;
		bool has = find_value(p->full, f, name, &a);

		if (!ASSERT_EQ(find_value(p->reduced, r, name, &b), has) || !ASSERT_EQ(b, a))
			printf("  enumerator %s\n", name);
		compared += has;
	}
}

static inline void compare_types(const struct pair *p, uint32_t full, uint32_t reduced, uint32_t local)
{
	const struct btf_type *f, *r, *l = btf__type_by_id(p->local, strip(p->local, local));
	static int depth;

	full = strip(p->full, full);
	reduced = strip(p->reduced, reduced);
	f = btf__type_by_id(p->full, full);
	r = btf__type_by_id(p->reduced, reduced);
	if (!ASSERT_EQ(btf_kind(r), btf_kind(f)))
		return;
	if (!btf_is_ptr(f) && !btf_is_array(f)) /* a pointer's size is nowhere, and nobody follows it */
		ASSERT_EQ(r->size, f->size);
	if (btf_is_int(f)) {
		ASSERT_EQ(btf_int_encoding(r), btf_int_encoding(f));
		ASSERT_EQ(btf_int_bits(r), btf_int_bits(f));
	}
	if (btf_is_array(f)) {
		ASSERT_EQ(btf_array(r)->nelems, btf_array(f)->nelems);
		compare_types(p, btf_array(f)->type, btf_array(r)->type, btf_is_array(l) ? btf_array(l)->type : local);
	}
	if (btf_is_any_enum(f))
		ASSERT_EQ(btf_kflag(r), btf_kflag(f)); /* signed or not: BPF_CORE_FIELD_SIGNED */
	if (btf_is_any_enum(f) && btf_is_any_enum(l))
		compare_values(p, f, r, l);
	if (btf_is_composite(f) && btf_is_composite(l) && depth < 8) {
		depth++;
		compare_members(p, full, reduced, l);
		depth--;
	}
}

/* The next type behind @id that CO-RE would take for @name. */
static inline uint32_t next_candidate(const struct btf *btf, uint32_t id, const char *name, size_t len, bool any_enum,
				      unsigned kind)
{
	for (id++; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *other;

		if (any_enum ? !btf_is_any_enum(t) : btf_kind(t) != kind)
			continue;
		other = name_of(btf, t->name_off);
		if (!strncmp(other, name, len) && !other[len])
			return id;
	}
	return 0;
}

static inline size_t essential(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour != name ? (size_t)(flavour - name) : strlen(name);
}

/* All candidates for all types of @local, in the same order in both. */
static inline void compare(const struct btf *full, const struct btf *reduced, const struct btf *local)
{
	const struct pair p = { full, reduced, local };

	for (uint32_t id = 1; id < btf__type_cnt(local); id++) {
		const struct btf_type *t = btf__type_by_id(local, id);
		const char *name = name_of(local, t->name_off);
		uint32_t f = 0, r = 0;

		if (!name[0] || (!btf_is_composite(t) && !btf_is_any_enum(t)))
			continue;
		do {
			f = next_candidate(full, f, name, essential(name), btf_is_any_enum(t), btf_kind(t));
			r = next_candidate(reduced, r, name, essential(name), btf_is_any_enum(t), btf_kind(t));
			if (!ASSERT_EQ(r != 0, f != 0))
				printf("  %s\n", name);
			if (f && r)
				compare_types(&p, f, r, id);
		} while (f && r);
	}
}

/* @full, given as bytes, reduced to what @local can ask for; to be freed. */
static inline struct btf *reduce(const struct btf *local, struct mt_kbtf *kbtf)
{
	size_t size = 0;
	void *raw = NULL;
	struct btf *reduced = NULL;

	if (ASSERT_OK(mt_reduce_wish(kbtf, local)) && ASSERT_OK(mt_reduce(kbtf, local, &raw, &size)))
		reduced = btf__new(raw, size);
	free(raw);
	return reduced;
}

#endif
