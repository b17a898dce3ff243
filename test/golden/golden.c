// SPDX-License-Identifier: GPL-2.0-only
/*
 * golden [--update] DIR...: records written down as text in DIR/in.txt, printed by the real formatter in
 * every format, are what DIR/out.* say. The directory is named for the tool, or TOOL-CASE.
 *
 * in.txt: records are lines FIELD=VALUE, with empty lines between records; # begins a comment. Members that
 * are not named are zero. VALUE: a number as options take them, negative too; "none" (MT_NO_... of unit.h) or
 * "max"; the name of an enumerator; for char[] text with the escapes of C. FIELD[N] is an array's element.
 *	@empty SITE		a site that this kernel has nothing for
 *	@view WORD		a view that is not the usual one, by its word or its option; before all records
 *	@terminal		text is for a terminal
 *	@time NS		the time of rows from here on that carry none
 *	@repeat N		the next record comes N times
 *	@more N			the next record is what N rows add up to that were left out
 *	@loss KEY=N ...		the closing account
 *	@duration TIME		how long it took
 *	@cgroup ID PATH		a cgroup that is there; others are not
 *	@mount DEV POINT	where a file system is mounted; others are not
 *	@ksym ADDRESS NAME	a kernel function that has a name; others have none
 *	@line PATH TEXT		the first line of a file of the host's; others are not there
 *	@number PATH KEY N	a number in a file of the host's; others are not there
 *	@sysinfo KEY=N ...	what sysinfo(2) says: totalram, freeram, totalswap, freeswap, in bytes
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "json.h"
#include "loss.h"
#include "object.h"
#include "out.h"
#include "tools.h"
#include "version.h"

#define MAX_RECORDS 256
#define MAX_TOLD    64

struct told {
	char *what, *answer;
};

static struct golden {
	const char *dir;
	const struct mt_tool *tool;
	const struct mt_view *view;
	struct mt_object *object;
	struct mt_types types;
	struct record {
		uint64_t time;
		char *key, *value;
		unsigned times;
		uint64_t more;
	} records[MAX_RECORDS];
	size_t nr_records;
	uint64_t time, duration_ns;
	unsigned repeat;
	uint64_t more;
	bool open; /* the last record is not ended */
	bool terminal;
	struct mt_loss loss;
	struct told empty[MAX_TOLD], cgroups[MAX_TOLD], ksyms[MAX_TOLD], lines[MAX_TOLD], numbers[MAX_TOLD],
		mounts[MAX_TOLD];
	size_t nr_empty, nr_cgroups, nr_ksyms, nr_lines, nr_numbers, nr_mounts;
	struct sysinfo info;
	int line;
} g;

static void die(const char *what, const char *arg)
{
	printf("%s/in.txt:%d: %s '%s'\n", g.dir, g.line, what, arg);
	exit(2);
}

/* The host that the tools' columns ask. */

bool __wrap_mt_host_line(const char *path, char *buf, size_t size);
bool __wrap_mt_host_line(const char *path, char *buf, size_t size)
{
	buf[0] = '\0';
	for (size_t i = 0; i < g.nr_lines; i++)
		if (!strcmp(g.lines[i].what, path))
			return snprintf(buf, size, "%s", g.lines[i].answer) > 0;
	return false;
}

bool __wrap_mt_host_number(const char *path, const char *key, uint64_t *value);
bool __wrap_mt_host_number(const char *path, const char *key, uint64_t *value)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < g.nr_numbers; i++)
		if (!strcmp(g.numbers[i].what, path) && !strncmp(g.numbers[i].answer, key, n) &&
		    g.numbers[i].answer[n] == ' ') {
			*value = strtoull(g.numbers[i].answer + n, NULL, 0);
			return true;
		}
	return false;
}

const char *__wrap_mt_cgroup_path(uint64_t id);
const char *__wrap_mt_cgroup_path(uint64_t id)
{
	for (size_t i = 0; i < g.nr_cgroups; i++)
		if (strtoull(g.cgroups[i].what, NULL, 0) == id)
			return g.cgroups[i].answer;
	return NULL;
}

