// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps memory in every way, and tells each call: no other call of this process maps or unmaps. Then moves its break
 * up, back, and to where it must not be.
 *   maps dir=DIR [mounts=1]
 * What is made below DIR stays. With mounts=1 some files are on mounts that only this process sees.
 */
#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define NOTHING	    UINT64_MAX
#define PAGE	    4096ULL

static const char *dir = "";
static unsigned long long mounts;

static struct call {
	const char *call, *prot, *map, *flags;
	uint64_t asked, size, offset, addr, old_addr, old_size;
	int fd, error;
	char file[8192];
} calls[64];
static size_t nr_calls;

static struct call *next(const char *name, long ret)
{
	struct call *c = calls + nr_calls++;

	c->error = ret == -1 ? errno : 0;
	c->addr = ret == -1 ? NOTHING : (uint64_t)ret;
	c->call = name;
	c->asked = c->offset = c->old_addr = c->old_size = NOTHING;
	c->fd = -1;
	return c;
}

/* What /proc/self/maps says of the map that begins at @addr: read without the C library, whose buffers may be maps. */
static void mapped(uint64_t addr, char *perms, char *path, size_t size)
{
	static char text[1 << 16];
	int fd = open("/proc/self/maps", O_RDONLY);
	size_t len = 0;
	ssize_t n;
	char begin[32];

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	text[len] = '\0';
	snprintf(begin, sizeof(begin), "%08llx-", (unsigned long long)addr);
	for (char *line = text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		*end = '\0';
		if (strncmp(line, begin, strlen(begin)) != 0)
			continue;
		if (sscanf(line, "%*s %4s %*s %*s %*s", perms) != 1)
			die("%s: no permissions", line);
		path[0] = '\0';
		if (strlen(line) > 73)
			snprintf(path, size, "%s", line + 73);
		return;
	}
	die("no map at %s", begin);
}

/* The kernel's own view must be what was asked for. */
static void compare(const struct call *c)
{
	char perms[8] = "", path[8192] = "";
	const char wanted[] = { c->prot[0] == 'R' ? 'r' : '-', c->prot[1] == 'W' ? 'w' : '-',
				c->prot[2] == 'E' ? 'x' : '-', c->map[0] == 'S' ? 's' : 'p', '\0' };

	mapped(c->addr, perms, path, sizeof(path));
	if (strcmp(perms, wanted) != 0)
		die("/proc/self/maps: %s, not %s", perms, wanted);
	if (c->file[0] && strcmp(path, c->file) != 0)
		die("/proc/self/maps: '%s', not '%s'", path, c->file);
}

/* @prot and @map as letters, @named the flags by name: said once more by hand, as the test's own truth. */
static void *map(uint64_t addr, uint64_t size, int prot, const char *letters, int flags, const char *kinds,
		 const char *named, int fd, uint64_t offset)
{
	long ret = syscall(SYS_mmap, addr, size, prot, flags, fd, offset);
	struct call *c = next("mmap", ret);
	char link[64];
	ssize_t n;

	c->prot = letters;
	c->map = kinds;
	c->flags = named;
	c->asked = addr;
	c->size = size;
	if (!(flags & MAP_ANONYMOUS)) {
		c->offset = offset;
		c->fd = fd;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, c->file, sizeof(c->file) - 1);
		c->file[n > 0 ? n : 0] = '\0';
	}
	if (ret != -1)
		compare(c);
	return (void *)ret;
}

static void *map_file(int fd, uint64_t offset)
{
	return map(0, 2 * PAGE, PROT_READ, "R--", MAP_PRIVATE, "-P--", "MAP_PRIVATE", fd, offset);
}

static void unmap(uint64_t addr, uint64_t size)
{
	long ret = syscall(SYS_munmap, addr, size);
	struct call *c = next("munmap", ret);

	c->asked = addr;
	c->size = size;
	c->addr = ret ? NOTHING : addr;
}

