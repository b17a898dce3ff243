// SPDX-License-Identifier: GPL-2.0-only
/* /proc/kallsyms as it could be: names are pieces of it, or addresses. */
#include "fuzz.h"
#include "ksym.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);
	const char *path = fuzz_file(data, size);
	struct mt_ksym_line sym;

	if (mt_ksym_parse(text, &sym)) {
		MUST(sym.name_len && sym.name >= text && sym.name + sym.name_len <= text + size);
		MUST(!sym.module || (sym.module_len && sym.module + sym.module_len < text + size));
		mt_ksym_want(sym.address);
	}
	mt_ksym_want(0x1000);
	mt_ksym_learn(path);
	MUST(strlen(mt_ksym_name(0x1000)));
	MUST(strlen(mt_ksym_name(sym.address)) < 48 << 10);
	mt_ksym_find(path, "vmstat_update");
	free(text);
	return 0;
}
