// SPDX-License-Identifier: GPL-2.0-only
/* last: what was known of each process, with numbers that come again. */
#include "last.h"
#include "test.h"

#define MANY 10000

static uint64_t now;
static bool no_proc;

uint64_t __wrap_mt_proc_now(void);
uint64_t __wrap_mt_proc_now(void)
{
	return now;
}

bool __wrap_mt_proc_each(void (*each)(void *arg, uint32_t pid), void *arg);
bool __wrap_mt_proc_each(void (*each)(void *arg, uint32_t pid), void *arg)
{
	for (uint32_t pid = 1; pid <= 3 && !no_proc; pid++)
		each(arg, pid);
	return !no_proc;
}

bool __wrap_mt_proc_memory(uint32_t pid, int64_t bytes[MT_MEM_KINDS]);
bool __wrap_mt_proc_memory(uint32_t pid, int64_t bytes[MT_MEM_KINDS])
{
	bytes[MT_MEM_ANON] = 100 * pid;
	return pid != 3;
}

static bool is(uint32_t pid, uint64_t started_ns, bool known, int64_t anon)
{
	const struct mt_last *last = mt_last_of(pid, started_ns);

	return ASSERT_TRUE(last != NULL) && ASSERT_EQ(last->known, known) && ASSERT_EQ(last->bytes[MT_MEM_ANON], anon);
}

static void test_beginning(void)
{
	now = 1000;
	ASSERT_OK(mt_last_begin());
	is(1, 10, true, 100);
	is(2, 999, true, 200);
	is(3, 10, true, 0);   /* a kernel thread */
	is(4, 1000, true, 0); /* began later */
	is(5, 999, false, 0); /* was there, and was not found */
	is(1, 10, true, 100);
}

static void test_again(void)
{
	now = 1000;
	ASSERT_OK(mt_last_begin());
	is(1, 2000, true, 0); /* of the same number as one that was there */
	mt_last_of(1, 2000)->bytes[MT_MEM_ANON] = 7;
	is(1, 10, true, 100);
	is(1, 3000, true, 0);
	is(1, 2000, true, 7);
	is(1, 10, true, 100);
	mt_last_forget(mt_last_of(1, 2000));
	is(1, 2000, true, 0);
	is(1, 10, true, 100);
}

static void test_many(void)
{
	now = 1000;
	ASSERT_OK(mt_last_begin());
	for (uint32_t pid = 10; pid < MANY; pid++)
		mt_last_of(pid, 2000 + pid)->bytes[MT_MEM_ANON] = pid;
	for (uint32_t pid = 10; pid < MANY; pid += 2)
		mt_last_forget(mt_last_of(pid, 2000 + pid));
	for (uint32_t pid = 10; pid < MANY; pid++)
		if (!is(pid, 2000 + pid, true, pid % 2 ? pid : 0))
			break;
	is(1, 10, true, 100);
}

static void test_no_proc(void)
{
	no_proc = true;
	ASSERT_TRUE(mt_last_begin() != 0);
	no_proc = false;
}

TESTS(test_beginning, test_again, test_many, test_no_proc)
