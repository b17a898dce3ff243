// SPDX-License-Identifier: GPL-2.0-only
/* row: bytes become cells of the type that the member says, and null where there is no value. */
#include "../../probes/mt/path.h"
#include "fake.h"
#include "err.h"
#include "names.h"
#include "row.h"
#include "test.h"

#define NO_U64 UINT64_MAX
#define NO_U32 UINT32_MAX
#define NO_INT INT32_MIN

struct value {
	uint64_t at, took_ns, done, cgroup;
	int32_t score;
	uint32_t pid, kind, gfp;
	char comm[16];
	uint8_t flag;
	int32_t error;
	mt_path path;
};

struct key {
	uint32_t pid;
};

static struct fake f;
static int key_id, value_id, maps;
static bool site_there;

const struct btf *__wrap_mt_object_btf(const struct mt_object *o);
const struct btf *__wrap_mt_object_btf(const struct mt_object *o)
{
	(void)o;
	return f.btf;
}

int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max);
int __wrap_mt_object_map(const struct mt_object *o, const char *name, uint32_t *key, uint32_t *value, uint32_t *max)
{
	(void)o;
	(void)max;
	if (strcmp(name, "mt_totals") != 0 && strcmp(name, "by_task") != 0)
		return -ENOENT;
	maps++;
	if (key)
		*key = key_id;
	*value = value_id;
	return 0;
}

bool __wrap_mt_object_has_site(const struct mt_object *o, const char *site);
bool __wrap_mt_object_has_site(const struct mt_object *o, const char *site)
{
	(void)o;
	(void)site;
	return site_there;
}

const char *__wrap_mt_cgroup_path(uint64_t id);
const char *__wrap_mt_cgroup_path(uint64_t id)
{
	return id == 7 ? "/a\n" : NULL;
}

#define MEMBER(type, name, id) btf__add_field(f.btf, #name, id, 8 * offsetof(struct type, name), 0)

static void fill(const struct mt_row *row, struct mt_cell *cell)
{
	cell->type = MT_C_U64;
	cell->u = mt_row_u64(row, "done") + mt_row_u64(row, "pid") + mt_row_u64(row, "nothing");
}

enum {
	TS,
	AT,
	TOOK,
	DONE,
	CGROUP,
	CGROUP_ID,
	SCORE,
	PID,
	KIND,
	GFP,
	COMM,
	FLAG,
	RATIO,
	FILL,
	SITE,
	ERROR,
	FILE_PATH,
	WORD
};

static const struct mt_name words[] = { { 0, ~0ULL, "NOTHING" }, { 2, 2, "TWO" }, { 8, 8, "EIGHT" }, { 0 } };

static const struct mt_col cols[] = {
	[TS] = { "ts", "TS", 8, NULL, "" },
	[AT] = { "at", "AT", 8, "at", "" },
	[TOOK] = { "took_ns", "TOOK", 8, "took_ns", "", .flags = MT_MAYBE },
	[DONE] = { "done", "DONE", 8, "done", "", .flags = MT_WIDE },
	[CGROUP] = { "cgroup", "CGROUP", 8, "cgroup", "" },
	[CGROUP_ID] = { "cgroup_id", "ID", 8, "cgroup", "", .flags = MT_NUMBER | MT_HIDDEN },
	[SCORE] = { "score", "SCORE", 8, "score", "", .flags = MT_MAYBE },
	[PID] = { "pid", "PID", 8, "pid", "", .flags = MT_MAYBE },
	[KIND] = { "kind", "KIND", 8, "kind", "", .flags = MT_MAYBE },
	[GFP] = { "gfp", "GFP", 8, "gfp", "" },
	[COMM] = { "comm", "COMM", 8, "comm", "" },
	[FLAG] = { "flag", "FLAG", 8, "flag", "" },
	[RATIO] = { "ratio", "RATIO", 8, "done", "", .per = "took_ns" },
	[FILL] = { "fill", "FILL", 8, NULL, "", .fill = fill },
	[SITE] = { "maybe", "MAYBE", 8, "done", "", .site = "optional" },
	[ERROR] = { "error", "ERROR", 8, "error", "" },
	[FILE_PATH] = { "path", "PATH", 8, "path", "" },
	[WORD] = { "word", "WORD", 8, "kind", "", .names = words },
	{ 0 },
};

