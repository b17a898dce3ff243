// SPDX-License-Identifier: GPL-2.0-only
/* out: the three formats cell by cell, the buffer they share, and the end of what can be written. */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "loss.h"
#include "out.h"
#include "test.h"
#include "text.h"
#include "version.h"

bool __wrap_mt_host_line(const char *path, char *buf, size_t size);
bool __wrap_mt_host_line(const char *path, char *buf, size_t size)
{
	snprintf(buf, size, "%s", strcmp(path, "/proc/loadavg") ? "" : "1 2 3\x1b");
	return *buf != '\0';
}

static struct mt_out out;
static char text[256 << 10];
static int file;

static void begin(enum mt_format format)
{
	file = memfd_create("out", MFD_CLOEXEC);
	mt_out_init(&out, format, file, "out");
	out.quiet = false;
}

static const char *written(void)
{
	ssize_t n;

	ASSERT_TRUE(mt_out_flush(&out));
	n = pread(file, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	close(file);
	return text;
}

/* Rows of cells as they are, from columns that fill themselves. */
static struct mt_cell cells[4];

#define FILL(n)                                                          \
	static void fill##n(const struct mt_row *row, struct mt_cell *c) \
	{                                                                \
		(void)row;                                               \
		*c = cells[n];                                           \
	}
FILL(0)
FILL(1)
FILL(2)

static const struct mt_col cols[] = {
	{ "one_ns", "ONE", 8, NULL, "", MT_MS, .fill = fill0 },
	{ "two", "TWO", -6, NULL, "", .fill = fill1 },
	{ "three_bytes", "THREE", 0, NULL, "", MT_KB, .fill = fill2 },
	{ "hidden", "HIDDEN", 8, NULL, "", .flags = MT_HIDDEN, .fill = fill0 },
	{ 0 },
};

static struct mt_bound bound;

static void bind(void)
{
	static const struct mt_view view;

	bound = (struct mt_bound){ .view = &view, .nr_cols = 3 };
	for (size_t i = 0; i < bound.nr_cols; i++)
		bound.cols[i] = (struct mt_bound_col){ .col = cols + i, .shown = true };
}

static void row(struct mt_cell one, struct mt_cell two, struct mt_cell three)
{
	const struct mt_row r = { .bound = &bound };

	cells[0] = one;
	cells[1] = two;
	cells[2] = three;
	out.ops->row(&out, &r);
}

#define U(n)	  ((struct mt_cell){ .type = MT_C_U64, .u = (n) })
#define S(n)	  ((struct mt_cell){ .type = MT_C_S64, .s = (n) })
#define REAL(n)	  ((struct mt_cell){ .type = MT_C_REAL, .real = (n) })
#define BOOL(n)	  ((struct mt_cell){ .type = MT_C_BOOL, .u = (n) })
#define TIME(n)	  ((struct mt_cell){ .type = MT_C_TIME, .u = (n) })
#define STR(s)	  ((struct mt_cell){ .type = MT_C_STRING, .str = (s), .len = sizeof(s) - 1 })
#define NOTHING() ((struct mt_cell){ .type = MT_C_NULL })

#define SECOND 1000000000ULL

static void rows(void)
{
	out.ops->start(&out, &bound, NULL, "tool");
	row(U(1234567), STR("abc"), U(4096));
	row(NOTHING(), NOTHING(), NOTHING());
	row(U(UINT64_MAX), U(UINT64_MAX), U(UINT64_MAX));
	row(S(-1500000), S(INT64_MIN), S(-4096));
	row(U(4999), STR("\x1b[31m\",\n"), REAL(0.125));
	row(U(5000), STR("longer than it"), BOOL(1));
	row(TIME(1700000000 * SECOND + 7),
	    STR("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"), BOOL(0));
}

static void test_text(void)
{
	bind();
	begin(MT_TEXT);
	rows();
	ASSERT_STREQ(written(),
		     "     ONE TWO    THREE\n"
		     "    1.23 abc    4\n"
		     "       - -      -\n"
		     "18446744073709.55 18446744073709551615 18014398509481984\n"
		     "   -1.50 -9223372036854775808 -4\n"
		     "    0.00 \\x1b[3 0.12\n"
		     "    0.01 longer yes\n"
		     "22:13:20 \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac no\n");
}

static void test_json(void)
{
	bind();
	begin(MT_JSON);
	rows();
	ASSERT_STREQ(
		written(),
		"{\"start\":{\"tool\":\"tool\",\"version\":\"" MT_VERSION "\",\"hooks\":{}}}\n"
		"{\"one_ns\":1234567,\"two\":\"abc\",\"three_bytes\":4096}\n"
		"{\"one_ns\":null,\"two\":null,\"three_bytes\":null}\n"
		"{\"one_ns\":18446744073709551615,\"two\":18446744073709551615,\"three_bytes\":18446744073709551615}\n"
		"{\"one_ns\":-1500000,\"two\":-9223372036854775808,\"three_bytes\":-4096}\n"
		"{\"one_ns\":4999,\"two\":\"\\u001b[31m\\\",\\u000a\",\"three_bytes\":0.125}\n"
		"{\"one_ns\":5000,\"two\":\"longer than it\",\"three_bytes\":true}\n"
		"{\"one_ns\":\"2023-11-14T22:13:20.000000007Z\",\"two\":"
		"\"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
		"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\",\"three_bytes\":false}\n");
}

static void test_csv(void)
{
	bind();
	begin(MT_CSV);
	rows();
	ASSERT_STREQ(written(), "one_ns,two,three_bytes\n"
				"1234567,abc,4096\n"
				",,\n"
				"18446744073709551615,18446744073709551615,18446744073709551615\n"
				"-1500000,-9223372036854775808,-4096\n"
				"4999,\"\\x1b[31m\"\",\\x0a\",0.125\n"
				"5000,longer than it,true\n"
				"2023-11-14T22:13:20.000000007Z,"
				"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
				"\xe2\x82\xac,false\n");
}

/* No number there is makes a JSON line that is none. */
static void test_odd_reals(void)
{
	static const double odd[] = { 0.0, -0.0, 1e300, 1e-300, 123456789.123 };

	bind();
	begin(MT_JSON);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		row(REAL(odd[i]), NOTHING(), NOTHING());
	ASSERT_TRUE(!strpbrk(written(), "N") && !strstr(text, "inf"));
}

static void test_quiet(void)
{
	bind();
	begin(MT_TEXT);
	out.quiet = true;
	out.ops->start(&out, &bound, NULL, "tool");
	row(U(0), U(1), U(2));
	ASSERT_STREQ(written(), "    0.00 1      0\n");
	begin(MT_CSV);
	out.quiet = true;
	out.ops->start(&out, &bound, NULL, "tool");
	row(U(0), U(1), U(2));
	ASSERT_STREQ(written(), "0,1,2\n");
}

static unsigned headings(bool terminal, unsigned n)
{
	unsigned found = 0;

	bind();
	begin(MT_TEXT);
	out.terminal = terminal;
	out.ops->start(&out, &bound, NULL, "tool");
	for (unsigned i = 0; i < n; i++)
		row(U(0), U(1), U(2));
	written();
	for (const char *s = text; (s = strstr(s, "THREE")); s++)
		found++;
	return found;
}

static void test_headings(void)
{
	ASSERT_EQ(headings(false, 100), 1);
	ASSERT_EQ(headings(true, 0), 1);
	ASSERT_EQ(headings(true, 20), 1);
	ASSERT_EQ(headings(true, 21), 2);
	ASSERT_EQ(headings(true, 40), 2);
	ASSERT_EQ(headings(true, 41), 3);
}

/* Hidden columns are in the machine formats, whose readers take what they want by name. */
static void test_hidden(void)
{
	bind();
	bound.cols[bound.nr_cols++] = (struct mt_bound_col){ .col = cols + 3 };
	begin(MT_TEXT);
	row(U(0), U(1), U(2));
	ASSERT_STREQ(written(), "    0.00 1      0\n");
	begin(MT_JSON);
	row(U(0), U(1), U(2));
	ASSERT_STREQ(written(), "{\"one_ns\":0,\"two\":1,\"three_bytes\":2,\"hidden\":0}\n");
}

/* A view that is a screen: a block each interval, under the time and the load. */
static const char *screens(bool clear, bool quiet)
{
	static const struct mt_view top = { .source = MT_KEYED, .top = true };

	bind();
	bound.view = &top;
	begin(MT_TEXT);
	out.terminal = out.clear = clear;
	out.quiet = quiet;
	out.ops->start(&out, &bound, NULL, "tool");
	for (uint64_t second = 1; second < 3; second++) {
		out.ops->interval(&out, &bound, (1700000000 + second) * SECOND);
		row(U(0), U(second), U(2));
	}
	return written();
}

static void test_screens(void)
{
	ASSERT_STREQ(screens(false, false), "22:13:21 loadavg: 1 2 3\\x1b\n     ONE TWO    THREE\n    0.00 1      0\n\n"
					    "22:13:22 loadavg: 1 2 3\\x1b\n     ONE TWO    THREE\n    0.00 2      0\n");
	ASSERT_STREQ(screens(true, false),
		     "\x1b[H\x1b[J22:13:21 loadavg: 1 2 3\\x1b\n     ONE TWO    THREE\n    0.00 1      0\n"
		     "\x1b[H\x1b[J22:13:22 loadavg: 1 2 3\\x1b\n     ONE TWO    THREE\n    0.00 2      0\n");
	ASSERT_STREQ(screens(false, true), "    0.00 1      0\n\n    0.00 2      0\n");
}

/* Machine formats have no screens, nor has any other view. */
static void test_no_screens(void)
{
	static const struct mt_view plain = { .source = MT_KEYED };

	bind();
	bound.view = &plain;
	for (int format = MT_TEXT; format <= MT_CSV; format++) {
		begin(format);
		out.clear = true;
		out.ops->interval(&out, &bound, SECOND);
		ASSERT_STREQ(written(), "");
	}
}

static void test_can_clear(void)
{
	begin(MT_TEXT);
	setenv("TERM", "xterm", 1);
	ASSERT_TRUE(!mt_out_can_clear(&out));
	out.terminal = true;
	ASSERT_TRUE(mt_out_can_clear(&out));
	setenv("TERM", "dumb", 1);
	ASSERT_TRUE(!mt_out_can_clear(&out));
	setenv("TERM", "", 1);
	ASSERT_TRUE(!mt_out_can_clear(&out));
	unsetenv("TERM");
	ASSERT_TRUE(!mt_out_can_clear(&out));
	written();
}

/* Rows that were left out: how many, and what they add up to. */
static const char *left_out(enum mt_format format, bool words)
{
	static const struct mt_col more_cols[] = {
		{ "ts", "TIME", -8, NULL, "" },
		{ "name", "NAME", -10, NULL, "", .fill = fill1 },
		{ "count", "COUNT", 6, "count", "" },
		{ "ratio", "RATIO", 6, "count", "", .per = "count" },
		{ "size", "SIZE", 6, NULL, "", .fill = fill2 },
	};
	const uint64_t count = 77;
	const struct mt_row sum = { .bound = &bound, .value = &count, .time = SECOND };

	cells[1] = cells[2] = NOTHING();
	bound = (struct mt_bound){ .nr_cols = 5, .clock_offset = 1700000000 * SECOND };
	for (size_t i = 0; i < bound.nr_cols; i++)
		bound.cols[i] = (struct mt_bound_col){
			.col = more_cols + i,
			.field = { .size = 8, .count = 1, .unit = MT_U_COUNT },
			.shown = words || i > 1,
		};
	begin(format);
	out.ops->more(&out, &sum, 12);
	return written();
}

static void test_more(void)
{
	ASSERT_STREQ(left_out(MT_TEXT, true), "22:13:21 (12 more)      77\n");
	ASSERT_STREQ(left_out(MT_TEXT, false), "    77               (12 more)\n");
	ASSERT_STREQ(left_out(MT_JSON, true),
		     "{\"more\":{\"ts\":\"2023-11-14T22:13:21.000000000Z\",\"rows\":12,\"count\":77}}\n");
	ASSERT_STREQ(left_out(MT_CSV, true), "");
	ASSERT_EQ(out.cut, 12);
	test_capture(STDERR_FILENO);
	out.ops->end(&out, "tool", SECOND, &(const struct mt_loss){ 0 });
	ASSERT_HAS(test_capture_end(), "12 rows were left out (--rows)");
}

static const struct mt_hist hist = { "took_ns", "took_hist", "how long" };

static const char *hist_in(enum mt_format format, const uint64_t *slots, size_t n)
{
	begin(format);
	out.ops->hist(&out, &hist, slots, n);
	return written();
}

static void test_hists(void)
{
	static const uint64_t slots[5] = { 1, 0, 4, 0, 2 }, none[5] = { 0 };

	ASSERT_STREQ(hist_in(MT_TEXT, slots, 5),
		     "\nhow long\n"
		     "                      ns : count      distribution\n"
		     "         0 -> 1          : 1         |**********                              |\n"
		     "         2 -> 3          : 0         |                                        |\n"
		     "         4 -> 7          : 4         |****************************************|\n"
		     "         8 -> 15         : 0         |                                        |\n"
		     "        16 -> ...        : 2         |********************                    |\n");
	ASSERT_STREQ(hist_in(MT_JSON, slots, 5),
		     "{\"hist\":\"took_ns\",\"buckets\":[{\"lo\":0,\"hi\":1,\"n\":1},{\"lo\":4,\"hi\":7,\"n\":4},"
		     "{\"lo\":16,\"hi\":null,\"n\":2}]}\n");
	ASSERT_STREQ(hist_in(MT_CSV, slots, 5), "\nhist,lo,hi,n\ntook_ns,0,1,1\ntook_ns,2,3,0\ntook_ns,4,7,4\n"
						"took_ns,8,15,0\ntook_ns,16,,2\n");
	ASSERT_STREQ(hist_in(MT_TEXT, none, 5), "");
	ASSERT_STREQ(hist_in(MT_JSON, none, 5), "{\"hist\":\"took_ns\",\"buckets\":[]}\n");
	/* the site was empty: not known, which is not the same as none */
	ASSERT_STREQ(hist_in(MT_TEXT, NULL, 0), "");
	ASSERT_STREQ(hist_in(MT_JSON, NULL, 0), "{\"hist\":\"took_ns\",\"buckets\":null}\n");
	ASSERT_STREQ(hist_in(MT_CSV, NULL, 0), "");
}

static void test_end(void)
{
	const struct mt_loss loss = { 10, 3, 2, { 1, 2, 0, 1, 1 } };

	begin(MT_JSON);
	out.ops->end(&out, "tool", 5 * SECOND, &loss);
	ASSERT_STREQ(written(),
		     "{\"end\":{\"tool\":\"tool\",\"duration_ns\":5000000000,\"seen\":10,\"delivered\":3,"
		     "\"aggregated\":2,\"lost\":{\"ring_full\":1,\"map_full\":2,\"no_start\":0,\"too_late\":1,"
		     "\"busy\":1}}}\n");
	begin(MT_TEXT);
	out.ops->end(&out, "tool", 5 * SECOND, &loss);
	ASSERT_STREQ(written(), "");
}

/* Every length around the buffer's, in every way to write, comes out whole and in order. */
static void test_boundaries(void)
{
	static char pattern[100 << 10];
	unsigned wrong = 0;

	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (char)('a' + i % 23);
	for (size_t n = sizeof(out.buf) - 1030; n < sizeof(out.buf) + 1030; n += 7) {
		begin(MT_TEXT);
		mt_out_bytes(&out, pattern, n);
		mt_out_printf(&out, "%s", "END");
		mt_out_text_by(&out, mt_text_plain, "x\n", 2);
		mt_out_bytes(&out, pattern, n);
		written();
		wrong += memcmp(text, pattern, n) || memcmp(text + n, "ENDx\\x0a", 8) ||
			 memcmp(text + n + 8, pattern, n) || strlen(text) != 2 * n + 8;
	}
	ASSERT_EQ(wrong, 0);
	begin(MT_TEXT);
	mt_out_bytes(&out, pattern, sizeof(pattern));
	ASSERT_TRUE(strlen(written()) == sizeof(pattern) && !memcmp(text, pattern, sizeof(pattern)));
	begin(MT_TEXT);
	mt_out_printf(&out, "%.*s", 2000, pattern); /* more than it takes: cut, not overrun */
	ASSERT_EQ(strlen(written()), 1023);
}

/* The longest path there is, of bytes that each need an escape, is not cut in any format. */
static void test_longest_path(void)
{
	static char path[4096];

	memset(path, '\x01', sizeof(path));
	begin(MT_JSON);
	mt_out_text_by(&out, mt_text_json, path, sizeof(path));
	ASSERT_EQ(strlen(written()), 6 * sizeof(path));
	begin(MT_CSV);
	mt_out_text_by(&out, mt_text_csv, path, sizeof(path));
	ASSERT_EQ(strlen(written()), 4 * sizeof(path));
}

static void test_full_disk(void)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (!ASSERT_TRUE(full >= 0))
		return;
	mt_out_init(&out, MT_TEXT, full, "/dev/full");
	mt_out_bytes(&out, "x", 1);
	ASSERT_TRUE(!mt_out_flush(&out));
	ASSERT_EQ(out.err, -ENOSPC);
	ASSERT_EQ(out.len, 0);
	/* what comes later is dropped, and does not fill the buffer */
	for (int i = 0; i < 1000; i++)
		mt_out_printf(&out, "%0500d", i);
	ASSERT_TRUE(!mt_out_flush(&out));
	ASSERT_EQ(out.err, -ENOSPC);
	close(full);
}

