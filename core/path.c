// SPDX-License-Identifier: GPL-2.0-only
/* The path of a file, from what a probe left of it. */
#include "path.h"

#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../probes/mt/path.h"
#include "mount.h"

_Static_assert(sizeof(mt_path) == MT_PATH_BYTES, "core/path.h");

/* File systems that no one mounts, whose files have names of their own kind; others say "/NAME (deleted)". */
static const struct {
	uint32_t magic;
	const char *prefix;
} kinds[] = {
	{ ANON_INODE_FS_MAGIC, "anon_inode:" },
	{ SOCKFS_MAGIC, "socket:" },
	{ PIPEFS_MAGIC, "pipe:" },
	{ DMA_BUF_MAGIC, "/dmabuf:" },
};

#define TURNED (MT_PATH_SHORT + MT_PATH_NAME + 2)

/* The names turned round: "/usr/lib/libc.so.6"; "" for none. Returns the length. */
static size_t turn(const mt_path *p, char *buf)
{
	size_t end = p->used < sizeof(p->names) ? p->used : sizeof(p->names), n = 0;

	while (end) {
		size_t at = end - 1; /* the zero behind a name */

		while (at && p->names[at - 1])
			at--;
		buf[n++] = '/';
		memcpy(buf + n, p->names + at, end - 1 - at);
		n += end - 1 - at;
		end = at;
	}
	buf[n] = '\0';
	return n;
}

static const char *name(const mt_path *p, const char *names)
{
	static char text[TURNED + 32];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].magic == p->magic) {
			snprintf(text, sizeof(text), "%s%s", kinds[i].prefix, names + (names[0] == '/'));
			return text;
		}
	snprintf(text, sizeof(text), "%s (deleted)", names);
	return text;
}

const char *mt_path_text(const void *member)
{
	static char text[2 * 4096 + 64];
	char names[TURNED];
	const char *before = "", *path = names, *mounted;
	mt_path p;

	memcpy(&p, member, sizeof(p));
	if (!turn(&p, names) && p.kind != MT_PATH_CUT)
		strcpy(names, "/");
	switch (p.kind) {
	case MT_PATH_WHOLE:
		break;
	case MT_PATH_INSIDE:
		mounted = mt_mount_path(p.dev, names);
		if (mounted)
			path = mounted;
		else
			before = "...";
		break;
	case MT_PATH_CUT:
		before = "...";
		break;
	case MT_PATH_OUTSIDE:
		before = "(unreachable)";
		break;
	case MT_PATH_ALONE:
		return name(&p, names);
	default:
		return NULL;
	}
	snprintf(text, sizeof(text), "%s%s%s", before, path, p.deleted ? " (deleted)" : "");
	return text;
}
