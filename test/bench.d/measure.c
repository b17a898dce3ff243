// SPDX-License-Identifier: GPL-2.0-only
// measure - run a tool on a terminal until it is attached and a workload has passed; print its cost

#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
	"usage: measure [-k KEY=VALUE]... [-m MARK | -o FILE] [-c TEXT] [-t MS] [-q MS] [-l SEC] [-b] [-r]\n"
	"               [-e EVENT]... [-w WORKLOAD] [TOOL [ARG...]]\n"
	"  -k  put this into the result; numbers stay numbers\n"
	"  -m  the tool is attached when a line holds MARK (default: with its first line)\n"
	"  -o  the tool writes to FILE, only its messages go to the terminal; it is attached when\n"
	"      the BPF programs it holds have been the same for a second\n"
	"  -c  count the lines that hold TEXT\n"
	"  -t  stay attached for MS (100)\n"
	"  -q  before the workload and before the end await MS without output (0)\n"
	"  -l  give up after SEC (120)\n"
	"  -b  have the kernel take the time of BPF programs\n"
	"  -w  instead of waiting run this command, split at blanks; its output, one JSON\n"
	"      object, becomes \"load\"\n"
	"  -r  give the workload a real-time priority\n"
	"  -e  count this tracepoint (group/name) in the workload: \"events\" is the sum\n";

struct tool {
	pid_t pid;
	int tty;
	const char *mark, *file, *count;
	bool attached, eof;
	char line[4096]; /* what came since the last newline */
	size_t len;
	char object[4096]; /* the last line that looks like JSON */
	char said[256];	   /* the last line of any kind */
	uint64_t lines, counted, lost;
};

struct bpf_use {
	uint64_t maps, map_bytes, progs, prog_bytes, perf_bytes, run_cnt, run_time_ns;
};

static void die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(125);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static long long cpu_us(const struct rusage *ru)
{
	return (ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000000ll + ru->ru_utime.tv_usec + ru->ru_stime.tv_usec;
}

static int timer_fd(uint64_t ms)
{
	struct itimerspec it = {
		.it_value = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 },
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (!ms)
		it.it_value.tv_nsec = 1;
	if (fd < 0 || timerfd_settime(fd, 0, &it, NULL))
		die("timer");
	return fd;
}

static int pid_fd(pid_t pid)
{
	int fd = syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		die("pidfd_open");
	return fd;
}

/* All three peers say "lost N events" or "Lost N events" or "Possibly lost N samples". */
static uint64_t lost_in(const char *line)
{
	const char *p = strcasestr(line, "lost ");

	return p && isdigit((unsigned char)p[5]) ? strtoull(p + 5, NULL, 10) : 0;
}

static void line_done(struct tool *t)
{
	t->line[t->len] = '\0';
	t->len = 0;
	t->lines++;
	t->lost += lost_in(t->line);
	if (t->count && strstr(t->line, t->count))
		t->counted++;
	if (!t->file && (!t->mark || strstr(t->line, t->mark)))
		t->attached = true;
	if (t->line[0] == '{')
		strcpy(t->object, t->line);
	if (t->line[0])
		snprintf(t->said, sizeof(t->said), "%.*s", (int)sizeof(t->said) - 1, t->line);
}

static bool take_from(struct tool *t, int fd)
{
	static char buf[1 << 16];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n <= 0)
		return false;
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] == '\n')
			line_done(t);
		else if (buf[i] != '\r' && t->len < sizeof(t->line) - 1)
			t->line[t->len++] = buf[i];
	}
	return true;
}

static void take(struct tool *t)
{
	/* EIO: nobody has the other side open any more */
	t->eof = !take_from(t, t->tty);
}

static void take_file(struct tool *t)
{
	int fd = open(t->file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(t->file);
	t->len = 0;
	while (take_from(t, fd))
		;
	close(fd);
	unlink(t->file);
}

enum stop { STOP_EVENT, STOP_QUIET, STOP_ATTACHED, STOP_EOF };

/* Take output until fd is readable, or none came for quiet ms, or (if asked) the mark did. */
static enum stop drain(struct tool *t, int fd, int quiet, bool mark)
{
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = fd, .events = POLLIN },
			{ .fd = t->eof ? -1 : t->tty, .events = POLLIN },
		};
		int n = poll(p, 2, quiet);

		if (n < 0 && errno != EINTR)
			die("poll");
		if (!n)
			return STOP_QUIET;
		if (p[1].revents)
			take(t);
		if (mark && t->attached)
			return STOP_ATTACHED;
		if (mark && t->eof)
			return STOP_EOF;
		if (p[0].revents)
			return STOP_EVENT;
	}
}