static const struct mt_view ring = { .source = MT_RING, .cols = cols };

static void test_types(void)
{
	int ns, time, cgroup, gfp, kind, comm, id, integer, path, error;
	struct mt_bound b;

	fake_init(&f);
	ns = fake_typedef(&f, "mt_ns", f.u64);
	time = fake_typedef(&f, "mt_time", f.u64);
	cgroup = fake_typedef(&f, "mt_cgroup", f.u64);
	gfp = fake_typedef(&f, "mt_gfp", f.u32);
	id = fake_typedef(&f, "mt_id", f.u32);
	integer = fake_typedef(&f, "mt_int", f.s32);
	comm = fake_array(&f, f.character, 16);
	kind = btf__add_enum(f.btf, "kind", 4);
	btf__add_enum_value(f.btf, "KIND_ONE_TWO", 2);
	btf__add_enum_value(f.btf, "alone", 3);
	path = btf__add_struct(f.btf, "mt_path", sizeof(mt_path));
	path = fake_typedef(&f, "mt_path", path);
	error = fake_typedef(&f, "mt_errno", f.s32);
	key_id = btf__add_struct(f.btf, "key", sizeof(struct key));
	MEMBER(key, pid, id);
	value_id = btf__add_struct(f.btf, "value", sizeof(struct value));
	MEMBER(value, at, time);
	MEMBER(value, took_ns, ns);
	MEMBER(value, done, f.u64);
	MEMBER(value, cgroup, cgroup);
	MEMBER(value, score, integer);
	MEMBER(value, pid, id);
	MEMBER(value, kind, kind);
	MEMBER(value, gfp, gfp);
	MEMBER(value, comm, comm);
	MEMBER(value, flag, f.boolean);
	MEMBER(value, error, error);
	MEMBER(value, path, path);
	ASSERT_TRUE(key_id > 0 && value_id > 0);
	test_capture(STDERR_FILENO);
	ASSERT_EQ(mt_bind(&b, &ring, NULL), MT_FAILED);
	ASSERT_HAS(test_capture_end(), "no MT_EVENTS");
	btf__add_var(f.btf, "mt_record", BTF_VAR_GLOBAL_ALLOCATED, btf__add_ptr(f.btf, value_id));
}

static struct mt_cell cell_of(const struct mt_bound *b, size_t col, const struct value *v)
{
	struct mt_row row = { .bound = b, .value = v, .time = 5 };
	struct mt_cell cell;

	mt_row_cell(&row, col, &cell);
	return cell;
}

static void test_cells(void)
{
	struct value v = { .at = 100,
			   .took_ns = 4,
			   .done = 10,
			   .cgroup = 7,
			   .score = -9,
			   .pid = 12,
			   .kind = 2,
			   .gfp = 0,
			   .comm = "bash",
			   .flag = 1 };
	struct mt_bound b;
	struct mt_cell c;

	if (!ASSERT_OK(mt_bind(&b, &ring, NULL)))
		return;
	ASSERT_EQ(b.nr_cols, WORD + 1);
	b.clock_offset = 1000;
#define CELL(col, kind)           \
	c = cell_of(&b, col, &v); \
	ASSERT_EQ(c.type, kind)
	CELL(TS, MT_C_TIME);
	ASSERT_EQ(c.u, 1005);
	CELL(AT, MT_C_TIME);
	ASSERT_EQ(c.u, 1100);
	CELL(TOOK, MT_C_U64);
	ASSERT_EQ(c.u, 4);
	CELL(CGROUP, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "/a\n");
	CELL(CGROUP_ID, MT_C_U64);
	ASSERT_EQ(c.u, 7);
	CELL(SCORE, MT_C_S64);
	ASSERT_EQ(c.s, -9);
	CELL(PID, MT_C_U64);
	ASSERT_EQ(c.u, 12);
	CELL(KIND, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "one_two");
	CELL(GFP, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "0x0");
	CELL(COMM, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "bash");
	CELL(FLAG, MT_C_BOOL);
	ASSERT_EQ(c.u, 1);
	CELL(RATIO, MT_C_REAL);
	ASSERT_TRUE(c.real == 2.5);
	CELL(FILL, MT_C_U64);
	ASSERT_EQ(c.u, 22);
	CELL(SITE, MT_C_U64);

	v.kind = 3;
	CELL(KIND, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "alone");
	memset(v.comm, 'x', sizeof(v.comm)); /* not ended */
	CELL(COMM, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "xxxxxxxxxxxxxxxx");
}

