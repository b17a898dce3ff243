// SPDX-License-Identifier: GPL-2.0-only
/* slabratetop: which slab caches are allocated from, how fast, and whether they grow. */
#include "err.h"
#include "ksym.h"
#include "object.h"
#include "row.h"
#include "tool.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CACHES 1024
enum { TS, CACHE };

#define NAME_BYTES 32 /* as the probe has it */

/* What the allocator says of one cache. */
struct cache {
	char name[NAME_BYTES];
	bool twice; /* another begins with the same letters */
	int64_t active, slabs, slab_pages;
};

struct caches {
	struct cache all[MAX_CACHES];
	size_t n;
};

/* Taken by start(): what is static is locked in memory, whichever tool runs. */
static struct caches *now, *before;
static FILE *slabinfo;
static uint64_t read_at; /* the time of the rows that now is for */
static bool whole;	 /* everything is counted, so that it may be compared with what the allocator says */
static int64_t page_bytes;

/* Caches that the kernel has merged: links to a directory that is named for what they have in common. */
static struct link {
	char name[NAME_BYTES], to[48];
} * links;
static size_t nr_links;
static bool links_known;

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct cache *)a)->name, ((const struct cache *)b)->name);
}

static void read_slabinfo(struct caches *c)
{
	char line[512], name[128];

	c->n = 0;
	rewind(slabinfo);
	while (c->n < MAX_CACHES && fgets(line, sizeof(line), slabinfo)) {
		struct cache *one = c->all + c->n;
		long long active, slabs, pages;

		if (sscanf(line, "%127s %lld %*d %*d %*d %lld : tunables %*d %*d %*d : slabdata %*d %lld", name,
			   &active, &pages, &slabs) != 4)
			continue;
		snprintf(one->name, sizeof(one->name), "%.*s", NAME_BYTES - 1, name);
		one->twice = false;
		one->active = active;
		one->slab_pages = pages;
		one->slabs = slabs;
		c->n++;
	}
	qsort(c->all, c->n, sizeof(*c->all), by_name);
	for (size_t i = 1; i < c->n; i++)
		if (!strcmp(c->all[i].name, c->all[i - 1].name))
			c->all[i].twice = c->all[i - 1].twice = true;
}

static const struct cache *find(const struct caches *c, const char *name)
{
	struct cache key = { 0 };
	const struct cache *found;

	snprintf(key.name, sizeof(key.name), "%s", name);
	found = bsearch(&key, c->all, c->n, sizeof(key), by_name);
	return found && !found->twice ? found : NULL;
}

/* The cache of @row as it was at the row before and as it is now; false: the allocator does not say. */
static bool compare(const struct mt_row *row, const struct cache **then, const struct cache **since)
{
	struct mt_cell name;
	char text[NAME_BYTES];

	if (!slabinfo || !whole)
		return false;
	if (read_at != row->time) {
		struct caches *last = before;

		before = now;
		now = last;
		read_slabinfo(now);
		read_at = row->time;
	}
	mt_row_cell(row, CACHE, &name);
	if (name.type != MT_C_STRING || name.len >= NAME_BYTES)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)name.len, name.str);
	*then = find(before, text);
	*since = find(now, text);
	return *then && *since;
}

static void fill(const struct mt_row *row, struct mt_cell *cell,
		 int64_t (*of)(const struct cache *then, const struct cache *since, int64_t object_bytes))
{
	const struct cache *then, *since;

	if (!compare(row, &then, &since))
		return;
	cell->type = MT_C_S64;
	cell->s = of(then, since, (int64_t)mt_row_u64(row, "object_size"));
}

static int64_t objects(const struct cache *then, const struct cache *since, int64_t object_bytes)
{
	(void)object_bytes;
	return since->active - then->active;
}

static int64_t object_bytes(const struct cache *then, const struct cache *since, int64_t bytes)
{
	return (since->active - then->active) * bytes;
}

