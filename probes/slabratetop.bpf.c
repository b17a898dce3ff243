// SPDX-License-Identifier: GPL-2.0-only
/* slabratetop: allocations and frees of slab objects, added up for each cache. */
#include "mt/filter.bpf.h"
#include "mt/map.bpf.h"

/* A cache may go, and another take its place: then the name is elsewhere. */
struct cache_key {
	__u64 cache;   /* 0: none is known */
	__u64 name_at; /* where it is; with no cache the size class, or 0 for what is not of a slab */
};

struct cache_counts {
	char name[32];
	mt_count allocs;
	mt_bytes alloc_bytes;
	mt_bytes unused_bytes; /* of them not asked for, but kmalloc() rounds up */
	mt_count frees;
	__u64 object_size;
};

/* Room for all caches of a large host, in 2 MB where it has 64 CPUs. */
MT_TABLE_PER_CPU(caches, 384, struct cache_key, struct cache_counts);

/* Where the kernel keeps the two bases of an x86-64 address space; 0: not known, or not needed. */
const volatile __u64 vmemmap_base_at, page_offset_base_at;

/* The size of the largest kmalloc() cache; above it whole pages are taken. */
const volatile __u64 largest_bytes;

static __always_inline void name_cache(char *into, const char *name)
{
	if (mt_typed_task) {
		__u64 args[1] = { (__u64)name };

		bpf_snprintf(into, 32, "%s", args, sizeof(args));
	} else {
		bpf_probe_read_kernel_str(into, 32, name);
	}
}

static __always_inline struct cache_counts *row(bool typed, struct kmem_cache *s)
{
	struct cache_key key = { (__u64)s, (__u64)mt_load(typed, s, name) };
	struct cache_counts none = {}, *counts = mt_row(&caches, &key, &none);

	if (counts && !counts->object_size) {
		counts->object_size = mt_load(typed, s, object_size);
		name_cache(counts->name, (const char *)key.name_at);
	}
	return counts;
}

static const char classes[][16] = {
	"kmalloc*-8",	"kmalloc*-16",	"kmalloc*-32", "kmalloc*-64", "kmalloc*-96", "kmalloc*-128", "kmalloc*-192",
	"kmalloc*-256", "kmalloc*-512", "kmalloc*-1k", "kmalloc*-2k", "kmalloc*-4k", "kmalloc*-8k",
};
static const __u16 class_bytes[] = { 8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192 };

static __always_inline void name_class(char *name, __u64 bytes)
{
	static const char other[16] = "kmalloc*-other", large[16] = "(large kmalloc)";

	__builtin_memcpy(name, bytes ? other : large, 16);
#pragma unroll
	for (int i = 0; i < 13; i++)
		if (class_bytes[i] == bytes)
			__builtin_memcpy(name, classes[i], 16);
}

/* Where the cache cannot be found: all that have objects of this size as one; 0 for what is not of a slab. */
static __always_inline struct cache_counts *class_row(__u64 bytes)
{
	struct cache_key key = { 0, bytes };
	struct cache_counts none = {}, *counts = mt_row(&caches, &key, &none);

	if (counts && !counts->name[0]) {
		name_class(counts->name, bytes);
		counts->object_size = bytes;
	}
	return counts;
}

static __always_inline void allocated(struct cache_counts *counts, __u64 n, __u64 bytes)
{
	mt_add(counts->allocs, n);
	mt_add(counts->alloc_bytes, bytes);
	mt_seen_aggregated();
}

static __always_inline void freed(struct cache_counts *counts, __u64 n)
{
	if (!counts)
		return;
	mt_add(counts->frees, n);
	mt_seen_aggregated();
}

static __always_inline int allocate(bool typed, struct kmem_cache *s, __u64 n)
{
	struct cache_counts *counts;

	if (!mt_wanted())
		return 0;
	counts = row(typed, s);
	if (counts)
		allocated(counts, n, n * counts->object_size);
	return 0;
}

static __always_inline int release(bool typed, struct kmem_cache *s, __u64 n)
{
	if (mt_wanted())
		freed(row(typed, s), n);
	return 0;
}

/* The two bases never change once the kernel is up. */
static __u64 vmemmap_base, page_offset_base;

static __always_inline __u64 base(__u64 *known, __u64 at)
{
	if (!*known)
		bpf_probe_read_kernel(known, sizeof(*known), (void *)at);
	return *known;
}

/* Kernels between 6.9 and 6.12 may have neither: there it cannot be told what is a slab. */
static __always_inline bool by_page(void)
{
	return !mt_can_get_kmem_cache && vmemmap_base_at &&
	       (bpf_core_enum_value_exists(enum pageflags, PG_slab) ||
		bpf_core_enum_value_exists(enum pagetype, PGTY_slab));
}

static __always_inline bool is_slab(struct page *page)
{
	if (bpf_core_enum_value_exists(enum pageflags, PG_slab))
		return mt_load(false, page, flags) >> bpf_core_enum_value(enum pageflags, PG_slab) & 1;
	if (bpf_core_enum_value_exists(enum pagetype, PGTY_slab))
		return mt_load(false, page, page_type) >> 24 == bpf_core_enum_value(enum pagetype, PGTY_slab);
	return false;
}

