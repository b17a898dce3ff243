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
	uint64_t net; /* mt_net_pages */
};

static struct fake f;
static int key_id, value_id;
static bool pid_key;

/* The map that the kernel would have. */
static struct {
	struct key key;
	struct value value;
} entries[MAX];
static struct value on_cpus[MAX][CPUS]; /* of the map that has a value on each */
static uint32_t nr_entries;
static struct value totals[CPUS];
static uint32_t gone_pid;
static bool fails, late_event, per_cpu;

int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max);
int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max)
{
	(void)o;
	*key = key_id;
	*value = value_id;
	*max = !strcmp(name, "mt_totals") ? 1 : MAX;
	return strcmp(name, "none") != 0 ? MAP : -ENOENT;
}

bool __wrap_mt_object_map_per_cpu(const struct mt_object *o, const char *name);
bool __wrap_mt_object_map_per_cpu(const struct mt_object *o, const char *name)
{
	(void)o;
	(void)name;
	return per_cpu;
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
		if (!per_cpu)
			memcpy((char *)values + i * sizeof(struct value), &entries[i].value, sizeof(struct value));
		else
			memcpy((char *)values + i * sizeof(on_cpus[i]), on_cpus[i], sizeof(on_cpus[i]));
	}
	*count = nr_entries;
	errno = ENOENT; /* as the kernel says that this was all */
	return -ENOENT;
}

#define MEMBER(type, name, id) btf__add_field(f.btf, #name, id, 8 * offsetof(struct type, name), 0)

static void test_types(void)
{
	int ns, count, log2, comm, slots, net;

	fake_init(&f);
	ns = fake_typedef(&f, "mt_ns", f.u64);
	count = fake_typedef(&f, "mt_count", f.u64);
	net = fake_typedef(&f, "mt_net_pages", f.u64);
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
	MEMBER(value, net, net);
	ASSERT_TRUE(value_id > 0);
}

static struct mt_bound bound;
static struct mt_view view;

/* What grew and shrank: the sign of a difference is not that of a counter. */
static void fill_net(const struct mt_row *row, struct mt_cell *cell)
{
	const struct value *v = row->value;

	if (v->last == 99)
		return; /* null */
	cell->type = MT_C_S64;
	cell->s = (int64_t)v->events - (int64_t)v->took_ns;
}

enum { EVENTS, NET, RATIO, UNSORTED };

static void bind(enum mt_source source, size_t sort)
{
	static const struct mt_col cols[] = {
		{ "events", "EVENTS", 8, "events", "" },
		{ "net", "NET", 8, NULL, "", .fill = fill_net },
		{ "ratio", "RATIO", 8, "events", "", .per = "took_ns" },
	};

	view = (struct mt_view){ .source = source, .map = "by_task" };
	bound = (struct mt_bound){ .view = &view, .btf = f.btf, .nr_cols = UNSORTED, .sort = sort };
	for (size_t i = 0; i < UNSORTED; i++) {
		bound.cols[i].col = cols + i;
		ASSERT_OK(mt_layout_field(f.btf, value_id, "events", &bound.cols[i].field));
		ASSERT_OK(mt_layout_field(f.btf, value_id, "took_ns", &bound.cols[i].per));
	}
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

	bind(MT_TOTAL, UNSORTED);
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

/* What is taken back is no growth, and neither is what then makes up for it. */
static void test_net(void)
{
	static const struct {
		uint64_t cpu0, cpu1, wanted;
	} steps[] = { { 256, 0, 256 }, { 256, -200ULL, 0 }, { 256, -180ULL, 0 }, { 300, 10, 54 }, { 300, 11, 1 } };
	struct mt_table *t;

	bind(MT_TOTAL, UNSORTED);
	memset(totals, 0, sizeof(totals));
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		totals[0].net = steps[i].cpu0;
		totals[1].net = steps[i].cpu1;
		ASSERT_EQ(mt_table_read(t), 1);
		ASSERT_EQ(row(t, 0, NULL)->net, steps[i].wanted);
	}
	mt_table_close(t);
}

