// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's types reduced to what one object's relocations can ask for. */
#include "reduce.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "kbtf.h"

/* Flavours of one kernel type differ behind three underscores; CO-RE ignores that part. */
static size_t essential_len(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour != name ? (size_t)(flavour - name) : strlen(name);
}

static bool is_composite(const struct btf_type *t)
{
	return btf_is_composite(t) || btf_is_any_enum(t);
}

int mt_reduce_wish(struct mt_kbtf *k, const struct btf *local)
{
	for (uint32_t id = 1; id < btf__type_cnt(local); id++) {
		const struct btf_type *t = btf__type_by_id(local, id);
		const char *name = btf__name_by_offset(local, t->name_off);
		char essential[128];
		int err;

		if (!is_composite(t) || !name || !name[0])
			continue;
		snprintf(essential, sizeof(essential), "%.*s", (int)essential_len(name), name);
		err = mt_kbtf_wish_type(k, essential);
		if (err)
			return err;
	}
	return 0;
}

/* The work of one reduction. */
struct reduction {
	struct mt_kbtf *k;
	struct btf *out;
	const char **members; /* names of all members and enumerators of the local types, sorted */
	size_t nr_members;
	struct done {
		uint32_t from;
		int to; /* negative: begun, or it cannot be said */
	} * done;
	size_t nr_done, max_done;
	int err; /* something is missing that the kernel has */
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool names_member(const struct reduction *r, const char *name)
{
	return bsearch(&name, r->members, r->nr_members, sizeof(name), by_name) != NULL;
}

static int collect_members(struct reduction *r, const struct btf *local)
{
	size_t max = 0;

	for (uint32_t id = 1; id < btf__type_cnt(local); id++) {
		const struct btf_type *t = btf__type_by_id(local, id);

		if (is_composite(t))
			max += btf_vlen(t);
	}
	r->members = calloc(max + 1, sizeof(*r->members));
	if (!r->members)
		return -ENOMEM;
	for (uint32_t id = 1; id < btf__type_cnt(local); id++) {
		const struct btf_type *t = btf__type_by_id(local, id);

		for (unsigned i = 0; is_composite(t) && i < btf_vlen(t); i++) {
			uint32_t off = btf_is_composite(t) ? btf_members(t)[i].name_off
				     : btf_is_enum(t)	   ? btf_enum(t)[i].name_off
							   : btf_enum64(t)[i].name_off;
			const char *name = btf__name_by_offset(local, off);

			if (name && name[0])
				r->members[r->nr_members++] = name;
		}
	}
	qsort(r->members, r->nr_members, sizeof(*r->members), by_name);
	return 0;
}

static int reduce_type(struct reduction *r, uint32_t id, int depth);

/* A place for what becomes of @from; negative: no memory. */
static int begin(struct reduction *r, uint32_t from)
{
	if (r->nr_done == r->max_done) {
		size_t max = r->max_done ? 2 * r->max_done : 64;
		struct done *done = reallocarray(r->done, max, sizeof(*done));

		if (!done)
			return -ENOMEM;
		r->done = done;
		r->max_done = max;
	}
	r->done[r->nr_done] = (struct done){ from, -EINVAL };
	return (int)r->nr_done++;
}

static bool is_anonymous_composite(const struct mt_kbtf *k, uint32_t type)
{
	const struct btf_type *t = mt_kbtf_type(k, type);

	for (int hops = 0; t && btf_is_mod(t) && hops < 32; hops++) /* vm_fault has a const one */
		t = mt_kbtf_type(k, t->type);
	return t && btf_is_composite(t);
}

static int reduce_struct(struct reduction *r, const struct btf_type *t, int depth)
{
	const struct btf_member *m = (const void *)(t + 1);
	const char *name = mt_kbtf_name(r->k, t->name_off);
	unsigned vlen = BTF_INFO_VLEN(t->info);
	bool bitfields = BTF_INFO_KFLAG(t->info);
	int *types, id;

	types = calloc(vlen + 1, sizeof(*types));
	if (!types)
		return -ENOMEM;
	for (unsigned i = 0; i < vlen; i++) {
		const char *member = mt_kbtf_name(r->k, m[i].name_off);

		types[i] = -1;
		if (member[0] ? names_member(r, member) : is_anonymous_composite(r->k, m[i].type))
			types[i] = reduce_type(r, m[i].type, depth + 1);
	}
	id = BTF_INFO_KIND(t->info) == BTF_KIND_UNION ? btf__add_union(r->out, name, t->size)
						      : btf__add_struct(r->out, name, t->size);
	for (unsigned i = 0; i < vlen && id > 0; i++) {
		uint32_t offset = bitfields ? BTF_MEMBER_BIT_OFFSET(m[i].offset) : m[i].offset;
		uint32_t bits = bitfields ? BTF_MEMBER_BITFIELD_SIZE(m[i].offset) : 0;

		if (types[i] < 0)
			continue;
		if (btf__add_field(r->out, mt_kbtf_name(r->k, m[i].name_off), types[i], offset, bits))
			r->err = -EINVAL;
	}
	free(types);
	return id;
}

static int reduce_enum(struct reduction *r, const struct btf_type *t)
{
	const char *name = mt_kbtf_name(r->k, t->name_off);
	const struct btf_enum64 *big = (const void *)(t + 1);
	const struct btf_enum *small = (const void *)(t + 1);
	unsigned vlen = BTF_INFO_VLEN(t->info);
	int id;

	if (BTF_INFO_KIND(t->info) == BTF_KIND_ENUM64)
		id = btf__add_enum64(r->out, name, t->size, BTF_INFO_KFLAG(t->info));
	else
		id = btf__add_enum(r->out, name, t->size);
	for (unsigned i = 0; i < vlen && id > 0; i++) {
		bool wide = BTF_INFO_KIND(t->info) == BTF_KIND_ENUM64;
		const char *value = mt_kbtf_name(r->k, wide ? big[i].name_off : small[i].name_off);

		if (!names_member(r, value))
			continue;
		if (wide)
			btf__add_enum64_value(r->out, value, (uint64_t)big[i].val_hi32 << 32 | big[i].val_lo32);
		else
			btf__add_enum_value(r->out, value, small[i].val);
	}
	return id;
}

static int reduce_array(struct reduction *r, const struct btf_array *array, int depth)
{
	int inner = reduce_type(r, array->type, depth + 1), index = reduce_type(r, array->index_type, depth + 1);

	return inner < 0 || index < 0 ? -EINVAL : btf__add_array(r->out, index, inner, array->nelems);
}

static int make_type(struct reduction *r, const struct btf_type *t, int depth)
{
	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
		return btf__add_int(r->out, mt_kbtf_name(r->k, t->name_off), t->size, btf_int_encoding(t));
	case BTF_KIND_FLOAT:
		return btf__add_float(r->out, mt_kbtf_name(r->k, t->name_off), t->size);
	case BTF_KIND_PTR:
		return btf__add_ptr(r->out, 0);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return reduce_enum(r, t);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return reduce_struct(r, t, depth);
	case BTF_KIND_ARRAY:
		return reduce_array(r, (const void *)(t + 1), depth);
	default:
		return -EINVAL;
	}
}

