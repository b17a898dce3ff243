/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: options common to all tools, those of one tool, [INTERVAL [COUNT]], -- COMMAND. */
#ifndef MT_OPT_H
#define MT_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "out.h"
#include "tool.h"

#define MT_MAX_SETS 16

struct mt_opts {
	const struct mt_view *view; /* of the tool: what the options ask for */
	bool help, wide, quiet, verbose, debug, json, csv, no_clear;
	const char *output, *name, *cgroup, *sort;
	const char *columns[MT_MAX_SETS]; /* one after the other */
	size_t nr_columns;
	uint64_t duration_ns, min_ns, interval_ns; /* 0: not given */
	uint64_t count;				   /* rows or intervals; 0: no end */
	uint64_t pid, tid, uid, ring_bytes, entries;
	uint64_t rows; /* in an interval; 0: all */
	bool has_pid, has_tid, has_uid, has_rows;
	unsigned hooks; /* mask of enum mt_hook */
	char **command; /* NULL: none */
	struct mt_set {
		const struct mt_opt *opt;
		const char *value; /* NULL: a flag */
	} sets[MT_MAX_SETS];
	size_t nr_sets;
};

/* A common option, for help and man. */
struct mt_common {
	char key;
	const char *name, *arg, *help;
	const char *var;			  /* the constant a probe must have for it to be of use; NULL: always */
	bool probe;				  /* of use only where there is a probe at all */
	bool (*fits)(const struct mt_view *view); /* is it of use to such a view? NULL: to any */
	bool views;				  /* its argument is the word of a view */
};

/* Parses @argv, behind the tool's name, up to its NULL. 0, or MT_USAGE, logged. */
int mt_opt_parse(struct mt_opts *opts, const struct mt_tool *tool, char **argv);

/* The common options in order; the name of the one behind the last is NULL. */
const struct mt_common *mt_opt_common(size_t i);

#endif
