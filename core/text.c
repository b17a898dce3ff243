// SPDX-License-Identifier: GPL-2.0-only
/* Bytes of unknown origin made safe to print. */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Smallest code point of a sequence of 1 to 4 bytes: a longer form of a shorter one is not valid. */
static const unsigned utf8_least[] = { 0, 0, 0x80, 0x800, 0x10000 };

size_t mt_utf8(const char *s, size_t len, unsigned *cp)
{
	const uint8_t *b = (const uint8_t *)s;
	size_t n;

	if (!len)
		return 0;
	if (b[0] < 0x80) {
		*cp = b[0];
		return 1;
	}
	n = b[0] >= 0xf0 && b[0] < 0xf8 ? 4 : b[0] >= 0xe0 && b[0] < 0xf0 ? 3 : b[0] >= 0xc0 && b[0] < 0xe0 ? 2 : 0;
	if (!n || n > len)
		return 0;
	*cp = b[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (b[i] & 0x3f);
	}
	if (*cp < utf8_least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000))
		return 0;
	return n;
}

static bool is_control(unsigned cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x200e || cp == 0x200f || cp == 0x061c ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

/* What stands for one character of the source; returns its length in @out, at most 8 bytes a byte. */
typedef size_t (*escape_fn)(char *out, const char *s, size_t n, unsigned cp);

/* Bytes at the start of @s that every format prints as they are: most names are nothing else. */
static size_t harmless(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

static size_t escape(char *dst, size_t size, const char *src, size_t len, escape_fn how)
{
	size_t out = 0;

	while (len) {
		size_t run = harmless(src, len < size - out ? len : size - out);
		unsigned cp = 0;

		memcpy(dst + out, src, run);
		out += run;
		src += run;
		len -= run;
		if (!len)
			break;

		size_t n = mt_utf8(src, len, &cp);
		size_t taken = n ? n : 1;
		char buf[40];
		size_t m = how(buf, src, n, cp);

		if (m > size - out)
			break;
		memcpy(dst + out, buf, m);
		out += m;
		src += taken;
		len -= taken;
	}
	return out;
}

static size_t as_is(char *out, const char *s, size_t n)
{
	memcpy(out, s, n);
	return n;
}

static size_t as_hex(char *out, const char *s, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		m += sprintf(out + m, "\\x%02x", (uint8_t)s[i]);
	return m;
}

static size_t plain(char *out, const char *s, size_t n, unsigned cp)
{
	if (!n)
		return as_hex(out, s, 1);
	return is_control(cp) ? as_hex(out, s, n) : as_is(out, s, n);
}

static size_t json(char *out, const char *s, size_t n, unsigned cp)
{
	if (!n)
		return as_is(out, "\xef\xbf\xbd", 3);
	if (cp == '"' || cp == '\\')
		return sprintf(out, "\\%c", (char)cp);
	if (is_control(cp))
		return sprintf(out, "\\u%04x", cp);
	return as_is(out, s, n);
}

static size_t csv(char *out, const char *s, size_t n, unsigned cp)
{
	if (cp == '"' && n)
		return as_is(out, "\"\"", 2);
	return plain(out, s, n, cp);
}

size_t mt_text_plain(char *dst, size_t size, const char *src, size_t len)
{
	return escape(dst, size, src, len, plain);
}

size_t mt_text_json(char *dst, size_t size, const char *src, size_t len)
{
	return escape(dst, size, src, len, json);
}

size_t mt_text_csv(char *dst, size_t size, const char *src, size_t len)
{
	bool quote = memchr(src, '"', len) || memchr(src, ',', len) || memchr(src, '\n', len) ||
		     memchr(src, '\r', len) || (len && (src[0] == ' ' || src[len - 1] == ' '));
	size_t out = 0;

	if (!quote)
		return escape(dst, size, src, len, csv);
	if (size < 2)
		return 0;
	dst[out++] = '"';
	out += escape(dst + out, size - 2, src, len, csv);
	dst[out++] = '"';
	return out;
}

size_t mt_text_width(const char *s, size_t len)
{
	size_t width = 0;

	for (size_t i = 0; i < len; i++)
		width += ((uint8_t)s[i] & 0xc0) != 0x80;
	return width;
}
