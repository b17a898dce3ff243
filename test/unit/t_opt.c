// SPDX-License-Identifier: GPL-2.0-only
/* opt: what the command line of a tool may be, what it means, and how a wrong one is refused. */
#include "err.h"
#include "object.h"
#include "opt.h"
#include "test.h"

static const struct mt_opt own[] = {
	{ "order", "N", "mt_order", "help", 'O' },
	{ "all", NULL, "mt_all", "help", 0 },
	{ 0 },
};

static const struct mt_alias aliases[] = {
	{ 't', "min", NULL, "as the classic has it" },
	{ 'x', "duration", "10", "as the classic has it" },
	{ 'T', "all", NULL, "as the classic has it" },
	{ 'U', "columns", "+uid", "as the classic has it", "user" },
	{ 0 },
};

static const struct mt_tool table = { .name = "table", .opts = own, .aliases = aliases, .view = { MT_TOTAL } };
static const struct mt_tool keyed = { .name = "keyed", .view = { MT_KEYED } };
static const struct mt_tool top = { .name = "top", .view = { MT_KEYED, .top = true } };
static const struct mt_tool ring = { .name = "ring", .view = { MT_RING } };

static const struct mt_view more[] = { { .source = MT_KEYED, .word = "process", .wide = true },
				       { .source = MT_RING, .word = "event" },
				       { 0 } };
static const struct mt_tool several = { .name = "several", .view = { MT_TOTAL, .word = "total" }, .views = more };

static struct mt_opts opts;
static const char *said;

static int parse_args(const struct mt_tool *tool, char **argv)
{
	int rc;

	test_capture(STDERR_FILENO);
	rc = mt_opt_parse(&opts, tool, argv);
	said = test_capture_end();
	ASSERT_EQ(*said != '\0', rc != 0); /* refused, and only then, with a line */
	return rc;
}

#define parse(tool, ...) parse_args(tool, (char *[]){ __VA_ARGS__, NULL })

#define ASSERT_REFUSED(because, tool, ...)                     \
	do {                                                   \
		ASSERT_EQ(parse(tool, __VA_ARGS__), MT_USAGE); \
		ASSERT_HAS(said, because);                     \
	} while (0)

static void test_none(void)
{
	ASSERT_OK(parse_args(&ring, (char *[]){ NULL }));
	ASSERT_TRUE(!opts.help && !opts.wide && !opts.json && !opts.csv && !opts.has_pid && !opts.has_uid);
	ASSERT_EQ(opts.hooks, ~0U);
	ASSERT_TRUE(!opts.command && !opts.output && !opts.name);
}

static void test_long(void)
{
	ASSERT_OK(parse(&table, "--pid", "12", "--tid=0x10", "--name", "sh", "--cgroup=/a=b", "--min", "5",
			"--duration", "1.5", "--count", "3"));
	ASSERT_EQ(opts.pid, 12);
	ASSERT_EQ(opts.tid, 16);
	ASSERT_TRUE(opts.has_pid && opts.has_tid && !opts.has_uid);
	ASSERT_STREQ(opts.name, "sh");
	ASSERT_STREQ(opts.cgroup, "/a=b");
	ASSERT_EQ(opts.min_ns, 5000000);
	ASSERT_EQ(opts.duration_ns, 1500000000);
	ASSERT_EQ(opts.count, 3);
	ASSERT_OK(parse(&table, "--wide", "--columns", "+a,-b", "--json", "--output", "file", "--quiet", "--buffer",
			"64K", "--map-entries", "7", "--verbose", "--debug", "--hook", "kprobe"));
	ASSERT_TRUE(opts.wide && opts.json && opts.quiet && opts.verbose && opts.debug && !opts.csv);
	ASSERT_EQ(opts.nr_columns, 1);
	ASSERT_STREQ(opts.columns[0], "+a,-b");
	ASSERT_STREQ(opts.output, "file");
	ASSERT_EQ(opts.ring_bytes, 65536);
	ASSERT_EQ(opts.entries, 7);
	ASSERT_EQ(opts.hooks, 1U << MT_HOOK_KPROBE | 1U << MT_HOOK_KRETPROBE);
}

