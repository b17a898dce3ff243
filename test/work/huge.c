// SPDX-License-Identifier: GPL-2.0-only
/*
 * Huge page faults: as many as asked for, of the hugetlb pool and transparent.
 *   huge hugetlb=N thp=N
 */
#include "work.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned long long hugetlb, thp;

static size_t huge_size(void)
{
	char line[128];
	unsigned long long kib = 0;
	FILE *file = fopen("/proc/meminfo", "re");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Hugepagesize: %llu kB", &kib) == 1)
			break;
	if (file)
		fclose(file);
	if (!kib)
		die("this kernel has no huge pages");
	return kib << 10;
}

static void touch(char *p, size_t huge, unsigned long long pages)
{
	for (unsigned long long i = 0; i < pages; i++)
		*(volatile char *)(p + i * huge) = 1;
}

static void *map(size_t bytes, int flags)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (p == MAP_FAILED)
		die("mmap of %zu bytes: %s", bytes, strerror(errno));
	return p;
}

static void fault_hugetlb(size_t huge)
{
	char *p = map(hugetlb * huge, MAP_HUGETLB);

	touch(p, huge, hugetlb);
	munmap(p, hugetlb * huge);
}

static void fault_thp(size_t huge)
{
	char *p = map((thp + 1) * huge, 0);
	char *aligned = (char *)(((uintptr_t)p + huge - 1) & ~(uintptr_t)(huge - 1));

	if (madvise(aligned, thp * huge, MADV_HUGEPAGE))
		die("madvise: %s", strerror(errno));
	touch(aligned, huge, thp);
	munmap(p, (thp + 1) * huge);
}

int main(int argc, char **argv)
{
	static const struct arg args[] = {
		{ "hugetlb", &hugetlb, NULL },
		{ "thp", &thp, NULL },
	};
	struct counters vmstat;
	size_t huge = huge_size();

	work_begin(argc, argv, args, sizeof(args) / sizeof(args[0]));
	counters_read(&vmstat, "/proc/vmstat");
	if (hugetlb)
		fault_hugetlb(huge);
	if (thp)
		fault_thp(huge);

	json_open(NULL);
	json_text("work", "huge");
	json_number("pid", (unsigned long long)getpid());
	json_number("hugetlb", hugetlb);
	json_number("thp", thp);
	counters_json("vmstat", &vmstat, "/proc/vmstat");
	json_close();
	return 0;
}
