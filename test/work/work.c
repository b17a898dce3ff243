// SPDX-License-Identifier: GPL-2.0-only
/* What the workloads share: arguments, kernel counters, a memory cgroup of their own, one JSON line. */
#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT_OF(a)  (sizeof(a) / sizeof((a)[0]))
#define CHILDREN_MAX 64

static pid_t children[CHILDREN_MAX];
static struct memcg *made;
static const char *made_file;

static void children_end(void)
{
	for (size_t i = 0; i < COUNT_OF(children); i++) {
		if (!children[i])
			continue;
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
		children[i] = 0;
	}
}

void file_remove(void)
{
	if (made_file)
		unlink(made_file);
	made_file = NULL;
}

static void leave(int status)
{
	children_end();
	if (made)
		memcg_remove(made);
	file_remove();
	exit(status);
}

void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	leave(1);
	abort();
}

/* ---- signals and arguments ---- */

static sigset_t held;

/* A signal waits until child_wait() asks for it: by then there is something to clean up. */
static void signals_hold(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };

	sigemptyset(&held);
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		/* a shell starts background jobs with SIGINT ignored: an ignored signal is never waited for */
		signal(ends[i], SIG_DFL);
		sigaddset(&held, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &held, NULL);
}

static unsigned long long number(const char *name, const char *text)
{
	static const struct {
		char suffix;
		int shift;
	} units[] = { { 'K', 10 }, { 'M', 20 }, { 'G', 30 }, { '\0', 0 } };
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (end != text && *end == units[i].suffix && (!*end || !end[1]))
			return value << units[i].shift;
	die("%s=%s: not a number", name, text);
}

static void arg_set(const struct arg *args, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(args[i].name);

		if (strncmp(word, args[i].name, len) || word[len] != '=')
			continue;
		if (args[i].text)
			*args[i].text = word + len + 1;
		else
			*args[i].number = number(args[i].name, word + len + 1);
		return;
	}
	fprintf(stderr, "%s: %s is none of", program_invocation_short_name, word);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, " %s=", args[i].name);
	fputc('\n', stderr);
	exit(2);
}

void work_begin(int argc, char **argv, const struct arg *args, size_t n)
{
	signals_hold();
	for (int i = 1; i < argc; i++)
		arg_set(args, n, argv[i]);
}

/* ---- JSON ---- */

static char closers[8];
static size_t depth;
static bool follows;

static void json_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		/* a byte above 127 need not be UTF-8: write it as the code point of the same number */
		if (c < 0x20 || c > 0x7e)
			printf("\\u%04x", c);
		else if (c == '"' || c == '\\')
			printf("\\%c", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void json_key(const char *key)
{
	if (follows)
		putchar(',');
	follows = true;
	if (key) {
		json_string(key);
		putchar(':');
	}
}

static void json_begin(const char *key, char opener, char closer)
{
	json_key(key);
	putchar(opener);
	closers[depth++] = closer;
	follows = false;
}

void json_open(const char *key)
{
	json_begin(key, '{', '}');
}

void json_list(const char *key)
{
	json_begin(key, '[', ']');
}

void json_close(void)
{
	putchar(closers[--depth]);
	follows = true;
	if (depth)
		return;
	putchar('\n');
	if (fflush(stdout))
		die("stdout: %s", strerror(errno));
	follows = false;
}

void json_number(const char *key, unsigned long long value)
{
	json_key(key);
	printf("%llu", value);
}

void json_text(const char *key, const char *value)
{
	json_key(key);
	json_string(value);
}

/* ---- kernel counters ---- */

void counters_read(struct counters *c, const char *path)
{
	FILE *file = fopen(path, "re");

	c->n = 0;
	if (!file)
		die("%s: %s", path, strerror(errno));
	while (c->n < COUNT_OF(c->of) && fscanf(file, "%47s %llu", c->of[c->n].name, &c->of[c->n].value) == 2)
		c->n++;
	fclose(file);
}

unsigned long long counters_get(const struct counters *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->of[i].name, name))
			return c->of[i].value;
	return 0;
}

