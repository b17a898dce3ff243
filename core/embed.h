/* SPDX-License-Identifier: GPL-2.0-only */
/* A probe's object as the build embeds it: compressed, since many tools share one executable. */
#ifndef MT_EMBED_H
#define MT_EMBED_H

#include <stddef.h>

struct mt_tool;

/* The tool's object, an ELF file of *@size bytes, to be freed; NULL: no memory, or a broken build. */
void *mt_embed_object(const struct mt_tool *tool, size_t *size);

#endif
