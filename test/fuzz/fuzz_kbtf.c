// SPDX-License-Identifier: GPL-2.0-only
/* The reader of the kernel's types: parse, search, count arguments, and reduce to what a tool asks for. */
#include <bpf/btf.h>

#include "err.h"
#include "fuzz.h"
#include "kbtf.h"
#include "reduce.h"
#include "kernel_btf.h"
#include "object.h"
#include "tools.h"

static const struct btf *local_of(size_t which)
{
	static struct fake probe;
	static struct mt_object *objects[64];
	static size_t n;

	if (!probe.btf) {
		mt_log_hold(false);
		probe_btf(&probe);
		for (size_t i = 0; mt_tools[i] && n < 64; i++)
			if (mt_tools[i]->object)
				MUST(!mt_object_open(objects + n++, mt_tools[i]));
	}
	which %= n + 1;
	return which == n ? probe.btf : mt_object_btf(objects[which]);
}

static void count(void *arg, const char *name, int64_t value)
{
	(void)value;
	*(size_t *)arg += strlen(name);
}

static void ask(struct mt_kbtf *k, const struct btf *local)
{
	void *raw = NULL;
	size_t size = 0, letters = 0;

	MUST(!mt_kbtf_wish_tracepoint(k, "begin") && !mt_kbtf_wish_tracepoint(k, "mm_vmscan_direct_reclaim_begin"));
	MUST(!mt_kbtf_wish_func(k, "shrink") && !mt_kbtf_wish_type(k, "task"));
	MUST(!mt_reduce_wish(k, local));
	mt_kbtf_args(k, mt_kbtf_tracepoint(k, "begin"));
	mt_kbtf_args(k, mt_kbtf_tracepoint(k, "mm_vmscan_direct_reclaim_begin"));
	mt_kbtf_args(k, mt_kbtf_func(k, "shrink"));
	mt_kbtf_args(k, mt_kbtf_struct(k, "task"));
	mt_kbtf_enumerators(k, "___GFP_", count, &letters);
	if (!mt_reduce(k, local, &raw, &size)) {
		struct btf *reduced = btf__new(raw, size);

		MUST(reduced); /* whatever went in, what comes out is one */
		btf__free(reduced);
	}
	free(raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct btf *local = local_of(size);
	void *exact = malloc(size ? size : 1);
	struct mt_kbtf *k;

	memcpy(exact, data, size);
	if (!mt_kbtf_new(&k, exact, size)) {
		ask(k, local);
		mt_kbtf_close(k);
	}
	free(exact);
	return 0;
}