static bool counted(const char *name)
{
	static const char *const prefixes[] = {
		"allocstall", "pgscan",	    "pgsteal",	 "pswp",	  "pageoutrun", "pgmajfault",
		"oom",	      "thp_fault_", "thp_swpin", "max",		  "high",	"workingset_refault",
		"compact_",   "pgmigrate",  "numa_",	 "thp_migration",
	};

	for (size_t i = 0; i < COUNT_OF(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* A counter that the kernel has not got is not there, rather than zero. */
void counters_json(const char *key, const struct counters *before, const char *path)
{
	struct counters now;

	counters_read(&now, path);
	json_open(key);
	for (size_t i = 0; i < now.n; i++)
		if (counted(now.of[i].name))
			json_number(now.of[i].name, now.of[i].value - counters_get(before, now.of[i].name));
	json_close();
}

/* ---- the memory cgroup ---- */

struct knobs {
	const char *limit[2]; /* by enum limit */
	const char *events, *swap;
};

static const struct knobs knobs[] = {
	[1] = { { "memory.limit_in_bytes", "memory.limit_in_bytes" }, "memory.oom_control", "memory.swappiness" },
	[2] = { { "memory.max", "memory.high" }, "memory.events", "memory.swap.max" },
};

static void memcg_file(const struct memcg *g, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", g->path, name);
}

static void memcg_write(const struct memcg *g, const char *name, unsigned long long value)
{
	char path[600], text[24];
	int fd, len = snprintf(text, sizeof(text), "%llu", value);

	memcg_file(g, name, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, (size_t)len) != len)
		die("%s: %s", path, strerror(errno));
	close(fd);
}

static bool file_has(const char *path, const char *word)
{
	char line[256] = "";
	FILE *file = fopen(path, "re");
	bool found = file && fgets(line, sizeof(line), file) && strstr(line, word);

	if (file)
		fclose(file);
	return found;
}

/* Where a group with a memory controller can be made: version 1, or 2 with the controller switched on. */
static int hierarchy(char *dir, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	char path[600];
	int version = 0;

	while (mounts && !version && (m = getmntent(mounts))) {
		snprintf(path, sizeof(path), "%s/cgroup.subtree_control", m->mnt_dir);
		if (!strcmp(m->mnt_type, "cgroup") && hasmntopt(m, "memory"))
			version = 1;
		else if (!strcmp(m->mnt_type, "cgroup2") && file_has(path, "memory"))
			version = 2;
		if (version)
			snprintf(dir, size, "%s", m->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return version;
}

void memcg_make(struct memcg *g, const char *name, enum limit how, unsigned long long bytes)
{
	char dir[256], path[600];

	g->version = hierarchy(dir, sizeof(dir));
	if (!g->version)
		die("no cgroup hierarchy with the memory controller switched on");
	snprintf(g->path, sizeof(g->path), "%s/%s.%d", dir, name, (int)getpid());
	if (mkdir(g->path, 0755))
		die("%s: %s", g->path, strerror(errno));
	made = g;
	memcg_write(g, knobs[g->version].limit[how], bytes);
	memcg_file(g, knobs[g->version].events, path, sizeof(path));
	counters_read(&g->events, path);
	memcg_file(g, "memory.stat", path, sizeof(path));
	counters_read(&g->stat, path);
}

void memcg_limit(const struct memcg *g, enum limit how, unsigned long long bytes)
{
	memcg_write(g, knobs[g->version].limit[how], bytes);
}

void memcg_no_swap(const struct memcg *g)
{
	char path[600];

	memcg_file(g, knobs[g->version].swap, path, sizeof(path));
	if (!access(path, W_OK))
		memcg_write(g, knobs[g->version].swap, 0);
}

void memcg_join(const struct memcg *g)
{
	memcg_write(g, "cgroup.procs", (unsigned long long)getpid());
}

void memcg_json(const struct memcg *g)
{
	char path[600];

	json_text("cgroup", strrchr(g->path, '/'));
	json_number("cgroup_version", (unsigned long long)g->version);
	memcg_file(g, knobs[g->version].events, path, sizeof(path));
	counters_json("events", &g->events, path);
	memcg_file(g, "memory.stat", path, sizeof(path));
	counters_json("stat", &g->stat, path);
	if (g->version == 1) {
		struct counters fails;
		FILE *file;

		memcg_file(g, "memory.failcnt", path, sizeof(path));
		file = fopen(path, "re");
		if (file && fscanf(file, "%llu", &fails.of[0].value) == 1)
			json_number("failcnt", fails.of[0].value);
		if (file)
			fclose(file);
	}
}

void memcg_remove(struct memcg *g)
{
	/* a child that has just been reaped may still be counted as a member for a moment */
	for (int tries = 0; rmdir(g->path) && errno == EBUSY && tries < 1000; tries++)
		usleep(1000);
	made = NULL;
}

/* ---- children ---- */

static pid_t *child_slot(pid_t pid)
{
	for (size_t i = 0; i < COUNT_OF(children); i++)
		if (children[i] == pid)
			return &children[i];
	die("no room for child %d", (int)pid);
}

pid_t child_start(void (*run)(const void *), const void *with)
{
	pid_t parent = getpid(), *slot = child_slot(0), pid;

	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid) {
		*slot = pid;
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* the group and the file are the parent's to remove */
	made = NULL;
	made_file = NULL;
	memset(children, 0, sizeof(children));
	sigprocmask(SIG_UNBLOCK, &held, NULL);
	run(with);
	_exit(0);
}

pid_t child_wait(int *status, struct rusage *usage)
{
	pid_t pid;
	int sig;

	for (;;) {
		pid = wait4(-1, status, WNOHANG, usage);
		if (pid < 0)
			return pid;
		if (pid > 0)
			break;
		sig = sigwaitinfo(&held, NULL);
		if (sig > 0 && sig != SIGCHLD)
			leave(128 + sig);
	}
	*child_slot(pid) = 0;
	return pid;
}

/* ---- pressure ---- */

void press_file(const char *path, unsigned long long bytes, unsigned long long rounds)
{
	static char block[64 * 1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	for (; rounds; rounds--)
		for (unsigned long long at = 0; at < bytes; at += sizeof(block))
			if (pread(fd, block, sizeof(block), (off_t)at) < 0)
				die("%s: %s", path, strerror(errno));
	close(fd);
}

void press_anon(unsigned long long bytes, unsigned long long rounds)
{
	volatile char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (p == MAP_FAILED)
		die("mmap of %llu bytes: %s", bytes, strerror(errno));
	/* huge pages would make the number of faults depend on the kernel's mood */
	madvise((void *)p, bytes, MADV_NOHUGEPAGE);
	for (; rounds; rounds--)
		for (unsigned long long at = 0; at < bytes; at += page)
			p[at]++;
	munmap((void *)p, bytes);
}

void file_prepare(const char *path, unsigned long long bytes)
{
	static char block[64 * 1024];
	struct stat st;
	bool exists = !stat(path, &st);
	int fd = open(path, exists ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	if (!exists)
		made_file = path;
	memset(block, 0x5a, sizeof(block));
	for (unsigned long long at = 0; !exists && at < bytes; at += sizeof(block))
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			die("%s: %s", path, strerror(errno));
	/* pages that stay cached belong to this process's memcg, and reading them again charges nobody */
	fsync(fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
}