static void test_short(void)
{
	ASSERT_OK(parse(&ring, "-p", "12", "-t7", "-wjq", "-nsh", "-d", "2s"));
	ASSERT_EQ(opts.pid, 12);
	ASSERT_EQ(opts.tid, 7);
	ASSERT_TRUE(opts.wide && opts.json && opts.quiet);
	ASSERT_STREQ(opts.name, "sh");
	ASSERT_EQ(opts.duration_ns, 2000000000);
	ASSERT_OK(parse(&ring, "-wp12"));
	ASSERT_EQ(opts.pid, 12);
}

static void test_own(void)
{
	ASSERT_OK(parse(&table, "--order", "3", "--all", "-O4"));
	ASSERT_EQ(opts.nr_sets, 3);
	ASSERT_TRUE(opts.sets[0].opt == &own[0] && opts.sets[1].opt == &own[1] && opts.sets[2].opt == &own[0]);
	ASSERT_STREQ(opts.sets[0].value, "3");
	ASSERT_STREQ(opts.sets[1].value, NULL);
	ASSERT_STREQ(opts.sets[2].value, "4");
	ASSERT_REFUSED("unknown option '--order'", &ring, "--order", "3");
	ASSERT_REFUSED("takes no argument", &table, "--all=1");
}

static void test_words(void)
{
	ASSERT_OK(parse(&several, "5"));
	ASSERT_TRUE(opts.view == &several.view);
	ASSERT_OK(parse(&several, "--by", "process", "5", "2"));
	ASSERT_TRUE(opts.view == &more[0]);
	ASSERT_EQ(opts.count, 2);
	ASSERT_OK(parse(&several, "--by=total"));
	ASSERT_TRUE(opts.view == &several.view);
	ASSERT_OK(parse(&several, "-w"));
	ASSERT_TRUE(opts.view == &more[0]);
	ASSERT_OK(parse(&several, "-w", "--by", "total"));
	ASSERT_TRUE(opts.view == &several.view);
	ASSERT_REFUSED("'file' is none of total, process, event", &several, "--by", "file");
	ASSERT_REFUSED("needs an argument", &several, "--by");
	/* whether an interval is of use is for the view to say, wherever that was chosen */
	ASSERT_REFUSED("takes no INTERVAL", &several, "5", "--by", "event");
	ASSERT_REFUSED("of no use to this tool", &table, "--by", "total");
}

static void test_too_many(void)
{
	char *argv[MT_MAX_SETS + 2] = { 0 };

	for (int i = 0; i < MT_MAX_SETS; i++)
		argv[i] = "--all";
	ASSERT_OK(parse_args(&table, argv));
	argv[MT_MAX_SETS] = "--all";
	ASSERT_EQ(parse_args(&table, argv), MT_USAGE);
}

/* The classic's letter hides the common one, which keeps its long name. */
static void test_aliases(void)
{
	ASSERT_OK(parse(&table, "-t", "7"));
	ASSERT_EQ(opts.min_ns, 7000000);
	ASSERT_TRUE(!opts.has_tid);
	ASSERT_OK(parse(&table, "--tid", "7"));
	ASSERT_TRUE(opts.has_tid);
	ASSERT_OK(parse(&table, "-xw"));
	ASSERT_EQ(opts.duration_ns, 10000000000ULL);
	ASSERT_TRUE(opts.wide);
	ASSERT_OK(parse(&table, "-T"));
	ASSERT_EQ(opts.nr_sets, 1);
	/* each adds to those before it */
	ASSERT_OK(parse(&table, "-U", "--columns", "-pid"));
	ASSERT_EQ(opts.nr_columns, 2);
	ASSERT_STREQ(opts.columns[0], "+uid");
	ASSERT_STREQ(opts.columns[1], "-pid");
	ASSERT_OK(parse(&table, "--user", "--wide"));
	ASSERT_STREQ(opts.columns[0], "+uid");
	ASSERT_TRUE(opts.wide);
	ASSERT_EQ(parse(&table, "--user=1"), MT_USAGE);
	ASSERT_EQ(parse(&table, "--use"), MT_USAGE);
}

