/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the members of a record are and what they mean: read from the BTF of the probe's own object. */
#ifndef MT_LAYOUT_H
#define MT_LAYOUT_H

#include <stdint.h>

#include "unit.h"

struct btf;
struct mt_member;

struct mt_field {
	uint32_t offset, size; /* bytes; of one element where count > 1 */
	uint32_t count;	       /* elements of an array; 1 otherwise; a string is one element */
	uint32_t enum_id;      /* MT_U_ENUM: its type in the object's BTF */
	enum mt_unit unit;
	const char *const *words; /* MT_U_ENUM of a member table: its words instead */
	bool is_signed;
};

/* Type id of what the pointer variable @name points to, or -ENOENT. */
int mt_layout_pointee(const struct btf *btf, const char *name);

/* Size of a type in bytes, typedefs followed. */
uint32_t mt_layout_size(const struct btf *btf, uint32_t type);

/* Member @name of a table: 0 or -ENOENT. */
int mt_layout_member(const struct mt_member *members, const char *name, struct mt_field *field);

/* Member @path ("victim.pid" goes into nested structs) of @type: 0, -ENOENT or -EINVAL. */
int mt_layout_field(const struct btf *btf, uint32_t type, const char *path, struct mt_field *field);

/* The type of a variable or a member itself. */
int mt_layout_type(const struct btf *btf, uint32_t type, struct mt_field *field);

/* Variable @name of data section @section (".rodata", ".bss"): its place there, or -ENOENT. */
int mt_layout_var(const struct btf *btf, const char *section, const char *name, struct mt_field *field);

/* Calls @each with name, offset and field of all members, in order. */
void mt_layout_each(const struct btf *btf, uint32_t type,
		    void (*each)(void *arg, const char *name, const struct mt_field *field), void *arg);

/* The value of the enumerator that is called @word where it is shown: without its first word, in small letters. */
int mt_layout_enum_value(const struct btf *btf, uint32_t enum_id, const char *word, int64_t *value);

/* Name of the enumerator, NULL if there is none of that value. Valid as long as @btf. */
const char *mt_layout_enumerator(const struct btf *btf, uint32_t enum_id, int64_t value);

/* Reads element @i of a numeric field. */
uint64_t mt_field_get(const struct mt_field *field, const void *record, uint32_t i);
void mt_field_set(const struct mt_field *field, void *record, uint32_t i, uint64_t value);

#endif
