// SPDX-License-Identifier: GPL-2.0-only
/*
 * A known number of objects from slab caches: sockets, each with an inode, and messages of System V, each a kmalloc() of
 * 512 bytes once it is rounded up.
 *   slab n=N [hold=1]
 * They are made, told, and freed. With hold=1 they are kept until standard input ends.
 */
#include "work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_BYTES 400 /* and 48 of its head */
#define PER_QUEUE     32  /* of the 16 KiB that a queue holds */

static unsigned long long n = 2000, hold;
static int *queues;
static size_t nr_queues;

static void remove_queues(void)
{
	for (size_t i = 0; i < nr_queues; i++)
		msgctl(queues[i], IPC_RMID, NULL);
	nr_queues = 0;
}

static void send_one(size_t i)
{
	static struct {
		long type;
		char text[MESSAGE_BYTES];
	} message = { .type = 1 };

	if (i % PER_QUEUE == 0) {
		int queue = msgget(IPC_PRIVATE, 0600);

		if (queue < 0)
			die("msgget: %s", strerror(errno));
		queues[nr_queues++] = queue;
	}
	if (msgsnd(queues[nr_queues - 1], &message, MESSAGE_BYTES, IPC_NOWAIT))
		die("msgsnd: %s", strerror(errno));
}

static void open_two(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	static const struct arg args[] = { { "n", &n, NULL }, { "hold", &hold, NULL } };
	struct rlimit files;

	work_begin(argc, argv, args, 2);
	files.rlim_cur = files.rlim_max = n + 64;
	if (setrlimit(RLIMIT_NOFILE, &files))
		die("setrlimit: %s", strerror(errno));
	queues = calloc(n / PER_QUEUE + 1, sizeof(*queues));
	if (!queues || atexit(remove_queues))
		die("no memory");
	for (size_t i = 0; i < n; i += 2)
		open_two();
	for (size_t i = 0; i < n; i++)
		send_one(i);
	json_open(NULL);
	json_text("work", "slab");
	json_number("pid", (unsigned long long)getpid());
	json_number("sockets", n);
	json_number("messages", n);
	json_close();
	if (hold)
		while (getchar() != EOF)
			;
	return 0;
}
