// SPDX-License-Identifier: GPL-2.0-only
/* layout: members are found where the compiler put them, with the unit that their type says. */
#include "fake.h"
#include "layout.h"
#include "test.h"
#include "tool.h"

/* What the types below stand for; offsets are checked against the compiler's own. */
struct inner {
	int64_t a;
	uint16_t b;
};

struct record {
	uint64_t ns; /* mt_ns, under const and another typedef */
	uint64_t slots[4];
	struct inner inner;
	char comm[16];
	int32_t score;
	uint32_t pid;
	uint8_t flag;
	uint8_t tiny;
	uint16_t small;
	uint32_t kind;
	int8_t bytes[4];
	uint64_t big;
	void *pointer;
};

static struct fake f;
static int record;

#define MEMBER(type, name, id) btf__add_field(f.btf, #name, id, 8 * offsetof(struct type, name), 0)

static void test_build(void)
{
	int ns, inner, kind, big, comm, slots, bytes, pointer;

	fake_init(&f);
	ns = btf__add_const(f.btf, fake_typedef(&f, "my_time", fake_typedef(&f, "mt_ns", f.u64)));
	slots = fake_array(&f, fake_typedef(&f, "mt_log2", f.u64), 4);
	comm = fake_array(&f, f.character, 16);
	bytes = fake_array(&f, btf__add_int(f.btf, "signed char", 1, BTF_INT_SIGNED), 4);
	kind = btf__add_enum(f.btf, "record_kind", 4);
	btf__add_enum_value(f.btf, "RECORD_ONE", 1);
	btf__add_enum_value(f.btf, "RECORD_MINUS", -2);
	big = btf__add_enum64(f.btf, "record_big", 8, false);
	btf__add_enum64_value(f.btf, "RECORD_HUGE", 1ULL << 40);
	inner = btf__add_struct(f.btf, "inner", sizeof(struct inner));
	MEMBER(inner, a, f.s64);
	MEMBER(inner, b, f.u16);
	ASSERT_TRUE(btf__add_struct(f.btf, "record", sizeof(struct record)) > 0);
	MEMBER(record, ns, ns);
	MEMBER(record, slots, slots);
	MEMBER(record, inner, fake_typedef(&f, "inner_t", inner));
	/* the last struct added takes the members */
	record = btf__add_struct(f.btf, "record2", sizeof(struct record));
	MEMBER(record, ns, ns);
	MEMBER(record, slots, slots);
	MEMBER(record, inner, inner);
	MEMBER(record, comm, comm);
	MEMBER(record, score, f.s32);
	MEMBER(record, pid, f.u32);
	MEMBER(record, flag, f.boolean);
	MEMBER(record, tiny, f.u8);
	MEMBER(record, small, f.u16);
	MEMBER(record, kind, kind);
	MEMBER(record, bytes, bytes);
	MEMBER(record, big, big);
	MEMBER(record, pointer, inner + 1);
	pointer = btf__add_ptr(f.btf, record);
	btf__add_var(f.btf, "mt_record", BTF_VAR_GLOBAL_ALLOCATED, pointer);
	btf__add_var(f.btf, "mt_number", BTF_VAR_GLOBAL_ALLOCATED, f.u32);
	ASSERT_EQ(mt_layout_pointee(f.btf, "mt_record"), record);
	ASSERT_EQ(mt_layout_pointee(f.btf, "mt_number"), -ENOENT);
	ASSERT_EQ(mt_layout_pointee(f.btf, "record2"), -ENOENT);
	ASSERT_EQ(mt_layout_pointee(f.btf, "none"), -ENOENT);
	ASSERT_EQ(mt_layout_size(f.btf, record), sizeof(struct record));
	ASSERT_EQ(mt_layout_size(f.btf, ns), 8);
	ASSERT_EQ(mt_layout_size(f.btf, 9999), 0);
}

static struct mt_field field(const char *path)
{
	struct mt_field found = { 0 };

	if (!ASSERT_OK(mt_layout_field(f.btf, record, path, &found)))
		printf("  member %s\n", path);
	return found;
}

#define ASSERT_FIELD(path, at, bytes, n, what, sign) \
	do {                                         \
		struct mt_field got = field(path);   \
		ASSERT_EQ(got.offset, at);           \
		ASSERT_EQ(got.size, bytes);          \
		ASSERT_EQ(got.count, n);             \
		ASSERT_EQ(got.unit, what);           \
		ASSERT_EQ(got.is_signed, sign);      \
	} while (0)

#define OF(member) offsetof(struct record, member)

