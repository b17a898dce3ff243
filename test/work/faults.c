// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults of every kind, counted by the kernel's own account of this process. While it faults it is called
 * "faulting".
 *   faults file=PATH dir=DIR swap=0|1
 * PATH is as file_prepare() takes it; in DIR two files of the same name are made, and removed. The last part is
 * threads that map and unmap all the time, each in the way of the others.
 */
#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGES 512 /* of each file */

static const char *file = "", *dir = "";
static unsigned long long swap;
static size_t page;

struct count {
	unsigned long long minor, major;
};

static struct target {
	const char *name; /* of the part in the output */
	char path[512];
	int fd;
	struct count count;
	unsigned long long reads, writes, in_swap, mapped_bytes;
} data = { .name = "data" }, one = { .name = "one" }, two = { .name = "two" }, memory = { .name = "memory" },
  anon = { .name = "anon", .fd = -1 }, populated = { .name = "populated", .fd = -1 },
  crowd = { .name = "crowd", .fd = -1 };

static struct target *const targets[] = { &data, &one, &two, &memory, &anon, &populated, &crowd };
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

static struct count faults_now(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (struct count){ (unsigned long long)usage.ru_minflt, (unsigned long long)usage.ru_majflt };
}

static char *map(const struct target *t, size_t pages, int prot, int flags)
{
	char *p = mmap(NULL, pages * page, prot, flags | (t->fd < 0 ? MAP_ANONYMOUS : 0), t->fd, 0);

	if (p == MAP_FAILED)
		die("%s: mmap: %s", t->name, strerror(errno));
	if (t->fd < 0)
		madvise(p, pages * page, MADV_NOHUGEPAGE);
	return p;
}

/* Resident bytes of the area at @p, as its page table has them. */
static unsigned long long resident(const char *p)
{
	unsigned long long kib = 0;
	char line[512], start[32];
	bool here = false;
	FILE *smaps = fopen("/proc/self/smaps", "re");

	snprintf(start, sizeof(start), "%lx-", (unsigned long)(uintptr_t)p);
	while (smaps && fgets(line, sizeof(line), smaps)) {
		if (!strncmp(line, start, strlen(start)))
			here = true;
		else if (here && sscanf(line, "Rss: %llu kB", &kib) == 1)
			break;
	}
	if (smaps)
		fclose(smaps);
	return kib << 10;
}

/* Touches every page, or each @step-th, and charges the faults to @t. */
static void touch(struct target *t, char *p, size_t pages, size_t step, bool write)
{
	struct count before = faults_now(), after;

	for (size_t i = 0; i < pages; i += step) {
		if (write)
			*(volatile char *)(p + i * page) = 1;
		else
			(void)*(volatile char *)(p + i * page);
	}
	after = faults_now();
	t->count.minor += after.minor - before.minor;
	t->count.major += after.major - before.major;
	*(write ? &t->writes : &t->reads) += after.minor + after.major - before.minor - before.major;
	t->mapped_bytes += t->fd < 0 ? 0 : resident(p);
}

static void part(struct target *t, size_t pages, int flags, bool write)
{
	char *p = map(t, pages, PROT_READ | PROT_WRITE, flags);

	touch(t, p, pages, 1, write);
	munmap(p, pages * page);
}

/* Each page of these is read by itself, and waited for. */
static void wait_for_each(struct target *t)
{
	char *p;
	int err = fsync(t->fd) ? errno : posix_fadvise(t->fd, 0, 0, POSIX_FADV_DONTNEED);

	if (err)
		die("%s: fadvise: %s", t->path, strerror(err));
	p = map(t, PAGES, PROT_READ, MAP_SHARED);
	if (madvise(p, PAGES * page, MADV_RANDOM))
		die("%s: madvise: %s", t->path, strerror(errno));
	touch(t, p, PAGES, 64, false);
	munmap(p, PAGES * page);
}

static void cache(const struct target *t)
{
	static char buf[64 << 10];

	for (off_t at = 0; at < (off_t)(PAGES * page); at += (off_t)sizeof(buf))
		if (pread(t->fd, buf, sizeof(buf), at) < 0)
			die("%s: %s", t->path, strerror(errno));
}

/* How many pages the page table has in swap. */
static unsigned long long swapped(const char *p, size_t pages)
{
	static uint64_t entries[PAGES];
	unsigned long long n = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	off_t at = (off_t)((uintptr_t)p / page * sizeof(entries[0]));

	if (fd < 0 || pread(fd, entries, pages * sizeof(entries[0]), at) != (ssize_t)(pages * sizeof(entries[0])))
		die("/proc/self/pagemap: %s", strerror(errno));
	close(fd);
	for (size_t i = 0; i < pages; i++)
		n += entries[i] >> 62 & 1;
	return n;
}

