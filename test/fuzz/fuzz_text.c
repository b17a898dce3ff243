// SPDX-License-Identifier: GPL-2.0-only
/* What makes bytes safe to print: never longer than the room, valid UTF-8, no control character, valid JSON. */
#include "fuzz.h"
#include "json.h"
#include "text.h"

static bool is_plain(const char *s, size_t n)
{
	unsigned cp;

	for (size_t taken; n; s += taken, n -= taken) {
		taken = mt_utf8(s, n, &cp);
		if (!taken || cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x202a && cp <= 0x202e) ||
		    (cp >= 0x2066 && cp <= 0x2069))
			return false;
	}
	return true;
}

/* A quoted field holds quotes in pairs; one that is not holds nothing that ends it. */
static bool is_csv(const char *s, size_t n)
{
	size_t quotes = 0;

	if (!n || s[0] != '"')
		return !memchr(s, ',', n) && !memchr(s, '"', n);
	if (n < 2 || s[n - 1] != '"')
		return false;
	for (size_t i = 1; i < n - 1; i++) {
		if (s[i] == '"')
			quotes++;
		else if (quotes % 2)
			return false;
	}
	return quotes % 2 == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *source, *out;
	size_t room, n;

	if (size < 2)
		return 0;
	room = (size_t)data[0] * (1 + data[1] % 16);
	source = fuzz_string(data + 2, size - 2);
	size -= 2;
	out = malloc(room + 2);
	n = mt_text_plain(out, room, source, size);
	MUST(n <= room && is_plain(out, n));
	MUST(mt_text_width(out, n) <= n);
	n = mt_text_csv(out, room, source, size);
	MUST(n <= room && is_plain(out, n) && is_csv(out, n));
	n = mt_text_json(out + 1, room, source, size);
	MUST(n <= room && is_plain(out + 1, n));
	out[0] = '"';
	out[n + 1] = '"';
	MUST(json_valid(out, n + 2));
	free(out);
	free(source);
	return 0;
}
