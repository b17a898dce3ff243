// SPDX-License-Identifier: GPL-2.0-only
/* waits: beginnings that may have been called off go when room is short, the young ones never. */
#include "fake.h"
#include "test.h"
#include "waits.h"

enum { MAX = 16, MAP = 100 };

struct value {
	uint64_t at;
	uint64_t more;
};

static struct fake f;
static int key_id, value_id;
static uint64_t keys[MAX];
static struct value values[MAX];
static uint32_t n;
static bool there = true, fails;

int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max);
int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max)
{
	(void)o;
	*key = key_id;
	*value = value_id;
	*max = MAX;
	return there && !strcmp(name, "mt_waits") ? MAP : -ENOENT;
}

const struct btf *__wrap_mt_object_btf(const struct mt_object *o);
const struct btf *__wrap_mt_object_btf(const struct mt_object *o)
{
	(void)o;
	return f.btf;
}

int __wrap_bpf_map_delete_elem(int fd, const void *key);
int __wrap_bpf_map_delete_elem(int fd, const void *key)
{
	for (uint32_t i = 0; fd == MAP && i < n; i++)
		if (!memcmp(keys + i, key, sizeof(*keys))) {
			keys[i] = keys[--n];
			values[i] = values[n];
			return 0;
		}
	return -ENOENT;
}

int __wrap_bpf_map_lookup_batch(int fd, void *in, void *out, void *k, void *v, uint32_t *count, const void *opts);
int __wrap_bpf_map_lookup_batch(int fd, void *in, void *out, void *k, void *v, uint32_t *count, const void *opts)
{
	(void)fd;
	(void)in;
	(void)out;
	(void)opts;
	errno = fails ? EIO : ENOENT;
	if (fails)
		return -EIO;
	memcpy(k, keys, sizeof(keys));
	memcpy(v, values, sizeof(values));
	*count = n;
	return -ENOENT;
}

static void fill(uint32_t count)
{
	for (n = 0; n < count; n++) {
		keys[n] = n;
		values[n].at = n * 1000000000ULL;
	}
}

static void test_sweep(void)
{
	struct mt_waits *w;

	fake_init(&f);
	key_id = f.u64;
	value_id = btf__add_struct(f.btf, "value", sizeof(struct value));
	btf__add_field(f.btf, "at", f.u64, 0, 0);
	btf__add_field(f.btf, "more", f.u64, 64, 0);
	if (!ASSERT_OK(mt_waits_open(&w, NULL)) || !ASSERT_TRUE(w != NULL))
		return;
	fill(12);
	ASSERT_EQ(mt_waits_sweep(w, 100 * 1000000000ULL), 0); /* room enough */
	fill(13);
	ASSERT_EQ(mt_waits_sweep(w, 10 * 1000000000ULL), 0); /* none is old enough */
	ASSERT_EQ(mt_waits_sweep(w, 10 * 1000000000ULL + 1), 1);
	ASSERT_EQ(n, 12);
	fill(16);
	fails = true;
	ASSERT_EQ(mt_waits_sweep(w, 100 * 1000000000ULL), 0);
	fails = false;
	ASSERT_EQ(mt_waits_sweep(w, 15 * 1000000000ULL), 5);
	for (uint32_t i = 0; i < n; i++)
		ASSERT_TRUE(values[i].at >= 5 * 1000000000ULL);
	fill(16);
	ASSERT_EQ(mt_waits_sweep(w, 1000 * 1000000000ULL), 16);
	ASSERT_EQ(n, 0);
	mt_waits_close(w);
}

static void test_none(void)
{
	struct mt_waits *w;

	there = false;
	ASSERT_OK(mt_waits_open(&w, NULL));
	ASSERT_TRUE(!w);
	mt_waits_close(NULL);
	btf__free(f.btf);
}

TESTS(test_sweep, test_none)