static void swap_in(struct target *t)
{
	char *p = map(t, PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	touch(t, p, PAGES, 1, true);
	if (madvise(p, PAGES * page, 21 /* MADV_PAGEOUT */))
		die("madvise: %s", strerror(errno));
	t->in_swap += swapped(p, PAGES);
	touch(t, p, PAGES, 1, false);
	munmap(p, PAGES * page);
}

/* Faulted in by the kernel, in no exception. */
static void populate(struct target *t)
{
	struct count before = faults_now(), after;
	char *p = map(t, 50, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_POPULATE);

	after = faults_now();
	t->count.minor += after.minor - before.minor;
	t->count.major += after.major - before.major;
	munmap(p, 50 * page);
}

static void *crowd_one(void *arg)
{
	(void)arg;
	for (int round = 0; round < 200; round++) {
		char *p = map(&crowd, 16, PROT_READ | PROT_WRITE, MAP_PRIVATE);

		for (size_t i = 0; i < 16; i++)
			*(volatile char *)(p + i * page) = 1;
		munmap(p, 16 * page);
	}
	return NULL;
}

static void crowd_all(struct target *t)
{
	struct count before = faults_now(), after;
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		if (pthread_create(threads + i, NULL, crowd_one, NULL))
			die("no thread");
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	after = faults_now();
	t->count.minor += after.minor - before.minor;
	t->count.major += after.major - before.major;
}

static void all(void)
{
	cache(&data);
	part(&data, PAGES, MAP_SHARED, false);
	part(&data, 100, MAP_SHARED, true);
	part(&data, 60, MAP_PRIVATE, true);
	wait_for_each(&data);
	part(&one, 40, MAP_SHARED, true);
	part(&two, 70, MAP_SHARED, true);
	part(&memory, 90, MAP_SHARED, true);
	part(&anon, 300, MAP_PRIVATE, true);
	part(&anon, 200, MAP_PRIVATE, false);
	if (swap)
		swap_in(&anon);
	populate(&populated);
	crowd_all(&crowd);
}

static void make(struct target *t, const char *in)
{
	char made[256];

	snprintf(made, sizeof(made), "%s/%s", dir, in);
	if (mkdir(made, 0755) && errno != EEXIST)
		die("%s: %s", made, strerror(errno));
	snprintf(t->path, sizeof(t->path), "%s/same", made);
	t->fd = open(t->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (t->fd < 0 || ftruncate(t->fd, (off_t)(PAGES * page)))
		die("%s: %s", t->path, strerror(errno));
}

static void unmake(struct target *t)
{
	unlink(t->path);
	*strrchr(t->path, '/') = '\0';
	rmdir(t->path);
}

static void target_json(const struct target *t)
{
	struct stat st;

	json_open(t->name);
	if (t->fd >= 0 && !fstat(t->fd, &st)) {
		json_text("path", t->path);
		json_number("ino", st.st_ino);
	}
	json_number("minor", t->count.minor);
	json_number("major", t->count.major);
	json_number("reads", t->reads);
	json_number("writes", t->writes);
	json_number("in_swap", t->in_swap);
	json_number("mapped_bytes", t->mapped_bytes);
	json_close();
}

int main(int argc, char **argv)
{
	static const struct arg args[] = {
		{ "file", NULL, &file },
		{ "dir", NULL, &dir },
		{ "swap", &swap, NULL },
	};
	struct count before = { 0 }, after = { 0 };

	page = (size_t)sysconf(_SC_PAGESIZE);
	work_begin(argc, argv, args, sizeof(args) / sizeof(args[0]));
	file_prepare(file, PAGES * page);
	snprintf(data.path, sizeof(data.path), "%s", file);
	data.fd = open(file, O_RDWR | O_CLOEXEC);
	memory.fd = memfd_create("faults", MFD_CLOEXEC);
	snprintf(memory.path, sizeof(memory.path), "/memfd:faults (deleted)");
	if (data.fd < 0 || memory.fd < 0 || ftruncate(memory.fd, (off_t)(PAGES * page)))
		die("%s: %s", file, strerror(errno));
	make(&one, "one");
	make(&two, "two");

	/* once without being counted: after that all code and data of the process are mapped */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < TARGETS; i++) {
			targets[i]->count = (struct count){ 0 };
			targets[i]->reads = targets[i]->writes = targets[i]->in_swap = targets[i]->mapped_bytes = 0;
		}
		prctl(PR_SET_NAME, round ? "faulting" : "faults");
		before = faults_now();
		all();
		after = faults_now();
		prctl(PR_SET_NAME, "faults");
	}

	json_open(NULL);
	json_text("work", "faults");
	json_number("pid", (unsigned long long)getpid());
	json_number("minor", after.minor - before.minor);
	json_number("major", after.major - before.major);
	for (size_t i = 0; i < TARGETS; i++)
		target_json(targets[i]);
	unmake(&one);
	unmake(&two);
	file_remove();
	json_close();
	return 0;
}