static void test_positional(void)
{
	ASSERT_OK(parse(&table, "0.5", "--json", "10"));
	ASSERT_EQ(opts.interval_ns, 500000000);
	ASSERT_EQ(opts.count, 10);
	ASSERT_OK(parse(&table, "100ms"));
	ASSERT_EQ(opts.interval_ns, 100000000);
	ASSERT_REFUSED("one argument too many", &table, "1", "2", "3");
	ASSERT_REFUSED("'x' is not a time", &table, "x");
	ASSERT_TRUE(!strstr(said, "--INTERVAL")); /* no option is named so */
	ASSERT_REFUSED("out of range", &table, "0");
	ASSERT_REFUSED("out of range", &table, "1ms");
	ASSERT_REFUSED("out of range", &table, "367000h");
	ASSERT_REFUSED("out of range", &table, "1", "0");
	ASSERT_REFUSED("COUNT", &table, "1", "0");
	ASSERT_REFUSED("takes no INTERVAL", &ring, "1");
	ASSERT_REFUSED("not a time", &table, "-");
}

static void test_command(void)
{
	ASSERT_OK(parse(&ring, "--json", "--", "ls", "-l", "--pid"));
	ASSERT_TRUE(opts.command != NULL);
	ASSERT_STREQ(opts.command[0], "ls");
	ASSERT_STREQ(opts.command[2], "--pid");
	ASSERT_STREQ(opts.command[3], NULL);
	ASSERT_REFUSED("needs a command", &ring, "--");
	ASSERT_REFUSED("choose one", &ring, "-p", "1", "--", "ls");
	ASSERT_REFUSED("choose one", &ring, "--tid", "1", "--", "ls");
}

static void test_refused(void)
{
	ASSERT_REFUSED("unknown option '--what'", &ring, "--what");
	ASSERT_REFUSED("unknown option '--what'", &ring, "--what=7");
	ASSERT_REFUSED("unknown option '-Z'", &ring, "-Z");
	ASSERT_REFUSED("unknown option '-Z'", &ring, "-wZ");
	ASSERT_REFUSED("unknown option '--js'", &ring, "--js"); /* no abbreviations: a new option would break scripts */
	ASSERT_REFUSED("needs an argument", &ring, "--pid");
	ASSERT_REFUSED("needs an argument", &ring, "-p");
	ASSERT_REFUSED("'abc' is not a number", &ring, "--pid", "abc");
	ASSERT_REFUSED("'' is not a number", &ring, "--pid=");
	ASSERT_REFUSED("out of range", &ring, "--pid", "0");
	ASSERT_REFUSED("out of range", &ring, "-p", "4194305");
	ASSERT_REFUSED("out of range", &ring, "-p", "99999999999999999999");
	ASSERT_REFUSED("not a time", &ring, "--duration", "10x");
	ASSERT_REFUSED("out of range", &ring, "--duration", "0");
	ASSERT_REFUSED("not a size", &ring, "--buffer", "1.2.3K");
	ASSERT_REFUSED("out of range", &ring, "--buffer", "4095");
	ASSERT_REFUSED("out of range", &ring, "--buffer", "65M");
	ASSERT_REFUSED("out of range", &ring, "--map-entries", "0");
	ASSERT_REFUSED("out of range", &ring, "--count", "0");
	ASSERT_REFUSED("tp_btf, fentry, kprobe, tp, perf", &ring, "--hook", "uprobe");
	ASSERT_REFUSED("choose one", &ring, "--json", "--csv");
	ASSERT_REFUSED("--name", &ring, "--name", "");
	ASSERT_REFUSED("15 bytes", &ring, "--name", "abcdefghijklmnop");
	ASSERT_OK(parse(&ring, "--name", "abcdefghijklmno"));
	ASSERT_REFUSED("unknown option '--\\x1b[31m'", &ring, "--\x1b[31m");
}

