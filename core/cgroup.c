// SPDX-License-Identifier: GPL-2.0-only
/* Cgroups by path and by id, on the hierarchy that the memory controller is on. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mount.h"

#define KEPT	      256
#define FILEID_KERNFS 0xfe /* include/linux/exportfs.h */

static struct {
	char root[PATH_MAX];
	bool v1, found;
	int fd;
	struct known {
		uint64_t id;
		char *path;
	} known[KEPT];
	size_t next; /* the place that is overwritten next */
} cg = { .fd = -1 };

/* Does the comma list @options have @word? */
static bool has_word(const char *options, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = options; s; s = strchr(s, ',')) {
		s += *s == ',';
		if (!strncmp(s, word, len) && (!s[len] || s[len] == ',' || s[len] == '\n'))
			return true;
	}
	return false;
}

int mt_cgroup_mount(const char *line, char root[PATH_MAX])
{
	char type[32], options[256] = "";
	const char *rest = strstr(line, " - ");

	if (!rest || sscanf(line, "%*s %*s %*s %*s %4095s", root) != 1 ||
	    sscanf(rest, " - %31s %*s %255s", type, options) < 1)
		return 0;
	mt_mount_unescape(root);
	if (!strcmp(type, "cgroup2"))
		return 2;
	return !strcmp(type, "cgroup") && has_word(options, "memory");
}

void mt_cgroup_use(const char *root, int version)
{
	if (cg.fd >= 0)
		close(cg.fd);
	snprintf(cg.root, sizeof(cg.root), "%s", root);
	cg.v1 = version == 1;
	cg.found = true;
	cg.fd = open(cg.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool mt_cgroup_init(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[PATH_MAX + 512], root[PATH_MAX];

	while (f && !cg.v1 && fgets(line, sizeof(line), f)) {
		int version = mt_cgroup_mount(line, root);

		/* the memory controller is on the tree of version 1 where there is one */
		if (version == 1 || (version == 2 && !cg.found))
			mt_cgroup_use(root, version);
	}
	if (f)
		fclose(f);
	return cg.found;
}

bool mt_cgroup_is_v1(void)
{
	return cg.v1;
}

const char *mt_cgroup_root(void)
{
	return cg.found ? cg.root : NULL;
}

static const char *remember(uint64_t id, const char *path)
{
	struct known *k = cg.known + cg.next;
	char *copy = strdup(path);

	if (!copy)
		return NULL;
	free(k->path);
	*k = (struct known){ id, copy };
	cg.next = (cg.next + 1) % KEPT;
	return copy;
}

/* The id of a cgroup is the inode number of its directory, on 64-bit kernels since 5.5. */
static int id_of(const char *path, uint64_t *id)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	*id = st.st_ino;
	return 0;
}

int mt_cgroup_id(const char *path, uint64_t *id)
{
	char full[2 * PATH_MAX], real[PATH_MAX];
	size_t len = strlen(cg.root);
	int err;

	if (!cg.found)
		return -ENOENT;
	if (!strncmp(path, cg.root, len) && (!path[len] || path[len] == '/'))
		snprintf(full, sizeof(full), "%s", path);
	else
		snprintf(full, sizeof(full), "%s/%s", cg.root, path[0] == '/' ? path + 1 : path);
	err = id_of(full, id);
	/* it is named then without the right to ask the kernel for it */
	if (!err && realpath(full, real) && !strncmp(real, cg.root, len) && (!real[len] || real[len] == '/'))
		remember(*id, real[len] ? real + len : "/");
	return err;
}

/* Asks the kernel for the directory of that id, without a walk. */
static const char *path_by_handle(uint64_t id)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} handle = { .h = { .handle_bytes = sizeof(uint64_t), .handle_type = FILEID_KERNFS } };
	char link[64], path[PATH_MAX];
	size_t len = strlen(cg.root);
	ssize_t n;
	int fd;

	memcpy(handle.h.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(cg.fd, &handle.h, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	path[n] = '\0';
	if (strncmp(path, cg.root, len) != 0 || strstr(path, " (deleted)"))
		return NULL;
	return remember(id, path[len] ? path + len : "/");
}

const char *mt_cgroup_path(uint64_t id)
{
	if (!id || !cg.found)
		return NULL;
	for (size_t i = 0; i < KEPT; i++)
		if (cg.known[i].path && cg.known[i].id == id)
			return cg.known[i].path;
	return path_by_handle(id);
}

#define CONTAINER_DIGITS 64

/* What engines call a container's cgroup, around its name. */
static const struct {
	const char *before, *after;
} named[] = {
	{ "lxc.payload.", "" },
	{ "systemd-nspawn@", ".service" },
};

/* The container that one component of a path names. */
static const char *container_in(const char *part, size_t size, size_t *len)
{
	static const char digits[] = "0123456789abcdef", monitor[] = "conmon-";

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		size_t before = strlen(named[i].before), after = strlen(named[i].after);

		if (size > before + after && !memcmp(part, named[i].before, before) &&
		    !memcmp(part + size - after, named[i].after, after)) {
			*len = size - before - after;
			return part + before;
		}
	}
	for (size_t at = 0; at < size; at++) {
		size_t n = strspn(part + at, digits);

		if (n == CONTAINER_DIGITS && !memmem(part, at, monitor, strlen(monitor))) {
			*len = n;
			return part + at;
		}
		at += n;
	}
	return NULL;
}

const char *mt_cgroup_container(const char *path, size_t *len)
{
	const char *found = NULL;

	while (*path) {
		size_t size = strcspn(path, "/"), n;
		const char *here = container_in(path, size, &n);

		if (here) {
			found = here;
			*len = n;
		}
		path += size + (path[size] == '/');
	}
	return found;
}

static int preload(const char *path, const struct stat *st, int type, struct FTW *at)
{
	size_t len = strlen(cg.root);

	(void)at;
	if (type == FTW_D)
		remember(st->st_ino, path[len] ? path + len : "/");
	return cg.next == KEPT - 1;
}

void mt_cgroup_preload(void)
{
	if (cg.found)
		nftw(cg.root, preload, 8, FTW_PHYS | FTW_MOUNT);
}
