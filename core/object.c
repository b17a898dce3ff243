// SPDX-License-Identifier: GPL-2.0-only
/* A probe's object: opened from its bytes, told its constants, its alternatives chosen, loaded, attached. */
#include "object.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "embed.h"
#include "err.h"
#include "host.h"
#include "kbtf.h"

#define MAX_SITES 32
#define MAX_PROGS 64

struct mt_object {
	const struct mt_tool *tool;
	struct bpf_object *bpf;
	struct mt_choice choices[MAX_SITES];
	size_t nr_choices;
	struct prog {
		struct bpf_program *bpf;
		uint32_t btf_id; /* what a typed program is for */
		struct bpf_link *link;
	} progs[MAX_PROGS];
	size_t nr_progs;
	unsigned refused; /* hooks that this kernel refuses altogether */
	int refused_err[MT_HOOKS];
	struct mt_kbtf *kbtf;
	int reduced; /* memfd of the reduced BTF */
	uint32_t ring_bytes, entries;
	const struct prog *preparing; /* the program that is being loaded */
	bool *on;		      /* mt_on of the loaded probe, in memory shared with the kernel */
	void *bss;
	size_t bss_size;
};

/* libbpf's callbacks carry no pointer of ours */
static struct mt_object *loading;

static int attach_typed(struct prog *p, const char *target);
static int attach_kprobe(struct prog *p, const char *target);
static int attach_kretprobe(struct prog *p, const char *target);
static int attach_tp(struct prog *p, const char *target);

static const struct hook {
	const char *name;
	const char *section;
	enum bpf_attach_type type; /* of typed hooks, which name their target by BTF id */
	bool typed;
	uint32_t (*find)(struct mt_kbtf *kbtf, const char *target);
	int (*attach)(struct prog *p, const char *target);
} hooks[MT_HOOKS] = {
	[MT_HOOK_TP_BTF] = { "tp_btf", "tp_btf/", BPF_TRACE_RAW_TP, true, mt_kbtf_tracepoint, attach_typed },
	[MT_HOOK_FENTRY] = { "fentry", "fentry/", BPF_TRACE_FENTRY, true, mt_kbtf_func, attach_typed },
	[MT_HOOK_FEXIT] = { "fentry", "fexit/", BPF_TRACE_FEXIT, true, mt_kbtf_func, attach_typed },
	[MT_HOOK_KPROBE] = { "kprobe", "kprobe/", 0, false, NULL, attach_kprobe },
	[MT_HOOK_KRETPROBE] = { "kprobe", "kretprobe/", 0, false, NULL, attach_kretprobe },
	[MT_HOOK_TP] = { "tp", "tp/", 0, false, NULL, attach_tp },
};

const char *mt_hook_name(enum mt_hook hook)
{
	return hooks[hook].name;
}

unsigned mt_hook_mask(const char *name)
{
	unsigned mask = 0;

	for (int h = 0; h < MT_HOOKS; h++)
		if (!strcmp(hooks[h].name, name))
			mask |= 1U << h;
	return mask;
}

static int hook_of(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	for (int h = 0; h < MT_HOOKS; h++)
		if (!strncmp(section, hooks[h].section, strlen(hooks[h].section)))
			return h;
	return -1;
}

/* One alternative's text, taken apart program by program. */
struct part {
	char program[64];
	char target[64]; /* a function, or a tracepoint */
	char unless[64]; /* a struct */
	int args;	 /* -1: any number */
};

/* Reads the part at *@s and moves it behind the '+'; false at the end of the text. */
static bool next_part(const char **s, struct part *part)
{
	size_t n = strcspn(*s, "/!@+");

	if (!**s)
		return false;
	memset(part, 0, sizeof(*part));
	part->args = -1;
	snprintf(part->program, sizeof(part->program), "%.*s", (int)n, *s);
	for (*s += n; **s && **s != '+'; *s += n) {
		char mark = *(*s)++;

		n = strcspn(*s, "/!@+");
		if (mark == '/')
			part->args = atoi(*s);
		else if (mark == '!')
			snprintf(part->unless, sizeof(part->unless), "%.*s", (int)n, *s);
		else
			snprintf(part->target, sizeof(part->target), "%.*s", (int)n, *s);
	}
	*s += **s == '+';
	return true;
}

