// SPDX-License-Identifier: GPL-2.0-only
/* kbtf: the kernel's types, read in place and reduced, from a small BTF with all that is awkward in one. */
#include "kbtf.h"
#include "reduce.h"
#include "kbtf_compare.h"
#include "kernel_btf.h"
#include "test.h"

static struct fake kernel, probe;
static const void *raw;
static uint32_t raw_size;

static void test_build(void)
{
	kernel_btf(&kernel);
	probe_btf(&probe);
	raw = btf__raw_data(kernel.btf, &raw_size);
	ASSERT_TRUE(raw != NULL);
}

static void test_questions(void)
{
	struct mt_kbtf *k;
	uint32_t id;

	if (!ASSERT_OK(mt_kbtf_new(&k, raw, raw_size)))
		return;
	ASSERT_OK(mt_kbtf_wish_tracepoint(k, "begin"));
	ASSERT_OK(mt_kbtf_wish_tracepoint(k, "begin")); /* twice is once */
	ASSERT_OK(mt_kbtf_wish_tracepoint(k, "end"));
	ASSERT_OK(mt_kbtf_wish_tracepoint(k, "beg"));
	ASSERT_OK(mt_kbtf_wish_func(k, "shrink"));
	ASSERT_OK(mt_kbtf_wish_func(k, "task"));
	ASSERT_OK(mt_kbtf_wish_type(k, "task"));
	ASSERT_OK(mt_kbtf_wish_func(k, "not_there"));

	id = mt_kbtf_tracepoint(k, "begin");
	ASSERT_EQ(id, btf__find_by_name_kind(kernel.btf, "btf_trace_begin", BTF_KIND_TYPEDEF));
	ASSERT_EQ(mt_kbtf_args(k, id), 2);
	id = mt_kbtf_tracepoint(k, "end");
	ASSERT_TRUE(id != 0);
	ASSERT_EQ(mt_kbtf_args(k, id), 0);
	ASSERT_EQ(mt_kbtf_tracepoint(k, "beg"), 0);
	/* each kind has names of its own */
	id = mt_kbtf_func(k, "shrink");
	ASSERT_EQ(id, btf__find_by_name_kind(kernel.btf, "shrink", BTF_KIND_FUNC));
	ASSERT_EQ(mt_kbtf_args(k, id), 5);
	id = mt_kbtf_func(k, "task");
	ASSERT_EQ(id, btf__find_by_name_kind(kernel.btf, "task", BTF_KIND_FUNC));
	ASSERT_EQ(mt_kbtf_args(k, id), 1);
	id = mt_kbtf_struct(k, "task");
	ASSERT_EQ(id, btf__find_by_name_kind(kernel.btf, "task", BTF_KIND_STRUCT));
	ASSERT_TRUE(mt_kbtf_args(k, id) < 0);
	ASSERT_EQ(mt_kbtf_func(k, "not_there"), 0);
	ASSERT_EQ(mt_kbtf_struct(k, "shrink"), 0);
	ASSERT_TRUE(mt_kbtf_args(k, 0) < 0);
	ASSERT_TRUE(mt_kbtf_args(k, btf__type_cnt(kernel.btf)) < 0);
	ASSERT_TRUE(mt_kbtf_args(k, UINT32_MAX) < 0);
	/* too late */
	ASSERT_TRUE(mt_kbtf_wish_type(k, "nested") < 0);
	ASSERT_OK(mt_kbtf_wish_func(k, "shrink"));
	mt_kbtf_close(k);
}

