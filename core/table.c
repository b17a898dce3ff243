// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel added up, read each interval: the difference to the read before, sorted. */
#include "table.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "host.h"
#include "object.h"

#define MAX_COUNTERS 64

struct mt_table {
	const struct mt_bound *bound;
	int fd;
	bool keyed;
	uint32_t key_size, value_size, max, cpus, value_type;
	bool per_cpu;
	struct mt_field counters[MAX_COUNTERS], others[MAX_COUNTERS];
	size_t nr_counters, nr_others;
	struct mt_field pid;
	bool has_pid;
	char *keys, *values; /* as read: max of each, or a value for each CPU */
	char *known;	     /* keyed: open-addressed, 2 * max of { used, key, value } */
	char *sums;	     /* total: the read before */
	char *rows;	     /* key and difference */
	char *last;	     /* keyed: a value read again, on all CPUs */
	char *rest;	     /* sums over rows that are not shown */
	struct ordered {
		long double rank; /* holds any number of 64 bits exactly */
		char *row;
	} * order;
	bool moved;
	uint64_t time;
};

#define USED sizeof(uint64_t)

static size_t slot_size(const struct mt_table *t)
{
	return USED + t->key_size + t->value_size;
}

static void collect(void *arg, const char *name, const struct mt_field *field)
{
	struct mt_table *t = arg;

	(void)name;
	if (mt_unit_grows(field->unit) && t->nr_counters < MAX_COUNTERS)
		t->counters[t->nr_counters++] = *field;
	else if (t->nr_others < MAX_COUNTERS)
		t->others[t->nr_others++] = *field;
}

int mt_table_open(struct mt_table **table, const struct mt_bound *bound, const struct mt_object *object)
{
	const struct mt_view *view = bound->view;
	struct mt_table *t = calloc(1, sizeof(*t));
	uint32_t key_type = 0;
	int cpus = libbpf_num_possible_cpus();

	if (!t || cpus <= 0) {
		free(t);
		return -ENOMEM;
	}
	t->bound = bound;
	t->keyed = view->source == MT_KEYED;
	t->fd = mt_object_map(object, t->keyed ? view->map : "mt_totals", &key_type, &t->value_type, &t->max);
	t->value_size = mt_layout_size(bound->btf, t->value_type);
	t->key_size = t->keyed ? mt_layout_size(bound->btf, key_type) : 0;
	t->per_cpu = !t->keyed || mt_object_map_per_cpu(object, view->map);
	t->cpus = t->per_cpu ? cpus : 1;
	mt_layout_each(bound->btf, t->value_type, collect, t);
	/* elsewhere the kernel's numbers say nothing about who is gone */
	t->has_pid = t->keyed && mt_host_init_pid_ns() && !mt_layout_field(bound->btf, key_type, "pid", &t->pid);
	t->keys = calloc(t->max, t->key_size + 1);
	t->values = calloc((size_t)t->max * t->cpus, t->value_size);
	t->known = t->keyed ? calloc(2 * (size_t)t->max, slot_size(t)) : NULL;
	t->sums = calloc(1, t->value_size);
	t->rows = calloc(t->max, t->key_size + t->value_size);
	t->last = calloc(t->cpus, t->value_size);
	t->rest = calloc(1, t->key_size + t->value_size);
	t->order = calloc(t->max, sizeof(*t->order));
	if (t->fd < 0 || !t->keys || !t->values || (t->keyed && !t->known) || !t->sums || !t->rows || !t->last ||
	    !t->rest || !t->order) {
		mt_table_close(t);
		return -ENOMEM;
	}
	*table = t;
	return 0;
}

void mt_table_close(struct mt_table *t)
{
	if (!t)
		return;
	free(t->keys);
	free(t->values);
	free(t->known);
	free(t->sums);
	free(t->rows);
	free(t->last);
	free(t->rest);
	free(t->order);
	free(t);
}

/*
 * Writes @now - @before to @diff, counter by counter; @before becomes @now. What was taken back of one since is not
 * less than nothing: @now then is as before, until it has grown beyond. Did anything move?
 */