static void test_fields(void)
{
	struct mt_field found;

	ASSERT_FIELD("ns", OF(ns), 8, 1, MT_U_NS, false);
	ASSERT_FIELD("slots", OF(slots), 8, 4, MT_U_LOG2, false);
	ASSERT_FIELD("inner.a", OF(inner.a), 8, 1, MT_U_NONE, true);
	ASSERT_FIELD("inner.b", OF(inner.b), 2, 1, MT_U_NONE, false);
	ASSERT_FIELD("comm", OF(comm), 16, 1, MT_U_STRING, true);
	ASSERT_FIELD("score", OF(score), 4, 1, MT_U_NONE, true);
	ASSERT_FIELD("pid", OF(pid), 4, 1, MT_U_NONE, false);
	ASSERT_FIELD("flag", OF(flag), 1, 1, MT_U_BOOL, false);
	ASSERT_FIELD("tiny", OF(tiny), 1, 1, MT_U_NONE, false);
	ASSERT_FIELD("bytes", OF(bytes), 1, 4, MT_U_NONE, true);
	ASSERT_FIELD("kind", OF(kind), 4, 1, MT_U_ENUM, false);
	ASSERT_FIELD("big", OF(big), 8, 1, MT_U_ENUM, false);
	ASSERT_EQ(mt_layout_field(f.btf, record, "none", &found), -ENOENT);
	ASSERT_EQ(mt_layout_field(f.btf, record, "", &found), -ENOENT);
	ASSERT_EQ(mt_layout_field(f.btf, record, "n", &found), -ENOENT);
	ASSERT_EQ(mt_layout_field(f.btf, record, "ns.x", &found), -ENOENT);
	ASSERT_EQ(mt_layout_field(f.btf, record, "inner", &found), -EINVAL);
	ASSERT_EQ(mt_layout_field(f.btf, record, "inner.", &found), -ENOENT);
	ASSERT_EQ(mt_layout_field(f.btf, record, "pointer", &found), -EINVAL);
	ASSERT_EQ(mt_layout_field(f.btf, f.u32, "x", &found), -ENOENT);
	ASSERT_EQ(mt_layout_field(f.btf, 9999, "x", &found), -ENOENT);
}

/* Records have no members without a name: the selfcheck of the build says so of one that has. */
static void test_anonymous(void)
{
	struct mt_field found;
	int inner, outer;

	inner = btf__add_union(f.btf, NULL, 8);
	btf__add_field(f.btf, "as_long", f.u64, 0, 0);
	outer = btf__add_struct(f.btf, "with_anonymous", 24);
	btf__add_field(f.btf, "first", f.u64, 0, 0);
	btf__add_field(f.btf, NULL, inner, 64, 0);
	btf__add_field(f.btf, "last", f.u64, 128, 0);
	ASSERT_EQ(mt_layout_field(f.btf, outer, "as_long", &found), -ENOENT);
	if (ASSERT_OK(mt_layout_field(f.btf, outer, "last", &found)))
		ASSERT_EQ(found.offset, 16);
}

static void test_values(void)
{
	struct record r = { .score = -5,
			    .pid = 0xffffffff,
			    .tiny = 200,
			    .small = 60000,
			    .bytes = { -1, 2, -3, 4 },
			    .ns = UINT64_MAX,
			    .slots = { 1, 2, 3, UINT64_MAX },
			    .inner = { INT64_MIN, 65535 } };
	struct mt_field bytes = field("bytes"), slots = field("slots"), score = field("score"), small = field("small");

	ASSERT_EQ(mt_field_get(&score, &r, 0), -5);
	ASSERT_EQ(mt_field_get(&(struct mt_field){ .offset = OF(pid), .size = 4 }, &r, 0), 0xffffffff);
	ASSERT_EQ(mt_field_get(&(struct mt_field){ .offset = OF(tiny), .size = 1 }, &r, 0), 200);
	ASSERT_EQ(mt_field_get(&small, &r, 0), 60000);
	ASSERT_EQ(mt_field_get(&bytes, &r, 0), -1);
	ASSERT_EQ(mt_field_get(&bytes, &r, 2), -3);
	ASSERT_EQ(mt_field_get(&bytes, &r, 3), 4);
	ASSERT_EQ(mt_field_get(&slots, &r, 3), UINT64_MAX);
	ASSERT_EQ(mt_field_get(&(struct mt_field){ .offset = OF(inner.a), .size = 8, .is_signed = true }, &r, 0),
		  INT64_MIN);
	mt_field_set(&slots, &r, 1, 77);
	ASSERT_EQ(r.slots[1], 77);
	ASSERT_TRUE(r.slots[0] == 1 && r.slots[2] == 3);
	mt_field_set(&small, &r, 0, 0x12345);
	ASSERT_EQ(r.small, 0x2345);
	ASSERT_EQ(r.tiny, 200);
	mt_field_set(&score, &r, 0, (uint64_t)-1);
	ASSERT_EQ(r.score, -1);
}