const char *__wrap_mt_mount_path(uint32_t dev, const char *inside);
const char *__wrap_mt_mount_path(uint32_t dev, const char *inside)
{
	static char path[PATH_MAX];

	for (size_t i = 0; i < g.nr_mounts; i++)
		if (strtoull(g.mounts[i].what, NULL, 0) == dev) {
			snprintf(path, sizeof(path), "%s%s", g.mounts[i].answer, inside);
			return path;
		}
	return NULL;
}

const char *__wrap_mt_ksym_name(uint64_t address);
const char *__wrap_mt_ksym_name(uint64_t address)
{
	static char hex[32];

	for (size_t i = 0; i < g.nr_ksyms; i++)
		if (strtoull(g.ksyms[i].what, NULL, 0) == address)
			return g.ksyms[i].answer;
	snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)address);
	return hex;
}

int __wrap_sysinfo(struct sysinfo *info);
int __wrap_sysinfo(struct sysinfo *info)
{
	*info = g.info;
	return 0;
}

/* Reading in.txt. */

static size_t unescape(char *s)
{
	char *out = s, *begin = s;

	while (*s) {
		static const char escapes[] = "n\nt\tr\r\\\\\"\"e\x1b";
		const char *known;

		if (*s != '\\') {
			*out++ = *s++;
			continue;
		}
		s++;
		known = *s ? strchr(escapes, *s) : NULL;
		if (s[0] == 'x' && isxdigit((unsigned char)s[1]) && isxdigit((unsigned char)s[2])) {
			*out++ = (char)strtoul((char[]){ s[1], s[2], '\0' }, NULL, 16);
			s += 3;
		} else if (known && (known - escapes) % 2 == 0) {
			*out++ = known[1];
			s++;
		} else {
			die("no such escape:", s);
		}
	}
	*out = '\0';
	return out - begin;
}

static void set_enum(const struct mt_field *f, char *record, const char *value)
{
	const struct btf_type *t = f->words ? NULL : btf__type_by_id(g.types.btf, f->enum_id);

	for (int i = 0; f->words && f->words[i]; i++)
		if (!strcmp(f->words[i], value)) {
			mt_field_set(f, record, 0, i);
			return;
		}
	for (int i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(g.types.btf, btf_enum(t)[i].name_off), value)) {
			mt_field_set(f, record, 0, btf_enum(t)[i].val);
			return;
		}
	die("no enumerator", value);
}

static uint64_t number(const struct mt_field *f, const char *value)
{
	const uint64_t mask = f->size < 8 ? (1ULL << 8 * f->size) - 1 : UINT64_MAX;
	bool minus = *value == '-';
	uint64_t n;

	if (!strcmp(value, "none"))
		return f->is_signed ? mask / 2 + 1 : mask;
	if (!strcmp(value, "max"))
		return f->is_signed ? mask / 2 : mask;
	if (mt_unit_parse(f->unit, value + minus, 1, &n))
		die("no number:", value);
	return minus ? -n : n;
}

static void set(char *line)
{
	char *value = strchr(line, '='), *bracket = strchr(line, '[');
	struct record *r = g.records + g.nr_records - 1;
	struct mt_field f;
	uint32_t nth = 0;
	bool in_key;
	char *into;

	if (!value)
		die("no FIELD=VALUE:", line);
	*value++ = '\0';
	if (bracket && bracket < value) {
		*bracket = '\0';
		nth = strtoul(bracket + 1, NULL, 0);
	}
	if (mt_types_field(&g.types, line, &f, &in_key))
		die("no member", line);
	into = in_key ? r->key : r->value;
	if (f.unit == MT_U_STRING) {
		size_t n = unescape(value);

		if (n > f.size)
			die("too long:", value);
		memcpy(into + f.offset, value, n);
	} else if (nth >= f.count) {
		die("no such element of", line);
	} else if (f.unit == MT_U_ENUM && isalpha((unsigned char)*value)) {
		set_enum(&f, into, value);
	} else {
		mt_field_set(&f, into, nth, number(&f, value));
	}
}

