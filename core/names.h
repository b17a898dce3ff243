/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of flags and error numbers by name. */
#ifndef MT_NAMES_H
#define MT_NAMES_H

#include <stddef.h>
#include <stdint.h>

/*
 * One name: of a flag (@mask and @value are its bit), of one value of a field of several bits (@mask is the field), or
 * of the whole word (@mask ~0). Names of several bits stand before those of the bits. A table ends with .name NULL.
 */
struct mt_name {
	uint64_t value, mask;
	const char *name;
};

#define MT_FLAG(bit)           \
	{                      \
		bit, bit, #bit \
	}
#define MT_VALUE(word)             \
	{                          \
		word, ~0ULL, #word \
	}

/*
 * "PROT_READ|PROT_WRITE": the names of @value, what is left of it in hex, "0x0" for nothing. Returns the length, less
 * than @size; what does not fit is left out, name by name.
 */
size_t mt_names(const struct mt_name *table, uint64_t value, char *buf, size_t size);

/* The same, and what is left goes to @rest. May leave @buf empty. */
size_t mt_names_rest(const struct mt_name *table, uint64_t value, char *buf, size_t size, uint64_t *rest);

/* "ENOMEM" for 12 and for -12, those that the kernel has for itself included; NULL: there is none. */
const char *mt_errno_name(int err);

#endif
