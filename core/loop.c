// SPDX-License-Identifier: GPL-2.0-only
/* What a run waits for, in one epoll. */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void ending_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

static int add(struct mt_loop *loop, int fd, enum mt_wake wake)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = (uint64_t)wake << 32 | (uint32_t)fd };

	if (fd < 0)
		return -errno;
	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int mt_loop_open(struct mt_loop *loop)
{
	sigset_t set;

	*loop = (struct mt_loop){ -1, -1, -1, -1, -1, -1 };
	ending_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0)
		return -errno;
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return add(loop, loop->signals, MT_WAKE_END);
}

void mt_loop_close(struct mt_loop *loop)
{
	const int fds[] = { loop->epoll, loop->signals, loop->interval, loop->duration, loop->child, loop->sweep };
	sigset_t set;

	for (unsigned i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	ending_signals(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int timer(struct mt_loop *loop, uint64_t first, uint64_t period, enum mt_wake wake)
{
	struct itimerspec spec = {
		.it_value = { (time_t)(first / 1000000000), (long)(first % 1000000000) },
		.it_interval = { (time_t)(period / 1000000000), (long)(period % 1000000000) },
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), err;

	if (fd < 0)
		return -errno;
	err = timerfd_settime(fd, 0, &spec, NULL) ? -errno : add(loop, fd, wake);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int mt_loop_records(struct mt_loop *loop, int fd)
{
	return add(loop, fd, MT_WAKE_RECORDS);
}

int mt_loop_interval(struct mt_loop *loop, uint64_t interval_ns)
{
	loop->interval = timer(loop, interval_ns, interval_ns, MT_WAKE_INTERVAL);
	return loop->interval < 0 ? loop->interval : 0;
}

int mt_loop_sweep(struct mt_loop *loop, uint64_t period_ns)
{
	loop->sweep = timer(loop, period_ns, period_ns, MT_WAKE_SWEEP);
	return loop->sweep < 0 ? loop->sweep : 0;
}

int mt_loop_duration(struct mt_loop *loop, uint64_t duration_ns)
{
	loop->duration = timer(loop, duration_ns, 0, MT_WAKE_END);
	return loop->duration < 0 ? loop->duration : 0;
}

int mt_loop_child(struct mt_loop *loop, pid_t child)
{
	loop->child = (int)syscall(SYS_pidfd_open, child, 0);
	return add(loop, loop->child, MT_WAKE_END);
}

int mt_loop_wait(struct mt_loop *loop)
{
	struct epoll_event events[8];
	struct signalfd_siginfo signal;
	uint64_t ticks;
	int wake = 0, n;

	do
		n = epoll_wait(loop->epoll, events, 8, -1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* taken, or it would end the program once mt_loop_close() lets it through */
	while (read(loop->signals, &signal, sizeof(signal)) > 0)
		wake |= MT_WAKE_END;
	for (int i = 0; i < n; i++) {
		wake |= (int)(events[i].data.u64 >> 32);
		/* a tick that could not be served in time is merged into the next: its row covers both */
		if (events[i].data.u64 >> 32 == MT_WAKE_INTERVAL && read(loop->interval, &ticks, sizeof(ticks)) < 0)
			wake &= ~MT_WAKE_INTERVAL;
		if (events[i].data.u64 >> 32 == MT_WAKE_SWEEP && read(loop->sweep, &ticks, sizeof(ticks)) < 0)
			wake &= ~MT_WAKE_SWEEP;
	}
	return wake;
}
