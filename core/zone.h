/* SPDX-License-Identifier: GPL-2.0-only */
/* Free memory by zone, as the kernel writes it, and what the page allocator would make of it. */
#ifndef MT_ZONE_H
#define MT_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MT_MAX_ORDERS 20 /* the largest that a configuration allows is 16 */
#define MT_MAX_ZONES  8	 /* of a node: DMA to Device */

enum mt_mobility { /* enum migratetype, include/linux/mmzone.h */
		   MT_UNMOVABLE,
		   MT_MOVABLE,
		   MT_RECLAIMABLE,
		   MT_HIGHATOMIC,
		   MT_CMA,
		   MT_ISOLATE,
		   MT_MOBILITIES,
};

/* Blocks of each order; an array may end in ones that are not there. */
struct mt_free {
	uint64_t blocks[MT_MAX_ORDERS];
};

struct mt_zone {
	int node;
	char name[16];
	unsigned orders; /* of the allocator: 0 and up to this, not with it */
	struct mt_free free;
	bool has_marks; /* /proc/zoneinfo told the next ones, in pages */
	unsigned index; /* among the zones of its node, populated or not */
	uint64_t free_pages, min, low, high, managed, free_cma;
	uint64_t reserve[MT_MAX_ZONES]; /* held back from allocations that may go as high as that zone */
	bool has_types;			/* /proc/pagetypeinfo told these */
	bool at_least;			/* one of them is more than is told */
	struct mt_free of[MT_MOBILITIES];
};

struct mt_zones {
	struct mt_zone *of;
	size_t n, room;
};

/* Reads /proc/buddyinfo: the zones that have memory. 0, -EINVAL or -ENOMEM; what was there before is gone. */
int mt_zones_buddyinfo(struct mt_zones *zones, const char *text);

/* Adds what /proc/zoneinfo, or /proc/pagetypeinfo, says of the zones that are there. */
void mt_zones_zoneinfo(struct mt_zones *zones, const char *text);
void mt_zones_pagetypeinfo(struct mt_zones *zones, const char *text);

/* Place of a zone among those of a node, populated or not, in zoneinfo; MT_MAX_ZONES: none of that name. */
unsigned mt_zone_index(const char *zoneinfo, const char *name);

void mt_zones_free(struct mt_zones *zones);

/* Sums over the orders: pages; and blocks of 2^@order pages that the larger ones hold. */
uint64_t mt_free_pages(const struct mt_free *free);
uint64_t mt_free_suitable(const struct mt_free *free, unsigned order);

/*
 * mm/vmstat.c, in thousandths. __fragmentation_index(): why an allocation of @order would fail, towards 0 for want of
 * memory, towards 1000 because it is in pieces; -1000: it would not. unusable_free_index(): the part of the free
 * memory that is in pieces too small for it. Divisions round down as they do there.
 */
int64_t mt_fragmentation_index(const struct mt_free *free, unsigned order);
int64_t mt_unusable_index(const struct mt_free *free, unsigned order);

/* What an allocation of that order would come to in this zone, with the memory as it stands. */
enum mt_verdict {
	MT_V_SUCCEEDS,
	MT_V_STEALS,	 /* only by a block of another mobility */
	MT_V_KSWAPD,	 /* succeeds between the low and the min watermark, and wakes kswapd */
	MT_V_COMPACTION, /* there is memory, and no block: pages have to be moved together */
	MT_V_RECLAIM,	 /* there is not enough: pages have to be taken back */
	MT_V_NEVER,	 /* the zone is above those that it may use, or holds no more than its reserve */
	MT_V_UNKNOWN,	 /* /proc/zoneinfo did not say */
	MT_VERDICTS,
};

struct mt_demand {
	unsigned order;
	enum mt_mobility mobility; /* MT_UNMOVABLE or MT_MOVABLE */
	unsigned highest;	   /* index of the highest zone that it may use */
	int64_t threshold;	   /* vm.extfrag_threshold */
};

struct mt_outcome {
	enum mt_verdict verdict;
	bool kswapd;		/* MT_V_STEALS: and wakes kswapd */
	bool refused;		/* MT_V_RECLAIM: compaction would decline by its index, else for want of room */
	int64_t usable;		/* free pages that the watermarks are compared with */
	uint64_t reserve;	/* of this zone against such an allocation; 0 if it is too high */
	enum mt_mobility donor; /* MT_V_STEALS: whose block it would take */
};

/*
 * A model of __zone_watermark_ok() (mm/page_alloc.c) and of compaction_suitable() (mm/compaction.c) for an allocation
 * that may sleep and has no right to reserves. Pages that processors keep for themselves are not seen.
 */
void mt_zone_judge(const struct mt_zone *zone, const struct mt_demand *demand, struct mt_outcome *outcome);

#endif
