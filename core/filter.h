/* SPDX-License-Identifier: GPL-2.0-only */
/* Options become constants of the probe. */
#ifndef MT_FILTER_H
#define MT_FILTER_H

#include <sys/types.h>

#include "opt.h"

struct mt_object;

/* Sets all that the options ask for. 0, or an exit status, logged: also for one the probe has no use for. */
int mt_filter_apply(struct mt_object *object, const struct mt_opts *opts);

/* Only process @pid and its descendants. */
int mt_filter_tree(struct mt_object *object, pid_t pid);

/* For @name, bits[c] has bit i set where name[i] is c. Returns the bit of its last byte. */
uint16_t mt_filter_name_bits(const char *name, uint16_t bits[256]);

#endif
