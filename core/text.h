/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes of unknown origin made safe to print: names of tasks, files and cgroups are an attacker's choice. */
#ifndef MT_TEXT_H
#define MT_TEXT_H

#include <stddef.h>

/*
 * Each writes @src, @len bytes, to @dst, at most @size bytes, and returns how many it wrote; what does
 * not fit whole is left out. No terminating zero. Bytes that are not valid UTF-8, and in mt_text_plain()
 * control characters too (U+0000-1F, U+7F-9F, and the bidirectional controls, which reorder a line),
 * come out as \xNN.
 */
size_t mt_text_plain(char *dst, size_t size, const char *src, size_t len);

/* The inside of a JSON string. An invalid byte becomes U+FFFD: JSON has no way to say a byte. */
size_t mt_text_json(char *dst, size_t size, const char *src, size_t len);

/* A CSV field (RFC 4180), quoted where it must be; controls as mt_text_plain(). */
size_t mt_text_csv(char *dst, size_t size, const char *src, size_t len);

/* Length of the valid UTF-8 sequence at @s (1 to 4), at most @len; 0: none. @cp: its code point. */
size_t mt_utf8(const char *s, size_t len, unsigned *cp);

/* Columns of a terminal that @len bytes of mt_text_plain() take: code points are one each. */
size_t mt_text_width(const char *s, size_t len);

#endif
