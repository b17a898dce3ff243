// SPDX-License-Identifier: GPL-2.0-only
/* What the memory of each process was when it was last looked at: chains in one array that grows. */
#include "last.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"

#define BUCKETS 4096
#define NONE	UINT32_MAX

static struct {
	struct mt_last *of;
	uint32_t room, unused; /* the first that is not taken, and by .next the others */
	uint32_t buckets[BUCKETS];
	uint64_t began;
	bool incomplete; /* there was no memory for one: what is not found need not be new */
} all;

static uint32_t *bucket(uint32_t pid)
{
	return all.buckets + pid % BUCKETS;
}

static bool grow(void)
{
	uint32_t room = all.room ? 2 * all.room : BUCKETS;
	struct mt_last *of = realloc(all.of, room * sizeof(*of));

	if (!of)
		return false;
	all.of = of;
	for (; all.room < room; all.room++) {
		of[all.room].next = all.unused;
		all.unused = all.room;
	}
	return true;
}

static struct mt_last *make(uint32_t pid, uint64_t started_ns)
{
	uint32_t *head = bucket(pid), i;

	if (all.unused == NONE && !grow()) {
		all.incomplete = true;
		return NULL;
	}
	i = all.unused;
	all.unused = all.of[i].next;
	all.of[i] = (struct mt_last){ .pid = pid, .started_ns = started_ns, .next = *head };
	*head = i;
	return all.of + i;
}

static void look(void *arg, uint32_t pid)
{
	struct mt_last *last = make(pid, 0);

	(void)arg;
	if (!last)
		return;
	/* a kernel thread has none, nor has a process that is ending */
	if (!mt_proc_memory(pid, last->bytes))
		memset(last->bytes, 0, sizeof(last->bytes));
	last->known = true;
}

int mt_last_begin(void)
{
	free(all.of);
	memset(&all, 0, sizeof(all));
	memset(all.buckets, 0xff, sizeof(all.buckets));
	all.unused = NONE;
	all.began = mt_proc_now();
	return mt_proc_each(look, NULL) ? 0 : mt_failed(0, "/proc must be mounted: it says how large a process is");
}

struct mt_last *mt_last_of(uint32_t pid, uint64_t started_ns)
{
	bool was_there = started_ns < all.began;
	struct mt_last *last;

	for (uint32_t i = *bucket(pid); i != NONE; i = last->next) {
		last = all.of + i;
		if (last->pid == pid && (last->started_ns == started_ns || (!last->started_ns && was_there))) {
			last->started_ns = started_ns;
			return last;
		}
	}
	last = make(pid, started_ns);
	if (last)
		last->known = !was_there && !all.incomplete;
	return last;
}

void mt_last_forget(struct mt_last *last)
{
	uint32_t i = last - all.of, *from = bucket(last->pid);

	while (*from != i)
		from = &all.of[*from].next;
	*from = last->next;
	last->next = all.unused;
	all.unused = i;
}
