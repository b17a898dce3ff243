// SPDX-License-Identifier: GPL-2.0-only
/* The types of the running kernel (BTF), read in place. Format: Documentation/bpf/btf.rst. */
#include "kbtf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#define STRIDE	    64 /* every so many types their place is remembered */
#define MAX_WISHES  512
#define FILTER_LOG2 12
#define FILTER_BITS (1 << FILTER_LOG2)

struct wish {
	char *name;
	uint32_t kinds; /* a bit each */
};

struct hit {
	uint32_t id;
	uint16_t wish;
	uint16_t kind;
};

struct mt_kbtf {
	void *map;
	size_t map_size;
	void *copy;
	const char *strs;
	uint32_t strs_len;
	const uint8_t *types;
	uint32_t types_len;
	uint32_t *place; /* of type 1 + n * STRIDE, in types */
	uint32_t nr_types;
	bool scanned;
	struct wish wishes[MAX_WISHES];
	uint32_t nr_wishes;
	uint32_t kinds; /* of any wish: all others are passed by */
	uint8_t filter[FILTER_BITS / 8];
	struct hit *hits;
	uint32_t nr_hits, max_hits;
};

/* Bytes behind struct btf_type, by kind: fixed, and for each of vlen. */
static const struct {
	bool known;
	uint8_t fixed, each;
} extra[32] = {
	[BTF_KIND_INT] = { true, 4, 0 },	[BTF_KIND_PTR] = { true, 0, 0 },
	[BTF_KIND_ARRAY] = { true, 12, 0 },	[BTF_KIND_STRUCT] = { true, 0, 12 },
	[BTF_KIND_UNION] = { true, 0, 12 },	[BTF_KIND_ENUM] = { true, 0, 8 },
	[BTF_KIND_FWD] = { true, 0, 0 },	[BTF_KIND_TYPEDEF] = { true, 0, 0 },
	[BTF_KIND_VOLATILE] = { true, 0, 0 },	[BTF_KIND_CONST] = { true, 0, 0 },
	[BTF_KIND_RESTRICT] = { true, 0, 0 },	[BTF_KIND_FUNC] = { true, 0, 0 },
	[BTF_KIND_FUNC_PROTO] = { true, 0, 8 }, [BTF_KIND_VAR] = { true, 4, 0 },
	[BTF_KIND_DATASEC] = { true, 0, 12 },	[BTF_KIND_FLOAT] = { true, 0, 0 },
	[BTF_KIND_DECL_TAG] = { true, 4, 0 },	[BTF_KIND_TYPE_TAG] = { true, 0, 0 },
	[BTF_KIND_ENUM64] = { true, 0, 12 },
};

/* Kinds that wishes are about. */
#define FUNCS	   (1U << BTF_KIND_FUNC)
#define TYPEDEFS   (1U << BTF_KIND_TYPEDEF)
#define COMPOSITES (1U << BTF_KIND_STRUCT | 1U << BTF_KIND_UNION | 1U << BTF_KIND_ENUM | 1U << BTF_KIND_ENUM64)

static inline size_t type_size(const struct btf_type *t)
{
	unsigned kind = BTF_INFO_KIND(t->info);

	return sizeof(*t) + extra[kind].fixed + extra[kind].each * BTF_INFO_VLEN(t->info);
}

static inline const struct btf_type *type_at(const struct mt_kbtf *k, uint32_t offset)
{
	const struct btf_type *t;

	if (offset > k->types_len || k->types_len - offset < sizeof(*t))
		return NULL;
	t = (const void *)(k->types + offset);
	if (!extra[BTF_INFO_KIND(t->info)].known || type_size(t) > k->types_len - offset)
		return NULL;
	return t;
}

const char *mt_kbtf_name(const struct mt_kbtf *k, uint32_t offset)
{
	return offset < k->strs_len ? k->strs + offset : "";
}

const struct btf_type *mt_kbtf_type(const struct mt_kbtf *k, uint32_t id)
{
	uint32_t offset;

	if (!id || id > k->nr_types)
		return NULL;
	offset = k->place[(id - 1) / STRIDE];
	for (uint32_t n = (id - 1) % STRIDE; n; n--)
		offset += type_size((const void *)(k->types + offset));
	return (const void *)(k->types + offset);
}

