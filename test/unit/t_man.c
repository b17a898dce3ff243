// SPDX-License-Identifier: GPL-2.0-only
/* The man page of every tool is one that groff has nothing to say about. */
#include <limits.h>
#include <sys/stat.h>

#include "help.h"
#include "test.h"
#include "tools.h"

static void groff(const char *page, const char *name)
{
	char command[PATH_MAX + 64], said[4096] = "";
	FILE *f;

	snprintf(command, sizeof(command), "groff -man -ww -Tutf8 -z %s 2>&1", page);
	f = popen(command, "re");
	if (!ASSERT_TRUE(f != NULL))
		return;
	said[fread(said, 1, sizeof(said) - 1, f)] = '\0';
	ASSERT_OK(pclose(f));
	if (!ASSERT_STREQ(said, ""))
		printf("  %s\n", name);
}

static void page_of(const struct mt_tool *tool, const char *dir)
{
	char prose[PATH_MAX], page[] = "/tmp/mt-man-XXXXXX";
	FILE *f = fdopen(mkstemp(page), "w");

	snprintf(prose, sizeof(prose), "%s/man/memtrace-%s.8.in", dir, tool->name);
	if (access(prose, R_OK))
		snprintf(prose, sizeof(prose), "%s/man/default.8.in", dir);
	ASSERT_OK(mt_help_man(f, tool, prose));
	fclose(f);
	groff(page, tool->name);
	unlink(page);
}

static void test_pages(void)
{
	const char *dir = test.args[0] ? test.args[0] : ".";
	char page[PATH_MAX];

	if (system("command -v groff >/dev/null")) {
		test.skipped = "no groff (apt-get install groff-base)";
		return;
	}
	for (size_t i = 0; mt_tools[i]; i++)
		page_of(mt_tools[i], dir);
	snprintf(page, sizeof(page), "%s/man/memtrace.8", dir);
	groff(page, "memtrace");
}

TESTS(test_pages)
