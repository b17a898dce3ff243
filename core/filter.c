// SPDX-License-Identifier: GPL-2.0-only
/* Options become constants of the probe. */
#include "filter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "err.h"
#include "host.h"
#include "object.h"

static int unused(const char *option)
{
	return mt_usage("--%s: of no use to this tool (see --help)", option);
}

static int set(struct mt_object *o, const char *option, const char *var, uint64_t value)
{
	int err = mt_object_set_u64(o, var, value);

	return err == -ENOENT ? unused(option) : err ? mt_usage("--%s: out of range", option) : 0;
}

static int apply_task(struct mt_object *o, const char *option, const char *var, uint64_t id)
{
	int rc = set(o, option, var, id);

	if (rc)
		return rc;
	if (!mt_host_init_pid_ns())
		return mt_cannot(0,
				 "--%s: not in a pid namespace of its own, where numbers are not the kernel's: run it "
				 "in the host's",
				 option);
	if (mt_host_pid_gone(id))
		return mt_failed(0, "--%s: no process or thread %llu", option, (unsigned long long)id);
	return 0;
}

uint16_t mt_filter_name_bits(const char *name, uint16_t bits[256])
{
	uint16_t bit = 1;

	memset(bits, 0, 256 * sizeof(*bits));
	for (const char *s = name; *s; s++, bit <<= 1)
		bits[(unsigned char)*s] |= bit;
	return bit >> 1;
}

static int apply_name(struct mt_object *o, const char *name)
{
	uint16_t bits[256], end = mt_filter_name_bits(name, bits);
	int rc = set(o, "name", "mt_comm_end", end);

	if (!rc && mt_object_set(o, "mt_comm_bits", bits, sizeof(bits)))
		rc = unused("name");
	return rc;
}

static int apply_cgroup(struct mt_object *o, const char *path)
{
	uint64_t id = 0;
	int err;

	if (!mt_object_has(o, "mt_in_cgroup"))
		return unused("cgroup");
	if (!mt_cgroup_root())
		return mt_failed(0, "--cgroup: no cgroup tree is mounted (mount -t cgroup2 none /sys/fs/cgroup)");
	err = mt_cgroup_id(path, &id);
	if (err)
		return mt_failed(err, "--cgroup: %s under %s", path, mt_cgroup_root());
	return set(o, "cgroup", "mt_in_cgroup", id);
}

static int apply_own(struct mt_object *o, const struct mt_set *s)
{
	struct mt_field field;
	uint64_t value = 1;
	int err = s->opt->var ? mt_object_var(o, s->opt->var, &field) : 0;

	if (!s->opt->var)
		return 0;
	if (err)
		return unused(s->opt->name);
	if (s->value)
		err = mt_unit_parse(field.unit, s->value, 1000000, &value);
	if (err || (field.size < 8 && value >> 8 * field.size))
		return mt_usage("--%s: '%s' is %s", s->opt->name, s->value,
				err == -EINVAL ? "no number" : "out of range");
	return set(o, s->opt->name, s->opt->var, value);
}

int mt_filter_tree(struct mt_object *o, pid_t pid)
{
	if (!mt_object_has(o, "mt_tree"))
		return 0; /* it counts for the whole host, as long as the command runs */
	if (!mt_host_init_pid_ns())
		return mt_cannot(0, "cannot follow a command in a pid namespace of its own: run it in the host's");
	return set(o, "command", "mt_tree", pid);
}

int mt_filter_apply(struct mt_object *o, const struct mt_opts *opts)
{
	uint64_t ring = 4096;
	int rc = 0;

	if (!mt_object_has_probe(o) && ((opts->hooks && opts->hooks != ~0U) || opts->ring_bytes || opts->entries))
		return unused(opts->ring_bytes ? "buffer" : opts->entries ? "map-entries" : "hook");
	if (opts->has_pid)
		rc = apply_task(o, "pid", "mt_pid", opts->pid);
	if (!rc && opts->has_tid)
		rc = apply_task(o, "tid", "mt_tid", opts->tid);
	if (!rc && opts->has_uid)
		rc = set(o, "uid", "mt_uid", opts->uid);
	if (!rc && opts->name)
		rc = apply_name(o, opts->name);
	if (!rc && opts->cgroup)
		rc = apply_cgroup(o, opts->cgroup);
	if (!rc && opts->min_ns)
		rc = set(o, "min", "mt_min_ns", opts->min_ns);
	for (size_t i = 0; !rc && i < opts->nr_sets; i++)
		rc = apply_own(o, opts->sets + i);
	while (ring < opts->ring_bytes)
		ring *= 2; /* the kernel takes powers of two */
	mt_object_resize(o, opts->ring_bytes ? ring : 0, opts->entries);
	mt_object_set_u64(o, "mt_cgroup_v1", mt_cgroup_is_v1());
	mt_object_set_u64(o, "mt_page_bytes", sysconf(_SC_PAGESIZE));
	return rc;
}