static int parse(struct mt_kbtf *k, const uint8_t *data, size_t size)
{
	const struct btf_header *h = (const void *)data;
	uint64_t types, strs;

	if (size < sizeof(*h) || h->magic != BTF_MAGIC || h->hdr_len < sizeof(*h))
		return -EINVAL;
	types = (uint64_t)h->hdr_len + h->type_off;
	strs = (uint64_t)h->hdr_len + h->str_off;
	if (types + h->type_len > size || strs + h->str_len > size || !h->str_len || types % 4)
		return -EINVAL;
	k->types = data + types;
	k->types_len = h->type_len;
	k->strs = (const char *)data + strs;
	k->strs_len = h->str_len;
	return k->strs[k->strs_len - 1] ? -EINVAL : 0;
}

int mt_kbtf_new(struct mt_kbtf **kbtf, const void *data, size_t size)
{
	struct mt_kbtf *k = calloc(1, sizeof(*k));
	int err;

	if (!k)
		return -ENOMEM;
	err = parse(k, data, size);
	if (err) {
		free(k);
		return err;
	}
	*kbtf = k;
	return 0;
}

#define HUGE_PAGE (2 << 20)

/*
 * Begins at a huge page: where the kernel has one at hand it gives that, instead of 512 page faults. Not
 * by MADV_HUGEPAGE, for which it would reclaim and compact, on a host that may have run out.
 */
static int fresh_pages(size_t size, void **data)
{
	const int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *span = mmap(NULL, size + HUGE_PAGE, PROT_NONE, flags, -1, 0);
	size_t skip;

	if (span == MAP_FAILED)
		return -errno;
	skip = -(uintptr_t)span % HUGE_PAGE;
	*data = mmap(span + skip, size, prot, flags | MAP_FIXED | MAP_POPULATE, -1, 0);
	if (*data == MAP_FAILED) {
		int err = -errno;

		munmap(span, size + HUGE_PAGE);
		return err;
	}
	if (skip)
		munmap(span, skip);
	size = (size + 4095) & ~(size_t)4095;
	munmap(span + skip + size, HUGE_PAGE - skip);
	return 0;
}

static int read_whole(int fd, size_t size, void **data)
{
	size_t n = 0;
	int err = fresh_pages(size, data);

	if (err)
		return err;
	while (n < size) {
		ssize_t got = read(fd, (char *)*data + n, size - n);

		if (got <= 0) {
			err = got ? -errno : -EINVAL;
			munmap(*data, size);
			return err;
		}
		n += got;
	}
	return 0;
}

/*
 * sysfs hands out a page at a time and copies it twice; the kernel also gives its types as an object, in one
 * piece. Not on 5.10, and only once something has loaded a typed program.
 */
static int fetch_object(size_t size, void **data)
{
	char name[16] = "";
	struct bpf_btf_info info = { .name = (uintptr_t)name, .name_len = sizeof(name) };
	uint32_t id = 0, len = sizeof(info);
	int fd, err = -ENOENT;

	if (bpf_btf_get_next_id(0, &id))
		return -errno;
	fd = bpf_btf_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(fd, &info, &len) || strcmp(name, "vmlinux") != 0 || info.btf_size != size)
		goto out;
	if (fresh_pages(size, data))
		goto out;
	info = (struct bpf_btf_info){ .btf = (uintptr_t)*data, .btf_size = size };
	err = bpf_obj_get_info_by_fd(fd, &info, &len) ? -errno : 0;
	if (err)
		munmap(*data, size);
out:
	close(fd);
	return err;
}

int mt_kbtf_open(struct mt_kbtf **kbtf, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	struct stat st;
	void *data;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || st.st_size <= 0) {
		close(fd);
		return -EINVAL;
	}
	/* sysfs can map it since a539e2a6d51d, 6.16 */
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED && (strcmp(path, MT_KBTF_PATH) != 0 || fetch_object(st.st_size, &data)))
		err = read_whole(fd, st.st_size, &data);
	close(fd);
	if (err)
		return err;
	err = mt_kbtf_new(kbtf, data, st.st_size);
	if (err) {
		munmap(data, st.st_size);
		return err;
	}
	(*kbtf)->map = data;
	(*kbtf)->map_size = st.st_size;
	return 0;
}

