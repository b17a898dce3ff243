/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said about a tool, from its description: on a terminal, and as a man page. */
#ifndef MT_HELP_H
#define MT_HELP_H

#include <stdio.h>

#include "tool.h"

/* The list of tools by group. */
void mt_help_list(FILE *f);

/* The help of one tool. 0, or an exit status. */
int mt_help_tool(FILE *f, const struct mt_tool *tool);

/*
 * A man page (section 8): the text of @prose, where lines "@NAME@", "@SYNOPSIS@", "@DESCRIPTION@",
 * "@OPTIONS@", "@FIELDS@", "@HOOKS@", "@EXAMPLES@" are replaced. 0, or an exit status.
 */
int mt_help_man(FILE *f, const struct mt_tool *tool, const char *prose);

#endif
