/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of one run of a tool. */
#ifndef MT_RUN_H
#define MT_RUN_H

#include "opt.h"
#include "tool.h"

/*
 * Opens, chooses, loads, attaches, switches on, prints until it is told to end, switches off, prints the
 * rest and the account, detaches. Returns the exit status; what failed was logged.
 */
int mt_run(const struct mt_tool *tool, const struct mt_opts *opts);

#endif
