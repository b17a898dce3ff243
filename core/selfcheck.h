/* SPDX-License-Identifier: GPL-2.0-only */
/* The last step of the build: every name in every description is looked up in its object. */
#ifndef MT_SELFCHECK_H
#define MT_SELFCHECK_H

/* Of all tools, or those named. Needs no privilege. Returns the exit status. */
int mt_selfcheck(char **argv);

#endif