static void test_enumerators(void)
{
	uint32_t kind = field("kind").enum_id, big = field("big").enum_id;
	int64_t value;

	ASSERT_STREQ(mt_layout_enumerator(f.btf, kind, 1), "RECORD_ONE");
	ASSERT_STREQ(mt_layout_enumerator(f.btf, kind, (uint32_t)-2), "RECORD_MINUS");
	ASSERT_STREQ(mt_layout_enumerator(f.btf, kind, 0), NULL);
	ASSERT_STREQ(mt_layout_enumerator(f.btf, big, 1LL << 40), "RECORD_HUGE");
	ASSERT_STREQ(mt_layout_enumerator(f.btf, 9999, 1), NULL);
	ASSERT_OK(mt_layout_enum_value(f.btf, kind, "minus", &value));
	ASSERT_EQ(value, -2);
	ASSERT_EQ(mt_layout_enum_value(f.btf, kind, "min", &value), -ENOENT);
	ASSERT_EQ(mt_layout_enum_value(f.btf, 0, "one", &value), -ENOENT);
}

static void count(void *arg, const char *name, const struct mt_field *found)
{
	ASSERT_TRUE(name[0] && found->size > 0);
	++*(int *)arg;
}

static void test_each(void)
{
	int n = 0;

	mt_layout_each(f.btf, record, count, &n);
	ASSERT_EQ(n, 11); /* all but the struct in it, and the pointer */
	n = 0;
	mt_layout_each(f.btf, f.u32, count, &n);
	ASSERT_EQ(n, 0);
}

static void test_vars(void)
{
	struct mt_field found;
	int one = btf__add_var(f.btf, "mt_min_ns", BTF_VAR_GLOBAL_ALLOCATED,
			       btf__add_const(f.btf, fake_typedef(&f, "mt_ns", f.u64)));
	int two = btf__add_var(f.btf, "mt_pid", BTF_VAR_GLOBAL_ALLOCATED, f.u32);

	btf__add_datasec(f.btf, ".rodata", 12);
	btf__add_datasec_var_info(f.btf, one, 0, 8);
	btf__add_datasec_var_info(f.btf, two, 8, 4);
	if (ASSERT_OK(mt_layout_var(f.btf, ".rodata", "mt_pid", &found))) {
		ASSERT_EQ(found.offset, 8);
		ASSERT_EQ(found.size, 4);
	}
	if (ASSERT_OK(mt_layout_var(f.btf, ".rodata", "mt_min_ns", &found)))
		ASSERT_EQ(found.unit, MT_U_NS);
	ASSERT_EQ(mt_layout_var(f.btf, ".rodata", "mt_tid", &found), -ENOENT);
	ASSERT_EQ(mt_layout_var(f.btf, ".bss", "mt_pid", &found), -ENOENT);
}

static void test_members(void)
{
	struct row {
		uint32_t pid;
		struct {
			int64_t score;
		} in;
		char comm[16];
	};
	static const char *const words[] = { "zero", "one", NULL };
	static const struct mt_member members[] = {
		MT_MEMBER(struct row, pid, MT_U_ENUM, .words = words),
		MT_MEMBER(struct row, in.score, MT_U_MILLI),
		MT_MEMBER(struct row, comm, MT_U_STRING),
		{ 0 },
	};
	struct row row = { .in.score = -5 };
	struct mt_field found;

	if (ASSERT_OK(mt_layout_member(members, "in.score", &found))) {
		ASSERT_EQ(found.offset, offsetof(struct row, in.score));
		ASSERT_EQ(found.unit, MT_U_MILLI);
		ASSERT_EQ(mt_field_get(&found, &row, 0), -5);
	}
	if (ASSERT_OK(mt_layout_member(members, "pid", &found)))
		ASSERT_TRUE(found.words == words && !found.is_signed && found.size == 4);
	if (ASSERT_OK(mt_layout_member(members, "comm", &found)))
		ASSERT_TRUE(found.count == 1 && found.size == 16);
	ASSERT_EQ(mt_layout_member(members, "score", &found), -ENOENT);
	ASSERT_EQ(mt_layout_member(members, "", &found), -ENOENT);
	ASSERT_EQ(mt_layout_member(NULL, "pid", &found), -ENOENT);
}

static void test_end(void)
{
	btf__free(f.btf);
}

TESTS(test_build, test_fields, test_anonymous, test_values, test_enumerators, test_each, test_vars, test_members,
      test_end)