/* Names of all lengths, those that begin like a tracepoint's too, are told from each other. */
static void test_names(void)
{
	static const char *const names[] = { "a",
					     "ab",
					     "abc",
					     "abcdefg",
					     "abcdefgh",
					     "abcdefghi",
					     "abcdefghijklmnop",
					     "abcdefghijklmnopq",
					     "abcdefghijklmnopqrstuvwxyz",
					     "btf_tra",
					     "btf_trac",
					     "btf_trace",
					     "btf_trace_",
					     "btf_trace_a",
					     "btf_trace_abcdefgh",
					     "btf_trace_abcdefghi",
					     "btf_tracy",
					     "z" };
	const size_t n = sizeof(names) / sizeof(names[0]);

	for (size_t skipped = 0; skipped <= n; skipped++) {
		struct fake f;
		struct mt_kbtf *k;
		const void *bytes;
		uint32_t size;

		fake_init(&f);
		for (size_t i = 0; i < n; i++)
			if (i != skipped)
				function(&f, names[i], (int)i);
		bytes = btf__raw_data(f.btf, &size);
		if (ASSERT_OK(mt_kbtf_new(&k, bytes, size))) {
			for (size_t i = 0; i < n; i++)
				ASSERT_OK(mt_kbtf_wish_func(k, names[i]));
			for (size_t i = 0; i < n; i++) {
				uint32_t id = mt_kbtf_func(k, names[i]);

				if (!ASSERT_EQ(id != 0, i != skipped))
					printf("  %s\n", names[i]);
				if (id)
					ASSERT_EQ(mt_kbtf_args(k, id), i);
			}
			mt_kbtf_close(k);
		}
		btf__free(f.btf);
	}
}

static void test_reduce(void)
{
	struct mt_kbtf *k;
	struct btf *reduced;

	if (!ASSERT_OK(mt_kbtf_new(&k, raw, raw_size)))
		return;
	reduced = reduce(probe.btf, k);
	if (ASSERT_TRUE(reduced != NULL)) {
		compare(kernel.btf, reduced, probe.btf);
		ASSERT_TRUE(compared >= 25); /* the comparison itself found what there is */
		ASSERT_TRUE(btf__type_cnt(reduced) < 40);
		ASSERT_TRUE(btf__find_by_name(reduced, "filler_20") < 0);
		ASSERT_TRUE(btf__find_by_name_kind(reduced, "task", BTF_KIND_TYPEDEF) < 0);
	}
	btf__free(reduced);
	mt_kbtf_close(k);
}

static void sum(void *arg, const char *name, int64_t value)
{
	if (!strcmp(name, "A"))
		ASSERT_EQ(value, 0);
	*(int64_t *)arg += value;
}

static void test_enumerators(void)
{
	struct mt_kbtf *k;
	int64_t total = 0;

	if (!ASSERT_OK(mt_kbtf_new(&k, raw, raw_size)))
		return;
	ASSERT_OK(mt_kbtf_enumerators(k, "KIND_", sum, &total));
	ASSERT_EQ(total, 7);
	total = 0;
	ASSERT_OK(mt_kbtf_enumerators(k, "NEGATIVE_", sum, &total));
	ASSERT_EQ(total, 0);
	ASSERT_OK(mt_kbtf_enumerators(k, "NONE_", sum, &total));
	ASSERT_EQ(total, 0);
	mt_kbtf_close(k);
}

/* Types that hold themselves and each other by value, many times over, take no more time than others. */
static void test_held_by_itself(void)
{
	struct fake f;
	struct mt_kbtf *k;
	struct btf *reduced;
	const void *bytes;
	uint32_t size, first;

	fake_init(&f);
	first = btf__type_cnt(f.btf);
	for (uint32_t n = 0; n < 6; n++) {
		btf__add_struct(f.btf, "task", 64);
		for (uint32_t i = 0; i < 60; i++)
			FIELD(&f, i % 2 ? "pid" : NULL, first + (n + i) % 6, 0);
		FIELD(&f, "comm", f.u64, 0);
	}
	bytes = btf__raw_data(f.btf, &size);
	if (ASSERT_OK(mt_kbtf_new(&k, bytes, size))) {
		reduced = reduce(probe.btf, k);
		ASSERT_TRUE(reduced && btf__find_by_name_kind(reduced, "task", BTF_KIND_STRUCT) > 0);
		btf__free(reduced);
		mt_kbtf_close(k);
	}
	btf__free(f.btf);
}