/* The part's program and hook; fills in the section's target where the part has none of its own. */
static struct bpf_program *part_program(const struct mt_object *o, struct part *part, int *hook)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(o->bpf, part->program);

	if (!prog)
		return NULL;
	*hook = hook_of(prog);
	if (*hook >= 0 && !part->target[0])
		snprintf(part->target, sizeof(part->target), "%s",
			 bpf_program__section_name(prog) + strlen(hooks[*hook].section));
	return prog;
}

/* Called by libbpf just before it loads @prog: tells the kernel what a typed program is for. */
static int prepare(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	for (size_t i = 0; i < loading->nr_progs; i++) {
		struct prog *p = loading->progs + i;

		if (p->bpf != prog)
			continue;
		loading->preparing = p;
		if (!hooks[cookie].typed)
			return 0;
		opts->attach_btf_id = p->btf_id;
		opts->expected_attach_type = hooks[cookie].type;
		return bpf_program__set_type(prog, BPF_PROG_TYPE_TRACING);
	}
	return -EINVAL;
}

/*
 * Our own meaning for the usual sections. A typed program is a raw tracepoint until prepare(): libbpf,
 * which looks whether any program is typed before it loads the first, then leaves the kernel's BTF alone.
 */
static int register_sections(void)
{
	static bool done;

	for (int h = 0; !done && h < MT_HOOKS; h++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = prepare, .cookie = h);
		enum bpf_prog_type type = hooks[h].typed  ? BPF_PROG_TYPE_RAW_TRACEPOINT
					: h == MT_HOOK_TP ? BPF_PROG_TYPE_TRACEPOINT
							  : BPF_PROG_TYPE_KPROBE;
		int err = libbpf_register_prog_handler(hooks[h].section, type, hooks[h].type, &opts);

		if (err < 0)
			return err;
	}
	done = true;
	return 0;
}

static int open_bpf(struct mt_object *o)
{
	char path[32];
	void *bytes;
	size_t size;
	int err;
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = o->tool->name, .btf_custom_path = path);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", o->reduced);
	bytes = mt_embed_object(o->tool, &size);
	if (!bytes)
		return -ENOMEM;
	o->bpf = bpf_object__open_mem(bytes, size, &opts);
	err = o->bpf ? 0 : -errno;
	free(bytes); /* libbpf has copied what it needs */
	return err;
}

int mt_object_open(struct mt_object **object, const struct mt_tool *tool)
{
	struct mt_object *o = calloc(1, sizeof(*o));
	const struct mt_site *site;
	int err;

	if (!o)
		return mt_failed(ENOMEM, "no memory for the probe"), -ENOMEM;
	o->tool = tool;
	o->reduced = memfd_create("btf", MFD_CLOEXEC); /* read by libbpf when it loads, filled by then */
	for (site = tool->sites; site && site->name && o->nr_choices < MAX_SITES; site++)
		o->choices[o->nr_choices++] = (struct mt_choice){ .site = site, .chosen = -1 };
	err = o->reduced < 0 ? -errno : register_sections();
	if (!err)
		err = open_bpf(o);
	if (err) {
		mt_failed(err, "cannot open the probe that is built in");
		mt_log_print();
		mt_object_close(o);
		return err;
	}
	*object = o;
	return 0;
}

static void detach(struct mt_object *o)
{
	for (size_t i = 0; i < o->nr_progs; i++)
		bpf_link__destroy(o->progs[i].link);
	o->nr_progs = 0;
}

void mt_object_close(struct mt_object *o)
{
	if (!o)
		return;
	detach(o);
	if (o->bss)
		munmap(o->bss, o->bss_size);
	if (o->bpf)
		bpf_object__close(o->bpf);
	mt_kbtf_close(o->kbtf);
	if (o->reduced >= 0)
		close(o->reduced);
	free(o);
}

const struct btf *mt_object_btf(const struct mt_object *o)
{
	return bpf_object__btf(o->bpf);
}

/* libbpf prefixes the names of data sections' maps with the object's. */
static struct bpf_map *section_map(const struct mt_object *o, const char *section)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, o->bpf) {
		const char *name = bpf_map__name(map);
		size_t len = strlen(name), n = strlen(section);

		if (len >= n && !strcmp(name + len - n, section))
			return map;
	}
	return NULL;
}

static void *section_data(const struct mt_object *o, const char *section, size_t *size)
{
	struct bpf_map *map = section_map(o, section);

	return map ? (void *)bpf_map__initial_value(map, size) : NULL;
}

