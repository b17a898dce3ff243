/* SPDX-License-Identifier: GPL-2.0-only */
/* The path of a file, from what a probe left of it (probes/mt/path.h). */
#ifndef MT_PATH_CORE_H
#define MT_PATH_CORE_H

#include <stddef.h>
#include <stdint.h>

#define MT_PATH_BYTES 376 /* of the record's member: checked where it is bound */

/*
 * "/usr/lib/libc.so.6", as the process saw it that has the file, or as this one does where a probe could not follow
 * mounts. " (deleted)" behind, as in /proc/PID/maps. What is not the whole path begins with "...", and what has no
 * place in any tree is a name: "/memfd:x (deleted)", "anon_inode:[perf_event]". NULL: no file. Valid until the next call.
 */
const char *mt_path_text(const void *member);

#endif
