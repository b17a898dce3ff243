// SPDX-License-Identifier: GPL-2.0-only
/* table: rows are what counters grew by between two reads; nothing counted between them is lost. */
#include "fake.h"
#include "table.h"
#include "test.h"

enum { CPUS = 3, MAX = 8, MAP = 100 };

struct key {
	uint32_t pid;
	char comm[4];
};

struct value {
	uint64_t events;  /* mt_count */
	uint64_t took_ns; /* mt_ns */
	uint64_t last;	  /* no counter: shown as it is */
	uint64_t slots[3];
};

static struct fake f;
static int key_id, value_id;
static bool pid_key;

/* The map that the kernel would have. */
static struct {
	struct key key;
	struct value value;
} entries[MAX];
static uint32_t nr_entries;
static struct value totals[CPUS];
static uint32_t gone_pid;
static bool fails, late_event;

int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max);
int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max)
{
	(void)o;
	*key = key_id;
	*value = value_id;
	*max = !strcmp(name, "mt_totals") ? 1 : MAX;
	return strcmp(name, "none") != 0 ? MAP : -ENOENT;
}

int __wrap_libbpf_num_possible_cpus(void);
int __wrap_libbpf_num_possible_cpus(void)
{
	return CPUS;
}

bool __wrap_mt_host_pid_gone(uint32_t pid);
bool __wrap_mt_host_pid_gone(uint32_t pid)
{
	return gone_pid && pid == gone_pid;
}

static int entry(const void *key)
{
	for (uint32_t i = 0; i < nr_entries; i++)
		if (!memcmp(&entries[i].key, key, sizeof(struct key)))
			return (int)i;
	return -1;
}

int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value);
int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	int i;

	if (fd != MAP || fails) {
		errno = EIO;
		return -EIO;
	}
	if (!pid_key) {
		memcpy(value, totals, sizeof(totals));
		return 0;
	}
	i = entry(key);
	if (i < 0)
		return -ENOENT;
	entries[i].value.events += late_event;
	late_event = false;
	memcpy(value, &entries[i].value, sizeof(struct value));
	return 0;
}

int __wrap_bpf_map_delete_elem(int fd, const void *key);
int __wrap_bpf_map_delete_elem(int fd, const void *key)
{
	int i = entry(key);

	if (fd != MAP || i < 0)
		return -ENOENT;
	entries[i] = entries[--nr_entries];
	return 0;
}

int __wrap_bpf_map_lookup_batch(int fd, void *in, void *out, void *keys, void *values, uint32_t *count,
				const void *opts);
int __wrap_bpf_map_lookup_batch(int fd, void *in, void *out, void *keys, void *values, uint32_t *count,
				const void *opts)
{
	(void)in;
	(void)out;
	(void)opts;
	if (fd != MAP || fails || *count < nr_entries) {
		errno = EIO;
		return -EIO;
	}
	for (uint32_t i = 0; i < nr_entries; i++) {
		memcpy((char *)keys + i * sizeof(struct key), &entries[i].key, sizeof(struct key));
		memcpy((char *)values + i * sizeof(struct value), &entries[i].value, sizeof(struct value));
	}
	*count = nr_entries;
	errno = ENOENT; /* as the kernel says that this was all */
	return -ENOENT;
}

#define MEMBER(type, name, id) btf__add_field(f.btf, #name, id, 8 * offsetof(struct type, name), 0)

static void test_types(void)
{
	int ns, count, log2, comm, slots;

	fake_init(&f);
	ns = fake_typedef(&f, "mt_ns", f.u64);
	count = fake_typedef(&f, "mt_count", f.u64);
	log2 = fake_typedef(&f, "mt_log2", f.u64);
	comm = fake_array(&f, f.character, 4);
	slots = fake_array(&f, log2, 3);
	key_id = btf__add_struct(f.btf, "key", sizeof(struct key));
	MEMBER(key, pid, f.u32);
	MEMBER(key, comm, comm);
	value_id = btf__add_struct(f.btf, "value", sizeof(struct value));
	MEMBER(value, events, count);
	MEMBER(value, took_ns, ns);
	MEMBER(value, last, f.u64);
	MEMBER(value, slots, slots);
	ASSERT_TRUE(value_id > 0);
}

