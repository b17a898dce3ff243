// SPDX-License-Identifier: GPL-2.0-only
/* A probe's object: opened from its bytes, told its constants, its alternatives chosen, loaded, attached. */
#include "object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/membarrier.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "embed.h"
#include "err.h"
#include "host.h"
#include "kbtf.h"
#include "reduce.h"
#include "site.h"
#include "tools.h"

/*
 * Functions of the kernel that a program may call: by their number among the kernel's types, which libbpf would
 * find only in a copy of all of them. The program calls a helper that there is not, in a branch that is dead where
 * the constant says so.
 */
static const struct kfunc {
	int32_t call; /* as probes/mt/probe.bpf.h has it */
	const char *name, *var;
} kfuncs[] = {
	{ 0x4d540001, "bpf_get_kmem_cache", "mt_can_get_kmem_cache" }, /* a992d7a3979120, 6.13 */
};

#define KFUNCS (sizeof(kfuncs) / sizeof(kfuncs[0]))

struct mt_object {
	const struct mt_tool *tool;
	const struct mt_view *view;
	const struct mt_sample *sample; /* instead of a probe: all else is then unused */
	struct bpf_object *bpf;
	struct mt_sites sites;
	struct mt_kbtf *kbtf;
	int reduced; /* memfd of the reduced BTF */
	uint32_t ring_bytes, entries;
	uint32_t kfunc_ids[KFUNCS];
	struct mt_prog *preparing; /* the program that is being loaded */
	bool *on;		   /* mt_on of the loaded probe, in memory shared with the kernel */
	void *bss;
	size_t bss_size;
	struct mt_perf perf;
};

/* libbpf's callbacks carry no pointer of ours */
static struct mt_object *loading;

static void number_kfuncs(const struct mt_object *o, struct bpf_program *prog)
{
	struct bpf_insn *insns = (struct bpf_insn *)bpf_program__insns(prog);
	size_t n = bpf_program__insn_cnt(prog);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < KFUNCS; k++)
			if (insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src_reg &&
			    insns[i].imm == kfuncs[k].call && o->kfunc_ids[k]) {
				insns[i].src_reg = BPF_PSEUDO_KFUNC_CALL;
				insns[i].imm = (int32_t)o->kfunc_ids[k];
			}
}

/* Called by libbpf just before it loads @prog: tells the kernel what a typed program is for. */
static int prepare(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	struct mt_prog *p = mt_sites_prog(&loading->sites, prog);

	if (!p)
		return -EINVAL;
	loading->preparing = p;
	number_kfuncs(loading, prog);
	if (!mt_hooks[cookie].typed)
		return 0;
	opts->attach_btf_id = p->btf_id;
	opts->expected_attach_type = mt_hooks[cookie].type;
	return bpf_program__set_type(prog, mt_hooks[cookie].load_as);
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
		enum bpf_prog_type type = mt_hooks[h].typed ? BPF_PROG_TYPE_RAW_TRACEPOINT : mt_hooks[h].load_as;
		int err = libbpf_register_prog_handler(mt_hooks[h].section, type, mt_hooks[h].type, &opts);

		if (err < 0)
			return err;
	}
	done = true;
	return 0;
}

static int tell_view(struct mt_object *o);

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
	o->sites.bpf = o->bpf;
	err = o->bpf ? 0 : -errno;
	free(bytes); /* libbpf has copied what it needs */
	return err;
}

static const struct mt_view any_view; /* of any source but MT_SAMPLED */

int mt_object_open(struct mt_object **object, const struct mt_tool *tool)
{
	return mt_object_open_view(object, tool, tool->object ? &any_view : &tool->view);
}

int mt_object_open_view(struct mt_object **object, const struct mt_tool *tool, const struct mt_view *view)
{
	struct mt_object *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return mt_failed(ENOMEM, "no memory for the probe"), -ENOMEM;
	o->tool = tool;
	o->view = view == &any_view ? &tool->view : view;
	o->reduced = -1;
	if (view->source == MT_SAMPLED) {
		o->sample = view->sample;
		*object = o;
		return 0;
	}
	o->reduced = memfd_create("btf", MFD_CLOEXEC); /* read by libbpf when it loads, filled by then */
	mt_sites_init(&o->sites, tool);
	for (const struct mt_event *e = tool->events; e && e->map && o->perf.n < MT_MAX_EVENTS; e++)
		o->perf.of[o->perf.n++] = (struct mt_perf_one){ .map = e->map, .name = e->name };
	err = o->reduced < 0 ? -errno : register_sections();
	if (!err)
		err = open_bpf(o);
	if (!err)
		err = tell_view(o);
	if (err) {
		mt_failed(err, "cannot open the probe that is built in");
		mt_log_print();
		mt_object_close(o);
		return err;
	}
	*object = o;
	return 0;
}