void mt_kbtf_close(struct mt_kbtf *k)
{
	if (!k)
		return;
	if (k->map)
		munmap(k->map, k->map_size);
	for (uint32_t i = 0; i < k->nr_wishes; i++)
		free(k->wishes[i].name);
	free(k->place);
	free(k->hits);
	free(k);
}

/* The eight bytes at @s, those behind the end of the string zero. */
static inline uint64_t eight_bytes(const char *s)
{
	const uint64_t ones = 0x0101010101010101ULL, tops = 0x8080808080808080ULL;
	uint64_t bytes, zeros;

	memcpy(&bytes, s, sizeof(bytes));
	zeros = (bytes - ones) & ~bytes & tops;
	return zeros ? bytes & (((zeros & -zeros) >> 7) - 1) : bytes;
}

/* A place in the filter, by the first bytes that names differ in; @s has 18 readable bytes. */
static inline unsigned place_of(const char *s)
{
	uint64_t bytes = eight_bytes(s);

	if (bytes == 0x636172745f667462ULL && s[8] == 'e' && s[9] == '_') /* "btf_trace_": 1,500 names begin so */
		bytes = eight_bytes(s + 10);
	return (bytes * 0x9e3779b97f4a7c15ULL) >> (64 - FILTER_LOG2);
}

#define NAME_SLACK 18

/* The same for a name that may end anywhere. */
static unsigned place_of_short(const char *name)
{
	char padded[NAME_SLACK + 1] = "";

	strncpy(padded, name, NAME_SLACK);
	return place_of(padded);
}

static int wish(struct mt_kbtf *k, const char *name, uint32_t kinds)
{
	unsigned bit = place_of_short(name);
	char *copy;

	for (uint32_t i = 0; i < k->nr_wishes; i++)
		if (!strcmp(k->wishes[i].name, name) && k->wishes[i].kinds == kinds)
			return 0;
	if (k->scanned || k->nr_wishes == MAX_WISHES)
		return -E2BIG;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	k->wishes[k->nr_wishes++] = (struct wish){ copy, kinds };
	k->kinds |= kinds;
	k->filter[bit / 8] |= 1 << bit % 8;
	return 0;
}

int mt_kbtf_wish_func(struct mt_kbtf *k, const char *name)
{
	return wish(k, name, FUNCS);
}

int mt_kbtf_wish_type(struct mt_kbtf *k, const char *name)
{
	return wish(k, name, COMPOSITES);
}

int mt_kbtf_wish_tracepoint(struct mt_kbtf *k, const char *name)
{
	char full[128];

	snprintf(full, sizeof(full), "btf_trace_%s", name);
	return wish(k, full, TYPEDEFS);
}

static int add_hit(struct mt_kbtf *k, uint32_t id, uint32_t wish, unsigned kind)
{
	if (k->nr_hits == k->max_hits) {
		uint32_t max = k->max_hits ? k->max_hits * 2 : 64;
		struct hit *hits = reallocarray(k->hits, max, sizeof(*hits));

		if (!hits)
			return -ENOMEM;
		k->hits = hits;
		k->max_hits = max;
	}
	k->hits[k->nr_hits++] = (struct hit){ id, wish, kind };
	return 0;
}

/* Could @name be wished for? Wrong only in saying yes. */
static inline bool filter_passes(const struct mt_kbtf *k, uint32_t offset)
{
	unsigned bit;

	if (offset > k->strs_len || k->strs_len - offset < NAME_SLACK)
		return true;
	bit = place_of(k->strs + offset);
	return k->filter[bit / 8] >> bit % 8 & 1;
}

static int match(struct mt_kbtf *k, uint32_t id, const struct btf_type *t)
{
	const char *name = mt_kbtf_name(k, t->name_off);

	for (uint32_t i = 0; i < k->nr_wishes; i++)
		if (k->wishes[i].kinds >> BTF_INFO_KIND(t->info) & 1 && !strcmp(k->wishes[i].name, name))
			return add_hit(k, id, i, BTF_INFO_KIND(t->info));
	return 0;
}