static void begin_record(void)
{
	struct record *r = g.records + g.nr_records++;

	if (g.nr_records > MAX_RECORDS)
		die("too many records", "");
	r->time = g.time;
	r->times = g.repeat;
	r->key = calloc(1, mt_types_size(&g.types, true) + 1);
	r->value = calloc(1, mt_types_size(&g.types, false));
	r->more = g.more;
	g.repeat = 1;
	g.more = 0;
	g.open = true;
}

static void tell(struct told *told, size_t *n, char *args)
{
	size_t len = strcspn(args, " ");

	if (*n == MAX_TOLD)
		die("too many", args);
	told[*n].what = strndup(args, len);
	told[*n].answer = strdup(args + len + (args[len] == ' '));
	unescape(told[(*n)++].answer);
}

static uint64_t *loss_member(const char *key)
{
	for (int c = 0; c < MT_CAUSES; c++)
		if (!strcmp(mt_cause_key[c], key))
			return g.loss.lost + c;
	return !strcmp(key, "seen")	  ? &g.loss.seen
	     : !strcmp(key, "delivered")  ? &g.loss.delivered
	     : !strcmp(key, "aggregated") ? &g.loss.aggregated
					  : NULL;
}

static unsigned long *sysinfo_member(const char *key)
{
	return !strcmp(key, "totalram")	 ? &g.info.totalram
	     : !strcmp(key, "freeram")	 ? &g.info.freeram
	     : !strcmp(key, "totalswap") ? &g.info.totalswap
	     : !strcmp(key, "freeswap")	 ? &g.info.freeswap
					 : NULL;
}

/* "KEY=N KEY=N": for the account, and for sysinfo. */
static void tell_numbers(char *args, bool loss)
{
	for (char *word = strtok(args, " "); word; word = strtok(NULL, " ")) {
		char *value = strchr(word, '=');
		uint64_t n;

		if (!value)
			die("no KEY=N:", word);
		*value++ = '\0';
		if (mt_unit_parse(MT_U_BYTES, value, 0, &n))
			die("no number:", value);
		if (loss && loss_member(word))
			*loss_member(word) = n;
		else if (!loss && sysinfo_member(word))
			*sysinfo_member(word) = n;
		else
			die("no such key:", word);
	}
}

static void open_view(const struct mt_view *view)
{
	g.view = view;
	if (mt_object_open_view(&g.object, g.tool, view) || mt_types_of(&g.types, view, g.object))
		die("cannot open", g.tool->name);
}

static void choose_view(const char *asked)
{
	const struct mt_view *view;

	for (size_t i = 1; (view = mt_tool_view(g.tool, i)); i++)
		if ((view->option && !strcmp(view->option, asked)) || (view->word && !strcmp(view->word, asked))) {
			mt_object_close(g.object);
			open_view(view);
			return;
		}
	die("no view", asked);
}

static void directive(char *line)
{
	char *args = line + strcspn(line, " ");

	if (*args)
		*args++ = '\0';
	if (!strcmp(line, "empty"))
		tell(g.empty, &g.nr_empty, args);
	else if (!strcmp(line, "terminal"))
		g.terminal = true;
	else if (!strcmp(line, "time"))
		g.time = strtoull(args, NULL, 0);
	else if (!strcmp(line, "repeat"))
		g.repeat = strtoul(args, NULL, 0);
	else if (!strcmp(line, "more"))
		g.more = strtoull(args, NULL, 0);
	else if (!strcmp(line, "loss"))
		tell_numbers(args, true);
	else if (!strcmp(line, "duration") && !mt_unit_parse(MT_U_NS, args, 1, &g.duration_ns))
		return;
	else if (!strcmp(line, "cgroup"))
		tell(g.cgroups, &g.nr_cgroups, args);
	else if (!strcmp(line, "view"))
		choose_view(args);
	else if (!strcmp(line, "number"))
		tell(g.numbers, &g.nr_numbers, args);
	else if (!strcmp(line, "mount"))
		tell(g.mounts, &g.nr_mounts, args);
	else if (!strcmp(line, "ksym"))
		tell(g.ksyms, &g.nr_ksyms, args);
	else if (!strcmp(line, "line"))
		tell(g.lines, &g.nr_lines, args);
	else if (!strcmp(line, "sysinfo"))
		tell_numbers(args, false);
	else
		die("what is", line);
}

