/* SPDX-License-Identifier: GPL-2.0-only */
/* What this kernel offers to a tracer, found out by trying where a file cannot tell. */
#ifndef MT_FACT_H
#define MT_FACT_H

#include <stddef.h>

enum mt_state { MT_YES, MT_NO, MT_UNSEEN }; /* MT_UNSEEN: this process is not allowed to find out */

struct mt_fact {
	const char *name;
	/* Finds out; @detail: what it is, or why not and what would change that. Never "". */
	enum mt_state (*find)(char *detail, size_t size);
};

extern const struct mt_fact mt_facts[]; /* ends with .name NULL */

extern const char *const mt_state_name[];

#endif
