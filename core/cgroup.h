/* SPDX-License-Identifier: GPL-2.0-only */
/* Cgroups by path and by id, on the hierarchy that the memory controller is on. */
#ifndef MT_CGROUP_H
#define MT_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Finds the hierarchy from /proc/self/mountinfo. False: none is mounted, and nothing below works. */
bool mt_cgroup_init(void);

/*
 * What a line of mountinfo mounts: version 1 or 2 of the hierarchy with the memory controller, and
 * where; 0: something else.
 */
int mt_cgroup_mount(const char *line, char root[PATH_MAX]);

/* The hierarchy at @root from now on. mt_cgroup_init() does this with what it finds. */
void mt_cgroup_use(const char *root, int version);

/* Is it one of version 1? */
bool mt_cgroup_is_v1(void);

/* Where it is mounted, or NULL. */
const char *mt_cgroup_root(void);

/*
 * Id of a cgroup given as a path below the root ("/user.slice"), or a directory of the mounted tree.
 * 0 or -errno.
 */
int mt_cgroup_id(const char *path, uint64_t *id);

/*
 * Path of a cgroup below the root, "/" for the root itself; NULL: gone and never seen. Paths that were
 * told once are kept, 256 of them, so that a cgroup removed meanwhile keeps its name.
 */
const char *mt_cgroup_path(uint64_t id);

/*
 * The container that @path of a cgroup names: 64 hexadecimal digits, as Docker, containerd, CRI-O and Podman
 * put there, or the name of an LXC or systemd-nspawn container; the innermost. @len bytes within @path, or
 * NULL. The cgroup of a container's monitor (conmon) is not the container's.
 */
const char *mt_cgroup_container(const char *path, size_t *len);

/* Remembers the paths of the cgroups that exist now, as far as there is room. */
void mt_cgroup_preload(void);

#endif
