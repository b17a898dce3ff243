/* SPDX-License-Identifier: GPL-2.0-only */
/* memtrace check: what this host offers, and what each tool would do with it. */
#ifndef MT_CHECK_H
#define MT_CHECK_H

/* check [--json] [TOOL]... Returns 0, or 3 when a tool that was named cannot run. */
int mt_check(char **argv);

#endif
