// SPDX-License-Identifier: GPL-2.0-only
/* loss: seen = delivered + aggregated + lost, whatever CPUs counted and whatever had not ended. */
#include "loss.h"
#include "test.h"

struct mt_object;

enum { CPUS = 3, ACCOUNTS = 100, STARTS = 101 };

static struct mt_loss cpus[CPUS]; /* as struct mt_account of the probe */
static unsigned starts;
static bool has_starts, fails;

int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max);
int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max)
{
	(void)o;
	(void)key;
	(void)value;
	(void)max;
	if (!strcmp(name, "mt_accounts"))
		return ACCOUNTS;
	return has_starts && !strcmp(name, "mt_starts") ? STARTS : -ENOENT;
}

int __wrap_libbpf_num_possible_cpus(void);
int __wrap_libbpf_num_possible_cpus(void)
{
	return CPUS;
}

int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value);
int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	if (fd != ACCOUNTS || *(const uint32_t *)key || fails) {
		errno = ENOENT;
		return -ENOENT;
	}
	memcpy(value, cpus, sizeof(cpus));
	return 0;
}

int __wrap_bpf_map_get_next_key(int fd, const void *key, void *next);
int __wrap_bpf_map_get_next_key(int fd, const void *key, void *next)
{
	uint64_t n = key ? *(const uint64_t *)key + 1 : 0;

	if (fd != STARTS || n >= starts)
		return -ENOENT;
	*(uint64_t *)next = n;
	return 0;
}

static uint64_t told_of(const struct mt_loss *l)
{
	return l->delivered + l->aggregated + mt_loss_total(l);
}

static void test_sum(void)
{
	struct mt_loss loss;

	cpus[0] = (struct mt_loss){ 10, 5, 3, { 1, 1, 0, 0 } };
	cpus[1] = (struct mt_loss){ 7, 0, 0, { 0, 3, 4, 0 } };
	cpus[2] = (struct mt_loss){ 1ULL << 40, 1ULL << 40, 0, { 0 } };
	ASSERT_OK(mt_loss_read(NULL, &loss));
	ASSERT_EQ(loss.seen, 17 + (1ULL << 40));
	ASSERT_EQ(loss.delivered, 5 + (1ULL << 40));
	ASSERT_EQ(loss.aggregated, 3);
	ASSERT_EQ(loss.lost[MT_RING_FULL], 1);
	ASSERT_EQ(loss.lost[MT_MAP_FULL], 4);
	ASSERT_EQ(loss.lost[MT_NO_START], 4);
	ASSERT_EQ(loss.lost[MT_TOO_LATE], 0);
	ASSERT_EQ(mt_loss_total(&loss), 9);
	ASSERT_EQ(loss.seen, told_of(&loss));
}

/* What began and is not over was seen, and is too late. */
static void test_open(void)
{
	struct mt_loss loss;

	has_starts = true;
	starts = 5;
	ASSERT_OK(mt_loss_read(NULL, &loss));
	ASSERT_EQ(loss.lost[MT_TOO_LATE], 5);
	ASSERT_EQ(loss.seen, 22 + (1ULL << 40));
	ASSERT_EQ(loss.seen, told_of(&loss));
	starts = 0;
	ASSERT_OK(mt_loss_read(NULL, &loss));
	ASSERT_EQ(loss.lost[MT_TOO_LATE], 0);
}

static void test_failure(void)
{
	struct mt_loss loss;

	fails = true;
	ASSERT_EQ(mt_loss_read(NULL, &loss), -ENOENT);
	fails = false;
}

static void test_told(void)
{
	struct mt_loss loss = { .seen = 10, .delivered = 10 };
	const char *said;

	test_capture(STDERR_FILENO);
	mt_loss_print(&loss);
	ASSERT_STREQ(test_capture_end(), "");
	loss = (struct mt_loss){ .seen = 10, .lost = { 1, 2, 3, 4, 5 } };
	test_capture(STDERR_FILENO);
	mt_loss_print(&loss);
	said = test_capture_end();
	ASSERT_HAS(said, "1 of 10 events lost: the ring buffer was full (try a larger --buffer)\n");
	ASSERT_HAS(said, "2 of 10 events lost: a map was full (try a larger --map-entries)\n");
	ASSERT_HAS(said, "3 of 10 events not counted");
	ASSERT_HAS(said, "4 of 10 events not counted");
	ASSERT_HAS(said, "5 of 10 events ");
	for (int c = 0; c < MT_CAUSES; c++)
		ASSERT_TRUE(mt_cause_key[c] && *mt_cause_key[c]);
}

TESTS(test_sum, test_open, test_failure, test_told)