/*
 * The kernel type @id in the reduced BTF: modifiers and typedefs dropped, pointers to nothing. CO-RE
 * looks through the former and never follows the latter. A type that holds itself, which no kernel has,
 * is found begun.
 */
static int reduce_type(struct reduction *r, uint32_t id, int depth)
{
	const struct btf_type *t = mt_kbtf_type(r->k, id);
	int nth, made;

	for (int hops = 0; t && (btf_is_mod(t) || btf_is_typedef(t)); hops++) {
		if (hops == 32)
			return -EINVAL;
		id = t->type;
		t = mt_kbtf_type(r->k, id);
	}
	if (!t)
		return -EINVAL;
	for (size_t i = 0; i < r->nr_done; i++)
		if (r->done[i].from == id)
			return r->done[i].to;
	nth = depth > 32 ? -E2BIG : begin(r, id);
	if (nth < 0)
		return r->err = nth;
	made = make_type(r, t, depth);
	if (made == -ENOMEM)
		r->err = made;
	r->done[nth].to = made;
	return made;
}

int mt_reduce(struct mt_kbtf *k, const struct btf *local, void **raw, size_t *size)
{
	struct reduction *r = calloc(1, sizeof(*r));
	const void *data;
	uint32_t len;
	int err;

	if (!r)
		return -ENOMEM;
	r->k = k;
	r->out = btf__new_empty();
	err = r->out ? mt_kbtf_scan(k) : -ENOMEM;
	if (!err)
		err = collect_members(r, local);
	for (size_t i = 0; !err && mt_kbtf_granted(k, i); i++)
		reduce_type(r, mt_kbtf_granted(k, i), 0);
	if (!err)
		err = r->err; /* a member left out would be taken for one that the kernel has not */
	if (!err) {
		data = btf__raw_data(r->out, &len);
		*raw = data ? malloc(len) : NULL;
		if (*raw) {
			memcpy(*raw, data, len);
			*size = len;
		} else {
			err = -ENOMEM;
		}
	}
	btf__free(r->out);
	free(r->members);
	free(r->done);
	free(r);
	return err;
}
