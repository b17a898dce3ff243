// SPDX-License-Identifier: GPL-2.0-only
/* Where file systems are mounted. */
#include "mount.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEEPEST 256 /* mounts upon mounts: more are no tree */

static struct {
	int fd;
	char *text; /* all lines, which the mounts point into */
	struct mt_mount *all;
	size_t n;
} mounts = { .fd = -1 };

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

void mt_mount_unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '\\' && is_octal(s[1]) && is_octal(s[2]) && is_octal(s[3])) {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

bool mt_mount_parse(char *line, struct mt_mount *m)
{
	unsigned major, minor;
	int at = 0;
	char *save;

	if (sscanf(line, "%d %d %u:%u %n", &m->id, &m->parent, &major, &minor, &at) != 4 || !at)
		return false;
	m->dev = major << 20 | (minor & 0xfffff);
	m->root = strtok_r(line + at, " \n", &save);
	m->point = strtok_r(NULL, " \n", &save);
	if (!m->root || !m->point)
		return false;
	mt_mount_unescape(m->root);
	mt_mount_unescape(m->point);
	return m->root[0] == '/' && m->point[0] == '/';
}

/* All of the file, which tells no size. To be freed; NULL: not to be had. */
static char *slurp(int fd)
{
	size_t size = 0, len = 0;
	char *text = NULL;
	ssize_t n;

	do {
		if (size - len < 2) {
			char *more = realloc(text, size = size ? 2 * size : 16384);

			if (!more) {
				free(text);
				return NULL;
			}
			text = more;
		}
		n = pread(fd, text + len, size - len - 1, (off_t)len);
		len += n > 0 ? n : 0;
	} while (n > 0);
	text[len] = '\0';
	if (n == 0)
		return text;
	free(text);
	return NULL;
}

/* What was known stays where the new cannot be had. */
static bool read_mounts(void)
{
	char *text = slurp(mounts.fd), *save;
	struct mt_mount *all;
	size_t lines = 1, n = 0;

	if (!text)
		return false;
	for (const char *s = text; *s; s++)
		lines += *s == '\n';
	all = calloc(lines, sizeof(*all));
	if (!all) {
		free(text);
		return false;
	}
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		n += mt_mount_parse(line, all + n);
	free(mounts.all);
	free(mounts.text);
	mounts.all = all;
	mounts.text = text;
	mounts.n = n;
	return true;
}

bool mt_mount_use(const char *path)
{
	if (mounts.fd >= 0)
		close(mounts.fd);
	mounts.n = 0;
	mounts.fd = open(path, O_RDONLY | O_CLOEXEC);
	return mounts.fd >= 0 && read_mounts();
}

bool mt_mount_init(void)
{
	return mt_mount_use("/proc/self/mountinfo");
}

/* The kernel tells by poll(2) that mounts have changed. */
static void keep_up(void)
{
	struct pollfd changed = { .fd = mounts.fd, .events = POLLPRI };

	if (mounts.fd < 0)
		mt_mount_init();
	else if (poll(&changed, 1, 0) > 0 && changed.revents & POLLPRI)
		read_mounts();
}

/* Is @path the directory @dir or below it? */
static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (!strcmp(dir, "/"))
		return true;
	return !strncmp(path, dir, len) && (!path[len] || path[len] == '/');
}

static const struct mt_mount *mount_of(int id)
{
	for (size_t i = 0; i < mounts.n; i++)
		if (mounts.all[i].id == id)
			return mounts.all + i;
	return NULL;
}

/* Is another mount than @but upon @m, on the way to @path? */
static bool is_covered(const struct mt_mount *m, const char *path, const struct mt_mount *but)
{
	for (size_t i = 0; i < mounts.n; i++) {
		const struct mt_mount *on = mounts.all + i;

		if (on->parent == m->id && on != m && on != but && is_below(path, on->point))
			return true;
	}
	return false;
}

/* Does @path lead to @m, and to none of the mounts upon it or upon those that it is mounted on? */
static bool leads_to(const struct mt_mount *m, const char *path)
{
	const struct mt_mount *but = NULL;

	for (int depth = 0; m && depth < DEEPEST; depth++) {
		if (is_covered(m, path, but))
			return false;
		path = m->point;
		but = m;
		m = m->parent == m->id ? NULL : mount_of(m->parent);
	}
	return !m;
}

const char *mt_mount_path(uint32_t dev, const char *inside)
{
	static char path[2 * PATH_MAX];
	size_t shortest = SIZE_MAX;
	static char candidate[2 * PATH_MAX];

	keep_up();
	for (size_t i = 0; i < mounts.n; i++) {
		const struct mt_mount *m = mounts.all + i;
		size_t len = strcmp(m->root, "/") ? strlen(m->root) : 0;
		int n;

		if (m->dev != dev || len >= shortest || !is_below(inside, m->root))
			continue;
		n = snprintf(candidate, sizeof(candidate), "%s%s", strcmp(m->point, "/") ? m->point : "", inside + len);
		if (n < 0 || (size_t)n >= sizeof(candidate))
			continue;
		if (!n || (n > 1 && candidate[n - 1] == '/')) /* the root itself, of the whole tree or of a mount */
			snprintf(candidate, sizeof(candidate), "%s", m->point);
		if (!leads_to(m, candidate))
			continue;
		memcpy(path, candidate, sizeof(path));
		shortest = len;
	}
	return shortest == SIZE_MAX ? NULL : path;
}