int mt_object_var(const struct mt_object *o, const char *var, struct mt_field *field)
{
	return mt_layout_var(mt_object_btf(o), ".rodata", var, field);
}

bool mt_object_has(const struct mt_object *o, const char *var)
{
	struct mt_field field;

	return !mt_object_var(o, var, &field);
}

int mt_object_set(struct mt_object *o, const char *var, const void *value, size_t size)
{
	struct mt_field field;
	size_t len;
	char *data = section_data(o, ".rodata", &len);
	int err = mt_object_var(o, var, &field);

	if (err)
		return err;
	if (!data || field.offset + size > len || size > (size_t)field.size * field.count)
		return -ERANGE;
	memcpy(data + field.offset, value, size);
	return 0;
}

int mt_object_set_u64(struct mt_object *o, const char *var, uint64_t value)
{
	struct mt_field field;
	int err = mt_object_var(o, var, &field);

	if (err)
		return err;
	return mt_object_set(o, var, &value, field.size < 8 ? field.size : 8);
}

void mt_object_resize(struct mt_object *o, uint32_t ring_bytes, uint32_t entries)
{
	o->ring_bytes = ring_bytes;
	o->entries = entries;
}

static void resize(struct mt_object *o)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, o->bpf) {
		if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF && o->ring_bytes)
			bpf_map__set_max_entries(map, o->ring_bytes);
		if (bpf_map__type(map) == BPF_MAP_TYPE_HASH && o->entries)
			bpf_map__set_max_entries(map, o->entries);
	}
}

/* Opens the object anew, with the constants that were set in the old one. */
static int reopen(struct mt_object *o)
{
	struct bpf_object *old = o->bpf;
	size_t size, new_size;
	void *data = section_data(o, ".rodata", &size), *copy = NULL, *into;
	int err;

	if (data) {
		copy = malloc(size);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, data, size);
	}
	detach(o);
	err = open_bpf(o);
	if (err) {
		o->bpf = old;
		free(copy);
		return err;
	}
	bpf_object__close(old);
	into = section_data(o, ".rodata", &new_size);
	if (copy && into && size == new_size)
		memcpy(into, copy, size);
	free(copy);
	resize(o);
	return 0;
}

static int wish_all(struct mt_object *o)
{
	int err = mt_kbtf_wish_types(o->kbtf, mt_object_btf(o));

	for (size_t i = 0; i < o->nr_choices; i++)
		for (int t = 0; t < MT_TRIES && o->choices[i].site->try[t]; t++) {
			const char *s = o->choices[i].site->try[t];
			struct part part;
			int hook;

			while (!err && next_part(&s, &part)) {
				if (!part_program(o, &part, &hook) || hook < 0)
					continue;
				if (hook == MT_HOOK_TP_BTF)
					err = mt_kbtf_wish_tracepoint(o->kbtf, part.target);
				else
					err = mt_kbtf_wish_func(o->kbtf, part.target);
				if (!err && part.unless[0])
					err = mt_kbtf_wish_type(o->kbtf, part.unless);
			}
		}
	return err;
}

/* Reads the kernel's types and leaves what this object's relocations need in a file of memory. */
static int read_kernel(struct mt_object *o)
{
	size_t size = 0;
	void *raw = NULL;
	int err = mt_kbtf_open(&o->kbtf, MT_KBTF_PATH);

	if (err)
		return err;
	err = wish_all(o);
	if (!err)
		err = mt_kbtf_reduce(o->kbtf, mt_object_btf(o), &raw, &size);
	if (!err && write(o->reduced, raw, size) != (ssize_t)size)
		err = -EIO;
	free(raw);
	return err;
}

static void pass_over(struct mt_choice *c, int t, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void pass_over(struct mt_choice *c, int t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->why[t], sizeof(c->why[t]), fmt, args);
	va_end(args);
}

