// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps a page of its own file and unmaps it, again and again.
 *   mapper [count=N]
 */
#include "../work/work.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static unsigned long long count = 10000;
	static const struct arg args[] = { { "count", &count, NULL } };
	int fd;

	work_begin(argc, argv, args, 1);
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("/proc/self/exe: %s", strerror(errno));
	for (unsigned long long i = 0; i < count; i++) {
		void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

		if (at == MAP_FAILED || munmap(at, 4096))
			die("mmap: %s", strerror(errno));
	}
	json_open(NULL);
	json_text("work", "mapper");
	json_number("events", 2 * count);
	json_close();
	return 0;
}
