/* SPDX-License-Identifier: GPL-2.0-only */
/* Where file systems are mounted: from the number of a device to the path of a file on it. */
#ifndef MT_MOUNT_H
#define MT_MOUNT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line of /proc/PID/mountinfo. */
struct mt_mount {
	int id, parent;
	uint32_t dev;	    /* as the kernel writes it: 12 bits major, 20 minor */
	char *root, *point; /* which directory of the file system is mounted, and where */
};

/* Takes @line apart in place, its octal escapes resolved. False: no such line. */
bool mt_mount_parse(char *line, struct mt_mount *mount);

/* Octal escapes of a path in mountinfo, resolved in place. */
void mt_mount_unescape(char *path);

/* Reads the mounts that this process sees; without it they are read when first asked for. False: they cannot be read. */
bool mt_mount_init(void);

/* Reads them from @path from now on. For tests. */
bool mt_mount_use(const char *path);

/*
 * The path of the file that is @inside ("/a/b") the file system on @dev, as this process sees it now; NULL: no mount
 * shows it, or another mount hides it. Where only some directories are mounted it is looked for below them. Valid
 * until the next call.
 */
const char *mt_mount_path(uint32_t dev, const char *inside);

#endif
