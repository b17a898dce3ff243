// SPDX-License-Identifier: GPL-2.0-only
/* Where the members of a record are and what they mean. */
#include "layout.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <bpf/btf.h>

#include "path.h"
#include "tool.h"

int mt_layout_pointee(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_VAR);
	const struct btf_type *pointer = id > 0 ? btf__type_by_id(btf, btf__type_by_id(btf, id)->type) : NULL;

	return pointer && btf_is_ptr(pointer) ? (int)pointer->type : -ENOENT;
}

uint32_t mt_layout_size(const struct btf *btf, uint32_t type)
{
	int64_t size = btf__resolve_size(btf, type);

	return size > 0 ? size : 0;
}

/* The unit of the first typedef that has one, and the type below all typedefs and modifiers. */
static const struct btf_type *resolve(const struct btf *btf, uint32_t *type, enum mt_unit *unit)
{
	const struct btf_type *t = btf__type_by_id(btf, *type);

	while (t && (btf_is_mod(t) || btf_is_typedef(t))) {
		if (btf_is_typedef(t) && *unit == MT_U_NONE)
			*unit = mt_unit_of(btf__name_by_offset(btf, t->name_off));
		*type = t->type;
		t = btf__type_by_id(btf, *type);
	}
	return t;
}

int mt_layout_type(const struct btf *btf, uint32_t type, struct mt_field *field)
{
	enum mt_unit unit = MT_U_NONE;
	const struct btf_type *t = resolve(btf, &type, &unit);

	field->count = 1;
	if (t && btf_is_array(t)) {
		field->count = btf_array(t)->nelems;
		type = btf_array(t)->type;
		t = resolve(btf, &type, &unit);
	}
	if (!t || (btf_is_composite(t) && (unit != MT_U_PATH || t->size != MT_PATH_BYTES)))
		return -EINVAL;
	field->unit = unit;
	field->size = t->size;
	field->enum_id = 0;
	field->words = NULL;
	field->is_signed = unit == MT_U_INT || unit == MT_U_ERRNO;
	if (btf_is_any_enum(t)) {
		field->unit = MT_U_ENUM;
		field->enum_id = type;
	} else if (btf_is_int(t)) {
		field->is_signed = btf_int_encoding(t) & BTF_INT_SIGNED;
		if (btf_int_encoding(t) & BTF_INT_BOOL || !strcmp(btf__name_by_offset(btf, t->name_off), "_Bool"))
			field->unit = MT_U_BOOL;
		if (t->size == 1 && field->count > 1 && !strcmp(btf__name_by_offset(btf, t->name_off), "char")) {
			field->unit = MT_U_STRING;
			field->size = field->count;
			field->count = 1;
		}
	} else if (unit != MT_U_PATH) {
		return -EINVAL;
	}
	return 0;
}

int mt_layout_member(const struct mt_member *m, const char *name, struct mt_field *field)
{
	for (; m && m->name; m++)
		if (!strcmp(m->name, name)) {
			*field = (struct mt_field){
				.offset = m->offset,
				.size = m->size,
				.count = 1,
				.unit = m->unit,
				.words = m->words,
				.is_signed = m->is_signed,
			};
			return 0;
		}
	return -ENOENT;
}

int mt_layout_field(const struct btf *btf, uint32_t type, const char *path, struct mt_field *field)
{
	enum mt_unit none = MT_U_NONE;
	const struct btf_type *t = resolve(btf, &type, &none);
	size_t len = strcspn(path, ".");

	if (!t || !btf_is_composite(t))
		return -ENOENT;
	for (int i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = btf_members(t) + i;
		const char *name = btf__name_by_offset(btf, m->name_off);
		uint32_t offset = btf_member_bit_offset(t, i) / 8;
		int err;

		if (strlen(name) != len || memcmp(name, path, len) != 0)
			continue;
		err = path[len] ? mt_layout_field(btf, m->type, path + len + 1, field)
				: mt_layout_type(btf, m->type, field);
		if (!path[len])
			field->offset = 0;
		field->offset += offset;
		return err;
	}
	return -ENOENT;
}

void mt_layout_each(const struct btf *btf, uint32_t type,
		    void (*each)(void *arg, const char *name, const struct mt_field *field), void *arg)
{
	enum mt_unit none = MT_U_NONE;
	const struct btf_type *t = resolve(btf, &type, &none);

	for (int i = 0; t && btf_is_composite(t) && i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, btf_members(t)[i].name_off);
		struct mt_field field;

		if (!mt_layout_field(btf, type, name, &field))
			each(arg, name, &field);
	}
}

int mt_layout_var(const struct btf *btf, const char *section, const char *name, struct mt_field *field)
{
	int id = btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC);
	const struct btf_type *sec = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int i = 0; sec && i < btf_vlen(sec); i++) {
		const struct btf_var_secinfo *v = btf_var_secinfos(sec) + i;
		const struct btf_type *var = btf__type_by_id(btf, v->type);

		if (strcmp(btf__name_by_offset(btf, var->name_off), name) != 0)
			continue;
		field->offset = v->offset;
		return mt_layout_type(btf, var->type, field);
	}
	return -ENOENT;
}

const char *mt_layout_enumerator(const struct btf *btf, uint32_t enum_id, int64_t value)
{
	const struct btf_type *t = btf__type_by_id(btf, enum_id);

	for (int i = 0; t && i < btf_vlen(t); i++) {
		if (btf_is_enum(t) && btf_enum(t)[i].val == (int32_t)value)
			return btf__name_by_offset(btf, btf_enum(t)[i].name_off);
		if (btf_is_enum64(t) && btf_enum64_value(btf_enum64(t) + i) == (uint64_t)value)
			return btf__name_by_offset(btf, btf_enum64(t)[i].name_off);
	}
	return NULL;
}

int mt_layout_enum_value(const struct btf *btf, uint32_t enum_id, const char *word, int64_t *value)
{
	const struct btf_type *t = btf__type_by_id(btf, enum_id);

	for (int i = 0; t && btf_is_enum(t) && i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, btf_enum(t)[i].name_off), *behind = strchr(name, '_');

		if (strcasecmp(behind ? behind + 1 : name, word) != 0)
			continue;
		*value = btf_enum(t)[i].val;
		return 0;
	}
	return -ENOENT;
}

uint64_t mt_field_get(const struct mt_field *field, const void *record, uint32_t i)
{
	const char *at = (const char *)record + field->offset + (size_t)i * field->size;
	uint64_t value = 0;
	int unused = 64 - 8 * (int)field->size;

	memcpy(&value, at, field->size < 8 ? field->size : 8);
	if (field->is_signed && unused > 0)
		value = (uint64_t)((int64_t)(value << unused) >> unused);
	return value;
}

void mt_field_set(const struct mt_field *field, void *record, uint32_t i, uint64_t value)
{
	memcpy((char *)record + field->offset + (size_t)i * field->size, &value, field->size < 8 ? field->size : 8);
}