static void start(struct tool *t, char **argv)
{
	const struct winsize ws = { .ws_row = 50, .ws_col = 200 };
	int slave, out = -1;
	struct termios tio;

	t->tty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->tty < 0 || grantpt(t->tty) || unlockpt(t->tty))
		die("pty");
	slave = open(ptsname(t->tty), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &tio))
		die("pty");
	cfmakeraw(&tio);
	if (tcsetattr(slave, TCSANOW, &tio) || ioctl(slave, TIOCSWINSZ, &ws))
		die("pty");
	if (t->file) {
		out = open(t->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (out < 0)
			die(t->file);
	}
	t->pid = fork();
	if (t->pid < 0)
		die("fork");
	if (!t->pid) {
		setsid();
		dup2(slave, 0);
		dup2(out < 0 ? slave : out, 1);
		dup2(slave, 2);
		execvp(argv[0], argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(slave);
	if (out >= 0)
		close(out);
}

static bool first_use(uint64_t *ids, uint64_t *n, uint64_t id)
{
	for (uint64_t i = 0; i < *n; i++)
		if (ids[i] == id)
			return false;
	ids[(*n)++] = id;
	return true;
}

enum { MAP_ID, MAP_TYPE, ENTRIES, PROG_ID, PROG_TYPE, MEMLOCK, RUN_TIME, RUN_CNT, N_FIELDS };

/* A link's fdinfo names its program too; only the program's own has prog_type. */
static const char *const fields[N_FIELDS] = {
	[MAP_ID] = "map_id:",	    [MAP_TYPE] = "map_type:", [ENTRIES] = "max_entries:",  [PROG_ID] = "prog_id:",
	[PROG_TYPE] = "prog_type:", [MEMLOCK] = "memlock:",   [RUN_TIME] = "run_time_ns:", [RUN_CNT] = "run_cnt:",
};

static void read_fdinfo(FILE *f, struct bpf_use *use)
{
	static uint64_t map_ids[1024], prog_ids[1024];
	uint64_t v[N_FIELDS] = { 0 };
	bool have[N_FIELDS] = { 0 };
	char line[256];

	while (fgets(line, sizeof(line), f)) {
		for (int i = 0; i < N_FIELDS; i++) {
			if (strncmp(line, fields[i], strlen(fields[i])))
				continue;
			v[i] = strtoull(line + strlen(fields[i]), NULL, 10);
			have[i] = true;
		}
	}
	/* before 6.4 the kernel forgot the buffer itself */
	if (v[MAP_TYPE] == BPF_MAP_TYPE_RINGBUF && v[MEMLOCK] < v[ENTRIES])
		v[MEMLOCK] += v[ENTRIES];
	if (have[MAP_ID] && use->maps < 1024 && first_use(map_ids, &use->maps, v[MAP_ID]))
		use->map_bytes += v[MEMLOCK];
	if (have[PROG_ID] && have[PROG_TYPE] && use->progs < 1024 && first_use(prog_ids, &use->progs, v[PROG_ID])) {
		use->prog_bytes += v[MEMLOCK];
		use->run_time_ns += v[RUN_TIME];
		use->run_cnt += v[RUN_CNT];
	}
}

/* Perf buffers are kernel memory that no map accounts for. */
static void read_maps(FILE *f, struct bpf_use *use)
{
	unsigned long from, to;
	char line[512];

	while (fgets(line, sizeof(line), f))
		if (strstr(line, "[perf_event]") && sscanf(line, "%lx-%lx", &from, &to) == 2)
			use->perf_bytes += to - from;
}

static struct bpf_use look(pid_t pid)
{
	struct bpf_use use = { 0 };
	struct dirent *e;
	char path[64];
	DIR *dir;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%.20s", pid, e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (!f)
			continue;
		read_fdinfo(f, &use);
		fclose(f);
	}
	if (dir)
		closedir(dir);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	if (f) {
		read_maps(f, &use);
		fclose(f);
	}
	return use;
}

static int event_fd(const char *event, pid_t pid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.disabled = 1,
		.enable_on_exec = 1,
		.inherit = 1,
	};
	unsigned long long id;
	char path[256];
	FILE *f;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s/id", event);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%llu", &id) != 1)
		die(path);
	fclose(f);
	attr.config = id;
	fd = syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		die(event);
	return fd;
}

