// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls shmget, shmat, shmdt and shmctl in every way, and tells each call.
 *   shm
 * Segments live in a namespace of their own, and end with it.
 */
#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct call {
	const char *sys;
	long ret;
	int error;
	char args[256];
} calls[64];
static size_t nr_calls;

static struct call *done(const char *sys, long ret)
{
	struct call *c = calls + nr_calls++;

	c->sys = sys;
	c->error = ret == -1 ? errno : 0;
	c->ret = ret;
	return c;
}

/* @named: the flags, said once more by hand, as the test's own truth. */
static long get(unsigned key, size_t size, int flags, const char *named)
{
	struct call *c = done("SHMGET", syscall(SYS_shmget, key, size, flags));

	snprintf(c->args, sizeof(c->args), "key: 0x%x, size: %zu, shmflg: %s", key, size, named);
	return c->ret;
}

static long at(long id, unsigned long addr, int flags, const char *named)
{
	struct call *c = done("SHMAT", syscall(SYS_shmat, id, addr, flags));

	snprintf(c->args, sizeof(c->args), "shmid: 0x%x, shmaddr: 0x%lx, shmflg: %s", (unsigned)id, addr, named);
	return c->ret;
}

static void dt(unsigned long addr)
{
	struct call *c = done("SHMDT", syscall(SYS_shmdt, addr));

	snprintf(c->args, sizeof(c->args), "shmaddr: 0x%lx", addr);
}

static void ctl(long id, int cmd, const char *named, void *buf)
{
	struct call *c = done("SHMCTL", syscall(SYS_shmctl, id, cmd, buf));

	snprintf(c->args, sizeof(c->args), "shmid: 0x%x, cmd: %s, buf: 0x%lx", (unsigned)id, named, (unsigned long)buf);
}

static void all(void)
{
	static struct shmid_ds ds;
	static struct shminfo info;
	long id, priv, first, second;

	id = get(0x6d747368, 8192, IPC_CREAT | IPC_EXCL | 0600, "IPC_CREAT|IPC_EXCL|0600");
	get(0x6d747368, 8192, IPC_CREAT | IPC_EXCL | 0640, "IPC_CREAT|IPC_EXCL|0640");
	get(0x6d747368, 0, 0, "0000");
	get(0x6d747368, 1 << 20, 0, "0000");
	get(0xfeedbeef, 4096, 0444, "0444");
	priv = get(IPC_PRIVATE, 3 << 20, IPC_CREAT | SHM_NORESERVE | 07, "IPC_CREAT|SHM_NORESERVE|0007");
	get(IPC_PRIVATE, 0, IPC_CREAT | 0600, "IPC_CREAT|0600");
	/* sizes of huge pages that share bits; the last is none without SHM_HUGETLB, and of no size that there is */
	get(IPC_PRIVATE, 0, IPC_CREAT | SHM_HUGETLB | 21 << 26 | 0600, "IPC_CREAT|SHM_HUGETLB|SHM_HUGE_2MB|0600");
	get(IPC_PRIVATE, 0, IPC_CREAT | SHM_HUGETLB | 30 << 26 | 0600, "IPC_CREAT|SHM_HUGETLB|SHM_HUGE_1GB|0600");
	get(IPC_PRIVATE, 0, IPC_CREAT | SHM_HUGETLB | 0600, "IPC_CREAT|SHM_HUGETLB|0600");
	get(IPC_PRIVATE, 0, IPC_CREAT | SHM_HUGETLB | 5 << 26, "IPC_CREAT|SHM_HUGETLB|0x14000000");
	get(IPC_PRIVATE, 0, IPC_CREAT | 21 << 26 | 0100000, "IPC_CREAT|0x54008000");
	first = at(id, 0, 0, "0");
	second = at(id, 0, SHM_RDONLY, "SHM_RDONLY");
	at(id, (unsigned long)second, SHM_REMAP | SHM_RND | SHM_RDONLY, "SHM_RDONLY|SHM_RND|SHM_REMAP");
	at(id, 0, SHM_REMAP, "SHM_REMAP");
	at(priv, 0, SHM_EXEC | 1, "SHM_EXEC|0x1");
	at(-1, 0x1001, 0, "0");
	at(0x7ffffff0, 0, 0, "0");
	dt((unsigned long)first);
	dt((unsigned long)first);
	ctl(id, IPC_STAT, "IPC_STAT", &ds);
	ctl(id, IPC_SET, "IPC_SET", &ds);
	ctl(id, SHM_LOCK, "SHM_LOCK", NULL);
	ctl(id, SHM_UNLOCK, "SHM_UNLOCK", NULL);
	ctl(0, IPC_INFO, "IPC_INFO", &info);
	ctl(0, SHM_INFO, "SHM_INFO", &ds);
	ctl(0, SHM_STAT, "SHM_STAT", &ds);
	ctl(0, 15, "SHM_STAT_ANY", &ds);
	ctl(id, 77, "0x4d", NULL);
	ctl(id, IPC_STAT, "IPC_STAT", (void *)1);
	ctl(priv, IPC_RMID, "IPC_RMID", NULL);
	ctl(id, IPC_RMID, "IPC_RMID", NULL);
	ctl(id + 1, IPC_RMID, "IPC_RMID", NULL);
}

int main(int argc, char **argv)
{
	work_begin(argc, argv, NULL, 0);
	if (unshare(CLONE_NEWIPC))
		die("an IPC namespace: %s", strerror(errno));
	all();

	json_open(NULL);
	json_text("work", "shm");
	json_number("pid", (unsigned long long)getpid());
	json_list("calls");
	for (const struct call *c = calls; c < calls + nr_calls; c++) {
		json_open(NULL);
		json_text("call", c->sys);
		if (c->ret == -1)
			json_text("ret", "null");
		else
			json_number("ret", (unsigned long long)c->ret);
		json_text("error", c->error ? strerrorname_np(c->error) : "null");
		json_text("args", c->args);
		json_close();
	}
	json_close();
	json_close();
	return 0;
}
