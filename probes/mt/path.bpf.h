/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths of files. See path.h for what a probe leaves, and mt_path of core for what is made of it. */
#ifndef MT_PATH_BPF_H
#define MT_PATH_BPF_H

#include "probe.bpf.h"

/*
 * Directories and mounts that are followed. Each costs the verifier a round, of which a typed one is dear (see
 * mt_typed_task).
 */
#define MT_PATH_DEPTH 32

/*
 * One name, at most @size bytes with its zero, which are counted; what is not less may be cut. Where kernel
 * memory must not be read bpf_snprintf() still may (5.13, 7b15523a989b).
 */
static __always_inline long mt_path_name(bool typed, char *into, __u32 size, const unsigned char *name)
{
	static const char fmt[] = "%s";
	__u64 arg = (__u64)name;

	if (typed)
		return bpf_snprintf(into, size, fmt, &arg, sizeof(arg));
	return bpf_probe_read_kernel_str(into, size, name);
}

/* Bytes of the name written at @at; 0: there is no room for all of it. */
static __always_inline __u64 mt_path_put(bool typed, mt_path *path, __u64 at, struct dentry *dentry)
{
	const unsigned char *name = mt_load(typed, dentry, d_name.name);
	long n;

	/* two calls, since the verifier keeps no relation between a place and the room that is left there */
	if (at < MT_PATH_SHORT) {
		n = mt_path_name(typed, &path->names[at], MT_PATH_NAME, name);
		barrier_var(n);
		return n > 0 && n < MT_PATH_NAME ? n : 0;
	}
	if (at < MT_PATH_LONG) {
		n = mt_path_name(typed, &path->names[at], MT_PATH_SHORT, name);
		barrier_var(n);
		return n > 0 && n < MT_PATH_SHORT ? n : 0;
	}
	return 0;
}

static __always_inline void mt_path_walk(bool typed, struct dentry *dentry, struct mount *mount, mt_path *path)
{
	struct super_block *sb = mt_load(typed, dentry, d_sb);
	struct dentry *parent = mt_load(typed, dentry, d_parent);
	__u64 used = 0;

	path->dev = mt_load(typed, sb, s_dev);
	path->magic = mt_load(typed, sb, s_magic);
	path->deleted = parent != dentry && !mt_load(typed, dentry, d_hash.pprev);
	path->kind = MT_PATH_CUT;
	path->unused = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < MT_PATH_DEPTH; i++) {
		__u64 n;

		/* more than it can be: the verifier, knowing less of it, finds this round to be like one before */
		barrier_var(used);
		used &= 1023;
		if (mount && dentry == mt_load(typed, mount, mnt.mnt_root)) {
			struct mount *above = mt_load(typed, mount, mnt_parent);

			if (above == mount) {
				path->kind = MT_PATH_WHOLE;
				break;
			}
			dentry = mt_load(typed, mount, mnt_mountpoint);
			mount = above;
			continue;
		}
		parent = mt_load(typed, dentry, d_parent);
		n = mt_path_put(typed, path, used, dentry);
		if (!n)
			break;
		if (parent == dentry) {
			/* the root of a file system is called "/", a file of an unmounted one is a root with a name */
			barrier_var(used); /* it is less than that, which the verifier has forgotten */
			if (path->names[used & (MT_PATH_LONG - 1)] == '/') {
				path->kind = mount ? MT_PATH_OUTSIDE : MT_PATH_INSIDE;
			} else {
				path->kind = MT_PATH_ALONE;
				used += n;
			}
			break;
		}
		used += n;
		dentry = parent;
	}
	path->used = used;
}

static __always_inline void mt_no_path(mt_path *path)
{
	path->dev = 0;
	path->magic = 0;
	path->used = 0;
	path->kind = MT_PATH_NONE;
	path->deleted = 0;
	path->unused = 0;
}

/* The path inside of its file system; core puts the mount point before it. */
static __always_inline void mt_dentry_path(bool typed, struct dentry *dentry, mt_path *path)
{
	if (dentry)
		mt_path_walk(typed, dentry, 0, path);
	else
		mt_no_path(path);
}

/*
 * The path in the mount namespace of whoever has the file. A struct mount is found around what the file points to,
 * where no type leads: by typed loads it is the path inside of the file system, as above.
 */
static __always_inline void mt_file_path(bool typed, struct file *file, mt_path *path)
{
	struct mount *mount = 0;

	if (!file) {
		mt_no_path(path);
		return;
	}
	if (!typed)
		mount = (void *)mt_load(false, file, f_path.mnt) - bpf_core_field_offset(struct mount, mnt);
	mt_path_walk(typed, mt_load(typed, file, f_path.dentry), mount, path);
}

/* The open file of the current process under this number, or NULL; by typed loads it cannot be had. */
static __always_inline struct file *mt_fd_file(bool typed, __u32 fd)
{
	struct files_struct *files;
	struct fdtable *table;
	struct file *file = 0;

	if (typed)
		return 0;
	files = mt_load(false, mt_current(), files);
	table = mt_load(false, files, fdt);
	if (fd < mt_load(false, table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), mt_load(false, table, fd) + fd);
	return file;
}

/*
 * A name of the file that an inode is, the one used first among those in memory; NULL: there is none, or no typed
 * way to it. d_alias left its union d_u in 7.x.
 */
static __always_inline struct dentry *mt_inode_dentry(bool typed, struct inode *inode)
{
	struct dentry___u *old = 0;
	struct hlist_node *first;

	if (typed)
		return 0;
	first = mt_load(false, inode, i_dentry.first);
	if (!first)
		return 0;
	if (bpf_core_field_exists(old->d_u.d_alias))
		return (void *)first - bpf_core_field_offset(struct dentry___u, d_u.d_alias);
	return (void *)first - bpf_core_field_offset(struct dentry, d_alias);
}

static __always_inline void mt_inode_path(bool typed, struct inode *inode, mt_path *path)
{
	mt_dentry_path(typed, mt_inode_dentry(typed, inode), path);
}

#endif