static void test_keyed(void)
{
	struct mt_table *t;
	uint32_t pid;

	bind(MT_KEYED, EVENTS);
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

/* A histogram of all rows together, since the start; of none that was not asked for. */
static void test_keyed_array(void)
{
	const uint64_t *slots;
	struct mt_table *t;
	size_t n = 0;

	bind(MT_KEYED, 0);
	nr_entries = 0;
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	put(0, 10, 5);
	put(1, 11, 9);
	entries[0].value.slots[0] = 5;
	entries[1].value.slots[2] = 9;
	ASSERT_EQ(mt_table_read(t), 2);
	entries[1].value.slots[0]++;
	ASSERT_EQ(mt_table_read(t), 1);
	for (int twice = 0; twice < 2; twice++) {
		slots = mt_table_array(t, "slots", &n);
		ASSERT_EQ(n, 3);
		ASSERT_TRUE(slots && slots[0] == 6 && slots[1] == 0 && slots[2] == 9);
	}
	bound.cols[0].only = "text";
	entries[1].value.slots[0]++;
	ASSERT_EQ(mt_table_read(t), 0);
	slots = mt_table_array(t, "slots", &n);
	ASSERT_TRUE(slots && slots[0] == 0 && slots[2] == 0);
	mt_table_close(t);
}

static bool only_even(const struct mt_row *row, void *value)
{
	struct value *v = value;

	ASSERT_TRUE(row->value == value && row->bound == &bound);
	mt_row_set(row, value, "events", v->events * 10);
	mt_row_set(row, value, "none", 1);
	return v->last % 2 == 0;
}

/* A row is what the tool makes of it, or none, before it is sorted; the next differences are the kernel's. */
static void test_complete(void)
{
	static const struct mt_complete complete = { NULL, only_even };
	struct mt_table *t;

	bind(MT_KEYED, EVENTS);
	view.complete = &complete;
	nr_entries = 0;
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	put(0, 10, 5);
	put(1, 11, 9);
	put(2, 12, 7);
	ASSERT_EQ(mt_table_read(t), 2);
	ASSERT_EQ(row(t, 0, NULL)->events, 70);
	ASSERT_EQ(row(t, 1, NULL)->events, 50);
	put(0, 10, 6);
	ASSERT_EQ(mt_table_read(t), 1);
	ASSERT_EQ(row(t, 0, NULL)->events, 10);
	mt_table_close(t);
}

/* Entries of processes that are gone make room, and what they counted is not told twice or lost. */
static void test_gone(void)
{
	struct mt_table *t;
	uint64_t sum = 0;
	int n;

	bind(MT_KEYED, UNSORTED);
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

	bind(MT_KEYED, UNSORTED);
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

	bind(MT_KEYED, EVENTS);
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

	bind(MT_KEYED, EVENTS);
	if (ASSERT_OK(mt_table_open(&t, &bound, NULL))) {
		fails = true;
		ASSERT_EQ(mt_table_read(t), -EIO);
		fails = false;
		mt_table_close(t);
	}
	mt_table_close(NULL);
}

static void put_value(uint32_t i, uint32_t pid, struct value v)
{
	put(i, pid, 0);
	entries[i].value = v;
}

static uint32_t pid_at(struct mt_table *t, size_t i)
{
	uint32_t pid;

	row(t, i, &pid);
	return pid;
}

/* By any number: signed, a ratio, or one that is null, which comes last. */
static void test_order(void)
{
	struct mt_table *t;

	for (int by = EVENTS; by <= RATIO; by++) {
		static const uint32_t wanted[][4] = { { 13, 10, 11, 12 }, { 11, 10, 12, 13 }, { 10, 11, 12, 13 } };

		bind(MT_KEYED, by);
		nr_entries = 0;
		if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
			return;
		put_value(0, 10, (struct value){ .events = 20, .took_ns = 18 });
		put_value(1, 11, (struct value){ .events = 15, .took_ns = 0 });
		put_value(2, 12, (struct value){ .events = 5, .took_ns = 9 });
		put_value(3, 13, (struct value){ .events = UINT64_MAX, .took_ns = 0, .last = 99 });
		if (by == RATIO) { /* of nothing is null too */
			put_value(1, 11, (struct value){ .events = 15, .took_ns = 14 });
			put_value(3, 13, (struct value){ .events = 15, .took_ns = 0 });
		}
		ASSERT_EQ(mt_table_read(t), 4);
		for (size_t i = 0; i < 4; i++)
			ASSERT_EQ(pid_at(t, i), wanted[by][i]);
		mt_table_close(t);
	}
}

/* Rows that are not shown, as one: with those that are shown it is all there was. */
static void test_rest(void)
{
	struct mt_table *t;
	struct mt_row r;
	const struct value *sum;

	bind(MT_KEYED, EVENTS);
	nr_entries = 0;
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	put_value(0, 10, (struct value){ .events = 1, .took_ns = 10, .last = 7, .slots = { 1, 2, 3 } });
	put_value(1, 11, (struct value){ .events = 2, .took_ns = 20, .last = 7, .slots = { 1, 2, 3 } });
	put_value(2, 12, (struct value){ .events = 4, .took_ns = 40, .last = 7 });
	ASSERT_EQ(mt_table_read(t), 3);
	mt_table_rest(t, 1, 3, &r);
	sum = r.value;
	ASSERT_EQ(sum->events, 3);
	ASSERT_EQ(sum->took_ns, 30);
	ASSERT_EQ(sum->slots[2], 6);
	ASSERT_EQ(sum->last, 0);
	mt_table_rest(t, 3, 3, &r);
	ASSERT_EQ(((const struct value *)r.value)->events, 0);
	mt_table_close(t);
}

/* A value on each CPU: counters add up, and what does not count is that of a CPU which has it. */
static void test_per_cpu(void)
{
	struct mt_table *t;
	uint32_t pid;

	per_cpu = true;
	bind(MT_KEYED, EVENTS);
	nr_entries = 0;
	if (!ASSERT_OK(mt_table_open(&t, &bound, NULL)))
		return;
	put(0, 10, 0);
	put(1, 11, 0);
	memset(on_cpus, 0, sizeof(on_cpus));
	on_cpus[0][1] = (struct value){ .events = 3, .last = 42, .slots = { 0, 1, 0 } };
	on_cpus[0][2] = (struct value){ .events = 4, .last = 42, .slots = { 0, 1, 5 } };
	on_cpus[1][0] = (struct value){ .events = 9 };
	ASSERT_EQ(mt_table_read(t), 2);
	ASSERT_EQ(row(t, 0, &pid)->events, 9);
	ASSERT_EQ(pid, 11);
	ASSERT_EQ(row(t, 1, &pid)->events, 7);
	ASSERT_EQ(row(t, 1, &pid)->last, 42);
	ASSERT_EQ(row(t, 1, &pid)->slots[1], 2);
	on_cpus[0][0].events = 1;
	ASSERT_EQ(mt_table_read(t), 1);
	ASSERT_EQ(row(t, 0, &pid)->events, 1);
	ASSERT_EQ(row(t, 0, &pid)->last, 42);
	mt_table_close(t);
	per_cpu = false;
}

static void test_end(void)
{
	btf__free(f.btf);
}

TESTS(test_types, test_total, test_net, test_keyed, test_complete, test_keyed_array, test_gone, test_gone_late,
      test_many, test_order, test_rest, test_per_cpu, test_failures, test_end)
