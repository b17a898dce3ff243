// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory reclaim by processes, in a cgroup, whose names an attacker chose.
 *   names file=PATH
 */
#include "work.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static const char *const names[] = {
	"\033[2J\033[31mred", /* clears a terminal */
	"\033]0;title\a",     /* renames its window */
	"\"quoted\"\\",
	"two\nlines\r",
	"tab\there,;'",
	"\xff\xfe\x80\xbf",	/* never UTF-8 */
	"\xc3\xa9t\xc3\xa9",	/* UTF-8 */
	"fifteen bytes \xc3",	/* UTF-8 that the kernel cut */
	"\xed\xa0\x80",		/* a surrogate */
	"\xc0\xaf\xe0\x80\xaf", /* overlong */
	"\xc2\23331m",		/* the one-character escape */
	"=1+1",			/* a formula to a spreadsheet */
	"{\"end\":{}}",
	"\x01\x7f ",
	"",
};

static unsigned long long size = 16 << 20, limit = 6 << 20, rounds = 1;
static const char *file = "";
static struct memcg memcg;

static void press(const void *name)
{
	memcg_join(&memcg);
	prctl(PR_SET_NAME, name);
	press_file(file, size, rounds);
}

int main(int argc, char **argv)
{
	static const struct arg args[] = {
		{ "file", NULL, &file },
		{ "size", &size, NULL },
		{ "rounds", &rounds, NULL },
		{ "limit", &limit, NULL },
	};
	pid_t pids[COUNT_OF(names)];
	int status, failed = 0;

	work_begin(argc, argv, args, COUNT_OF(args));
	file_prepare(file, size);
	memcg_make(&memcg, "memtrace \"\033[31m\xff,", LIMIT_MAX, limit);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		pids[i] = child_start(press, names[i]);
		child_wait(&status, NULL);
		failed |= status;
		/* what the last one read would be there for the next */
		file_prepare(file, size);
	}

	json_open(NULL);
	json_text("work", "names");
	json_number("status", (unsigned long long)failed);
	json_number("processes", COUNT_OF(names));
	json_list("pids");
	for (size_t i = 0; i < COUNT_OF(names); i++)
		json_number(NULL, (unsigned long long)pids[i]);
	json_close();
	json_list("names");
	for (size_t i = 0; i < COUNT_OF(names); i++)
		json_text(NULL, names[i]);
	json_close();
	memcg_json(&memcg);
	json_close();

	memcg_remove(&memcg);
	file_remove();
	return failed != 0;
}