static void read_input(void)
{
	char path[PATH_MAX], line[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/in.txt", g.dir);
	f = fopen(path, "re");
	if (!f)
		die(strerror(errno), path);
	while (fgets(line, sizeof(line), f)) {
		g.line++;
		line[strcspn(line, "\n")] = '\0';
		if (!line[0]) {
			g.open = false;
		} else if (line[0] == '@') {
			directive(line + 1);
		} else if (line[0] != '#') {
			if (!g.open)
				begin_record();
			set(line);
		}
	}
	fclose(f);
}

/* Printing, as core/run.c does. */

static bool is_empty(const char *site)
{
	for (size_t i = 0; i < g.nr_empty; i++)
		if (!strcmp(g.empty[i].what, site))
			return true;
	return false;
}

/* The choices that loading would make, where the first of each site is to be had. */
static void choose(bool wide)
{
	const struct mt_choice *choices;
	size_t n = mt_object_choices(g.object, &choices);

	for (size_t i = 0; i < n; i++) {
		const struct mt_site *site = choices[i].site;
		struct mt_choice *c = (struct mt_choice *)choices + i;

		c->chosen = is_empty(site->name) || (site->wide && !wide) ? -1 : 0;
	}
}

static void print_hists(struct mt_out *out)
{
	for (const struct mt_hist *h = g.view->hists; h && h->key; h++) {
		uint64_t sums[64] = { 0 };
		struct mt_field f;
		bool in_key, there = !h->site || mt_object_has_site(g.object, h->site);

		if (mt_types_field(&g.types, h->field, &f, &in_key) || f.count > 64)
			die("no histogram", h->field);
		for (size_t r = 0; r < g.nr_records; r++)
			for (uint32_t i = 0; i < f.count; i++)
				sums[i] += g.records[r].times * mt_field_get(&f, g.records[r].value, i);
		out->ops->hist(out, h, there ? sums : NULL, there ? f.count : 0);
	}
}

static char *print(enum mt_format format, bool wide, size_t *size)
{
	static struct mt_out out;
	static struct mt_bound bound;
	int fd = memfd_create("out", MFD_CLOEXEC);
	char *text, *at;

	choose(wide);
	if (mt_bind(&bound, g.view, g.object))
		die("cannot bind", g.tool->name);
	mt_bind_sites(&bound, g.object);
	for (size_t i = 0; i < bound.nr_cols && wide; i++)
		bound.cols[i].shown |= (bound.cols[i].col->flags & MT_WIDE) != 0;
	mt_out_init(&out, format, fd, "out");
	out.terminal = g.terminal;
	out.ops->start(&out, &bound, g.object, g.tool->name);
	for (size_t i = 0; i < g.nr_records; i++) {
		const struct record *r = g.records + i;
		const struct mt_row row = { &bound, r->key, r->value, r->time };

		if (g.tool->view.source != MT_RING && (!i || r->time != g.records[i - 1].time))
			out.ops->interval(&out, &bound, r->time);
		for (unsigned n = 0; n < r->times && !r->more; n++)
			out.ops->row(&out, &row);
		if (r->more)
			out.ops->more(&out, &row, r->more);
	}
	print_hists(&out);
	out.ops->end(&out, g.tool->name, g.duration_ns, &g.loss);
	if (!mt_out_flush(&out))
		die("cannot print", strerror(-out.err));
	*size = lseek(fd, 0, SEEK_END);
	text = calloc(1, *size + 1);
	if (pread(fd, text, *size, 0) != (ssize_t)*size)
		die("cannot read back", "");
	close(fd);
	/* a new version changes no golden file */
	at = strstr(text, "\"version\":\"" MT_VERSION "\"");
	if (at) {
		at += strlen("\"version\":\"");
		memmove(at + 1, at + strlen(MT_VERSION), strlen(at + strlen(MT_VERSION)) + 1);
		*at = 'V';
		*size -= strlen(MT_VERSION) - 1;
	}
	return text;
}

/* Rules that hold whatever the golden file says. */

static unsigned commas(const char *s, size_t n)
{
	unsigned found = 0;
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		quoted ^= s[i] == '"';
		found += s[i] == ',' && !quoted;
	}
	return quoted ? ~0U : found;
}

