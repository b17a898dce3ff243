/* SPDX-License-Identifier: GPL-2.0-only */
/* The name of a file as a probe leaves it in a record; core makes the path of it. For both of them. */
#ifndef MT_PATH_H
#define MT_PATH_H

#include <linux/types.h>

enum mt_path_kind {
	MT_PATH_NONE,	 /* no file, or its name cannot be had: null */
	MT_PATH_WHOLE,	 /* up to the root of the mount namespace */
	MT_PATH_INSIDE,	 /* up to the root of the file system on @dev */
	MT_PATH_CUT,	 /* there is more, towards the root */
	MT_PATH_OUTSIDE, /* up to the root of the file system, which its mount does not reach */
	MT_PATH_ALONE,	 /* a name that is in no directory, as of memfd_create(2) */
};

/*
 * The walk goes from leaf to root and takes a name only whole: one of any length may begin in the first
 * MT_PATH_SHORT bytes, one that is shorter than that in the first MT_PATH_LONG.
 */
#define MT_PATH_LONG  256
#define MT_PATH_SHORT 96
#define MT_PATH_NAME  264 /* more than NAME_MAX and its zero: what fills it is cut */

typedef struct mt_path {
	__u32 dev;   /* of the file system, as the kernel writes it: 12 bits major, 20 minor */
	__u32 magic; /* of the file system: linux/magic.h */
	__u16 used;  /* bytes of @names */
	__u8 kind;
	__u8 deleted;
	__u32 unused;
	char names[MT_PATH_SHORT + MT_PATH_NAME]; /* the leaf's first, a zero behind each */
} __attribute__((aligned(8))) mt_path;

#endif
