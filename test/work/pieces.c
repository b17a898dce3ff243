// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cuts the free memory of the machine into single pages, and runs a command while it is so.
 *   pieces [order=N] [lock=1] [spare=BYTES] -- COMMAND ARG...
 * It takes memory until the zone with the most has no free block of that order left, or only @spare is free there, and
 * gives every other page back (or four of eight). lock=1: the pages that it keeps cannot be moved where vm.compact_unevictable_allowed is 0.
 */
#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP (256UL << 10)

static unsigned long long order = 9, locked, spare = 7 << 18;
static char **command;

static char zone[32]; /* the one that had most free pages at first, as /proc/buddyinfo begins its line */

/* Free blocks of at least @order there, and free bytes. */
static unsigned long long suitable(unsigned long long *free_bytes)
{
	unsigned long long best = 0, most = 0;
	FILE *f = fopen("/proc/buddyinfo", "re");
	const char *chosen = zone;
	char line[512], first[32] = "";

	while (f && fgets(line, sizeof(line), f)) {
		unsigned long long pages = 0, blocks = 0;
		char *s = strstr(line, "zone") + 4, *end;
		unsigned int o = 0;

		s += strspn(s, " ");
		s += strcspn(s, " ");
		if (*chosen && (strncmp(line, chosen, strlen(chosen)) || line + strlen(chosen) != s))
			continue;
		for (end = s;; s = end, o++) {
			unsigned long long n = strtoull(s, &end, 10);

			if (end == s)
				break;
			pages += n << o;
			blocks += o >= order ? n : 0;
		}
		if (pages > most) {
			most = pages;
			best = blocks;
			s = strstr(line, "zone") + 4;
			s += strspn(s, " ");
			s += strcspn(s, " ");
			snprintf(first, sizeof(first), "%.*s", (int)(s - line), line);
		}
	}
	if (!f)
		die("/proc/buddyinfo: %s", strerror(errno));
	fclose(f);
	if (!*zone)
		memcpy(zone, first, sizeof(zone));
	*free_bytes = most * (unsigned long long)sysconf(_SC_PAGESIZE);
	return best;
}

/* Takes memory until there is no large block, and gives back every other page. Bytes taken. */
static size_t cut(size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned long long left, free_bytes;
	size_t taken = 0;
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	/* locked, or they would be swapped out before the large blocks are used up */
	if (at == MAP_FAILED || madvise(at, size, MADV_NOHUGEPAGE) || mlock2(at, size, MLOCK_ONFAULT))
		die("%zu bytes: %s", size, strerror(errno));
	do {
		memset(at + taken, 1, STEP);
		taken += STEP;
		left = suitable(&free_bytes);
	} while (left && free_bytes > spare && taken < size);
	munlock(at, taken);
	/* the kernel itself needs a few pages in one piece, or it kills for them: an eighth is in pieces of four */
	for (size_t o = 0; o < taken;) {
		size_t piece = o < taken / 8 ? 4 * page : page;

		if (madvise(at + o, piece, MADV_DONTNEED))
			die("madvise: %s", strerror(errno));
		o += 2 * piece;
	}
	if (locked && mlock2(at, taken, MLOCK_ONFAULT))
		die("mlock2: %s", strerror(errno));
	return taken;
}

static void run(const void *unused)
{
	sigset_t none;

	(void)unused;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(command[0], command);
	die("%s: %s", command[0], strerror(errno));
}

int main(int argc, char **argv)
{
	static const struct arg args[] = {
		{ "order", &order, NULL },
		{ "lock", &locked, NULL },
		{ "spare", &spare, NULL },
	};
	unsigned long long free_bytes;
	size_t taken;
	int n = 1, status;

	while (n < argc && strcmp(argv[n], "--"))
		n++;
	if (n + 1 >= argc)
		die("no command after --");
	work_begin(n, argv, args, sizeof(args) / sizeof(args[0]));
	command = argv + n + 1;

	suitable(&free_bytes);
	taken = cut((2 * free_bytes) & ~(STEP - 1));

	child_start(run, NULL);
	child_wait(&status, NULL);
	json_open(NULL);
	json_text("work", "pieces");
	json_number("taken_bytes", taken);
	json_number("status", (unsigned long long)status);
	json_close();
	return status != 0;
}