static int64_t slab_bytes(const struct cache *then, const struct cache *since, int64_t bytes)
{
	(void)bytes;
	return (since->slabs * since->slab_pages - then->slabs * then->slab_pages) * page_bytes;
}

static void net(const struct mt_row *row, struct mt_cell *cell)
{
	fill(row, cell, objects);
}

static void net_bytes(const struct mt_row *row, struct mt_cell *cell)
{
	fill(row, cell, object_bytes);
}

static void net_slab_bytes(const struct mt_row *row, struct mt_cell *cell)
{
	fill(row, cell, slab_bytes);
}

static void read_links(void)
{
	DIR *dir = opendir("/sys/kernel/slab");
	struct dirent *e;

	links_known = dir;
	while (dir && nr_links < MAX_CACHES && (e = readdir(dir))) {
		struct link *link = links + nr_links;
		ssize_t n = e->d_type == DT_LNK ? readlinkat(dirfd(dir), e->d_name, link->to, sizeof(link->to)) : -1;

		if (n <= 0 || n == sizeof(link->to))
			continue;
		link->to[n] = '\0';
		snprintf(link->name, sizeof(link->name), "%.*s", NAME_BYTES - 1, e->d_name);
		nr_links++;
	}
	if (dir)
		closedir(dir);
}

static void aliases(const struct mt_row *row, struct mt_cell *cell)
{
	static char others[1024];
	struct mt_cell name;
	const char *to = NULL;
	size_t n = 0;

	mt_row_cell(row, CACHE, &name);
	for (size_t i = 0; i < nr_links && !to; i++)
		if (strlen(links[i].name) == name.len && !memcmp(links[i].name, name.str, name.len))
			to = links[i].to;
	for (size_t i = 0; i < nr_links && to && n < sizeof(others); i++)
		if (!strcmp(links[i].to, to) &&
		    (strlen(links[i].name) != name.len || memcmp(links[i].name, name.str, name.len) != 0))
			n += snprintf(others + n, sizeof(others) - n, "%s%s", n ? "," : "", links[i].name);
	others[n < sizeof(others) ? n : sizeof(others) - 1] = '\0';
	mt_cell_string(cell, links_known ? others : NULL);
}

/*
 * Addresses of the two variables, where there are. Where the kernel finds an object's cache for a program, or
 * kernel memory cannot be read, they are of no use.
 */
static void find_bases(struct mt_object *object)
{
	static const char *const names[] = { "vmemmap_base", "page_offset_base" };
	uint64_t at[2];

	if (mt_object_u64(object, "mt_can_get_kmem_cache") || mt_object_u64(object, "mt_typed_task") ||
	    !mt_ksym_find_variables(MT_KSYM_PATH, names, at, 2))
		return;
	mt_object_set_u64(object, "vmemmap_base_at", at[0]);
	mt_object_set_u64(object, "page_offset_base_at", at[1]);
}

/* A filter leaves out what the allocator does not. */
static int start(struct mt_object *object)
{
	now = calloc(1, sizeof(*now));
	before = calloc(1, sizeof(*before));
	links = calloc(MAX_CACHES, sizeof(*links));
	if (!now || !before || !links)
		return mt_failed(ENOMEM, "no memory for the names of caches");
	page_bytes = sysconf(_SC_PAGESIZE);
	mt_object_set_u64(object, "largest_bytes", 2 * page_bytes); /* KMALLOC_MAX_CACHE_SIZE */
	find_bases(object);
	whole = !mt_object_u64(object, "mt_pid") && !mt_object_u64(object, "mt_tid") &&
		mt_object_u64(object, "mt_uid") == UINT32_MAX && !mt_object_u64(object, "mt_tree") &&
		!mt_object_u64(object, "mt_in_cgroup") && !mt_object_u64(object, "mt_comm_end");
	return 0;
}

static void begin(void)
{
	slabinfo = fopen("/proc/slabinfo", "re");
	if (slabinfo)
		read_slabinfo(now);
	read_links();
}

