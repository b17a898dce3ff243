/* SPDX-License-Identifier: GPL-2.0-only */
/* One formatter for all tools: cells in, text, JSON lines or CSV out. Nothing else writes to stdout. */
#ifndef MT_OUT_H
#define MT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hist.h"
#include "row.h"

enum mt_format { MT_TEXT, MT_JSON, MT_CSV };

struct mt_out {
	const struct mt_out_ops *ops;
	int fd;
	const char *path; /* for messages */
	bool terminal, quiet;
	bool clear;    /* the screen, before each interval of a view that is a screen */
	int err;       /* the first failure to write, negative errno; all later output is dropped */
	unsigned rows; /* since the last heading */
	bool headed;   /* the heading was written once */
	uint64_t cut;  /* rows that were left out and could not be told in place */
	size_t len;
	char buf[32 << 10];
};

struct mt_loss;
struct mt_object;

struct mt_out_ops {
	void (*start)(struct mt_out *out, const struct mt_bound *bound, const struct mt_object *object,
		      const char *tool);
	void (*interval)(struct mt_out *out, const struct mt_bound *bound, uint64_t time); /* its rows follow */
	void (*row)(struct mt_out *out, const struct mt_row *row);
	void (*more)(struct mt_out *out, const struct mt_row *sum, uint64_t rows); /* were left out behind them */
	void (*hist)(struct mt_out *out, const struct mt_hist *hist, const uint64_t *slots, size_t n);
	void (*end)(struct mt_out *out, const char *tool, uint64_t duration_ns, const struct mt_loss *loss);
};

extern const struct mt_out_ops mt_out_text, mt_out_json, mt_out_csv;

/* Can this terminal clear its screen? */
bool mt_out_can_clear(const struct mt_out *out);

/* Begins to write to @fd, named @path in messages. */
void mt_out_init(struct mt_out *out, enum mt_format format, int fd, const char *path);

/* Writes what is buffered. False: it failed, now or before. */
bool mt_out_flush(struct mt_out *out);

/* For the formats: appends bytes, or formatted ones (at most 1 KiB). */
void mt_out_bytes(struct mt_out *out, const char *s, size_t n);
void mt_out_u64(struct mt_out *out, uint64_t value);
void mt_out_printf(struct mt_out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

typedef size_t (*mt_text_fn)(char *dst, size_t size, const char *src, size_t len);
void mt_out_text_by(struct mt_out *out, mt_text_fn how, const char *s, size_t n);

/* Shared by the formats: RFC 3339 with nanoseconds, UTC; and HH:MM:SS of local time. Returns the length. */
size_t mt_out_rfc3339(char *buf, size_t size, uint64_t ns);

#endif