/* Can this program be tried? Says why not. */
static bool part_possible(struct mt_object *o, struct mt_choice *c, int t, const struct part *part, int hook,
			  unsigned allowed, uint32_t *id)
{
	int args;

	*id = 0;
	if (!(allowed >> hook & 1)) {
		pass_over(c, t, "%s is not among the hooks asked for", hooks[hook].name);
		return false;
	}
	if (o->refused >> hook & 1) {
		pass_over(c, t, "%s: %s", hooks[hook].name, strerror(o->refused_err[hook]));
		return false;
	}
	if (part->unless[0] && mt_kbtf_struct(o->kbtf, part->unless)) {
		pass_over(c, t, "%s: something else where there is a struct %s", part->target, part->unless);
		return false;
	}
	if (!hooks[hook].find)
		return true;
	*id = hooks[hook].find(o->kbtf, part->target);
	if (!*id) {
		pass_over(c, t, "this kernel has no %s %s", hook == MT_HOOK_TP_BTF ? "tracepoint" : "function",
			  part->target);
		return false;
	}
	args = mt_kbtf_args(o->kbtf, *id);
	if (part->args >= 0 && args != part->args) {
		pass_over(c, t, "%s has %d arguments here", part->target, args);
		return false;
	}
	return true;
}

static struct prog *find_prog(struct mt_object *o, const struct bpf_program *bpf)
{
	for (size_t i = 0; i < o->nr_progs; i++)
		if (o->progs[i].bpf == bpf)
			return o->progs + i;
	return NULL;
}

/* Takes alternative @t of a site if all its programs can be tried. */
static bool take(struct mt_object *o, struct mt_choice *c, int t, unsigned allowed)
{
	const char *s = c->site->try[t];
	size_t first = o->nr_progs;
	struct part part;

	while (next_part(&s, &part)) {
		int hook = -1;
		struct bpf_program *prog = part_program(o, &part, &hook);
		uint32_t id;

		if (!prog || hook < 0 || o->nr_progs == MAX_PROGS) {
			pass_over(c, t, "no program %s", part.program);
			o->nr_progs = first;
			return false;
		}
		if (!part_possible(o, c, t, &part, hook, allowed, &id)) {
			o->nr_progs = first;
			return false;
		}
		if (!find_prog(o, prog))
			o->progs[o->nr_progs++] = (struct prog){ .bpf = prog, .btf_id = id };
	}
	c->chosen = t;
	return true;
}

static bool choose(struct mt_object *o, unsigned allowed, bool wide)
{
	struct bpf_program *prog;
	bool complete = true;

	o->nr_progs = 0;
	for (size_t i = 0; i < o->nr_choices; i++) {
		struct mt_choice *c = o->choices + i;

		c->chosen = -1;
		if (c->site->wide && !wide)
			continue;
		for (int t = 0; t < MT_TRIES && c->site->try[t] && c->chosen < 0; t++)
			if (!c->why[t][0])
				take(o, c, t, allowed);
		if (c->chosen < 0 && !c->site->optional)
			complete = false;
	}
	bpf_object__for_each_program (prog, o->bpf)
		bpf_program__set_autoload(prog, false);
	for (size_t i = 0; i < o->nr_progs; i++)
		bpf_program__set_autoload(o->progs[i].bpf, true);
	return complete && (o->nr_progs || !o->nr_choices);
}

/* Rules out the alternative that @p belongs to; a hook that policy forbids is not tried again. */
static bool rule_out(struct mt_object *o, const struct prog *p, const char *what, int err)
{
	const char *name = bpf_program__name(p->bpf);
	int hook = hook_of(p->bpf);
	bool found = false;

	for (size_t i = 0; i < o->nr_choices; i++) {
		struct mt_choice *c = o->choices + i;
		const char *s = c->chosen < 0 ? "" : c->site->try[c->chosen];
		struct part part;

		while (next_part(&s, &part))
			if (!strcmp(part.program, name)) {
				pass_over(c, c->chosen, "%s: %s: %s", part.program, what, strerror(-err));
				found = true;
			}
	}
	if (err == -EPERM) /* EACCES is what the verifier says of one program */
		for (int h = 0; h < MT_HOOKS; h++)
			if (!strcmp(hooks[h].name, hooks[hook].name) && hook != MT_HOOK_TP_BTF) {
				o->refused |= 1U << h;
				o->refused_err[h] = -err;
			}
	return found;
}

static int attach_typed(struct prog *p, const char *target)
{
	(void)target;
	p->link = bpf_program__attach_trace(p->bpf);
	return p->link ? 0 : -errno;
}

static int attach_kprobe(struct prog *p, const char *target)
{
	p->link = bpf_program__attach_kprobe(p->bpf, false, target);
	return p->link ? 0 : -errno;
}

static int attach_kretprobe(struct prog *p, const char *target)
{
	p->link = bpf_program__attach_kprobe(p->bpf, true, target);
	return p->link ? 0 : -errno;
}

