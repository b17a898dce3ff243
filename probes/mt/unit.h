/* SPDX-License-Identifier: GPL-2.0-only */
/* What a member of a record means: its typedef is its unit, read by core from the object's BTF. */
#ifndef MT_UNIT_H
#define MT_UNIT_H

#include "path.h" /* mt_path: a file, shown as its path */

typedef __u64 mt_time; /* ns of CLOCK_MONOTONIC, shown as wall-clock time */
typedef __u64 mt_ns;   /* a duration */
typedef __u64 mt_bytes;
typedef __s64 mt_level;	    /* bytes as they stand, or by how much that changed: printed as it is */
typedef __u64 mt_pages;	    /* base pages, whatever the folio */
typedef __u64 mt_net_pages; /* a counter that may be taken back in part: core never prints less than nothing */
typedef __u64 mt_count;	    /* only grows: core prints the difference of two reads */
typedef __u64 mt_log2;	    /* array [MT_LOG2_SLOTS]: slot n counts values of [2^n, 2^(n+1)), slot 0 also 0 */
typedef __u64 mt_peak_ns;   /* the longest duration since tracing began */
typedef __u64 mt_ksym;	    /* entry of a kernel function, shown as its name */
typedef __u64 mt_cgroup;    /* id of a cgroup, shown as its path */
typedef __u32 mt_id;	    /* pid, tid, uid */
typedef __u32 mt_gfp;	    /* allocation flags, shown by name */
typedef __s32 mt_int;	    /* a plain signed number */
typedef __s32 mt_errno;	    /* shown by name; 0, no error, is null */

/* A member whose value this event could not have: shown as null. */
#define MT_NO_U64 (~0ULL)
#define MT_NO_U32 (~0U)
#define MT_NO_S64 ((__s64)(1ULL << 63))
#define MT_NO_INT ((__s32)0x80000000)

#define MT_LOG2_SLOTS 40 /* the last slot, 2^39 ns, is 9 minutes and more */

#endif
