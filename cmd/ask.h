/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes with probes/mt/ask.bpf.h, for each tool that wants to know what is asked of the page cache. */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include <stdio.h>

#include "row.h"
#include "tool.h"

/* As the kernel keeps a device number, and as /proc/self/mountinfo shows it. */
static inline void cmd_device(const struct mt_row *row, struct mt_cell *cell)
{
	static char text[32];
	uint64_t dev = mt_row_u64(row, "dev");

	snprintf(text, sizeof(text), "%u:%u", (unsigned)(dev >> 20), (unsigned)(dev & 0xfffff));
	mt_cell_string(cell, text);
}

/* clang-format off */
#define MT_ASK_SITES                                                                                               \
	{ .name = "read",                                                                                          \
	  .try = { "get_pages+sync_ra+async_ra", "piece_entry/4", "read_entry",                                    \
		   "old_read_entry", "old_read_entry@generic_file_buffered_read",                                  \
		   "read_kprobe+splice_kprobe", "read_kprobe", "old_read_kprobe",                                  \
		   "old_read_kprobe@generic_file_buffered_read" },                                                 \
	  .lacks = "It takes the tracepoints of Linux 6.18, or fentry, or kprobes" },                              \
	{ .name = "fault", .try = { "fault", "fault_entry", "fault_kprobe" } },                                    \
	{ .name = "around", .try = { "map_pages", "map_entry", "map_kprobe" } },                                   \
	{ .name = "exit", .try = { "task_exit" } }
/* clang-format on */

/* of the key struct mt_file */
#define MT_FILE_COLS                                                                                             \
	{ "device",	     "DEVICE", -12, "dev", "major:minor of the file system, or the block device itself", \
	  .fill = cmd_device },                                                                                  \
	{                                                                                                        \
		"inode", "INODE", 12, "inode", "file on it, as ls -i shows it; none for a block device",         \
			.flags = MT_MAYBE                                                                        \
	}

/* the last one */
#define MT_FILE_PATH_COL                                                                                        \
	{                                                                                                       \
		"file", "FILE", 0, "path", "its path, as it was when it was first seen; none of a block device" \
	}

#endif