static void test_names(void)
{
	struct value v = { .error = 12, .kind = 10, .path = { .kind = MT_PATH_WHOLE, .used = 2, .names = "f" } };
	struct mt_bound b;
	struct mt_cell c;

	if (!ASSERT_OK(mt_bind(&b, &ring, NULL)))
		return;
	CELL(ERROR, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "ENOMEM");
	CELL(FILE_PATH, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "/f");
	CELL(WORD, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "TWO|EIGHT");
	v.kind = 0;
	CELL(WORD, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "NOTHING");
	v.error = -4000; /* no such error: its number, as it came */
	CELL(ERROR, MT_C_STRING);
	ASSERT_BYTES(c.str, c.len, "-4000");
	v.error = 0;
	CELL(ERROR, MT_C_NULL);
	v.path.kind = MT_PATH_NONE;
	CELL(FILE_PATH, MT_C_NULL);
}

/* What is not known is null, never a number. */
static void test_nulls(void)
{
	struct value v = { .took_ns = NO_U64, .score = NO_INT, .pid = NO_U32, .kind = NO_U32, .cgroup = 8 };
	struct mt_bound b;
	struct mt_cell c;

	if (!ASSERT_OK(mt_bind(&b, &ring, NULL)))
		return;
	CELL(TOOK, MT_C_NULL);
	CELL(SCORE, MT_C_NULL);
	CELL(PID, MT_C_NULL);
	CELL(KIND, MT_C_NULL);
	CELL(CGROUP, MT_C_NULL);
	v.done = NO_U64; /* a column without MT_MAYBE takes it for what it is */
	CELL(DONE, MT_C_U64);
	v.took_ns = 0;
	CELL(RATIO, MT_C_NULL);
	CELL(TOOK, MT_C_U64);
	v.score = 0;
	CELL(SCORE, MT_C_S64);
	site_there = false;
	mt_bind_sites(&b, NULL);
	CELL(SITE, MT_C_NULL);
	CELL(DONE, MT_C_U64);
	site_there = true;
	mt_bind_sites(&b, NULL);
	CELL(SITE, MT_C_U64);
}

/* A map's columns come from the key first. */
static void test_keyed(void)
{
	static const struct mt_view view = { .source = MT_KEYED, .map = "by_task", .cols = cols };
	struct key k = { 77 };
	struct value v = { .pid = 12, .done = 1 };
	struct mt_bound b;
	struct mt_row row = { .bound = &b, .key = &k, .value = &v };
	struct mt_cell cell;

	if (!ASSERT_OK(mt_bind(&b, &view, NULL)))
		return;
	mt_row_cell(&row, PID, &cell);
	ASSERT_EQ(cell.u, 77);
	mt_row_cell(&row, DONE, &cell);
	ASSERT_EQ(cell.u, 1);
	ASSERT_EQ(mt_row_u64(&row, "pid"), 77);
	ASSERT_EQ(maps, 1);
}

static void test_descriptions_refused(void)
{
	static const struct mt_col wrong[] = { { "x", "X", 1, "no_member", "" }, { 0 } };
	static const struct mt_col wrong_per[] = { { "x", "X", 1, "done", "", .per = "no_member" }, { 0 } };
	static struct mt_col many[MT_MAX_COLS + 2];
	const struct mt_view views[] = {
		{ .source = MT_RING, .cols = wrong },
		{ .source = MT_RING, .cols = wrong_per },
		{ .source = MT_KEYED, .map = "no_map", .cols = cols },
		{ .source = MT_RING, .cols = many },
	};
	struct mt_bound b;

	for (size_t i = 0; i < MT_MAX_COLS + 1; i++)
		many[i] = cols[DONE];
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		test_capture(STDERR_FILENO);
		ASSERT_EQ(mt_bind(&b, views + i, NULL), MT_FAILED);
		ASSERT_TRUE(*test_capture_end() != '\0');
	}
	many[MT_MAX_COLS] = (struct mt_col){ 0 };
	ASSERT_OK(mt_bind(&b, &views[3], NULL)); /* just as many as there may be */
	ASSERT_EQ(b.nr_cols, MT_MAX_COLS);
}

