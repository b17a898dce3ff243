/* SPDX-License-Identifier: GPL-2.0-only */
/* A view bound to its object: bytes of a record or a map's entry become typed cells. */
#ifndef MT_ROW_H
#define MT_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"
#include "tool.h"

struct mt_cell {
	enum { MT_C_NULL, MT_C_U64, MT_C_S64, MT_C_REAL, MT_C_BOOL, MT_C_STRING, MT_C_TIME, MT_C_DECIMAL } type;
	unsigned places; /* MT_C_DECIMAL: digits of s behind the point */
	union {
		uint64_t u; /* MT_C_TIME: ns since 1970, UTC */
		int64_t s;
		double real;
	};
	const char *str; /* valid until the next cell is made; bytes of unknown origin */
	size_t len;
};

/* One column as it is printed. */
struct mt_bound_col {
	const struct mt_col *col;
	struct mt_field field, per;
	bool in_key, per_in_key;
	bool missing;	  /* its site is empty: null in every row */
	bool shown;	  /* in text */
	const char *head; /* in place of the description's, or NULL */
	const char *only; /* rows that have this in it; NULL: all */
};

#define MT_MAX_COLS 48

struct mt_bound {
	const struct mt_view *view;
	const struct btf *btf; /* the object's */
	struct mt_bound_col cols[MT_MAX_COLS];
	size_t nr_cols;
	size_t sort;	      /* column that rows are ordered by; nr_cols: none */
	int64_t clock_offset; /* ns from CLOCK_MONOTONIC to UTC */
	bool wide;
};

struct mt_row {
	const struct mt_bound *bound;
	const void *key;   /* NULL where the view has none */
	const void *value; /* a record, or a map's value */
	uint64_t time;	   /* CLOCK_MONOTONIC of the row where it carries none */
};

struct mt_object;

/* What describes the rows of a view: the types of its object, or its sample's table of members. */
struct mt_types {
	const struct btf *btf;
	uint32_t key, value; /* ids in @btf, 0: none */
	const struct mt_sample *sample;
};

/* 0, or an exit status, logged. */
int mt_types_of(struct mt_types *types, const struct mt_view *view, const struct mt_object *object);

/* Size of a row's key, or of its value. */
uint32_t mt_types_size(const struct mt_types *types, bool key);

/* A member of the key, or of the value: 0, -ENOENT or -EINVAL. */
int mt_types_field(const struct mt_types *types, const char *name, struct mt_field *field, bool *in_key);

/* A number written with @places digits behind the point, exactly. Returns the length. */
size_t mt_cell_decimal(char *buf, size_t size, const struct mt_cell *cell);

/*
 * Binds the columns of @view to the record's or the map's types. 0, or an exit status, logged: a name
 * that the object does not have is a defect of the description, found by the selfcheck of the build.
 */
int mt_bind(struct mt_bound *bound, const struct mt_view *view, const struct mt_object *object);

/* To be called once @object is loaded: marks which sites are empty. */
void mt_bind_sites(struct mt_bound *bound, const struct mt_object *object);

/* Applies --columns: "a,b" shows just these, "+a,-b" changes the usual ones. 0, or an exit status. */
int mt_bind_columns(struct mt_bound *bound, const char *list);

/* Orders by another column of numbers. 0, or an exit status. */
int mt_bind_sort(struct mt_bound *bound, const char *key);

/* Shows column @key, headed with @head where that is not NULL. 0, or an exit status, logged. */
int mt_bind_show(struct mt_bound *bound, const char *key, const char *head);

/* From now on only rows whose cell @key contains @text are wanted. 0, or an exit status, logged. */
int mt_bind_only(struct mt_bound *bound, const char *key, const char *text);

/* Is there a column of that unit among those shown in text, or among @all? */
bool mt_bind_prints(const struct mt_bound *bound, enum mt_unit unit, bool all);

/* Does a sum over rows mean anything for column @i: does it count? */
bool mt_bind_adds(const struct mt_bound *bound, size_t i);

/* The cell of column @i. */
void mt_row_cell(const struct mt_row *row, size_t i, struct mt_cell *cell);

/* Does the row pass what mt_bind_only() asked for? */
bool mt_row_wanted(const struct mt_row *row);

/* Tells ksym.h which names its cells will need. */
void mt_row_want_names(const struct mt_row *row);

/* Looks for all of them at once, since they are in a long file. Says once if the host hides them. */
void mt_row_learn_names(void);

/* For the hooks of a tool: a string as a cell; and the number in the member, 0 where no column shows it. */
void mt_cell_string(struct mt_cell *cell, const char *str);
uint64_t mt_row_u64(const struct mt_row *row, const char *member);

/* For struct mt_complete: puts a number into the member of @value, which is the row's. */
void mt_row_set(const struct mt_row *row, void *value, const char *member, uint64_t number);

#endif