struct work {
	char *argv[32];
	const char *events[8];
	int argc, n_events, counters[8];
	bool real_time;
};

static pid_t work_start(struct work *w, int *out)
{
	int fds[2], go[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		dup2(fds[1], 1);
		close(go[1]);
		if (w->real_time && sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 }))
			die("real-time priority");
		/* the counters have to be there before the exec that starts them */
		if (read(go[0], fds, 1) == 0)
			execvp(w->argv[0], w->argv);
		die(w->argv[0]);
	}
	for (int i = 0; i < w->n_events; i++)
		w->counters[i] = event_fd(w->events[i], pid);
	close(fds[1]);
	close(go[0]);
	close(go[1]);
	*out = fds[0];
	return pid;
}

static void print_number(const char *key, uint64_t v)
{
	printf(",\"%s\":%llu", key, (unsigned long long)v);
}

/* Runs the workload, meanwhile taking the tool's output, and prints what it cost and said. */
static int work_run(struct work *w, struct tool *t)
{
	uint64_t begin = now_ns(), events = 0, n;
	int out, status, end;
	char said[4096] = "";
	struct rusage ru;
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	pid = work_start(w, &out);
	end = pid_fd(pid);
	if (t->pid)
		drain(t, end, -1, false);
	while ((got = read(out, said + len, sizeof(said) - 1 - len)) > 0)
		len += got;
	said[strcspn(said, "\n")] = '\0';
	close(out);
	wait4(pid, &status, 0, &ru);
	close(end);
	for (int i = 0; i < w->n_events; i++) {
		if (read(w->counters[i], &n, sizeof(n)) == sizeof(n))
			events += n;
		close(w->counters[i]);
	}
	print_number("work_ns", now_ns() - begin);
	print_number("work_cpu_us", cpu_us(&ru));
	if (w->n_events)
		print_number("events", events);
	if (said[0])
		printf(",\"load\":%s", said);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void print_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if (isascii(*s) && isprint(*s))
			putchar(*s);
		else
			putchar('?');
	}
	putchar('"');
}

static void print_pair(const char *pair)
{
	const char *v = strchr(pair, '=');

	if (!v)
		return;
	printf(",\"%.*s\":", (int)(v - pair), pair);
	v++;
	if (*v && strspn(v, "0123456789") == strlen(v))
		printf("%s", v);
	else
		print_string(v);
}

static void print_cost(const struct tool *t, const struct rusage *ru, const struct bpf_use *use)
{
	print_number("cpu_us", cpu_us(ru));
	print_number("rss_kb", ru->ru_maxrss);
	print_number("maps", use->maps);
	print_number("map_bytes", use->map_bytes);
	print_number("perf_bytes", use->perf_bytes);
	print_number("progs", use->progs);
	print_number("prog_bytes", use->prog_bytes);
	print_number("run_cnt", use->run_cnt);
	print_number("run_time_ns", use->run_time_ns);
	print_number("lines", t->lines);
	print_number("counted", t->counted);
	print_number("lost", t->lost);
	if (t->object[0])
		printf(",\"object\":%s", t->object);
}

static struct tool tool;
static struct work work;
static uint64_t stay_ms = 100, quiet_ms, limit_s = 120;
static bool timed;

static const struct option {
	char key;
	const char **text;
	uint64_t *number;
	bool *flag;
} options[] = {
	{ 'm', &tool.mark, NULL, NULL },      { 'o', &tool.file, NULL, NULL }, { 'c', &tool.count, NULL, NULL },
	{ 't', NULL, &stay_ms, NULL },	      { 'q', NULL, &quiet_ms, NULL },  { 'l', NULL, &limit_s, NULL },
	{ 'r', NULL, NULL, &work.real_time }, { 'b', NULL, NULL, &timed },
};

static int option(int key, const char *value)
{
	for (const struct option *o = options; o < options + sizeof(options) / sizeof(options[0]); o++) {
		if (o->key != key)
			continue;
		if (o->text)
			*o->text = value;
		else if (o->number)
			*o->number = strtoull(value, NULL, 10);
		else
			*o->flag = true;
		return 0;
	}
	return -1;
}