static int attach_tp(struct prog *p, const char *target)
{
	char category[64];
	const char *slash = strchr(target, '/');

	if (!slash)
		return -EINVAL;
	snprintf(category, sizeof(category), "%.*s", (int)(slash - target), target);
	p->link = bpf_program__attach_tracepoint(p->bpf, category, slash + 1);
	return p->link ? 0 : -errno;
}

static int attach_one(struct mt_object *o, const char *s)
{
	struct part part;

	while (next_part(&s, &part)) {
		int hook = -1, err;
		struct prog *p = find_prog(o, part_program(o, &part, &hook));

		if (!p)
			return -ENOENT;
		if (p->link)
			continue;
		o->preparing = p;
		err = hooks[hook].attach(p, part.target);
		if (err)
			return err;
	}
	return 0;
}

static int attach_all(struct mt_object *o)
{
	int err = 0;

	for (size_t i = 0; i < o->nr_choices && !err; i++)
		if (o->choices[i].chosen >= 0)
			err = attach_one(o, o->choices[i].site->try[o->choices[i].chosen]);
	return err;
}

/* Says what a site that must not be empty lacks, with all that was tried. */
static int refuse(struct mt_object *o, bool wide, bool quiet)
{
	if (quiet)
		return MT_CANNOT;
	for (size_t i = 0; i < o->nr_choices; i++) {
		const struct mt_choice *c = o->choices + i;
		char tried[MT_TRIES * 100] = "";
		size_t n = 0;

		if (c->chosen >= 0 || (c->site->optional && o->nr_progs) || (c->site->wide && !wide))
			continue;
		for (int t = 0; t < MT_TRIES && c->site->try[t]; t++)
			n += snprintf(tried + n, sizeof(tried) - n, "%s%s", n ? "; " : "", c->why[t]);
		return mt_cannot(0, "cannot observe '%s' on this kernel: %s%s%s", c->site->name, tried,
				 c->site->lacks ? ". " : "", c->site->lacks ? c->site->lacks : "");
	}
	return MT_CANNOT;
}

/* Loads and attaches what is chosen; on failure @culprit: another choice may do. */
static int attempt(struct mt_object *o, bool *culprit)
{
	const char *what = "the kernel does not load it";
	int err;

	o->preparing = NULL;
	loading = o;
	err = bpf_object__load(o->bpf);
	if (!err) {
		what = "cannot be attached";
		o->preparing = NULL;
		err = attach_all(o);
	}
	*culprit = err && o->preparing && rule_out(o, o->preparing, what, err);
	return err;
}

static int load_failed(int err, bool quiet)
{
	if (quiet)
		return MT_CANNOT;
	if (err == -EPERM && !mt_host_may_bpf())
		return mt_failed(0, "bpf: not permitted: run it as root, or with the capabilities CAP_BPF, CAP_PERFMON "
				    "and CAP_SYS_RESOURCE");
	if (access("/proc/self/fd", F_OK))
		return mt_failed(0, "/proc: not mounted, and needed (mount -t proc none /proc)");
	mt_log_print();
	return mt_failed(err, "cannot load the probe");
}

static int kernel_failed(int err, bool quiet)
{
	if (quiet)
		return MT_CANNOT;
	if (err == -ENOENT)
		return mt_cannot(
			0, MT_KBTF_PATH
			": not there: this kernel was built without CONFIG_DEBUG_INFO_BTF, or /sys is not mounted");
	return mt_cannot(err, MT_KBTF_PATH ": cannot be read as the kernel's types (BTF)");
}

/* May programs call bpf_probe_read_kernel()? lockdown=confidentiality forbids it, whatever the capabilities. */
static bool may_probe_read(void)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_1, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_TRACEPOINT, "mayread", "GPL", insns, sizeof(insns) / sizeof(insns[0]),
			       NULL);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Only skeletons have libbpf map .bss. */
