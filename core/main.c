// SPDX-License-Identifier: GPL-2.0-only
/* Who is called, by the program's name or the first argument; and what memtrace says of itself. */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "err.h"
#include "help.h"
#include "install.h"
#include "run.h"
#include "selfcheck.h"
#include "tools.h"
#include "version.h"

static int find_build_id(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const char *at = (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
		const char *end = at + info->dlpi_phdr[i].p_memsz;

		if (info->dlpi_phdr[i].p_type != PT_NOTE)
			continue;
		while (at + sizeof(ElfW(Nhdr)) <= end) {
			const ElfW(Nhdr) *note = (const void *)at;
			const char *name = at + sizeof(*note), *desc = name + ((note->n_namesz + 3) & ~3U);

			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && !memcmp(name, "GNU", 4)) {
				for (unsigned b = 0; b < note->n_descsz && b < 20; b++)
					sprintf((char *)arg + 2 * b, "%02x", (unsigned char)desc[b]);
				return 1;
			}
			at = desc + ((note->n_descsz + 3) & ~3U);
		}
	}
	return 0;
}

static int version(char **argv)
{
	char id[41] = "none";

	(void)argv;
	dl_iterate_phdr(find_build_id, id);
	printf("memtrace %s (%s), build id %s\n", MT_VERSION, MT_REVISION, id);
	return 0;
}

static int unknown(const char *name)
{
	mt_usage("no tool '%s'", name);
	mt_help_list(stderr);
	return MT_USAGE;
}

static int help(char **argv)
{
	const struct mt_tool *tool = argv[0] ? mt_tool_find(argv[0]) : NULL;

	if (argv[0] && !tool)
		return unknown(argv[0]);
	if (tool)
		return mt_help_tool(stdout, tool);
	mt_help_list(stdout);
	return 0;
}

/* For the build: a man page of a tool to standard output. */
static int man(char **argv)
{
	const struct mt_tool *tool = argv[0] ? mt_tool_find(argv[0]) : NULL;

	if (!tool || !argv[1])
		return mt_usage("usage: --man TOOL PROSE");
	return mt_help_man(stdout, tool, argv[1]);
}

static const struct {
	const char *name;
	int (*run)(char **argv);
} verbs[] = {
	{ "help", help },
	{ "--help", help },
	{ "-h", help },
	{ "--version", version },
	{ "-V", version },
	{ "check", mt_check },
	{ "install", mt_install },
	{ "--selfcheck", mt_selfcheck },
	{ "--man", man },
};

static int run_tool(const struct mt_tool *tool, char **argv)
{
	struct mt_opts opts;
	int rc;

	mt_err_name(tool->name);
	if (argv[0] && !argv[1] && (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V")))
		return version(argv);
	rc = mt_opt_parse(&opts, tool, argv);
	if (rc)
		return rc;
	if (opts.help)
		return mt_help_tool(stdout, tool);
	return mt_run(tool, &opts);
}

static int dispatch(char **argv)
{
	const char *slash = argv[0] ? strrchr(argv[0], '/') : NULL;
	const char *self = slash ? slash + 1 : argv[0] ? argv[0] : "memtrace";
	const struct mt_tool *tool = strncmp(self, "memtrace", 8) != 0 ? mt_tool_by_link(self) : NULL;

	mt_log_hold(false);
	if (tool)
		return run_tool(tool, argv + 1);
	if (strncmp(self, "memtrace", 8) != 0 && !argv[1])
		return unknown(self);
	if (!argv[0] || !argv[1])
		return help((char *[]){ NULL });
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, argv[1]))
			return verbs[i].run(argv + 2);
	tool = mt_tool_find(argv[1]);
	return tool ? run_tool(tool, argv + 2) : unknown(argv[1]);
}

int main(int argc, char **argv)
{
	int rc = dispatch(argv);

	(void)argc;
	/* a tool writes by itself; this is for what help, check and the like left in stdio's buffer */
	if (fflush(stdout) || ferror(stdout))
		return mt_failed(errno, "standard output: cannot be written");
	return rc;
}