static const struct mt_site sites[] = {
	{ .name = "alloc",
	  .try = { "cache_alloc/5!trace_event_raw_kmem_alloc",
		   "alloc_exit@kmem_cache_alloc_noprof+node_exit@kmem_cache_alloc_node_noprof+lru_exit@kmem_cache_"
		   "alloc_lru_noprof",
		   "alloc_exit+node_exit+lru_exit", "alloc_exit!trace_event_raw_kmem_cache_alloc+node_exit",
		   "alloc_kprobe+node_kprobe+lru_kprobe", "alloc_kprobe!trace_event_raw_kmem_cache_alloc+node_kprobe" },
	  .lacks = "Before Linux 6.1 it takes fentry or kprobes" },
	{ .name = "kmalloc", .try = { "kmalloc/6", "kmalloc/5+kmalloc_node/6", "kmalloc_class/6" } },
	{ .name = "free", .try = { "cache_free/3!trace_event_raw_kmem_alloc", "free_entry", "free_kprobe" } },
	{ .name = "kfree",
	  .try = { "kfree_of/2" },
	  .optional = true,
	  .lacks = "It takes Linux 6.13, or x86-64, readable kernel memory and the addresses of /proc/kallsyms" },
	{ .name = "bulk_alloc",
	  .try = { "bulk_exit@kmem_cache_alloc_bulk_noprof", "bulk_exit" },
	  .optional = true,
	  .lacks = "It takes fentry" },
	{ .name = "bulk_free", .try = { "bulk_entry" }, .optional = true, .lacks = "It takes fentry" },
	{ 0 },
};

static const struct mt_col cols[] = {
	[TS] = { "ts", "TIME", -8, NULL, "end of the interval", .flags = MT_HIDDEN },
	[CACHE] = { "cache", "CACHE", -32, "name", "the slab cache" },
	{ "allocs", "ALLOCS", 9, "allocs", "objects allocated" },
	{ "alloc_bytes", "BYTES", 11, "alloc_bytes", "bytes of these objects" },
	{ "frees", "FREES", 9, "frees", "objects freed, as far as that is seen", .site = "kfree" },
	{ "net", "NET", 8, NULL, "objects in use, the change of it by /proc/slabinfo", .fill = net },
	{ "net_bytes", "NETBYTES", 11, NULL, "bytes of these objects", .fill = net_bytes },
	{ "unused_bytes", "UNUSED", 11, "unused_bytes", "of BYTES those that were not asked for: kmalloc() rounds up",
	  .flags = MT_WIDE },
	{ "net_slab_bytes", "SLABBYTES", 11, NULL, "memory of the cache, the change of it by /proc/slabinfo",
	  .flags = MT_WIDE, .fill = net_slab_bytes },
	{ "object_size", "SIZE", 7, "object_size", "bytes of an object", .flags = MT_WIDE },
	{ "aliases", "ALIASES", 0, NULL, "other caches that the kernel has merged with it", .flags = MT_WIDE,
	  .fill = aliases },
	{ 0 },
};

MT_TOOL(slabratetop, .group = MT_KERNEL, .summary = "slab caches by allocations, frees and growth, each interval",
	.about = "Counts the objects that the kernel allocates from its slab caches and frees, the sizes of kmalloc() "
		 "included, and prints the busiest caches each interval. NET is how many more objects are in use than "
		 "the interval before, by the allocator's own count.",
	.examples = "\tthe 20 busiest caches by bytes, each second until Ctrl-C\n"
		    "-s net 10\tthose that grow, each 10 s\n"
		    "-C -r 5 1 3\tthree times the first five, one below the other\n"
		    "-n postgres\twhat processes of that name allocate\n"
		    "--json -c /system.slice\tfor a machine, cgroups below system.slice",
	.sites = sites,
	.view = { .source = MT_KEYED,
		  .map = "caches",
		  .sort = "alloc_bytes",
		  .interval = 1,
		  .rows = 20,
		  .top = true,
		  .cols = cols },
	.start = start, .begin = begin);