static int words(char *text)
{
	char *save;

	for (char *p = strtok_r(text, " ", &save); p && work.argc < 31; p = strtok_r(NULL, " ", &save))
		work.argv[work.argc++] = p;
	return 0;
}

static int event(const char *name)
{
	if (work.n_events == 8)
		return -1;
	work.events[work.n_events++] = name;
	return 0;
}

static char **parse(int argc, char **argv)
{
	const char *pairs[16];
	int key, n = 0, err = 0;

	while (!err && (key = getopt(argc, argv, "+k:m:o:c:t:q:l:brw:e:")) != -1) {
		if (key == 'k' && n < 16) {
			pairs[n++] = optarg;
		} else if (key == 'w') {
			err = words(optarg);
		} else if (key == 'e') {
			err = event(optarg);
		} else {
			err = option(key, optarg);
		}
	}
	if (err || (!argv[optind] && !work.argc))
		return NULL;
	printf("{\"measured\":1");
	for (int i = 0; i < n; i++)
		print_pair(pairs[i]);
	return argv + optind;
}

/* Held open, the descriptor keeps the clocks running. */
static void stats_on(void)
{
	union bpf_attr attr = { .enable_stats.type = BPF_STATS_RUN_TIME };
	int fd = syscall(SYS_bpf, BPF_ENABLE_STATS, &attr, sizeof(attr));

	if (fd < 0)
		die("BPF_ENABLE_STATS");
	fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int load(struct tool *t)
{
	int rc = 0, fd;

	/* a workload's process must not inherit what has not been written yet */
	fflush(stdout);
	if (work.argc) {
		rc = work_run(&work, t);
		if (rc)
			printf(",\"failed\":\"workload: exit %d\"", rc);
	} else {
		fd = timer_fd(stay_ms);
		drain(t, fd, -1, false);
		close(fd);
	}
	return rc;
}

static int failed(const struct tool *t)
{
	printf(",\"failed\":");
	print_string(t->said[0] ? t->said : "no output");
	return 1;
}

/* Some say that they trace before they do, and until then are deaf. */
static void ask_to_end(struct tool *t, int end)
{
	for (int tries = 0; tries < 10; tries++) {
		kill(t->pid, SIGINT);
		if (drain(t, end, 2000, false) == STOP_EVENT)
			return;
	}
	kill(t->pid, SIGKILL);
}

/* Nothing tells from outside that a tool is done attaching, if its output does not. */
static bool settled(struct tool *t, int giveup)
{
	uint64_t progs = 0, n;

	for (int still = 0; still < 10; still++) {
		if (drain(t, giveup, 100, false) == STOP_EVENT || t->eof)
			return false;
		n = look(t->pid).progs;
		if (!n || n != progs)
			still = -1;
		progs = n;
	}
	return true;
}

static int measure(struct tool *t, char **argv)
{
	uint64_t begin = now_ns();
	int giveup, end, status, rc;
	struct bpf_use use;
	struct rusage ru;

	start(t, argv);
	giveup = timer_fd(limit_s * 1000);
	end = pid_fd(t->pid);
	if (t->file ? !settled(t, giveup) : drain(t, giveup, -1, true) != STOP_ATTACHED) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, &status, 0);
		return failed(t);
	}
	print_number("first_ns", now_ns() - begin);
	if (quiet_ms)
		drain(t, giveup, quiet_ms, false);
	rc = load(t);
	if (quiet_ms)
		drain(t, giveup, quiet_ms, false);
	use = look(t->pid);
	if (waitpid(t->pid, &status, WNOHANG))
		return failed(t);

	begin = now_ns();
	ask_to_end(t, end);
	wait4(t->pid, &status, 0, &ru);
	print_number("exit_ns", now_ns() - begin);
	print_number("status", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	while (!t->eof && poll(&(struct pollfd){ .fd = t->tty, .events = POLLIN }, 1, 1000) > 0)
		take(t);
	if (t->file)
		take_file(t);
	print_cost(t, &ru, &use);
	return rc;
}

int main(int argc, char **argv)
{
	char **command = parse(argc, argv);
	int rc;

	if (!command) {
		fputs(usage, stderr);
		return 2;
	}
	fflush(stdout);
	if (timed)
		stats_on();
	rc = command[0] ? measure(&tool, command) : load(&tool);
	puts("}");
	return rc;
}
