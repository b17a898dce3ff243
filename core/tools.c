// SPDX-License-Identifier: GPL-2.0-only
/* Finding a tool by the name it is called by. */
#include "tools.h"

#include <string.h>

const char *const mt_group_title[MT_GROUPS] = {
	[MT_RECLAIM] = "Memory reclaim",  [MT_SWAP] = "Swap",
	[MT_FAULTS] = "Page faults",	  [MT_KERNEL] = "Memory of the kernel",
	[MT_CACHE] = "Page cache",	  [MT_CPU] = "Processors and deferred work",
	[MT_STATE] = "State of the host", [MT_PROCESSES] = "Memory of processes",
};

const struct mt_tool *mt_tool_find(const char *name)
{
	for (size_t i = 0; mt_tools[i]; i++)
		if (!strcmp(mt_tools[i]->name, name))
			return mt_tools[i];
	return NULL;
}

const struct mt_tool *mt_tool_by_link(const char *name)
{
	const struct mt_tool *best = mt_tool_find(name);
	size_t len = strlen(name), longest = 0;

	for (size_t i = 0; !best && mt_tools[i]; i++) {
		size_t n = strlen(mt_tools[i]->name);

		if (n > len || n <= longest)
			continue;
		if (!memcmp(name, mt_tools[i]->name, n) || !memcmp(name + len - n, mt_tools[i]->name, n))
			longest = n;
	}
	for (size_t i = 0; !best && longest && mt_tools[i]; i++) {
		size_t n = strlen(mt_tools[i]->name);

		if (n == longest &&
		    (!memcmp(name, mt_tools[i]->name, n) || !memcmp(name + len - n, mt_tools[i]->name, n)))
			return mt_tools[i];
	}
	return best;
}

const struct mt_view *mt_tool_view(const struct mt_tool *tool, size_t i)
{
	if (!i)
		return &tool->view;
	for (const struct mt_view *v = tool->views; v && (v->word || v->option); v++)
		if (!--i)
			return v;
	return NULL;
}