static int map_switch(struct mt_object *o)
{
	struct bpf_map *map = section_map(o, ".bss");
	struct mt_field field;

	if (!map || mt_layout_var(mt_object_btf(o), ".bss", "mt_on", &field))
		return -ENOENT;
	o->bss_size = bpf_map__value_size(map);
	o->bss = mmap(NULL, o->bss_size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (o->bss == MAP_FAILED) {
		o->bss = NULL;
		return -errno;
	}
	o->on = (bool *)o->bss + field.offset;
	return 0;
}

int mt_object_load(struct mt_object *o, unsigned allowed, bool wide, bool quiet)
{
	int err = o->tool->start ? o->tool->start(o) : 0;
	bool culprit;

	if (err)
		return err;
	err = read_kernel(o);
	if (err)
		return kernel_failed(err, quiet);
	if (!mt_host_kprobes())
		for (int h = 0; h < MT_HOOKS; h++)
			if (h == MT_HOOK_KPROBE || h == MT_HOOK_KRETPROBE) {
				o->refused |= 1U << h;
				o->refused_err[h] = EOPNOTSUPP;
			}
	mt_object_set_u64(o, "mt_typed_task", !may_probe_read());
	resize(o);
	for (;;) {
		if (!choose(o, allowed, wide))
			return refuse(o, wide, quiet);
		err = attempt(o, &culprit);
		if (!err)
			break;
		if (!culprit || (err == -EPERM && !mt_host_may_bpf()))
			return load_failed(err, quiet);
		mt_log_clear();
		err = reopen(o);
		if (err)
			return load_failed(err, quiet);
	}
	mt_kbtf_close(o->kbtf);
	o->kbtf = NULL;
	close(o->reduced);
	o->reduced = -1;
	err = map_switch(o);
	return err ? load_failed(err, quiet) : 0;
}

size_t mt_object_choices(const struct mt_object *o, const struct mt_choice **choices)
{
	*choices = o->choices;
	return o->nr_choices;
}

const char *mt_object_hooks(const struct mt_object *o, const struct mt_site *site, int t, char *buf, size_t size)
{
	const char *s = site->try[t], *kind = NULL;
	struct part part;
	size_t n = 0;
	int hook = -1;

	buf[0] = '\0';
	while (next_part(&s, &part) && n < size) {
		if (!part_program(o, &part, &hook) || hook < 0)
			continue;
		if (kind && !strcmp(kind, hooks[hook].name))
			n += snprintf(buf + n, size - n, ",%s", part.target);
		else
			n += snprintf(buf + n, size - n, "%s%s:%s", kind ? "+" : "", hooks[hook].name, part.target);
		kind = hooks[hook].name;
	}
	return buf;
}

bool mt_object_has_site(const struct mt_object *o, const char *site)
{
	for (size_t i = 0; i < o->nr_choices; i++)
		if (!strcmp(o->choices[i].site->name, site))
			return o->choices[i].chosen >= 0;
	return false;
}

void mt_object_switch(struct mt_object *o, bool on)
{
	__atomic_store_n(o->on, on, __ATOMIC_SEQ_CST);
}

int mt_object_map(const struct mt_object *o, const char *name, uint32_t *key_type, uint32_t *value_type,
		  uint32_t *max_entries)
{
	struct bpf_map *map = bpf_object__find_map_by_name(o->bpf, name);

	if (!map)
		return -ENOENT;
	if (key_type)
		*key_type = bpf_map__btf_key_type_id(map);
	if (value_type)
		*value_type = bpf_map__btf_value_type_id(map);
	if (max_entries)
		*max_entries = bpf_map__max_entries(map);
	return bpf_map__fd(map);
}

static int bad(const struct mt_object *o, const char *what, const char *name)
{
	return mt_failed(0, "%s: no %s '%s' in the probe", o->tool->name, what, name);
}

static int check_programs(const struct mt_object *o)
{
	size_t used = 0, all = 0;
	struct bpf_program *prog;

	for (size_t i = 0; i < o->nr_choices; i++)
		for (int t = 0; t < MT_TRIES && o->choices[i].site->try[t]; t++) {
			const char *s = o->choices[i].site->try[t];
			struct part part;
			int hook = -1;

			while (next_part(&s, &part)) {
				if (!part_program(o, &part, &hook) || hook < 0)
					return bad(o, "program", part.program);
				used++;
			}
		}
	bpf_object__for_each_program (prog, o->bpf)
		all++;
	return all > used ? mt_failed(0, "%s: the probe has programs that no site names", o->tool->name) : 0;
}

int mt_object_selfcheck(struct mt_object *o)
{
	int rc = check_programs(o);

	for (const struct mt_opt *opt = o->tool->opts; !rc && opt && opt->name; opt++)
		if (!mt_object_has(o, opt->var))
			rc = bad(o, "constant", opt->var);
	return rc;
}
