// SPDX-License-Identifier: GPL-2.0-only
/*
 * kbtf against libbpf on a real kernel's types, those of the running one or of the files named: whatever a
 * tool's object can ask, the reduced BTF answers as the full one does.
 */
#include <bpf/libbpf.h>

#include "embed.h"
#include "kbtf_compare.h"
#include "object.h"
#include "test.h"
#include "tools.h"

/* Tracepoints that the object's programs are for: there, with as many arguments, in both or in none. */
static void compare_hooks(const struct mt_tool *tool, const struct btf *full, const char *path)
{
	size_t size = 0;
	void *bytes = mt_embed_object(tool, &size);
	struct bpf_object *o = bpf_object__open_mem(bytes, size, NULL);
	struct bpf_program *prog;
	struct mt_kbtf *k;

	free(bytes);
	if (!ASSERT_TRUE(o != NULL) || !ASSERT_OK(mt_kbtf_open(&k, path)))
		return;
	bpf_object__for_each_program (prog, o)
		if (!strncmp(bpf_program__section_name(prog), "tp_btf/", 7))
			ASSERT_OK(mt_kbtf_wish_tracepoint(k, bpf_program__section_name(prog) + 7));
	bpf_object__for_each_program (prog, o) {
		const char *section = bpf_program__section_name(prog);
		const struct btf_type *t;
		char name[128];
		int id;

		if (strncmp(section, "tp_btf/", 7) != 0)
			continue;
		snprintf(name, sizeof(name), "btf_trace_%s", section + 7);
		id = btf__find_by_name_kind(full, name, BTF_KIND_TYPEDEF);
		if (!ASSERT_EQ(mt_kbtf_tracepoint(k, section + 7), id > 0 ? id : 0) || id <= 0)
			continue;
		t = btf__type_by_id(full, btf__type_by_id(full, btf__type_by_id(full, id)->type)->type);
		ASSERT_EQ(mt_kbtf_args(k, id), btf_vlen(t) - 1);
	}
	mt_kbtf_close(k);
	bpf_object__close(o);
}

static void compare_tool(const struct mt_tool *tool, const struct btf *full, const char *path)
{
	struct mt_object *o;
	struct mt_kbtf *k;
	struct btf *reduced;

	if (!ASSERT_OK(mt_object_open(&o, tool)))
		return;
	if (ASSERT_OK(mt_kbtf_open(&k, path))) {
		reduced = reduce(mt_object_btf(o), k);
		if (ASSERT_TRUE(reduced != NULL)) {
			compare(full, reduced, mt_object_btf(o));
			ASSERT_TRUE(btf__type_cnt(reduced) < btf__type_cnt(full) / 20);
			btf__free(reduced);
		}
		mt_kbtf_close(k);
	}
	mt_object_close(o);
}

static void compare_kernel(const char *path)
{
	struct btf *full = btf__parse(path, NULL);

	if (!full) {
		test.skipped = strcmp(path, MT_KBTF_PATH) ? path : "no " MT_KBTF_PATH " that can be read";
		return;
	}
	for (size_t i = 0; mt_tools[i]; i++) {
		unsigned before = compared, failures = test.failures;

		if (!mt_tools[i]->object)
			continue;

		compare_tool(mt_tools[i], full, path);
		compare_hooks(mt_tools[i], full, path);
		if (test.failures > failures)
			printf("  %s, types of %s: %u members compared\n", mt_tools[i]->name, path, compared - before);
	}
	ASSERT_TRUE(compared > 0);
	btf__free(full);
}

static void test_kernels(void)
{
	if (!test.args[0])
		compare_kernel(MT_KBTF_PATH);
	for (const char *const *path = test.args; *path; path++)
		compare_kernel(*path);
}

TESTS(test_kernels)
