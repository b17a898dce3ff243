/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of kernel functions by the address of their first instruction, from /proc/kallsyms. An address
 * within a function has no name here, and neither has what is not in that file: never the nearest name.
 */
#ifndef MT_KSYM_H
#define MT_KSYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MT_KSYM_PATH "/proc/kallsyms"

/* A line of that file; @name and @module are not terminated, @module is NULL for the kernel proper. */
struct mt_ksym_line {
	uint64_t address;
	char type;
	const char *name, *module;
	size_t name_len, module_len;
};

/* Takes a line apart; false: it is none. */
bool mt_ksym_parse(const char *line, struct mt_ksym_line *sym);

/* Remembers that the name of @address will be asked for. */
void mt_ksym_want(uint64_t address);

/*
 * Looks for all that was wanted and has no name yet, in one pass over the file; it is not read where nothing new
 * is wanted. 0 or -errno; -EACCES: the host hides its addresses.
 */
int mt_ksym_learn(const char *path);

/* Its name, "NAME [MODULE]" in a module; its address where it has none. Valid until the next call. */
const char *mt_ksym_name(uint64_t address);

/* Address of a function by its name; 0: there is none, or it is hidden. Reads until it is found. */
uint64_t mt_ksym_find(const char *path, const char *name);

/* Addresses of @n variables of the kernel proper, in one pass. False: not all are there (CONFIG_KALLSYMS_ALL). */
bool mt_ksym_find_variables(const char *path, const char *const *names, uint64_t *addresses, size_t n);

#endif