static uint64_t remap(uint64_t addr, uint64_t old, uint64_t size, int flags, const char *named, uint64_t to)
{
	long ret = syscall(SYS_mremap, addr, old, size, flags, to);
	struct call *c = next("mremap", ret);

	c->old_addr = addr;
	c->old_size = old;
	c->size = size;
	c->flags = named;
	c->asked = to;
	return (uint64_t)ret;
}

static int make(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd < 0 || ftruncate(fd, 16 * PAGE))
		die("%s: %s", path, strerror(errno));
	return fd;
}

static void into(const char *path)
{
	if ((mkdir(path, 0700) && errno != EEXIST) || chdir(path))
		die("%s: %s", path, strerror(errno));
}

static void files(void)
{
	char name[256];
	int fd;

	into(dir);
	into("a");
	map_file(make("same"), 0);
	into("../b");
	map_file(make("same"), PAGE);
	fd = make("gone");
	unlink("gone");
	map(0, PAGE, PROT_READ | PROT_WRITE, "RW-", MAP_SHARED, "S---", "MAP_SHARED", fd, 2 * PAGE);
	map(0, PAGE, PROT_READ | PROT_EXEC, "R-E", MAP_PRIVATE | MAP_POPULATE, "-P--", "MAP_PRIVATE|MAP_POPULATE",
	    memfd_create("of memory", 0), 0);
	memset(name, 'n', 255);
	name[255] = '\0';
	map_file(make(name), 0);
	/* a name that is too long for where it stands in the path: told as cut */
	name[120] = '\0';
	for (int i = 0; i < 3; i++)
		into(name);
	map_file(make("leaf"), 0);
	into(dir);
	for (int i = 0; i < 40; i++)
		into("d");
	map_file(make("deep"), 0);
	close(fd);
	fd = open("deep", O_RDONLY);
	map(0, PAGE, PROT_WRITE, "-W-", MAP_SHARED, "S---", "MAP_SHARED", fd, 0);
	map(0, PAGE, PROT_READ, "R--", MAP_SHARED_VALIDATE | 0x40000000, "S---", "MAP_SHARED_VALIDATE|0x40000000", fd,
	    0);
	into(dir);
	map_file(999, 0);
}

static void on_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("a mount namespace: %s", strerror(errno));
	into(dir);
	into("m");
	if (mount("own", ".", "tmpfs", 0, NULL))
		die("tmpfs: %s", strerror(errno));
	into(dir);
	into("m");
	into("sub");
	map_file(make("inner"), 0);
	into(dir);
	into("bound");
	if (mount("../m/sub", ".", NULL, MS_BIND, NULL))
		die("bind: %s", strerror(errno));
	into(dir);
	into("bound");
	map_file(make("inner"), PAGE);
	into(dir);
}

static void memory(void)
{
	uint64_t at, moved;

	at = (uint64_t)map(0, 16 * PAGE, PROT_READ | PROT_WRITE, "RW-", MAP_PRIVATE | MAP_ANONYMOUS, "-P-A",
			   "MAP_PRIVATE|MAP_ANONYMOUS", -1, 0);
	map(0, 2 * PAGE, PROT_READ | PROT_WRITE, "RW-", MAP_SHARED | MAP_ANONYMOUS, "S--A", "MAP_SHARED|MAP_ANONYMOUS",
	    -1, 0);
	map(at, PAGE, PROT_NONE, "---", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, "-PFA",
	    "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS", -1, 0);
	map(at, PAGE, PROT_READ, "R--", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, "-PFA",
	    "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE", -1, 0);
	map(0, PAGE, PROT_READ | PROT_WRITE, "RW-", MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, "-P-A",
	    "MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE|MAP_STACK", -1, 0);
	map(0, 0, PROT_READ, "R--", MAP_PRIVATE | MAP_ANONYMOUS, "-P-A", "MAP_PRIVATE|MAP_ANONYMOUS", -1, 0);
	map(0, 1ULL << 48, PROT_READ, "R--", MAP_PRIVATE | MAP_ANONYMOUS, "-P-A", "MAP_PRIVATE|MAP_ANONYMOUS", -1, 0);
	moved = remap(at + 8 * PAGE, 8 * PAGE, 64 * PAGE, MREMAP_MAYMOVE, "MREMAP_MAYMOVE", 0);
	moved = remap(moved, 64 * PAGE, 16 * PAGE, 0, "0x0", 0);
	remap(moved, 16 * PAGE, 16 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, "MREMAP_MAYMOVE|MREMAP_FIXED",
	      moved + (1 << 30));
	remap(moved + 1, PAGE, PAGE, 0, "0x0", 0);
	unmap(at, PAGE);
	unmap(at + 1, PAGE);
	unmap(at + PAGE, 0);
}