/* The one pass, over 100,000 types and more: remembers places and finds the wishes. */
int mt_kbtf_scan(struct mt_kbtf *k)
{
	const uint8_t *at = k->types, *end = at + k->types_len;
	const uint32_t kinds = k->kinds;
	uint32_t id = 0;
	int err = 0;

	if (k->scanned)
		return 0;
	free(k->place); /* of a pass that failed */
	k->place = calloc(k->types_len / sizeof(struct btf_type) / STRIDE + 1, sizeof(*k->place));
	if (!k->place)
		return -ENOMEM;
	while (!err && end - at >= (ptrdiff_t)sizeof(struct btf_type)) {
		const struct btf_type *t = (const void *)at;
		const uint32_t info = t->info, kind = BTF_INFO_KIND(info);
		const ptrdiff_t size = sizeof(*t) + extra[kind].fixed + extra[kind].each * BTF_INFO_VLEN(info);

		if (!extra[kind].known || size > end - at)
			return -EINVAL;
		if (id % STRIDE == 0)
			k->place[id / STRIDE] = at - k->types;
		id++;
		if (kinds >> kind & 1 && filter_passes(k, t->name_off))
			err = match(k, id, t);
		at += size;
	}
	k->nr_types = id;
	k->scanned = !err && at == end;
	return err ? err : at == end ? 0 : -EINVAL;
}

static uint32_t find(struct mt_kbtf *k, const char *name, unsigned kind)
{
	if (mt_kbtf_scan(k))
		return 0;
	for (uint32_t i = 0; i < k->nr_hits; i++)
		if (k->hits[i].kind == kind && !strcmp(k->wishes[k->hits[i].wish].name, name))
			return k->hits[i].id;
	return 0;
}

uint32_t mt_kbtf_granted(struct mt_kbtf *k, size_t i)
{
	if (mt_kbtf_scan(k))
		return 0;
	for (uint32_t h = 0; h < k->nr_hits; h++)
		if (COMPOSITES >> k->hits[h].kind & 1 && !i--)
			return k->hits[h].id;
	return 0;
}

uint32_t mt_kbtf_tracepoint(struct mt_kbtf *k, const char *name)
{
	char full[128];

	snprintf(full, sizeof(full), "btf_trace_%s", name);
	return find(k, full, BTF_KIND_TYPEDEF);
}

uint32_t mt_kbtf_func(struct mt_kbtf *k, const char *name)
{
	return find(k, name, BTF_KIND_FUNC);
}

uint32_t mt_kbtf_struct(struct mt_kbtf *k, const char *name)
{
	return find(k, name, BTF_KIND_STRUCT);
}

int mt_kbtf_args(struct mt_kbtf *k, uint32_t id)
{
	const struct btf_type *t = mt_kbtf_type(k, id);
	bool tracepoint = t && BTF_INFO_KIND(t->info) == BTF_KIND_TYPEDEF;

	/* typedef -> pointer -> prototype, or function -> prototype */
	for (int depth = 0; t && BTF_INFO_KIND(t->info) != BTF_KIND_FUNC_PROTO; depth++) {
		if (depth == 4)
			return -EINVAL;
		t = mt_kbtf_type(k, t->type);
	}
	if (!t)
		return -EINVAL;
	return (int)BTF_INFO_VLEN(t->info) - tracepoint;
}

int mt_kbtf_enumerators(struct mt_kbtf *k, const char *prefix, void (*each)(void *arg, const char *name, int64_t value),
			void *arg)
{
	size_t len = strlen(prefix);
	uint32_t offset = 0;
	const struct btf_type *t;

	for (; offset < k->types_len; offset += type_size(t)) {
		const struct btf_enum *e;

		t = type_at(k, offset);
		if (!t)
			return -EINVAL;
		if (BTF_INFO_KIND(t->info) != BTF_KIND_ENUM || !BTF_INFO_VLEN(t->info))
			continue;
		e = (const void *)(t + 1);
		if (strncmp(mt_kbtf_name(k, e[0].name_off), prefix, len) != 0)
			continue;
		for (unsigned i = 0; i < BTF_INFO_VLEN(t->info); i++)
			if (!strncmp(mt_kbtf_name(k, e[i].name_off), prefix, len))
				each(arg, mt_kbtf_name(k, e[i].name_off) + len, e[i].val);
	}
	return 0;
}