static void test_user(void)
{
	ASSERT_OK(parse(&ring, "--uid", "root"));
	ASSERT_EQ(opts.uid, 0);
	ASSERT_TRUE(opts.has_uid);
	ASSERT_OK(parse(&ring, "-u", "65534"));
	ASSERT_EQ(opts.uid, 65534);
	ASSERT_REFUSED("no user 'nobody here'", &ring, "--uid", "nobody here");
	ASSERT_REFUSED("out of range", &ring, "--uid", "4294967295"); /* stands for any */
}

/* Order and number of rows are those of a table, and only a screen can be cleared. */
static void test_rows(void)
{
	ASSERT_OK(parse(&keyed, "-s", "reads", "-r5"));
	ASSERT_STREQ(opts.sort, "reads");
	ASSERT_TRUE(opts.has_rows);
	ASSERT_EQ(opts.rows, 5);
	ASSERT_OK(parse(&keyed, "--sort=pages", "--rows", "0"));
	ASSERT_STREQ(opts.sort, "pages");
	ASSERT_TRUE(opts.has_rows);
	ASSERT_EQ(opts.rows, 0);
	ASSERT_OK(parse(&keyed, "--json"));
	ASSERT_TRUE(!opts.has_rows && !opts.sort && !opts.no_clear);
	ASSERT_OK(parse(&top, "-C"));
	ASSERT_TRUE(opts.no_clear);
	ASSERT_REFUSED("--rows: 'x' is not a number", &keyed, "-r", "x");
	ASSERT_REFUSED("--rows: needs an argument", &keyed, "--rows");
	ASSERT_REFUSED("--no-clear: of no use", &keyed, "-C");
	ASSERT_REFUSED("--sort: of no use", &ring, "-s", "pid");
	ASSERT_REFUSED("--rows: of no use", &table, "-r", "3");
}

static void test_views(void)
{
	static const struct mt_opt choose[] = { { "one", NULL, NULL, "h", 0 }, { "two", "N", "n", "h", 0 }, { 0 } };
	static const struct mt_view others[] = { { .source = MT_RING, .option = "one" },
						 { .source = MT_TOTAL, .option = "two" },
						 { 0 } };
	static const struct mt_tool t = { .name = "t", .opts = choose, .view = { MT_SAMPLED }, .views = others };

	ASSERT_OK(parse(&t, "1", "2"));
	ASSERT_TRUE(opts.view == &t.view);
	ASSERT_OK(parse(&t, "--two", "3", "1"));
	ASSERT_TRUE(opts.view == &others[1]);
	ASSERT_OK(parse(&t, "--one", "--one"));
	ASSERT_TRUE(opts.view == &others[0]);
	ASSERT_REFUSED("--one and --two: choose one", &t, "--one", "--two=1");
	ASSERT_REFUSED("'1': takes no INTERVAL", &t, "1", "--one");
	ASSERT_REFUSED("'1': takes no INTERVAL", &t, "--one", "1");
}

/* Help is given whatever else there is, as long as it can be read. */
static void test_help(void)
{
	ASSERT_OK(parse(&ring, "--json", "--csv", "-h"));
	ASSERT_TRUE(opts.help);
}

static void test_common(void)
{
	size_t n = 0;

	for (; mt_opt_common(n)->name; n++)
		ASSERT_TRUE(mt_opt_common(n)->help && *mt_opt_common(n)->help);
	ASSERT_TRUE(n > 10);
}

TESTS(test_none, test_long, test_short, test_own, test_words, test_too_many, test_aliases, test_positional,
      test_command, test_refused, test_user, test_rows, test_views, test_help, test_common)
