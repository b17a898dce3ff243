// SPDX-License-Identifier: GPL-2.0-only
/* text: no byte of unknown origin reaches a terminal, a JSON string or a CSV field as it should not. */
#include "test.h"
#include "text.h"

static void test_utf8(void)
{
	static const struct {
		const char *s;
		size_t len, n;
		unsigned cp;
	} cases[] = {
		{ "", 0, 0, 0 },
		{ "a", 1, 1, 'a' },
		{ "\0", 1, 1, 0 },
		{ "\x7f", 1, 1, 0x7f },
		{ "\xc3\xa9", 2, 2, 0xe9 },
		{ "\xc2\x80", 2, 2, 0x80 },
		{ "\xdf\xbf", 2, 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 3, 0x800 },
		{ "\xef\xbf\xbd", 3, 3, 0xfffd },
		{ "\xed\x9f\xbf", 3, 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 3, 0xe000 },
		{ "\xf0\x90\x80\x80", 4, 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
		/* longer than need be */
		{ "\xc0\x80", 2, 0, 0 },
		{ "\xc1\xbf", 2, 0, 0 },
		{ "\xe0\x9f\xbf", 3, 0, 0 },
		{ "\xf0\x8f\xbf\xbf", 4, 0, 0 },
		/* surrogates, and beyond the last code point */
		{ "\xed\xa0\x80", 3, 0, 0 },
		{ "\xed\xbf\xbf", 3, 0, 0 },
		{ "\xf4\x90\x80\x80", 4, 0, 0 },
		{ "\xf5\x80\x80\x80", 4, 0, 0 },
		{ "\xf8\x88\x80\x80\x80", 5, 0, 0 },
		{ "\xff", 1, 0, 0 },
		/* a continuation alone, none, and one that is not */
		{ "\x80", 1, 0, 0 },
		{ "\xc3", 1, 0, 0 },
		{ "\xc3\x28", 2, 0, 0 },
		{ "\xe2\x82", 2, 0, 0 },
		{ "\xf0\x9f\x98", 3, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned cp = 0;

		if (ASSERT_EQ(mt_utf8(cases[i].s, cases[i].len, &cp), cases[i].n) && cases[i].n)
			ASSERT_EQ(cp, cases[i].cp);
	}
}

#define ASSERT_TEXT(how, source, wanted)                                      \
	do {                                                                  \
		char out[256];                                                \
		size_t n = how(out, sizeof(out), source, sizeof(source) - 1); \
		ASSERT_BYTES(out, n, wanted);                                 \
	} while (0)

static void test_plain(void)
{
	ASSERT_TEXT(mt_text_plain, "", "");
	ASSERT_TEXT(mt_text_plain, "bash", "bash");
	ASSERT_TEXT(mt_text_plain, "a b\"c\\d,e", "a b\"c\\d,e");
	ASSERT_TEXT(mt_text_plain, "\x1b[31mred", "\\x1b[31mred");
	ASSERT_TEXT(mt_text_plain, "a\nb\tc\rd\0e\x7f", "a\\x0ab\\x09c\\x0dd\\x00e\\x7f");
	ASSERT_TEXT(mt_text_plain, "caf\xc3\xa9", "caf\xc3\xa9");
	ASSERT_TEXT(mt_text_plain, "caf\xc3", "caf\\xc3");
	ASSERT_TEXT(mt_text_plain, "\xff\xfe", "\\xff\\xfe");
	/* the 8-bit form of ESC [ */
	ASSERT_TEXT(mt_text_plain,
		    "\xc2\x9b"
		    "31m",
		    "\\xc2\\x9b31m");
	/* right-to-left override, isolates and marks, the line separator */
	ASSERT_TEXT(mt_text_plain,
		    "\xe2\x80\xae"
		    "x",
		    "\\xe2\\x80\\xaex");
	ASSERT_TEXT(mt_text_plain, "\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
	ASSERT_TEXT(mt_text_plain, "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f\\xd8\\x9c");
	ASSERT_TEXT(mt_text_plain, "\xe2\x80\xa8", "\\xe2\\x80\\xa8");
	/* a comm of 15 bytes that ends inside a character */
	ASSERT_TEXT(mt_text_plain, "aaaaaaaaaaaaa\xe2\x82", "aaaaaaaaaaaaa\\xe2\\x82");
}

static void test_json(void)
{
	ASSERT_TEXT(mt_text_json, "bash", "bash");
	ASSERT_TEXT(mt_text_json, "a\"b\\c/d", "a\\\"b\\\\c/d");
	ASSERT_TEXT(mt_text_json, "\n\t\x1b\0", "\\u000a\\u0009\\u001b\\u0000");
	ASSERT_TEXT(mt_text_json, "caf\xc3\xa9", "caf\xc3\xa9");
	ASSERT_TEXT(mt_text_json,
		    "\xff"
		    "a\xc3",
		    "\xef\xbf\xbd"
		    "a\xef\xbf\xbd");
	ASSERT_TEXT(mt_text_json, "\xe2\x80\xae", "\\u202e");
	ASSERT_TEXT(mt_text_json, "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80");
}

static void test_csv(void)
{
	ASSERT_TEXT(mt_text_csv, "", "");
	ASSERT_TEXT(mt_text_csv, "bash", "bash");
	ASSERT_TEXT(mt_text_csv, "a b", "a b");
	ASSERT_TEXT(mt_text_csv, " a", "\" a\"");
	ASSERT_TEXT(mt_text_csv, "a ", "\"a \"");
	ASSERT_TEXT(mt_text_csv, "a,b", "\"a,b\"");
	ASSERT_TEXT(mt_text_csv, "a\"b", "\"a\"\"b\"");
	ASSERT_TEXT(mt_text_csv, "\"", "\"\"\"\"");
	ASSERT_TEXT(mt_text_csv, "a\nb\r", "\"a\\x0ab\\x0d\"");
	ASSERT_TEXT(mt_text_csv, "\x1b[2J,\xff", "\"\\x1b[2J,\\xff\"");
}

static bool is_utf8(const char *s, size_t n)
{
	unsigned cp;

	for (size_t taken; n; s += taken, n -= taken) {
		taken = mt_utf8(s, n, &cp);
		if (!taken)
			return false;
	}
	return true;
}

/* Whatever the room, nothing is written behind it, and no escape or character is written in part. */
static void test_room(void)
{
	static size_t (*const hows[])(char *, size_t, const char *, size_t) = { mt_text_plain, mt_text_json,
										mt_text_csv };
	static const char source[] = "a,\xe2\x82\xac\x1b\"\\\xff\xf0\x9f\x98\x80\xe2\x80\xaez";

	for (size_t h = 0; h < 3; h++) {
		char full[128];
		size_t all = hows[h](full, sizeof(full), source, sizeof(source) - 1);

		for (size_t size = 0; size <= all + 1; size++) {
			char *exact = malloc(size + 1);
			size_t n;

			exact[size] = '#';
			n = hows[h](exact, size, source, sizeof(source) - 1);
			ASSERT_TRUE(n <= size);
			ASSERT_EQ(exact[size], '#');
			ASSERT_TRUE(is_utf8(exact, n));
			if (size >= all)
				ASSERT_EQ(n, all);
			if (h == 2 && n)
				ASSERT_TRUE(exact[0] == '"' && exact[n - 1] == '"');
			else
				ASSERT_TRUE(!memcmp(exact, full, n));
			free(exact);
		}
	}
}

/* Every single byte, and every pair: what is printed has no control character and is valid UTF-8. */
static void test_all_pairs(void)
{
	unsigned bad = 0;

	for (unsigned pair = 0; pair < 0x10000; pair++) {
		char in[2] = { (char)(pair >> 8), (char)pair }, out[64];
		size_t n = mt_text_plain(out, sizeof(out), in, 2);

		bad += !is_utf8(out, n);
		for (size_t i = 0; i < n; i++)
			bad += (unsigned char)out[i] < 0x20 || out[i] == 0x7f;
		n = mt_text_json(out, sizeof(out), in, 2);
		bad += !is_utf8(out, n);
		for (size_t i = 0; i < n; i++)
			bad += (unsigned char)out[i] < 0x20 || out[i] == 0x7f;
	}
	ASSERT_EQ(bad, 0);
}

static void test_width(void)
{
	ASSERT_EQ(mt_text_width("", 0), 0);
	ASSERT_EQ(mt_text_width("abc", 3), 3);
	ASSERT_EQ(mt_text_width("caf\xc3\xa9", 5), 4);
	ASSERT_EQ(mt_text_width("\xe2\x82\xac\xf0\x9f\x98\x80", 7), 2);
}

TESTS(test_utf8, test_plain, test_json, test_csv, test_room, test_all_pairs, test_width)
