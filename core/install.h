/* SPDX-License-Identifier: GPL-2.0-only */
/* memtrace install: a link for each tool. */
#ifndef MT_INSTALL_H
#define MT_INSTALL_H

/*
 * install [--prefix P] [--suffix S] DIR. Makes symbolic links to this program; one that it made before
 * is made anew, anything else of that name stays and is an error. Returns the exit status.
 */
int mt_install(char **argv);

#endif
