// SPDX-License-Identifier: GPL-2.0-only
/* How memtrace fails: one line on stderr where the cause is known, and an exit status. */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "text.h"

static const char *err_name = "memtrace";

static struct {
	bool verbose;
	size_t len;
	char text[16 << 10];
} held;

void mt_err_name(const char *name)
{
	err_name = name;
}

const char *mt_err_get_name(void)
{
	return err_name;
}

static void say(int err, const char *fmt, va_list args)
{
	char raw[1024], line[4096];
	size_t n, out;

	n = snprintf(raw, sizeof(raw), "%s: ", err_name);
	n += vsnprintf(raw + n, sizeof(raw) - n, fmt, args);
	if (n >= sizeof(raw))
		n = sizeof(raw) - 1;
	if (err)
		snprintf(raw + n, sizeof(raw) - n, ": %s", strerror(err < 0 ? -err : err));
	out = mt_text_plain(line, sizeof(line) - 1, raw, strlen(raw));
	line[out++] = '\n';
	if (write(STDERR_FILENO, line, out) < 0)
		return; /* there is nobody left to tell */
}

#define SAY(err)                     \
	do {                         \
		va_list args;        \
		va_start(args, fmt); \
		say(err, fmt, args); \
		va_end(args);        \
	} while (0)

int mt_failed(int err, const char *fmt, ...)
{
	SAY(err);
	return MT_FAILED;
}

int mt_usage(const char *fmt, ...)
{
	SAY(0);
	return MT_USAGE;
}

int mt_cannot(int err, const char *fmt, ...)
{
	SAY(err);
	return MT_CANNOT;
}

void mt_note(const char *fmt, ...)
{
	SAY(0);
}

static int hold(enum libbpf_print_level level, const char *fmt, va_list args)
{
	int n;

	if (held.verbose)
		return vfprintf(stderr, fmt, args);
	if (level == LIBBPF_DEBUG)
		return 0;
	if (held.len > sizeof(held.text) / 2) {
		memmove(held.text, held.text + held.len / 2, held.len - held.len / 2);
		held.len -= held.len / 2;
	}
	n = vsnprintf(held.text + held.len, sizeof(held.text) - held.len, fmt, args);
	if (n > 0)
		held.len += (size_t)n < sizeof(held.text) - held.len ? (size_t)n : sizeof(held.text) - held.len - 1;
	return n;
}

void mt_log_hold(bool verbose)
{
	held.verbose = verbose;
	libbpf_set_print(hold);
}

void mt_log_clear(void)
{
	held.len = 0;
}

void mt_log_print(void)
{
	if (held.len)
		fprintf(stderr, "%.*s", (int)held.len, held.text);
	held.len = 0;
}
