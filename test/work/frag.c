// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breaks free memory into single pages, then has it put together again.
 *   frag size=BYTES [hugetlb=N] [thp=N] [compact=1]
 * Of size bytes every other page is given back. Then: a pool of N hugetlb pages is asked for (and left empty
 * again), N transparent huge pages are touched, /proc/sys/vm/compact_memory is written.
 */
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE (2UL << 20)

static char *map(size_t bytes, int advice)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap of %zu bytes: %s", bytes, strerror(errno));
	if (madvise(p, bytes, advice) && advice == MADV_HUGEPAGE)
		die("madvise: %s", strerror(errno));
	return p;
}

static void fragment(size_t bytes)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	char *p = map(bytes, MADV_NOHUGEPAGE);

	for (size_t i = 0; i < bytes; i += page)
		*(volatile char *)(p + i) = 1;
	for (size_t i = 0; i < bytes; i += 2 * page)
		madvise(p + i, page, MADV_DONTNEED);
}

static void ask(const char *path, unsigned long long number)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%llu\n", number), fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, n) != n)
		die("%s: %s", path, strerror(errno));
	close(fd);
}

static void touch_huge(unsigned long long pages)
{
	char *p = map((pages + 1) * HUGE, MADV_HUGEPAGE);

	p = (char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1));
	for (unsigned long long i = 0; i < pages; i++)
		*(volatile char *)(p + i * HUGE) = 1;
}

int main(int argc, char **argv)
{
	static const char pool[] = "/proc/sys/vm/nr_hugepages";
	static unsigned long long size, hugetlb, thp, compact;
	static const struct arg args[] = {
		{ "size", &size, NULL },
		{ "hugetlb", &hugetlb, NULL },
		{ "thp", &thp, NULL },
		{ "compact", &compact, NULL },
	};
	struct counters vmstat;

	work_begin(argc, argv, args, sizeof(args) / sizeof(args[0]));
	fragment(size);
	counters_read(&vmstat, "/proc/vmstat");
	if (hugetlb) {
		ask(pool, hugetlb);
		ask(pool, 0);
	}
	if (thp)
		touch_huge(thp);
	if (compact)
		ask("/proc/sys/vm/compact_memory", 1);

	json_open(NULL);
	json_text("work", "frag");
	json_number("pid", (unsigned long long)getpid());
	counters_json("vmstat", &vmstat, "/proc/vmstat");
	json_close();
	return 0;
}
