// SPDX-License-Identifier: GPL-2.0-only
/* One formatter for all tools: the buffer that text, JSON and CSV share. */
#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct mt_out_ops *const formats[] = {
	[MT_TEXT] = &mt_out_text,
	[MT_JSON] = &mt_out_json,
	[MT_CSV] = &mt_out_csv,
};

void mt_out_init(struct mt_out *out, enum mt_format format, int fd, const char *path)
{
	out->ops = formats[format];
	out->fd = fd;
	out->path = path;
	out->terminal = isatty(fd);
	out->err = 0;
	out->rows = 0;
	out->headed = false;
	out->clear = false;
	out->cut = 0;
	out->len = 0;
}

bool mt_out_can_clear(const struct mt_out *out)
{
	const char *term = getenv("TERM");

	return out->terminal && term && *term && strcmp(term, "dumb") != 0;
}

bool mt_out_flush(struct mt_out *out)
{
	for (size_t done = 0; !out->err && done < out->len;) {
		ssize_t n = write(out->fd, out->buf + done, out->len - done);

		if (n >= 0)
			done += n;
		else if (errno != EINTR)
			out->err = -errno;
	}
	out->len = 0;
	return !out->err;
}

static char *room(struct mt_out *out, size_t n)
{
	if (sizeof(out->buf) - out->len < n)
		mt_out_flush(out);
	return out->buf + out->len;
}

void mt_out_bytes(struct mt_out *out, const char *s, size_t n)
{
	while (n) {
		size_t part = n < 1024 ? n : 1024;

		memcpy(room(out, part), s, part);
		out->len += part;
		s += part;
		n -= part;
	}
}

void mt_out_u64(struct mt_out *out, uint64_t value)
{
	char digits[20], *at = digits + sizeof(digits);

	do
		*--at = '0' + value % 10;
	while (value /= 10);
	mt_out_bytes(out, at, digits + sizeof(digits) - at);
}

void mt_out_printf(struct mt_out *out, const char *fmt, ...)
{
	char *at = room(out, 1024);
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(at, 1024, fmt, args);
	va_end(args);
	if (n > 0)
		out->len += n < 1024 ? n : 1023;
}

void mt_out_text_by(struct mt_out *out, mt_text_fn how, const char *s, size_t n)
{
	const size_t cap = sizeof(out->buf) / 4 * 3; /* a path of PATH_MAX bytes, each \u00XX in JSON, fits */
	const size_t most = n < cap / 8 ? 8 * n + 2 : cap;

	out->len += how(room(out, most), most, s, n);
}

size_t mt_out_rfc3339(char *buf, size_t size, uint64_t ns)
{
	static char second[32]; /* rows come in order: most are of the second of the one before */
	static time_t of = -1;
	time_t sec = ns / 1000000000;
	struct tm tm;

	if (sec != of) {
		gmtime_r(&sec, &tm);
		strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &tm);
		of = sec;
	}
	return snprintf(buf, size, "%s.%09uZ", second, (unsigned)(ns % 1000000000));
}
