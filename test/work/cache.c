// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses the page cache in a way that tells how often: a file of PAGES pages, of which none is cached at first.
 *   cache file=PATH pages=N do=read|map|write|ahead|drop [block=BYTES] [rounds=N] [random=1] [step=N]
 * One that is a block device, or is there already, is used as it is.
 */
#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static unsigned long long pages = 1024, block = 4096, rounds = 1, random_access, step = 1;
static const char *path = "", *what = "read";
static size_t page;
static unsigned long long asked;

static void forget(int fd)
{
	if (fsync(fd) && errno != EINVAL && errno != EROFS)
		die("%s: %s", path, strerror(errno));
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* Reads a block at every @step of them. */
static void read_file(int fd, char *buf)
{
	for (unsigned long long at = 0; at < pages * page; at += block * step) {
		if (pread(fd, buf, block, (off_t)at) != (ssize_t)block)
			die("%s: %s", path, strerror(errno));
		asked += block / page;
	}
}

static void write_file(int fd, char *buf)
{
	memset(buf, 0x5a, block);
	for (unsigned long long at = 0; at < pages * page; at += block)
		if (pwrite(fd, buf, block, (off_t)at) != (ssize_t)block)
			die("%s: %s", path, strerror(errno));
}

static void map_file(int fd)
{
	volatile char *p = mmap(NULL, pages * page, PROT_READ, MAP_SHARED, fd, 0);
	unsigned sum = 0;

	if (p == MAP_FAILED)
		die("%s: %s", path, strerror(errno));
	if (random_access)
		madvise((void *)p, pages * page, MADV_RANDOM);
	for (unsigned long long n = 0; n < pages; n += step)
		sum += (unsigned char)p[n * page];
	munmap((void *)p, pages * page);
	asked += sum == 1; /* so that it is read */
}

static unsigned long long own_io(const char *key)
{
	char line[128], name[64];
	unsigned long long value = 0, found = 0;
	FILE *file = fopen("/proc/self/io", "re");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63[^:]: %llu", name, &value) == 2 && !strcmp(name, key))
			found = value;
	if (file)
		fclose(file);
	return found;
}

/* Pages of the mapping that are cached, and read. */
static unsigned long long resident(void *p)
{
	static unsigned char in[1 << 20];
	unsigned long long n = 0;

	if (pages > sizeof(in) || mincore(p, pages * page, in))
		die("%s: %s", path, strerror(errno));
	for (unsigned long long i = 0; i < pages; i++)
		n += in[i] & 1;
	return n;
}

/* Has the kernel read ahead what is not going to be used; to @drop it, waits until it is read. */
static void read_ahead(int fd, bool drop)
{
	unsigned long long before = own_io("read_bytes"), coming;
	void *p = mmap(NULL, pages * page, PROT_READ, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED || posix_fadvise(fd, 0, (off_t)(pages * page), POSIX_FADV_WILLNEED))
		die("%s: %s", path, strerror(errno));
	coming = (own_io("read_bytes") - before) / page;
	while (drop && resident(p) < coming)
		usleep(1000);
	while (drop && resident(p)) {
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		usleep(1000);
	}
	munmap(p, pages * page);
}

static unsigned long long faults(const struct rusage *u)
{
	return (unsigned long long)(u->ru_minflt + u->ru_majflt);
}

int main(int argc, char **argv)
{
	static const struct arg args[] = {
		{ "file", NULL, &path },   { "pages", &pages, NULL },	{ "do", NULL, &what },
		{ "block", &block, NULL }, { "rounds", &rounds, NULL }, { "random", &random_access, NULL },
		{ "step", &step, NULL },
	};
	struct counters vmstat;
	struct rusage before, after;
	struct stat st;
	unsigned long long read_bytes, begun, wrote;
	char *buf;
	int fd;

	work_begin(argc, argv, args, sizeof(args) / sizeof(args[0]));
	page = (size_t)sysconf(_SC_PAGESIZE);
	file_prepare(path, pages * page);
	buf = mmap(NULL, block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (buf == MAP_FAILED || fd < 0 || fstat(fd, &st))
		die("%s: %s", path, strerror(errno));
	if (random_access)
		posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	forget(fd);
	counters_read(&vmstat, "/proc/vmstat");
	begun = counters_get(&vmstat, "nr_dirtied");
	read_bytes = own_io("read_bytes");
	getrusage(RUSAGE_SELF, &before);
	for (unsigned long long n = 0; n < rounds; n++) {
		if (!strcmp(what, "read"))
			read_file(fd, buf);
		else if (!strcmp(what, "map"))
			map_file(fd);
		else if (!strcmp(what, "write"))
			write_file(fd, buf);
		else
			read_ahead(fd, !strcmp(what, "drop"));
	}
	getrusage(RUSAGE_SELF, &after);
	read_bytes = own_io("read_bytes") - read_bytes;
	counters_read(&vmstat, "/proc/vmstat");
	wrote = counters_get(&vmstat, "nr_dirtied") - begun;
	close(fd);

	json_open(NULL);
	json_text("work", "cache");
	json_number("pid", (unsigned long long)getpid());
	if (!S_ISBLK(st.st_mode))
		json_number("inode", st.st_ino);
	json_number("major", major(S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev));
	json_number("minor", minor(S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev));
	json_number("asked", asked);
	json_number("read_pages", read_bytes / page);
	json_number("faults", faults(&after) - faults(&before));
	json_number("major_faults", (unsigned long long)(after.ru_majflt - before.ru_majflt));
	json_number("nr_dirtied", wrote);
	json_close();
	file_remove();
	return 0;
}
