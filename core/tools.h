/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of all tools, made by the build from the names of the files in cmd/. */
#ifndef MT_TOOLS_H
#define MT_TOOLS_H

#include "tool.h"

extern const struct mt_tool *const mt_tools[]; /* sorted by name, ends with NULL */

/* Heading of a group. */
extern const char *const mt_group_title[MT_GROUPS];

/* View @i of a tool, its usual one first; NULL behind the last. */
const struct mt_view *mt_tool_view(const struct mt_tool *tool, size_t i);

/* The tool of that name, or NULL. */
const struct mt_tool *mt_tool_find(const char *name);

/*
 * The tool that a file name means: its own name, or the longest that stands at the name's begin or end,
 * as links made with --prefix or --suffix have it. NULL: none.
 */
const struct mt_tool *mt_tool_by_link(const char *name);

#endif