static struct mt_bound bound;

static void bind(enum mt_source source, const char *sort)
{
	static struct mt_view view;
	static const struct mt_col col = { "events", "EVENTS", 8, "events", "" };

	view = (struct mt_view){ .source = source, .map = "by_task", .sort = sort };
	bound = (struct mt_bound){ .view = &view, .btf = f.btf, .nr_cols = 1 };
	bound.cols[0].col = &col;
	ASSERT_OK(mt_layout_field(f.btf, value_id, "events", &bound.cols[0].field));
	pid_key = source == MT_KEYED;
}

static const struct value *row(struct mt_table *t, size_t i, uint32_t *pid)
{
	static struct value copy;
	struct mt_row r;

	mt_table_row(t, i, &r);
	memcpy(&copy, r.value, sizeof(copy));
	if (pid)
		memcpy(pid, r.key, sizeof(*pid));
	return &copy;
}

static void test_total(void)
{
	const uint64_t *slots;
	struct mt_table *t;
	size_t n = 0;

	bind(MT_TOTAL, NULL);
	memset(totals, 0, sizeof(totals));
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	ASSERT_EQ(mt_table_read(t), 1);
	ASSERT_TRUE(!mt_table_moved(t));
	ASSERT_EQ(row(t, 0, NULL)->events, 0);

	totals[0] = (struct value){ 1, 100, 7, { 1, 0, 0 } };
	totals[2] = (struct value){ 2, 200, 0, { 0, 2, 5 } };
	ASSERT_EQ(mt_table_read(t), 1);
	ASSERT_TRUE(mt_table_moved(t));
	ASSERT_EQ(row(t, 0, NULL)->events, 3);
	ASSERT_EQ(row(t, 0, NULL)->took_ns, 300);
	ASSERT_EQ(row(t, 0, NULL)->last, 7);

	totals[1].events = 4;
	totals[0].took_ns = 150;
	ASSERT_EQ(mt_table_read(t), 1);
	ASSERT_EQ(row(t, 0, NULL)->events, 4);
	ASSERT_EQ(row(t, 0, NULL)->took_ns, 50);
	ASSERT_EQ(mt_table_read(t), 1);
	ASSERT_TRUE(!mt_table_moved(t));
	ASSERT_EQ(row(t, 0, NULL)->events, 0);

	slots = mt_table_array(t, "slots", &n);
	ASSERT_EQ(n, 3);
	ASSERT_TRUE(slots && slots[0] == 1 && slots[1] == 2 && slots[2] == 5); /* since the start */
	ASSERT_TRUE(!mt_table_array(t, "none", &n));

	/* a counter that goes round is a difference all the same */
	totals[0].events = totals[1].events = totals[2].events = 0;
	totals[0].events = UINT64_MAX;
	mt_table_read(t);
	totals[0].events = 4;
	mt_table_read(t);
	ASSERT_EQ(row(t, 0, NULL)->events, 5);
	fails = true;
	ASSERT_TRUE(mt_table_read(t) < 0);
	fails = false;
	mt_table_close(t);
}

static void put(uint32_t i, uint32_t pid, uint64_t events)
{
	entries[i].key = (struct key){ pid, "ab" };
	entries[i].value = (struct value){ .events = events, .last = pid };
	if (i >= nr_entries)
		nr_entries = i + 1;
}

