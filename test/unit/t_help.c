// SPDX-License-Identifier: GPL-2.0-only
/* help: the description becomes text of 80 columns, and roff that hides none of it. */
#include "embed.h"
#include "err.h"
#include "help.h"
#include "test.h"
#include "tools.h"

static char *text;
static size_t size;

static const char *list(void)
{
	FILE *f = open_memstream(&text, &size);

	mt_help_list(f);
	fclose(f);
	return text;
}

static void test_list(void)
{
	list();
	for (size_t i = 0; mt_tools[i]; i++) {
		ASSERT_HAS(text, mt_tools[i]->name);
		ASSERT_HAS(text, mt_tools[i]->summary);
	}
	ASSERT_HAS(text, "check");
	ASSERT_HAS(text, "install");
	free(text);
}

/* The first tool's probe under a description that goes to all limits. */
static const struct mt_opt opts[] = {
	{ "a-very-long-option-name-of-a-tool", "ARGUMENT", "mt_x",
	  "help of words that fill more than one line, so "
	  "that it must go on in the next",
	  0 },
	{ 0 },
};

static const struct mt_alias aliases[] = { { 'p', "count", NULL, "letter taken from another" }, { 0 } };

static const struct mt_col cols[] = {
	{ "ts", "TIME", 8, NULL, ".starts with a dot" },
	{ "x", "X", 8, NULL, "'quoted', with a - and a \\ in it", .flags = MT_WIDE },
	{ 0 },
};

static struct mt_tool tool(void)
{
	return (struct mt_tool){
		.name = "tool",
		.object = mt_tools[0]->object,
		.object_end = mt_tools[0]->object_end,
		.summary = "a summary - with a hyphen",
		.about = ".First words, which a formatter would take for a command, then enough of them to fill more "
			 "than one line of a terminal.\n"
			 "Second paragraph. averyveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryverylong "
			 "word",
		.examples = "\tnothing\n--json -n x\ttwo options",
		.opts = opts,
		.aliases = aliases,
		.view = { .source = MT_TOTAL, .cols = cols },
	};
}

static const char *help_of(const struct mt_tool *t)
{
	FILE *f = open_memstream(&text, &size);

	ASSERT_OK(mt_help_tool(f, t));
	fclose(f);
	return text;
}

static void test_help(void)
{
	struct mt_tool t = tool();

	help_of(&t);
	ASSERT_HAS(text, "usage: tool [OPTION]... [INTERVAL [COUNT]] [-- COMMAND [ARG]...]\n");
	ASSERT_HAS(text, "--a-very-long-option-name-of-a-tool ARGUMENT");
	ASSERT_HAS(text, "  -p ");
	ASSERT_HAS(text, "X * (x)");
	ASSERT_HAS(text, "TIME (ts)");
	ASSERT_HAS(text, "tool --json -n x");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (!ASSERT_TRUE(strlen(line) <= 80 || strstr(line, "averyvery")))
			printf("  %s\n", line);
		ASSERT_TRUE(line[strlen(line) - 1] != ' ');
	}
	free(text);
	/* the letter that an alias took is not offered for the common option */
	t.aliases = NULL;
	help_of(&t);
	ASSERT_TRUE(!strstr(text, "  -p  "));
	free(text);
}

static void test_help_of_events(void)
{
	struct mt_tool t = tool();

	t.view.source = MT_RING;
	ASSERT_HAS(help_of(&t), "usage: tool [OPTION]... [-- COMMAND [ARG]...]\n");
	free(text);
}

/* A filter is offered where the probe has it. */
static void test_only_what_works(void)
{
	for (size_t i = 0; mt_tools[i]; i++) {
		size_t size = 0;
		void *object = mt_embed_object(mt_tools[i], &size);

		help_of(mt_tools[i]);
		ASSERT_HAS(text, "--json");
		ASSERT_HAS(text, "--duration");
		ASSERT_EQ(strstr(text, "--name ") != NULL, object && memmem(object, size, "mt_comm_end", 12) != NULL);
		free(object);
		free(text);
	}
}

static const char *man_of(const struct mt_tool *t, const char *prose)
{
	FILE *f = open_memstream(&text, &size);

	ASSERT_OK(mt_help_man(f, t, test_file(prose, strlen(prose))));
	fclose(f);
	return text;
}

static void test_man(void)
{
	struct mt_tool t = tool();

	man_of(&t, "@NAME@\n@SYNOPSIS@\n@DESCRIPTION@\n.SH BY HAND\n@ text @NAME@\n@OPTIONS@\n@FIELDS@\n@HOOKS@\n"
		   "@EXAMPLES@\n@NOTHING@\nno newline");
	ASSERT_HAS(text,
		   ".TH MEMTRACE\\-tool 8\n.ad l\n.nh\n.SH NAME\nmemtrace\\-tool \\- a summary \\- with a hyphen\n");
	ASSERT_HAS(text, ".SH SYNOPSIS\n.B memtrace tool\n");
	ASSERT_HAS(text, ".SH BY HAND\n@ text @NAME@\n");
	ASSERT_HAS(text, "\n\\&.First words");
	ASSERT_HAS(text, "\n\\&.starts with a dot\n");
	ASSERT_HAS(text, "\n\\&'quoted', with a \\- and a \\\\ in it\n");
	ASSERT_HAS(text, ".B memtrace tool \\-\\-json \\-n x\n");
	ASSERT_HAS(text, "@NOTHING@\nno newline");
	free(text);
}

static void test_man_failure(void)
{
	struct mt_tool t = tool();

	test_capture(STDERR_FILENO);
	ASSERT_EQ(mt_help_man(stdout, &t, "/no/such/prose"), MT_FAILED);
	ASSERT_HAS(test_capture_end(), "/no/such/prose: No such file");
}

TESTS(test_list, test_help, test_help_of_events, test_only_what_works, test_man, test_man_failure)