static bool subtract(const struct mt_table *t, char *diff, char *before, char *now)
{
	bool moved = false;

	memcpy(diff, now, t->value_size);
	for (size_t i = 0; i < t->nr_counters; i++)
		for (uint32_t n = 0; n < t->counters[i].count; n++) {
			const struct mt_field *f = t->counters + i;
			uint64_t d = mt_field_get(f, now, n) - mt_field_get(f, before, n);

			if (mt_unit_shrinks(f->unit) && (int64_t)d < 0) {
				mt_field_set(f, now, n, mt_field_get(f, before, n));
				d = 0;
			}
			mt_field_set(f, diff, n, d);
			moved |= d != 0;
		}
	memcpy(before, now, t->value_size);
	return moved;
}

/* @into += @value, counter by counter. */
static void add(const struct mt_table *t, char *into, const char *value)
{
	for (size_t i = 0; i < t->nr_counters; i++)
		for (uint32_t n = 0; n < t->counters[i].count; n++) {
			const struct mt_field *f = t->counters + i;

			mt_field_set(f, into, n, mt_field_get(f, into, n) + mt_field_get(f, value, n));
		}
}

static bool is_zero(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

/*
 * Makes one value of those of all CPUs, in the place of the first: counters add up; of what does not count the
 * first that is set is as good as another's. The kernel pads each to 8 bytes, which a struct of counters is anyway.
 */
static char *merge(const struct mt_table *t, char *values)
{
	for (uint32_t cpu = 1; cpu < t->cpus; cpu++) {
		const char *value = values + (size_t)cpu * t->value_size;

		add(t, values, value);
		for (size_t i = 0; i < t->nr_others; i++) {
			const struct mt_field *f = t->others + i;
			const size_t size = (size_t)f->size * f->count;

			if (is_zero(values + f->offset, size))
				memcpy(values + f->offset, value + f->offset, size);
		}
	}
	return values;
}

static int read_total(struct mt_table *t)
{
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(t->fd, &zero, t->values))
		return -errno;
	t->moved = subtract(t, t->rows, t->sums, merge(t, t->values));
	t->order[0].row = t->rows;
	return 1;
}

static char *known_slot(struct mt_table *t, const char *key)
{
	uint64_t hash = 14695981039346656037ULL; /* FNV-1a */

	for (uint32_t i = 0; i < t->key_size; i++)
		hash = (hash ^ (uint8_t)key[i]) * 1099511628211ULL;
	for (size_t probe = 0; probe < 2 * (size_t)t->max; probe++) {
		char *slot = t->known + (hash + probe) % (2 * (size_t)t->max) * slot_size(t);

		if (!*slot || !memcmp(slot + USED, key, t->key_size))
			return slot;
	}
	return NULL;
}

static void remember(struct mt_table *t, const char *key, const char *value)
{
	char *slot = known_slot(t, key);

	*slot = 1;
	memcpy(slot + USED, key, t->key_size);
	memcpy(slot + USED + t->key_size, value, t->value_size);
}

/* A process that is gone counts no more: once its last is read, its entry makes room for another's. */
static bool drop_if_gone(struct mt_table *t, const char *key, const char *value)
{
	char *last = t->last;

	if (!mt_host_pid_gone(mt_field_get(&t->pid, key, 0)))
		return false;
	return !bpf_map_lookup_elem(t->fd, key, last) && !memcmp(merge(t, last), value, t->value_size) &&
	       !bpf_map_delete_elem(t->fd, key);
}

static char *value_of(const struct mt_table *t, uint32_t i)
{
	return t->values + (size_t)i * t->cpus * t->value_size;
}

static void make_room(struct mt_table *t, uint32_t count)
{
	memset(t->known, 0, 2 * (size_t)t->max * slot_size(t));
	for (uint32_t i = 0; i < count; i++) {
		const char *key = t->keys + (size_t)i * t->key_size, *value = value_of(t, i);

		if (!drop_if_gone(t, key, value))
			remember(t, key, value);
	}
}

/* Null is less than any number. */
static long double rank(const struct mt_table *t, const char *at)
{
	const struct mt_row row = { t->bound, at, at + t->key_size, t->time };
	struct mt_cell cell;

	mt_row_cell(&row, t->bound->sort, &cell);
	switch (cell.type) {
	case MT_C_U64:
		return cell.u;
	case MT_C_S64:
		return cell.s;
	case MT_C_REAL:
		return cell.real;
	default:
		return -HUGE_VALL;
	}
}

static int larger(const void *a, const void *b, void *arg)
{
	const struct ordered *x = a, *y = b;
	const struct mt_table *t = arg;

	return x->rank < y->rank ? 1 : x->rank > y->rank ? -1 : memcmp(x->row, y->row, t->key_size);
}