/* More wishes than there is room for are refused, not forgotten. */
static void test_wishes(void)
{
	struct mt_kbtf *k;
	int err = 0, n = 0;

	if (!ASSERT_OK(mt_kbtf_new(&k, raw, raw_size)))
		return;
	for (; !err && n < 100000; n++) {
		char name[16];

		snprintf(name, sizeof(name), "name_%d", n);
		err = mt_kbtf_wish_type(k, name);
	}
	ASSERT_TRUE(err < 0 && n > 256);
	mt_kbtf_close(k);
}

static void test_no_btf(void)
{
	struct mt_kbtf *k;
	char copy[64] = "";

	ASSERT_EQ(mt_kbtf_new(&k, copy, 0), -EINVAL);
	ASSERT_EQ(mt_kbtf_new(&k, copy, sizeof(copy)), -EINVAL);
	ASSERT_EQ(mt_kbtf_open(&k, "/no/such/file"), -ENOENT);
	ASSERT_EQ(mt_kbtf_open(&k, test_file("", 0)), -EINVAL);
	ASSERT_EQ(mt_kbtf_open(&k, test_file("no BTF at all, but longer than its header", 41)), -EINVAL);
}

static void add_length(void *arg, const char *name, int64_t value)
{
	(void)value;
	*(size_t *)arg += strlen(name);
}

static void ask_all(struct mt_kbtf *k)
{
	size_t total = 0;
	struct btf *reduced;
	void *bytes = NULL;
	size_t size = 0;

	mt_kbtf_wish_tracepoint(k, "begin");
	mt_kbtf_wish_func(k, "shrink");
	mt_reduce_wish(k, probe.btf);
	mt_kbtf_args(k, mt_kbtf_tracepoint(k, "begin"));
	mt_kbtf_args(k, mt_kbtf_func(k, "shrink"));
	mt_kbtf_enumerators(k, "KIND_", add_length, &total);
	if (!mt_reduce(k, probe.btf, &bytes, &size)) {
		reduced = btf__new(bytes, size);
		btf__free(reduced);
	}
	free(bytes);
}

/* From a file, and cut at any place: refused, or read as far as it goes, never beyond. */
static void test_cut(void)
{
	struct mt_kbtf *k;

	if (ASSERT_OK(mt_kbtf_open(&k, test_file(raw, raw_size)))) {
		ASSERT_OK(mt_kbtf_wish_func(k, "shrink"));
		ASSERT_TRUE(mt_kbtf_func(k, "shrink") != 0);
		mt_kbtf_close(k);
	}
	for (uint32_t size = 0; size < raw_size; size += 13) {
		void *exact = malloc(size ? size : 1);

		memcpy(exact, raw, size);
		ASSERT_EQ(mt_kbtf_new(&k, exact, size), -EINVAL);
		free(exact);
	}
}

/* A byte wrong anywhere may change what is found, but leads nowhere outside. */
static void test_damaged(void)
{
	char *copy = malloc(raw_size);
	unsigned opened = 0;

	for (int i = 0; i < 3000; i++) {
		struct mt_kbtf *k;
		uint32_t at = test_random() % raw_size;

		memcpy(copy, raw, raw_size);
		copy[at] = (char)test_random();
		if (i % 2)
			copy[test_random() % 64] ^= (char)(1 << test_random() % 8);
		if (mt_kbtf_new(&k, copy, raw_size))
			continue;
		opened++;
		ask_all(k);
		mt_kbtf_close(k);
	}
	ASSERT_TRUE(opened > 1000);
	free(copy);
}

static void test_end(void)
{
	btf__free(kernel.btf);
	btf__free(probe.btf);
}

TESTS(test_build, test_questions, test_names, test_reduce, test_enumerators, test_held_by_itself, test_wishes,
      test_no_btf, test_cut, test_damaged, test_end)