/*
 * Calls as 32-bit code makes them, under the numbers that mmap, munmap and mremap have in 64-bit code: link, execve
 * and stime, which fail. A kernel without such calls sends a signal.
 */
#ifdef __x86_64__
static sigjmp_buf no_such_calls;

static void refused(int sig)
{
	(void)sig;
	siglongjmp(no_such_calls, 1);
}

static bool compat(void)
{
	static const long numbers[] = { SYS_mmap, SYS_munmap, SYS_mremap };
	bool made = false;

	signal(SIGSEGV, refused);
	if (!sigsetjmp(no_such_calls, 1)) {
		for (size_t i = 0; i < COUNT_OF(numbers); i++) {
			long ret = numbers[i];

			__asm__ volatile("int $0x80"
					 : "+a"(ret)
					 : "b"(0L), "c"(0L), "d"(0L), "S"(0L), "D"(0L)
					 : "r8", "r9", "r10", "r11", "memory");
		}
		made = true;
	}
	signal(SIGSEGV, SIG_DFL);
	return made;
}
#else
static bool compat(void)
{
	return false;
}
#endif

static void text_or_null(const char *key, const char *value)
{
	json_text(key, value && *value ? value : "null");
}

/* As rows of the tool name and order them. */
static void tell(const struct call *c)
{
	static const struct {
		const char *key;
		size_t at;
	} numbers[] = {
		{ "asked_addr", offsetof(struct call, asked) },
		{ "size_bytes", offsetof(struct call, size) },
		{ "offset_bytes", offsetof(struct call, offset) },
		{ "addr", offsetof(struct call, addr) },
		{ "old_addr", offsetof(struct call, old_addr) },
		{ "old_size_bytes", offsetof(struct call, old_size) },
	};

	json_open(NULL);
	json_text("call", c->call);
	text_or_null("prot", c->prot);
	text_or_null("map", c->map);
	text_or_null("flags", c->flags);
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		uint64_t value;

		memcpy(&value, (const char *)c + numbers[i].at, sizeof(value));
		if (value == NOTHING)
			json_text(numbers[i].key, "null");
		else
			json_number(numbers[i].key, value);
	}
	text_or_null("error", c->error ? strerrorname_np(c->error) : NULL);
	text_or_null("file", c->file);
	json_close();
}

int main(int argc, char **argv)
{
	static const struct arg args[] = { { "dir", NULL, &dir }, { "mounts", &mounts, NULL } };

	unsigned long long at;
	bool made;

	work_begin(argc, argv, args, COUNT_OF(args));
	if (mounts)
		on_mounts();
	files();
	memory();
	at = (unsigned long long)syscall(SYS_brk, 0);
	syscall(SYS_brk, at + (64 << 10));
	syscall(SYS_brk, at);
	syscall(SYS_brk, 1);
	made = compat();

	json_open(NULL);
	json_text("work", "maps");
	json_number("pid", (unsigned long long)getpid());
	json_number("brk", at);
	json_number("compat", made);
	json_list("calls");
	for (size_t i = 0; i < nr_calls; i++)
		tell(calls + i);
	json_close();
	json_close();
	return 0;
}
