/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel added up, read each interval: the difference to the read before, sorted. */
#ifndef MT_TABLE_H
#define MT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "row.h"

struct mt_table;
struct mt_object;

/* For the map of an MT_TOTAL or MT_KEYED view, once it is loaded. All memory is taken here. 0 or -errno. */
int mt_table_open(struct mt_table **table, const struct mt_bound *bound, const struct mt_object *object);
void mt_table_close(struct mt_table *table);

/*
 * Reads the map. Counters only grow and are never cleared, so none is lost between two reads; rows are
 * what they grew by. An MT_KEYED map yields the keys that moved, an MT_TOTAL map always its one row.
 * Returns the number of rows or -errno.
 */
int mt_table_read(struct mt_table *table);

/* Did any counter move between the last two reads? */
bool mt_table_moved(const struct mt_table *table);

/* Row @i of the last read, in the order of the view. Valid until the next one. */
void mt_table_row(const struct mt_table *table, size_t i, struct mt_row *row);

/* The rows of the last read from @from to before @to as one: counters added up, all else zero. */
void mt_table_rest(const struct mt_table *table, size_t from, size_t to, struct mt_row *row);

/*
 * The sums since the start of array member @field, of an MT_KEYED map over the entries that are wanted (mt_row_wanted())
 * and still there: *@n numbers, valid until the next call.
 */
const uint64_t *mt_table_array(const struct mt_table *table, const char *field, size_t *n);

#endif