static void test_closed_pipe(void)
{
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	ASSERT_OK(pipe(ends));
	close(ends[0]);
	mt_out_init(&out, MT_TEXT, ends[1], "pipe");
	mt_out_bytes(&out, "x", 1);
	ASSERT_TRUE(!mt_out_flush(&out));
	ASSERT_EQ(out.err, -EPIPE);
	close(ends[1]);
}

static void nothing(int sig)
{
	(void)sig;
}

/* A slow reader, and signals meanwhile: writes come back short, or not done, and go on where they stood. */
static void test_short_writes(void)
{
	const struct sigaction act = { .sa_handler = nothing };
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { 0 };
	int ends[2], status = -1;
	pid_t reader;

	ASSERT_OK(pipe(ends));
	fcntl(ends[1], F_SETPIPE_SZ, 4096);
	reader = fork();
	if (!reader) {
		char some[701];
		unsigned n = 0, bad = 0;
		ssize_t got;

		close(ends[1]);
		while ((got = read(ends[0], some, sizeof(some))) > 0) {
			for (ssize_t i = 0; i < got; i++, n++)
				bad += some[i] != (char)('a' + n % 26);
			usleep(200);
		}
		_exit(n == 200000 && !bad ? 0 : 1);
	}
	close(ends[0]);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	mt_out_init(&out, MT_TEXT, ends[1], "pipe");
	for (int i = 0; i < 200000; i++)
		mt_out_printf(&out, "%c", 'a' + i % 26);
	ASSERT_TRUE(mt_out_flush(&out));
	setitimer(ITIMER_REAL, &never, NULL);
	close(ends[1]);
	while (waitpid(reader, &status, 0) < 0 && errno == EINTR)
		;
	ASSERT_OK(status);
}

static void test_rfc3339(void)
{
	char buf[40];

	ASSERT_EQ(mt_out_rfc3339(buf, sizeof(buf), 0), 30);
	ASSERT_STREQ(buf, "1970-01-01T00:00:00.000000000Z");
	mt_out_rfc3339(buf, sizeof(buf), 1709210096 * SECOND + 999999999);
	ASSERT_STREQ(buf, "2024-02-29T12:34:56.999999999Z");
	ASSERT_TRUE(mt_out_rfc3339(buf, sizeof(buf), UINT64_MAX) < sizeof(buf));
	ASSERT_STREQ(buf, "2554-07-21T23:34:33.709551615Z");
}

TESTS(test_text, test_json, test_csv, test_odd_reals, test_quiet, test_headings, test_hidden, test_screens,
      test_no_screens, test_can_clear, test_more, test_hists, test_end, test_boundaries, test_longest_path,
      test_full_disk, test_closed_pipe, test_short_writes, test_rfc3339)
