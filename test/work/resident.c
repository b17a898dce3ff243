// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that grows and shrinks as it is told, and stands still in between: for each letter that it reads it does
 * one thing, and says the letter when that is done.
 *   resident file=PATH     a block device, or a file that is made and removed again
 * Says "resident PID" first. a, f, s touch anonymous memory, pages of the file, shared memory; A, F, S give it back; x
 * executes the program anew; k starts a process that ends at once ("k PID"); v one that shares the memory, touches
 * more of it and stays ("v PID"); l lets the first thread end while another goes on; r has the memory reclaimed by
 * another process; q ends it, and is answered when it is gone.
 */
#define _GNU_SOURCE
#include "work.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANON_BYTES  (8UL << 20)
#define FILE_BYTES  (16UL << 20)
#define SHMEM_BYTES (2UL << 20)
#define VM_BYTES    (3UL << 20)
#define ROOMY	    (1ULL << 30)
#define TIGHT	    (2ULL << 20)

static const char *file = "";
static struct memcg memcg;
static int orders = -1, answers = -1;
static char *program;

static void touch(volatile char *p, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += (size_t)sysconf(_SC_PAGESIZE))
		(void)p[at];
}

static void soil(volatile char *p, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += (size_t)sysconf(_SC_PAGESIZE))
		p[at] = 1;
}

static char *map(size_t bytes, int flags, int fd)
{
	char *p = mmap(NULL, bytes, fd < 0 ? PROT_READ | PROT_WRITE : PROT_READ, flags, fd, 0);

	if (p == MAP_FAILED)
		die("no memory map of %zu bytes", bytes);
	/* base pages: how large others are depends on the kernel's mood */
	madvise(p, bytes, MADV_NOHUGEPAGE);
	return p;
}

static void answer(const char *what, long number)
{
	char line[32];
	int n = number ? snprintf(line, sizeof(line), "%s %ld\n", what, number)
		       : snprintf(line, sizeof(line), "%s\n", what);

	if (write(answers, line, (size_t)n) != n)
		_exit(1);
}

static int sharing(void *ready)
{
	char byte = 1;

	soil(map(VM_BYTES, MAP_PRIVATE | MAP_ANONYMOUS, -1), VM_BYTES);
	if (write(*(int *)ready, &byte, 1) != 1)
		_exit(1);
	for (;;)
		pause();
	return 0;
}

static long share(void)
{
	static int ready[2];
	static char stack[64 << 10];
	char byte;
	int pid;

	if (pipe(ready))
		die("no pipe");
	pid = clone(sharing, stack + sizeof(stack), CLONE_VM | SIGCHLD, &ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		die("no process that shares memory");
	return pid;
}

static void again(void)
{
	char in[16], out[16];

	snprintf(in, sizeof(in), "%d", orders);
	snprintf(out, sizeof(out), "%d", answers);
	execl(program, program, "serve", in, out, file, (char *)NULL);
	_exit(1);
}

static void obey(char order)
{
	static char *anon, *pages, *shmem;
	char what[2] = { order, '\0' };
	long number = 0;
	int fd;

	switch (order) {
	case 'a':
		anon = map(ANON_BYTES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		soil(anon, ANON_BYTES);
		break;
	case 'A':
		munmap(anon, ANON_BYTES);
		break;
	case 'f':
		fd = open(file, O_RDONLY | O_CLOEXEC);
		pages = map(FILE_BYTES, MAP_SHARED, fd);
		touch(pages, FILE_BYTES);
		close(fd);
		break;
	case 'F':
		munmap(pages, FILE_BYTES);
		break;
	case 's':
		shmem = map(SHMEM_BYTES, MAP_SHARED | MAP_ANONYMOUS, -1);
		soil(shmem, SHMEM_BYTES);
		break;
	case 'S':
		munmap(shmem, SHMEM_BYTES);
		break;
	case 'v':
		number = share();
		break;
	case 'k':
		number = fork();
		if (!number)
			_exit(0);
		if (number < 0 || waitpid((pid_t)number, NULL, 0) < 0)
			die("no child");
		break;
	case 'q':
		_exit(0);
	}
	answer(what, number);
}

static void *serve(void *other)
{
	pthread_t thread;
	char order;

	if (other)
		answer("l", 0);
	while (read(orders, &order, 1) == 1) {
		if (order == 'x')
			again();
		if (order != 'l') {
			obey(order);
			continue;
		}
		if (pthread_create(&thread, NULL, serve, &orders))
			die("no thread");
		/* of this thread alone: pthread_exit() of the first one would say so, too, but unwinds it */
		syscall(SYS_exit, 0);
	}
	_exit(0);
}

static void child(const void *unused)
{
	(void)unused;
	memcg_join(&memcg);
	again();
}

/* Hands on what is said: "x" from a process that is another program now. */
static void relay(pid_t pid, int to, int from)
{
	char order, line[32];
	ssize_t n;

	while (read(STDIN_FILENO, &order, 1) == 1) {
		if (order == '\n')
			continue;
		if (order == 'r') {
			memcg_limit(&memcg, LIMIT_HIGH, TIGHT);
			n = snprintf(line, sizeof(line), "r\n");
		} else {
			if (write(to, &order, 1) != 1)
				die("the process is gone");
			n = read(from, line, sizeof(line));
		}
		if (order == 'q') {
			waitpid(pid, NULL, 0);
			n = snprintf(line, sizeof(line), "q\n");
		}
		if (n <= 0 || write(STDOUT_FILENO, line, (size_t)n) != n)
			die("no answer to %c", order);
	}
}

int main(int argc, char **argv)
{
	static const struct arg args[] = { { "file", NULL, &file } };
	int down[2], up[2];
	pid_t pid;

	program = argv[0];
	if (argc == 5 && !strcmp(argv[1], "serve")) {
		orders = atoi(argv[2]);
		answers = atoi(argv[3]);
		file = argv[4];
		answer("x", 0);
		serve(NULL);
	}
	work_begin(argc, argv, args, 1);
	file_prepare(file, FILE_BYTES);
	memcg_make(&memcg, "memtrace-resident", LIMIT_HIGH, ROOMY);
	if (pipe(down) || pipe(up))
		die("no pipe");
	orders = down[0];
	answers = up[1];
	pid = child_start(child, NULL);
	close(up[1]);
	if (read(up[0], (char[8]){ 0 }, 8) <= 0)
		die("the process did not start");
	printf("resident %d\n", (int)pid);
	fflush(stdout);
	relay(pid, down[1], up[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	memcg_remove(&memcg);
	file_remove();
	return 0;
}