static void test_keyed(void)
{
	struct mt_table *t;
	uint32_t pid;

	bind(MT_KEYED, "events");
	nr_entries = 0;
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	ASSERT_EQ(mt_table_read(t), 0);
	ASSERT_TRUE(!mt_table_moved(t));
	put(0, 10, 5);
	put(1, 11, 9);
	put(2, 12, 5);
	ASSERT_EQ(mt_table_read(t), 3);
	ASSERT_TRUE(mt_table_moved(t));
	ASSERT_EQ(row(t, 0, &pid)->events, 9); /* the largest first, then by key */
	ASSERT_EQ(pid, 11);
	ASSERT_EQ(row(t, 1, &pid)->events, 5);
	ASSERT_EQ(pid, 10);
	ASSERT_EQ(row(t, 2, &pid)->last, 12);

	put(2, 12, 6);
	ASSERT_EQ(mt_table_read(t), 1); /* only what moved */
	ASSERT_EQ(row(t, 0, &pid)->events, 1);
	ASSERT_EQ(pid, 12);
	ASSERT_EQ(mt_table_read(t), 0);
	mt_table_close(t);
}

/* Entries of processes that are gone make room, and what they counted is not told twice or lost. */
static void test_gone(void)
{
	struct mt_table *t;
	uint64_t sum = 0;
	int n;

	bind(MT_KEYED, NULL);
	nr_entries = 0;
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	for (uint32_t i = 0; i < MAX; i++)
		put(i, 100 + i, 10);
	gone_pid = 103;
	n = mt_table_read(t);
	ASSERT_EQ(n, MAX);
	for (int i = 0; i < n; i++)
		sum += row(t, i, NULL)->events;
	ASSERT_EQ(sum, 10 * MAX);
	ASSERT_EQ(nr_entries, MAX - 1);
	ASSERT_EQ(mt_table_read(t), 0);
	/* the number is a new process' */
	gone_pid = 0;
	put(nr_entries, 103, 2);
	ASSERT_EQ(mt_table_read(t), 1);
	ASSERT_EQ(row(t, 0, NULL)->events, 2);
	mt_table_close(t);
}

/* One more event of a process that ended, between the read and the look whether it did: it is not dropped. */
static void test_gone_late(void)
{
	struct mt_table *t;

	bind(MT_KEYED, NULL);
	nr_entries = 0;
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	for (uint32_t i = 0; i < MAX; i++)
		put(i, 100 + i, 10);
	gone_pid = 103;
	late_event = true;
	ASSERT_EQ(mt_table_read(t), MAX);
	ASSERT_EQ(nr_entries, MAX);
	ASSERT_EQ(mt_table_read(t), 1);
	ASSERT_EQ(row(t, 0, NULL)->events, 1);
	ASSERT_EQ(nr_entries, MAX - 1);
	gone_pid = 0;
	mt_table_close(t);
}

/* A thousand processes one after the other in a map of eight. */
static void test_many(void)
{
	struct mt_table *t;
	uint64_t sum = 0;

	bind(MT_KEYED, "events");
	nr_entries = 0;
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	for (uint32_t pid = 1; pid <= 1000; pid++) {
		int n;

		if (!ASSERT_TRUE(nr_entries < MAX))
			break;
		put(nr_entries, pid, pid);
		gone_pid = pid;
		n = mt_table_read(t);
		for (int i = 0; i < n; i++)
			sum += row(t, i, NULL)->events;
		/* all before it are gone too */
		for (uint32_t i = 0; i < nr_entries && nr_entries > 4; i++)
			if (entries[i].key.pid != pid) {
				gone_pid = entries[i].key.pid;
				break;
			}
	}
	ASSERT_EQ(sum, 1000 * 1001 / 2);
	gone_pid = 0;
	mt_table_close(t);
}

static void test_failures(void)
{
	struct mt_table *t;

	bind(MT_KEYED, "no such column");
	ASSERT_TRUE(mt_table_open(&t, &bound, NULL) < 0);
	bind(MT_KEYED, "events");
	if (ASSERT_OK(mt_table_open(&t, &bound, NULL))) {
		fails = true;
		ASSERT_EQ(mt_table_read(t), -EIO);
		fails = false;
		mt_table_close(t);
	}
	mt_table_close(NULL);
}

static void test_end(void)
{
	btf__free(f.btf);
}

TESTS(test_types, test_total, test_keyed, test_gone, test_gone_late, test_many, test_failures, test_end)