/* Any column of numbers, and no other; a sum is for what counts. */
static void test_sort(void)
{
	static const char *const wrong[] = { "none", "", "comm", "kind", "gfp", "cgroup", "at", "ts", "flag" };
	struct mt_view view = ring;
	struct mt_bound b;

	ASSERT_OK(mt_bind(&b, &view, NULL));
	ASSERT_EQ(b.sort, b.nr_cols);
	ASSERT_OK(mt_bind_sort(&b, "score"));
	ASSERT_EQ(b.sort, SCORE);
	ASSERT_OK(mt_bind_sort(&b, "cgroup_id"));
	ASSERT_OK(mt_bind_sort(&b, "ratio"));
	ASSERT_OK(mt_bind_sort(&b, "fill"));
	ASSERT_EQ(b.sort, FILL);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		test_capture(STDERR_FILENO);
		ASSERT_EQ(mt_bind_sort(&b, wrong[i]), MT_USAGE);
		ASSERT_HAS(test_capture_end(), "took_ns, ");
		ASSERT_EQ(b.sort, FILL);
	}
	view.sort = "took_ns";
	ASSERT_OK(mt_bind(&b, &view, NULL));
	ASSERT_EQ(b.sort, TOOK);
	view.sort = "comm";
	test_capture(STDERR_FILENO);
	ASSERT_EQ(mt_bind(&b, &view, NULL), MT_FAILED);
	ASSERT_HAS(test_capture_end(), "no column 'comm'");
	ASSERT_TRUE(mt_bind_adds(&b, TOOK));
	ASSERT_TRUE(!mt_bind_adds(&b, RATIO) && !mt_bind_adds(&b, SCORE) && !mt_bind_adds(&b, FILL));
}

static const char *shown(const struct mt_bound *b)
{
	static char list[256];

	list[0] = '\0';
	for (size_t i = 0; i < b->nr_cols; i++)
		if (b->cols[i].shown)
			strcat(strcat(list, list[0] ? "," : ""), b->cols[i].col->key);
	return list;
}

static void test_columns(void)
{
	static const char usual[] =
		"ts,at,took_ns,cgroup,score,pid,kind,gfp,comm,flag,ratio,fill,maybe,error,path,word";
	static const char *const wrong[] = { "", ",", "none", "+none", "pid,,comm", "pi", "pidx", "+" };
	struct mt_bound b;

	ASSERT_OK(mt_bind(&b, &ring, NULL));
	ASSERT_STREQ(shown(&b), usual);
	ASSERT_OK(mt_bind_columns(&b, "comm,pid"));
	ASSERT_STREQ(shown(&b), "pid,comm");
	ASSERT_OK(mt_bind_columns(&b, "+done,-pid,+cgroup_id"));
	ASSERT_STREQ(shown(&b), "done,cgroup_id,comm");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ASSERT_OK(mt_bind(&b, &ring, NULL));
		test_capture(STDERR_FILENO);
		if (!ASSERT_EQ(mt_bind_columns(&b, wrong[i]), MT_USAGE))
			printf("  --columns '%s'\n", wrong[i]);
		ASSERT_HAS(test_capture_end(), "--columns");
	}
	/* none left is a mistake too: lines of nothing would be printed */
	ASSERT_OK(mt_bind_columns(&b, "pid"));
	test_capture(STDERR_FILENO);
	ASSERT_EQ(mt_bind_columns(&b, "-pid"), MT_USAGE);
	test_capture_end();
}

static void test_cell_string(void)
{
	struct mt_cell cell;

	mt_cell_string(&cell, "abc");
	ASSERT_EQ(cell.type, MT_C_STRING);
	ASSERT_BYTES(cell.str, cell.len, "abc");
	mt_cell_string(&cell, NULL);
	ASSERT_EQ(cell.type, MT_C_NULL);
}