void mt_object_close(struct mt_object *o)
{
	if (!o)
		return;
	mt_sites_detach(&o->sites);
	mt_perf_close(&o->perf);
	if (o->bss)
		munmap(o->bss, o->bss_size);
	if (o->bpf)
		bpf_object__close(o->bpf);
	mt_kbtf_close(o->kbtf);
	if (o->reduced >= 0)
		close(o->reduced);
	free(o);
}

bool mt_object_has_probe(const struct mt_object *o)
{
	return o->bpf != NULL;
}

const struct btf *mt_object_btf(const struct mt_object *o)
{
	return o->bpf ? bpf_object__btf(o->bpf) : NULL;
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
	if (!o->bpf)
		return mt_layout_member(o->sample ? o->sample->asks : NULL, var, field);
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
	char *data;
	int err = mt_object_var(o, var, &field);

	if (err)
		return err;
	if (!o->bpf) {
		memcpy((char *)o->sample->ask + field.offset, value, size < field.size ? size : field.size);
		return 0;
	}
	data = section_data(o, ".rodata", &len);
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

uint64_t mt_object_u64(const struct mt_object *o, const char *var)
{
	struct mt_field field;
	size_t len;
	const char *data = section_data(o, ".rodata", &len);

	if (!data || mt_object_var(o, var, &field) || field.offset + (size_t)field.size > len)
		return 0;
	return mt_field_get(&field, data, 0);
}

/* Tells the probe which of the views that --by names is wanted. */
static int tell_view(struct mt_object *o)
{
	struct mt_field field;
	int64_t value;
	int err;

	if (!o->view->word)
		return 0;
	err = mt_object_var(o, "mt_by", &field);
	if (!err)
		err = mt_layout_enum_value(mt_object_btf(o), field.enum_id, o->view->word, &value);
	return err ? mt_failed(0, "no enumerator of mt_by for --by %s", o->view->word)
		   : mt_object_set_u64(o, "mt_by", value);
}

/* Is that map only for views that were not chosen? */
static bool idle(const struct mt_object *o, const char *map)
{
	const struct mt_view *v;
	bool named = false;

	for (size_t i = 0; (v = mt_tool_view(o->tool, i)); i++) {
		const char *own = v->source == MT_RING ? "mt_events" : v->source == MT_KEYED ? v->map : "mt_totals";

		if (strcmp(own, map) != 0)
			continue;
		if (v == o->view)
			return false;
		named = true;
	}
	return named;
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
		bool ring = bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF;

		if (idle(o, bpf_map__name(map)))
			bpf_map__set_max_entries(map, ring ? sysconf(_SC_PAGESIZE) : 1);
		else if (ring && o->ring_bytes)
			bpf_map__set_max_entries(map, o->ring_bytes);
		else if ((bpf_map__type(map) == BPF_MAP_TYPE_HASH || bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_HASH) &&
			 o->entries)
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
	mt_sites_detach(&o->sites);
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

/* Reads the kernel's types and leaves what this object's relocations need in a file of memory. */
static int read_kernel(struct mt_object *o)
{
	size_t size = 0;
	void *raw = NULL;
	int err = mt_kbtf_open(&o->kbtf, MT_KBTF_PATH);

	if (err)
		return err;
	err = mt_reduce_wish(o->kbtf, mt_object_btf(o));
	if (!err)
		err = mt_sites_wish(&o->sites, o->kbtf);
	for (size_t k = 0; !err && k < KFUNCS; k++)
		if (mt_object_has(o, kfuncs[k].var))
			err = mt_kbtf_wish_func(o->kbtf, kfuncs[k].name);
	if (!err)
		err = mt_reduce(o->kbtf, mt_object_btf(o), &raw, &size);
	if (!err && write(o->reduced, raw, size) != (ssize_t)size)
		err = -EIO;
	free(raw);
	for (size_t k = 0; !err && k < KFUNCS; k++)
		if (mt_object_has(o, kfuncs[k].var)) {
			o->kfunc_ids[k] = mt_kbtf_func(o->kbtf, kfuncs[k].name);
			mt_object_set_u64(o, kfuncs[k].var, o->kfunc_ids[k] != 0);
		}
	return err;
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
		err = mt_sites_attach(&o->sites, &o->preparing);
	}
	*culprit = err && o->preparing && mt_sites_rule_out(&o->sites, o->preparing->bpf, what, err);
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

bool mt_object_event(struct mt_object *o, const char *map, const char *name)
{
	struct perf_event_attr attr;

	if (!mt_perf_parse(name, &attr))
		return false;
	for (size_t i = 0; i < o->perf.n; i++)
		if (!strcmp(o->perf.of[i].map, map))
			o->perf.of[i].name = name;
	return true;
}

static int open_events(struct mt_object *o, bool quiet)
{
	const char *lacks = o->tool->events ? o->tool->events->lacks : NULL;
	int err;

	if (!o->perf.n)
		return 0;
	for (size_t i = 0; i < o->perf.n; i++)
		o->perf.of[i].fd = mt_object_map(o, o->perf.of[i].map, NULL, NULL, NULL);
	err = mt_perf_open(&o->perf);
	if (!err || quiet)
		return err ? MT_CANNOT : 0;
	return o->perf.why[0] ? mt_cannot(0, "cannot count %s%s%s", o->perf.why, lacks ? ". " : "", lacks ? lacks : "")
			      : load_failed(err, quiet);
}

void mt_object_count(struct mt_object *o)
{
	mt_perf_start(&o->perf);
}

const struct mt_perf *mt_object_events(const struct mt_object *o)
{
	return &o->perf;
}

void mt_object_call(const struct mt_object *o)
{
	int cpus = libbpf_num_possible_cpus();

	for (size_t i = 0; i < o->sites.nr_progs; i++) {
		const struct bpf_program *prog = o->sites.progs[i].bpf;

		/* ENXIO: no such processor now */
		for (int cpu = 0; mt_hook_of(prog) == MT_HOOK_CALL && cpu < cpus; cpu++) {
			LIBBPF_OPTS(bpf_test_run_opts, opts, .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = (uint32_t)cpu);

			bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);
		}
	}
}

int mt_object_load(struct mt_object *o, unsigned allowed, bool wide, bool quiet)
{
	int err;
	bool culprit;

	if (!o->bpf)
		return 0;
	err = read_kernel(o);
	if (err)
		return kernel_failed(err, quiet);
	mt_object_set_u64(o, "mt_typed_task", !may_probe_read());
	err = o->tool->start ? o->tool->start(o) : 0;
	if (err)
		return err;
	resize(o);
	for (;;) {
		if (!mt_sites_choose(&o->sites, o->kbtf, allowed, wide))
			return quiet ? MT_CANNOT : mt_sites_refuse(&o->sites, wide);
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
	return err ? load_failed(err, quiet) : open_events(o, quiet);
}

size_t mt_object_choices(const struct mt_object *o, const struct mt_choice **choices)
{
	*choices = o->sites.choices;
	return o->sites.nr_choices;
}

const char *mt_object_hooks(const struct mt_object *o, const struct mt_site *site, int t, char *buf, size_t size)
{
	return mt_sites_hooks(&o->sites, site, t, buf, size);
}

bool mt_object_has_site(const struct mt_object *o, const char *site)
{
	for (size_t i = 0; i < o->sites.nr_choices; i++)
		if (!strcmp(o->sites.choices[i].site->name, site))
			return o->sites.choices[i].chosen >= 0;
	return false;
}

uint64_t mt_object_missed(const struct mt_object *o)
{
	uint64_t missed = 0;

	for (size_t i = 0; i < o->sites.nr_progs; i++) {
		struct bpf_prog_info info = { 0 };
		uint32_t len = sizeof(info);

		if (!bpf_obj_get_info_by_fd(bpf_program__fd(o->sites.progs[i].bpf), &info, &len))
			missed += info.recursion_misses;
	}
	return missed;
}

void mt_object_switch(struct mt_object *o, bool on)
{
	if (!o->on)
		return;
	__atomic_store_n(o->on, on, __ATOMIC_SEQ_CST);
	/* programs run as readers of RCU, for which this waits; without it the account could still move a little */
	if (!on)
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

int mt_object_map(const struct mt_object *o, const char *name, uint32_t *key_type, uint32_t *value_type,
		  uint32_t *max_entries)
{
	struct bpf_map *map = o->bpf ? bpf_object__find_map_by_name(o->bpf, name) : NULL;

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

bool mt_object_map_per_cpu(const struct mt_object *o, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(o->bpf, name);

	return map && bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_HASH;
}

int mt_object_selfcheck(struct mt_object *o)
{
	return o->bpf ? mt_sites_selfcheck(&o->sites) : 0;
}