static void sort(struct mt_table *t, size_t rows)
{
	if (t->bound->sort >= t->bound->nr_cols)
		return;
	for (size_t i = 0; i < rows; i++)
		t->order[i].rank = rank(t, t->order[i].row);
	qsort_r(t->order, rows, sizeof(*t->order), larger, t);
}

/* The rows that were asked for, by names too. */
static int keep_wanted(struct mt_table *t, int rows)
{
	struct mt_row row;
	int kept = 0;

	for (int i = 0; i < rows; i++) {
		mt_table_row(t, i, &row);
		mt_row_want_names(&row);
	}
	mt_row_learn_names();
	for (int i = 0; i < rows; i++) {
		mt_table_row(t, i, &row);
		if (mt_row_wanted(&row))
			t->order[kept++].row = t->order[i].row;
	}
	return kept;
}

static bool complete(const struct mt_table *t, char *at)
{
	const struct mt_complete *c = t->bound->view->complete;
	struct mt_row row = { .bound = t->bound, .key = at, .value = at + t->key_size, .time = t->time };

	return !c || c->row(&row, at + t->key_size);
}

static int read_keyed(struct mt_table *t)
{
	uint32_t count = t->max, batch = 0;
	int rows = 0;

	/* ENOENT: the whole map was read */
	if (bpf_map_lookup_batch(t->fd, NULL, &batch, t->keys, t->values, &count, NULL) && errno != ENOENT)
		return -errno;
	for (uint32_t i = 0; i < count; i++) {
		const char *key = t->keys + (size_t)i * t->key_size;
		char *slot = known_slot(t, key), *row = t->rows + (size_t)rows * (t->key_size + t->value_size);

		if (!*slot) {
			*slot = 1;
			memcpy(slot + USED, key, t->key_size);
			memset(slot + USED + t->key_size, 0, t->value_size);
		}
		memcpy(row, key, t->key_size);
		if (subtract(t, row + t->key_size, slot + USED + t->key_size, merge(t, value_of(t, i))) &&
		    complete(t, row))
			t->order[rows++].row = row;
	}
	if (t->has_pid && count > t->max / 4 * 3)
		make_room(t, count);
	rows = keep_wanted(t, rows);
	sort(t, rows);
	return rows;
}

int mt_table_read(struct mt_table *t)
{
	int n;

	t->time = mt_host_monotonic();
	n = t->keyed ? read_keyed(t) : read_total(t);
	t->moved = t->keyed ? n > 0 : t->moved;
	return n;
}

bool mt_table_moved(const struct mt_table *t)
{
	return t->moved;
}

void mt_table_row(const struct mt_table *t, size_t i, struct mt_row *row)
{
	*row = (struct mt_row){
		.bound = t->bound,
		.key = t->order[i].row,
		.value = t->order[i].row + t->key_size,
		.time = t->time,
	};
}

void mt_table_rest(const struct mt_table *t, size_t from, size_t to, struct mt_row *row)
{
	memset(t->rest, 0, t->key_size + t->value_size);
	for (size_t i = from; i < to; i++)
		add(t, t->rest + t->key_size, t->order[i].row + t->key_size);
	*row = (struct mt_row){ .bound = t->bound, .key = t->rest, .value = t->rest + t->key_size, .time = t->time };
}

/* All entries that were read and are wanted, together, into sums. */
static void add_up(const struct mt_table *t, const struct mt_field *f)
{
	memset(t->sums + f->offset, 0, (size_t)f->size * f->count);
	for (size_t i = 0; i < 2 * (size_t)t->max; i++) {
		const char *slot = t->known + i * slot_size(t);
		struct mt_row row = { .bound = t->bound, .key = slot + USED, .value = slot + USED + t->key_size };

		if (!*slot || !mt_row_wanted(&row))
			continue;
		for (uint32_t n = 0; n < f->count; n++)
			mt_field_set(f, t->sums, n, mt_field_get(f, t->sums, n) + mt_field_get(f, row.value, n));
	}
}

const uint64_t *mt_table_array(const struct mt_table *t, const char *field, size_t *n)
{
	struct mt_field f;

	if (mt_layout_field(t->bound->btf, t->value_type, field, &f))
		return NULL;
	*n = f.count;
	if (t->keyed)
		add_up(t, &f);
	return (const uint64_t *)(t->sums + f.offset);
}