static void test_sampled(void)
{
	struct sampled {
		uint32_t load, word;
		int64_t index;
	};
	static const char *const words[] = { "low", "high", NULL };
	static const struct mt_member members[] = {
		MT_MEMBER(struct sampled, load, MT_U_CENTI),
		MT_MEMBER(struct sampled, word, MT_U_ENUM, .words = words),
		MT_MEMBER(struct sampled, index, MT_U_MILLI),
		{ 0 },
	};
	static const struct mt_sample sample = { .members = members, .size = sizeof(struct sampled) };
	static const struct mt_col these[] = {
		{ "load", "LOAD", 8, "load", "", .flags = MT_MAYBE },
		{ "word", "WORD", 8, "word", "" },
		{ "index", "INDEX", 8, "index", "", .flags = MT_MAYBE },
		{ 0 },
	};
	static const struct mt_view view = { .source = MT_SAMPLED, .cols = these, .sample = &sample };
	static const struct mt_view none = { .source = MT_SAMPLED, .cols = these };
	static const struct {
		int64_t value;
		const char *text;
	} cases[] = {
		{ 0, "0.000" },
		{ -1, "-0.001" },
		{ -1000, "-1.000" },
		{ 12345, "12.345" },
		{ INT64_MAX, "9223372036854775.807" },
	};
	struct sampled value = { .load = 7, .word = 1 };
	struct mt_cell cell;
	struct mt_bound b;
	struct mt_row row = { .bound = &b, .value = &value };
	char buf[40];

	if (!ASSERT_OK(mt_bind(&b, &view, NULL)))
		return;
	mt_row_cell(&row, 0, &cell);
	ASSERT_EQ(cell.type, MT_C_DECIMAL);
	ASSERT_BYTES(buf, mt_cell_decimal(buf, sizeof(buf), &cell), "0.07");
	mt_row_cell(&row, 1, &cell);
	ASSERT_BYTES(cell.str, cell.len, "high");
	value.word = 2;
	mt_row_cell(&row, 1, &cell);
	ASSERT_EQ(cell.type, MT_C_NULL);
	value.load = UINT32_MAX;
	mt_row_cell(&row, 0, &cell);
	ASSERT_EQ(cell.type, MT_C_NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		value.index = cases[i].value;
		mt_row_cell(&row, 2, &cell);
		ASSERT_EQ(mt_cell_decimal(buf, sizeof(buf), &cell), strlen(cases[i].text));
		ASSERT_STREQ(buf, cases[i].text);
	}
	value.index = INT64_MIN;
	mt_row_cell(&row, 2, &cell);
	ASSERT_EQ(cell.type, MT_C_NULL);
	test_capture(STDERR_FILENO);
	ASSERT_EQ(mt_bind(&b, &none, NULL), MT_FAILED);
	test_capture_end();
}

/* An option that chooses rows by a part of a text, and one that shows a column under another heading. */
static void test_only(void)
{
	struct value v = { .comm = "postgres" };
	struct mt_row row;
	struct mt_bound b;

	if (!ASSERT_OK(mt_bind(&b, &ring, NULL)))
		return;
	row = (struct mt_row){ .bound = &b, .value = &v };
	ASSERT_TRUE(mt_row_wanted(&row));
	ASSERT_OK(mt_bind_only(&b, cols[COMM].key, "gre"));
	ASSERT_TRUE(mt_row_wanted(&row));
	ASSERT_OK(mt_bind_only(&b, cols[COMM].key, "postgresql"));
	ASSERT_TRUE(!mt_row_wanted(&row));
	ASSERT_OK(mt_bind_only(&b, cols[COMM].key, "postgres"));
	ASSERT_OK(mt_bind_only(&b, cols[PID].key, "0")); /* no text */
	ASSERT_TRUE(!mt_row_wanted(&row));
	ASSERT_OK(mt_bind_show(&b, cols[PID].key, "OTHER"));
	ASSERT_TRUE(b.cols[PID].shown);
	ASSERT_STREQ(b.cols[PID].head, "OTHER");
	test_capture(STDERR_FILENO);
	ASSERT_EQ(mt_bind_only(&b, "none", "a"), MT_FAILED);
	ASSERT_EQ(mt_bind_show(&b, "none", NULL), MT_FAILED);
	ASSERT_HAS(test_capture_end(), "no column 'none'");
}

static void test_end(void)
{
	btf__free(f.btf);
}

TESTS(test_types, test_cells, test_names, test_nulls, test_keyed, test_descriptions_refused, test_sort, test_columns,
      test_cell_string, test_sampled, test_only, test_end)