static const char *broken(enum mt_format format, const char *text)
{
	unsigned columns = commas(text, strcspn(text, "\n"));

	for (size_t n; *text; text += n + 1) {
		n = strcspn(text, "\n");
		if (!text[n])
			return "the last line has no end";
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
				return "a control character";
		if (format == MT_JSON && !json_valid(text, n))
			return "a line that is no JSON";
		if (format == MT_CSV && !n) /* the histograms' table begins */
			columns = commas(text + 1, strcspn(text + 1, "\n"));
		else if (format == MT_CSV && commas(text, n) != columns)
			return "a line with more or fewer fields than its heading";
	}
	return NULL;
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 1 << 20);

	if (f && !fread(text, 1, (1 << 20) - 1, f) && ferror(f))
		die("cannot read", path);
	if (f)
		fclose(f);
	return text;
}

static void show_difference(const char *name, const char *want, const char *got)
{
	unsigned line = 1;

	for (;; line++) {
		size_t n = strcspn(want, "\n"), m = strcspn(got, "\n");

		if (n != m || memcmp(want, got, n) != 0 || !want[n] || !got[m]) {
			printf("%s/%s, line %u:\n-%.*s\n+%.*s\n", g.dir, name, line, (int)n, want, (int)m, got);
			return;
		}
		want += n + 1;
		got += m + 1;
	}
}

static int check(const char *name, enum mt_format format, bool wide, bool update)
{
	size_t size;
	char path[PATH_MAX], *text = print(format, wide, &size), *want;
	const char *wrong = broken(format, text);
	int failed = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", g.dir, name);
	if (wrong) {
		printf("%s: %s\n", path, wrong);
		failed = 1;
	}
	want = update ? NULL : read_file(path);
	if (update) {
		f = fopen(path, "we");
		if (!f || fwrite(text, 1, size, f) != size || fclose(f))
			die("cannot write", path);
	} else if (strcmp(want, text) != 0) {
		show_difference(name, want, text);
		failed = 1;
	}
	free(want);
	free(text);
	return failed;
}

static void open_tool(const char *dir)
{
	const char *base = strrchr(dir, '/') ? strrchr(dir, '/') + 1 : dir;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(base, "-"), base);
	g = (struct golden){ .dir = dir, .repeat = 1, .info = { .mem_unit = 1 } };
	g.tool = mt_tool_find(name);
	if (!g.tool)
		die("no tool", name);
	open_view(&g.tool->view);
}

static void close_tool(void)
{
	struct told *all[] = { g.empty, g.cgroups, g.ksyms, g.lines, g.numbers, g.mounts };
	size_t nr[] = { g.nr_empty, g.nr_cgroups, g.nr_ksyms, g.nr_lines, g.nr_numbers, g.nr_mounts };

	for (size_t i = 0; i < g.nr_records; i++) {
		free(g.records[i].key);
		free(g.records[i].value);
	}
	for (int k = 0; k < 4; k++)
		for (size_t i = 0; i < nr[k]; i++) {
			free(all[k][i].what);
			free(all[k][i].answer);
		}
	mt_object_close(g.object);
}

int main(int argc, char **argv)
{
	bool update = argc > 1 && !strcmp(argv[1], "--update");
	int failed = 0, first = 1 + update;

	setenv("TZ", "UTC", 1);
	for (int i = first; i < argc; i++) {
		open_tool(argv[i]);
		read_input();
		failed += check("out.txt", MT_TEXT, false, update);
		failed += check("out.wide.txt", MT_TEXT, true, update);
		failed += check("out.json", MT_JSON, true, update);
		failed += check("out.csv", MT_CSV, true, update);
		close_tool();
	}
	printf("%d of %d files differ\n", failed, 4 * (argc - first));
	return failed || argc == first;
}