/* The cache of an object by its page, as virt_to_slab() finds it. */
static __always_inline struct kmem_cache *cache_by_page(__u64 address)
{
	__u64 nth = (address - base(&page_offset_base, page_offset_base_at)) >> 12;
	struct page *page = (void *)(base(&vmemmap_base, vmemmap_base_at) + nth * bpf_core_type_size(struct page));
	unsigned long head = mt_load(false, page, compound_head);
	struct slab *slab;

	if (head & 1)
		page = (void *)(head - 1);
	if (!is_slab(page))
		return NULL;
	slab = (void *)page;
	if (bpf_core_type_exists(struct slab))
		return mt_load(false, slab, slab_cache);
	return mt_load(false, page, slab_cache);
}

/*
 * The row of an object that is known by its address alone. Where neither way is to be had, the verifier refuses the
 * program that would go one of them.
 */
static __always_inline struct cache_counts *row_of(__u64 object)
{
	struct kmem_cache *s = by_page() ? cache_by_page(object) : mt_get_kmem_cache(object);

	return s ? row(!by_page(), s) : class_row(0);
}

static __always_inline void allocated_bytes(struct cache_counts *counts, __u64 requested, __u64 bytes)
{
	if (!counts)
		return;
	if (bytes > requested)
		mt_add(counts->unused_bytes, bytes - requested);
	allocated(counts, 1, bytes);
}

static __always_inline int allocate_bytes(__u64 object, __u64 requested, __u64 bytes)
{
	if (object && mt_wanted())
		allocated_bytes(row_of(object), requested, bytes);
	return 0;
}

/*
 * An argument that is a const void *, which the verifier of 5.10 to 6.12 lets no typed program load (6.18 does): the
 * context is memory like other memory.
 */
static __always_inline __u64 object_of(__u64 *ctx)
{
	__u64 object = 0;

	if (mt_typed_task)
		return ctx[1];
	bpf_probe_read_kernel(&object, sizeof(object), ctx + 1);
	return object;
}

/* 2c1d697fb8ba, 6.1: it names the cache */
SEC("tp_btf/kmem_cache_alloc")
int cache_alloc(__u64 *ctx)
{
	return object_of(ctx) ? allocate(true, (struct kmem_cache *)ctx[2], 1) : 0;
}

SEC("fexit/kmem_cache_alloc")
int BPF_PROG(alloc_exit, struct kmem_cache *s, gfp_t gfp, void *object)
{
	return object ? allocate(true, s, 1) : 0;
}

SEC("fexit/kmem_cache_alloc_node")
int BPF_PROG(node_exit, struct kmem_cache *s, gfp_t gfp, int node, void *object)
{
	return object ? allocate(true, s, 1) : 0;
}

SEC("fexit/kmem_cache_alloc_lru")
int BPF_PROG(lru_exit, struct kmem_cache *s, void *lru, gfp_t gfp, void *object)
{
	return object ? allocate(true, s, 1) : 0;
}

SEC("kprobe/kmem_cache_alloc")
int alloc_kprobe(struct pt_regs *ctx)
{
	return allocate(false, (struct kmem_cache *)PT_REGS_PARM1(ctx), 1);
}

SEC("kprobe/kmem_cache_alloc_node")
int node_kprobe(struct pt_regs *ctx)
{
	return allocate(false, (struct kmem_cache *)PT_REGS_PARM1(ctx), 1);
}

SEC("kprobe/kmem_cache_alloc_lru")
int lru_kprobe(struct pt_regs *ctx)
{
	return allocate(false, (struct kmem_cache *)PT_REGS_PARM1(ctx), 1);
}

SEC("fexit/kmem_cache_alloc_bulk")
int BPF_PROG(bulk_exit, struct kmem_cache *s, gfp_t gfp, unsigned long n, void **objects, int got)
{
	return got > 0 ? allocate(true, s, got) : 0;
}

SEC("tp_btf/kmalloc")
int kmalloc(__u64 *ctx)
{
	return allocate_bytes(object_of(ctx), ctx[2], ctx[3]);
}

SEC("tp_btf/kmalloc_node")
int kmalloc_node(__u64 *ctx)
{
	return allocate_bytes(object_of(ctx), ctx[2], ctx[3]);
}

/* Where it cannot be told which cache it is, nor whether it failed. */
SEC("tp_btf/kmalloc")
int kmalloc_class(__u64 *ctx)
{
	__u64 bytes = ctx[3];

	if (mt_wanted())
		allocated_bytes(class_row(bytes > largest_bytes ? 0 : bytes), ctx[2], bytes);
	return 0;
}

SEC("tp_btf/kmem_cache_free")
int BPF_PROG(cache_free, unsigned long site, const void *object, struct kmem_cache *s)
{
	return release(true, s, 1);
}

SEC("fentry/kmem_cache_free")
int BPF_PROG(free_entry, struct kmem_cache *s, void *object)
{
	return release(true, s, 1);
}

SEC("kprobe/kmem_cache_free")
int free_kprobe(struct pt_regs *ctx)
{
	return release(false, (struct kmem_cache *)PT_REGS_PARM1(ctx), 1);
}

/* Of no object, and of one of no bytes (ZERO_SIZE_PTR), it is called too. */
SEC("tp_btf/kfree")
int kfree_of(__u64 *ctx)
{
	__u64 object = object_of(ctx);

	if (object > 16 && mt_wanted())
		freed(row_of(object), 1);
	return 0;
}

SEC("fentry/kmem_cache_free_bulk")
int BPF_PROG(bulk_entry, struct kmem_cache *s, unsigned long n, void **objects)
{
	return s ? release(true, s, n) : 0;
}
