// SPDX-License-Identifier: GPL-2.0-only
/* tools: a link's name means the tool that it should. The table is one of this test's own. */
#include "test.h"
#include "tools.h"

static const struct mt_tool a = { .name = "oom" }, b = { .name = "oomkill" }, c = { .name = "swap" },
			    d = { .name = "vmscan" };

const struct mt_tool *const mt_tools[] = { &a, &b, &c, &d, NULL };

static void test_views(void)
{
	static const struct mt_view others[] = { { .option = "one" }, { .option = "two" }, { 0 } };
	static const struct mt_tool t = { .views = others };

	ASSERT_TRUE(mt_tool_view(&t, 0) == &t.view);
	ASSERT_TRUE(mt_tool_view(&t, 1) == &others[0]);
	ASSERT_TRUE(mt_tool_view(&t, 2) == &others[1]);
	ASSERT_TRUE(!mt_tool_view(&t, 3) && !mt_tool_view(&t, 4));
	ASSERT_TRUE(mt_tool_view(&a, 0) == &a.view && !mt_tool_view(&a, 1));
}

static void test_find(void)
{
	ASSERT_TRUE(mt_tool_find("oom") == &a);
	ASSERT_TRUE(mt_tool_find("vmscan") == &d);
	ASSERT_TRUE(!mt_tool_find(""));
	ASSERT_TRUE(!mt_tool_find("oo"));
	ASSERT_TRUE(!mt_tool_find("vmscans"));
}

static void test_links(void)
{
	ASSERT_TRUE(mt_tool_by_link("oom") == &a);
	ASSERT_TRUE(mt_tool_by_link("mt-oom") == &a);
	ASSERT_TRUE(mt_tool_by_link("oom-mt") == &a);
	ASSERT_TRUE(mt_tool_by_link("swap8") == &c);
	ASSERT_TRUE(!mt_tool_by_link(""));
	ASSERT_TRUE(!mt_tool_by_link("ls"));
	ASSERT_TRUE(!mt_tool_by_link("xoomx"));
	ASSERT_TRUE(!mt_tool_by_link("oo"));
}

/* Where two tools could be meant, the longer name is; of two as long, always the same. */
static void test_longest(void)
{
	ASSERT_TRUE(mt_tool_by_link("oomkill") == &b);
	ASSERT_TRUE(mt_tool_by_link("oomkill-mt") == &b);
	ASSERT_TRUE(mt_tool_by_link("mt-oomkill") == &b);
	ASSERT_TRUE(mt_tool_by_link("oomkillx") == &b);
	ASSERT_TRUE(mt_tool_by_link("oom-swap") == &c);
	ASSERT_TRUE(mt_tool_by_link("swap-oom") == &c);
	ASSERT_TRUE(mt_tool_by_link("oom-vmscan") == &d);
	ASSERT_TRUE(mt_tool_by_link("oom-oom") == &a);
}

TESTS(test_views, test_find, test_links, test_longest)
