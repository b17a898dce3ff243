// SPDX-License-Identifier: GPL-2.0-only
/* filter: the name search of the probe is strstr(), and what the probe has no use for is refused. */
#include "err.h"
#include "filter.h"
#include "object.h"
#include "test.h"
#include "tools.h"

/* mt_comm_matches() of probes/mt/filter.bpf.h */
static bool matches(const char comm[16], const uint16_t bits[256], uint16_t end)
{
	uint16_t state = 0, found = 0;

	for (int i = 0; i < 16; i++) {
		state = (uint16_t)(state << 1 | 1) & bits[(uint8_t)comm[i]];
		found |= state & end;
	}
	return found;
}

static void search(const char *name, const char *text)
{
	char comm[16] = "";
	uint16_t bits[256], end = mt_filter_name_bits(name, bits);

	strncpy(comm, text, 15);
	if (!ASSERT_EQ(matches(comm, bits, end), strstr(comm, name) != NULL))
		printf("  '%s' in '%s'\n", name, comm);
}

static void test_name(void)
{
	search("a", "a");
	search("a", "");
	search("a", "b");
	search("bash", "bash");
	search("ash", "bash");
	search("bas", "bash");
	search("bashs", "bash");
	search("aab", "aaaaab");
	search("aba", "ababab");
	search("abcdefghijklmno", "abcdefghijklmno");
	search("abcdefghijklmno", "abcdefghijklmnx");
	search("o", "abcdefghijklmno");
	search("\xff\x80", "x\xff\x80");
	search("\xff", "\x7f");
}

/* Few letters, so that a name is often nearly there. */
static void test_name_at_random(void)
{
	for (int i = 0; i < 20000; i++) {
		char name[16] = "", comm[16] = "";
		unsigned n = 1 + test_random() % (i % 2 ? 15 : 4), m = test_random() % 16;

		for (unsigned c = 0; c < n; c++)
			name[c] = (char)('a' + test_random() % 2);
		for (unsigned c = 0; c < m; c++)
			comm[c] = (char)('a' + test_random() % 2);
		search(name, comm);
	}
}

static void test_end_bit(void)
{
	uint16_t bits[256];

	ASSERT_EQ(mt_filter_name_bits("x", bits), 1);
	ASSERT_EQ(bits['x'], 1);
	ASSERT_EQ(bits[0], 0);
	ASSERT_EQ(mt_filter_name_bits("abcdefghijklmno", bits), 1 << 14);
	ASSERT_EQ(bits['o'], 1 << 14);
}

int __real_mt_object_set_u64(struct mt_object *o, const char *var, uint64_t value);
int __wrap_mt_object_set_u64(struct mt_object *o, const char *var, uint64_t value);

/* What was set last of the constant that is watched. */
static const char *watched;
static uint64_t set_to;

int __wrap_mt_object_set_u64(struct mt_object *o, const char *var, uint64_t value)
{
	if (!strcmp(var, watched))
		set_to = value;
	return __real_mt_object_set_u64(o, var, value);
}

/* Each common filter: the constant is set where the probe has it; else the option is refused. */
static void apply(const struct mt_tool *tool, const char *var, struct mt_opts opts, uint64_t wanted)
{
	struct mt_object *o;
	bool has;
	int rc;

	if (!ASSERT_OK(mt_object_open(&o, tool)))
		return;
	has = mt_object_has(o, var);
	watched = var;
	set_to = ~wanted;
	test_capture(STDERR_FILENO);
	rc = mt_filter_apply(o, &opts);
	test_capture_end();
	if (!has) {
		ASSERT_EQ(rc, MT_USAGE);
		ASSERT_HAS(test_captured.text, "of no use to this tool");
	} else if (rc == MT_CANNOT) {
		ASSERT_HAS(test_captured.text, "pid namespace"); /* the test runs in a container */
	} else if (ASSERT_OK(rc)) {
		ASSERT_EQ(set_to, wanted);
	}
	mt_object_close(o);
}

static void test_common(void)
{
	for (size_t i = 0; mt_tools[i]; i++) {
		apply(mt_tools[i], "mt_pid", (struct mt_opts){ .pid = getpid(), .has_pid = true }, getpid());
		apply(mt_tools[i], "mt_tid", (struct mt_opts){ .tid = getpid(), .has_tid = true }, getpid());
		apply(mt_tools[i], "mt_uid", (struct mt_opts){ .uid = 0, .has_uid = true }, 0);
		apply(mt_tools[i], "mt_comm_end", (struct mt_opts){ .name = "bash" }, 1 << 3);
		apply(mt_tools[i], "mt_min_ns", (struct mt_opts){ .min_ns = 5000000 }, 5000000);
	}
}

/* A pid that cannot be: the kernel's numbers end at 2^22. */
static void test_pid_that_is_not(void)
{
	for (size_t i = 0; mt_tools[i]; i++) {
		struct mt_opts opts = { .pid = (1 << 22) - 1, .has_pid = true };
		struct mt_object *o;
		int rc;

		if (!ASSERT_OK(mt_object_open(&o, mt_tools[i])))
			continue;
		watched = "";
		test_capture(STDERR_FILENO);
		rc = mt_filter_apply(o, &opts);
		test_capture_end();
		if (mt_object_has(o, "mt_pid") && rc != MT_CANNOT) {
			ASSERT_EQ(rc, MT_FAILED);
			ASSERT_HAS(test_captured.text, "--pid: no process or thread 4194303");
		}
		mt_object_close(o);
	}
}

/* An option of the tool's own: its constant's type says how it is read and how large it may be. */
static void own(const struct mt_tool *tool, const char *var, const char *value, int wanted_rc, uint64_t wanted)
{
	const struct mt_opt opt = { "own", "ARG", var, "help", 0 };
	struct mt_opts opts = { .sets = { { &opt, value } }, .nr_sets = 1 };
	struct mt_object *o;
	int rc;

	if (!ASSERT_OK(mt_object_open(&o, tool)))
		return;
	watched = var ? var : "";
	set_to = ~wanted;
	if (!var || mt_object_has(o, var) || wanted_rc == MT_USAGE) {
		test_capture(STDERR_FILENO);
		rc = mt_filter_apply(o, &opts);
		test_capture_end();
		if (ASSERT_EQ(rc, wanted_rc) && !rc && var)
			ASSERT_EQ(set_to, wanted);
	}
	mt_object_close(o);
}

static void test_own(void)
{
	for (size_t i = 0; mt_tools[i]; i++) {
		own(mt_tools[i], NULL, NULL, 0, ~0ULL); /* it chooses a view */
		own(mt_tools[i], "mt_typed_task", NULL, 0, 1);
		own(mt_tools[i], "mt_typed_task", "256", MT_USAGE, 0);
		own(mt_tools[i], "mt_typed_task", "many", MT_USAGE, 0);
		own(mt_tools[i], "no_such_constant", "1", MT_USAGE, 0);
	}
}

TESTS(test_name, test_name_at_random, test_end_bit, test_common, test_pid_that_is_not, test_own)
