// SPDX-License-Identifier: GPL-2.0-only
/* Free memory by zone, as the kernel writes it, and what the page allocator would make of it. */
#include "zone.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COSTLY_ORDER 3 /* PAGE_ALLOC_COSTLY_ORDER */

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* A number that fits; @s moves behind it. */
static bool number(const char **s, uint64_t *value)
{
	const char *at = blanks(*s);
	uint64_t sum = 0;

	if (!isdigit((unsigned char)*at))
		return false;
	for (; isdigit((unsigned char)*at); at++)
		if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum))
			return false;
	*s = at;
	*value = sum;
	return true;
}

static bool word(const char **s, const char *what)
{
	const char *at = blanks(*s);
	size_t n = strlen(what);

	if (strncmp(at, what, n) != 0)
		return false;
	*s = at + n;
	return true;
}

/* "Node 0, zone   Normal" */
static bool heading(const char **s, int *node, char name[16])
{
	uint64_t value;
	size_t n;

	if (!word(s, "Node ") || !number(s, &value) || value > INT32_MAX || !word(s, ", zone"))
		return false;
	*s = blanks(*s);
	n = strcspn(*s, " ,\n");
	if (!n || n >= 16)
		return false;
	memcpy(name, *s, n);
	name[n] = '\0';
	*s += n;
	*node = (int)value;
	return true;
}

static const char *next_line(const char *s)
{
	s += strcspn(s, "\n");
	return s + (*s == '\n');
}

/* Numbers to the end of the line; how many, or 0: too many, or something else. A '>' before one is told. */
static unsigned blocks(const char *s, struct mt_free *free, bool *more)
{
	unsigned n = 0;

	for (s = blanks(s); *s && *s != '\n'; s = blanks(s), n++) {
		if (*s == '>') {
			*more = true;
			s++;
		}
		/* a thousand times the sum of pages must fit 64 bits, and does in any machine */
		if (n == MT_MAX_ORDERS || !number(&s, free->blocks + n) || free->blocks[n] >> (44 - n))
			return 0;
	}
	return n;
}

static struct mt_zone *add(struct mt_zones *zones)
{
	if (zones->n == zones->room) {
		size_t room = zones->room ? 2 * zones->room : 8;
		struct mt_zone *more = realloc(zones->of, room * sizeof(*more));

		if (!more)
			return NULL;
		zones->of = more;
		zones->room = room;
	}
	memset(zones->of + zones->n, 0, sizeof(*zones->of));
	return zones->of + zones->n++;
}

static struct mt_zone *find(const struct mt_zones *zones, int node, const char *name)
{
	for (size_t i = 0; i < zones->n; i++)
		if (zones->of[i].node == node && !strcmp(zones->of[i].name, name))
			return zones->of + i;
	return NULL;
}

int mt_zones_buddyinfo(struct mt_zones *zones, const char *text)
{
	zones->n = 0;
	for (const char *s = text; *s; s = next_line(s)) {
		struct mt_zone *z = add(zones);
		const char *at = s;
		bool more = false;

		if (!z)
			return -ENOMEM;
		if (!heading(&at, &z->node, z->name))
			return -EINVAL;
		z->orders = blocks(at, &z->free, &more);
		if (!z->orders || more)
			return -EINVAL;
	}
	return zones->n ? 0 : -EINVAL;
}

/* A number of pages, in a machine that there may be. */
static bool pages(const char **s, uint64_t *value)
{
	uint64_t n;

	if (!number(s, &n) || n >> 50)
		return false;
	*value = n;
	return true;
}

/* "protection: (0, 2973, 19926)" behind the word */
static void reserves(struct mt_zone *z, const char *s)
{
	for (unsigned i = 0; i < MT_MAX_ZONES && (word(&s, "(") || word(&s, ",")); i++)
		if (!pages(&s, z->reserve + i))
			return;
}

static void zone_line(struct mt_zone *z, const char *s)
{
	const struct {
		const char *key;
		uint64_t *into;
	} keys[] = {
		{ "pages free ", &z->free_pages },
		{ "min ", &z->min },
		{ "low ", &z->low },
		{ "high ", &z->high },
		{ "managed ", &z->managed },
		{ "nr_free_cma ", &z->free_cma },
	};

	if (word(&s, "protection:")) {
		reserves(z, s);
		z->has_marks = true; /* it comes after the marks */
		return;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (word(&s, keys[i].key)) {
			pages(&s, keys[i].into);
			return;
		}
}

void mt_zones_zoneinfo(struct mt_zones *zones, const char *text)
{
	struct mt_zone *z = NULL;
	int node, before = -1;
	unsigned index = 0;
	char name[16];

	for (const char *s = text; *s; s = next_line(s)) {
		const char *at = s;

		if (heading(&at, &node, name)) {
			index = node == before ? index + 1 : 0;
			before = node;
			z = find(zones, node, name);
			if (z)
				z->index = index;
		} else if (z && word(&at, "pagesets")) {
			z = NULL; /* words of its own, like "high:" */
		} else if (z) {
			zone_line(z, s);
		}
	}
}

unsigned mt_zone_index(const char *text, const char *wanted)
{
	int node, first = -1;
	unsigned index = 0;
	char name[16];

	for (const char *s = text; *s && index < MT_MAX_ZONES; s = next_line(s)) {
		const char *at = s;

		if (!heading(&at, &node, name))
			continue;
		if (first >= 0 && node != first)
			break;
		if (!strcmp(name, wanted))
			return index;
		first = node;
		index++;
	}
	return MT_MAX_ZONES;
}

void mt_zones_pagetypeinfo(struct mt_zones *zones, const char *text)
{
	static const char *const types[MT_MOBILITIES] = {
		[MT_UNMOVABLE] = "Unmovable ",	 [MT_MOVABLE] = "Movable ", [MT_RECLAIMABLE] = "Reclaimable ",
		[MT_HIGHATOMIC] = "HighAtomic ", [MT_CMA] = "CMA ",	    [MT_ISOLATE] = "Isolate ",
	};
	char name[16];
	int node;

	for (const char *s = text; *s; s = next_line(s)) {
		struct mt_zone *z = NULL;
		const char *at = s;

		if (heading(&at, &node, name) && word(&at, ", type "))
			z = find(zones, node, name);
		for (int m = 0; z && m < MT_MOBILITIES; m++) {
			if (!word(&at, types[m]))
				continue;
			if (blocks(at, z->of + m, &z->at_least))
				z->has_types = true;
			break;
		}
	}
}

void mt_zones_free(struct mt_zones *zones)
{
	free(zones->of);
	*zones = (struct mt_zones){ 0 };
}

uint64_t mt_free_pages(const struct mt_free *f)
{
	uint64_t sum = 0;

	for (unsigned o = 0; o < MT_MAX_ORDERS; o++)
		sum += f->blocks[o] << o;
	return sum;
}

uint64_t mt_free_suitable(const struct mt_free *f, unsigned order)
{
	uint64_t sum = 0;

	for (unsigned o = order; o < MT_MAX_ORDERS; o++)
		sum += f->blocks[o] << (o - order);
	return sum;
}

int64_t mt_fragmentation_index(const struct mt_free *f, unsigned order)
{
	uint64_t total = 0;

	for (unsigned o = 0; o < MT_MAX_ORDERS; o++)
		total += f->blocks[o];
	if (!total)
		return 0;
	if (mt_free_suitable(f, order))
		return -1000;
	return 1000 - (int64_t)((1000 + mt_free_pages(f) * 1000 / (1ULL << order)) / total);
}

int64_t mt_unusable_index(const struct mt_free *f, unsigned order)
{
	const uint64_t pages = mt_free_pages(f);

	if (!pages)
		return 1000;
	return (int64_t)((pages - (mt_free_suitable(f, order) << order)) * 1000 / pages);
}

/* Blocks that __zone_watermark_ok() would count: of the lists that such an allocation may be served from. */
static bool has_block(const struct mt_zone *z, const struct mt_demand *d)
{
	if (!z->has_types)
		return mt_free_suitable(&z->free, d->order);
	for (int m = 0; m < MT_HIGHATOMIC; m++)
		if (mt_free_suitable(z->of + m, d->order))
			return true;
	return d->mobility == MT_MOVABLE && mt_free_suitable(z->of + MT_CMA, d->order);
}

/* A block of its own kind; true where kinds are not told. */
static bool has_own(const struct mt_zone *z, const struct mt_demand *d)
{
	return !z->has_types || mt_free_suitable(z->of + d->mobility, d->order) ||
	       (d->mobility == MT_MOVABLE && mt_free_suitable(z->of + MT_CMA, d->order));
}

/* The largest block is taken, to be mixed as seldom as can be; of two kinds the first in fallbacks[], mm/page_alloc.c. */
static enum mt_mobility donor(const struct mt_zone *z, const struct mt_demand *d)
{
	const enum mt_mobility second = d->mobility == MT_UNMOVABLE ? MT_MOVABLE : MT_UNMOVABLE;

	for (unsigned o = MT_MAX_ORDERS; o-- > d->order;) {
		if (z->of[MT_RECLAIMABLE].blocks[o])
			return MT_RECLAIMABLE;
		if (z->of[second].blocks[o])
			return second;
	}
	return second;
}

/* Pages that a check of @order with these rights may count. */
static int64_t usable(const struct mt_zone *z, unsigned order, bool cma)
{
	uint64_t not = (1ULL << order) - 1 + mt_free_pages(z->of + MT_HIGHATOMIC) + (cma ? 0 : z->free_cma);

	return (int64_t)z->free_pages - (int64_t) not ;
}

void mt_zone_judge(const struct mt_zone *z, const struct mt_demand *d, struct mt_outcome *out)
{
	const uint64_t gap = 2ULL << d->order; /* compact_gap() */
	int64_t index = mt_fragmentation_index(&z->free, d->order), reserve, low, min, room;

	*out = (struct mt_outcome){ .verdict = MT_V_UNKNOWN };
	if (!z->has_marks)
		return;
	out->verdict = MT_V_NEVER;
	if (z->index > d->highest || d->highest >= MT_MAX_ZONES)
		return;
	out->usable = usable(z, d->order, d->mobility == MT_MOVABLE);
	out->reserve = z->reserve[d->highest];
	reserve = (int64_t)out->reserve;
	if (z->managed && z->managed <= z->min + out->reserve)
		return;
	out->verdict = MT_V_RECLAIM;
	low = (int64_t)z->low + reserve;
	min = (int64_t)z->min + reserve;
	if (out->usable > min && has_block(z, d)) {
		out->kswapd = out->usable <= low;
		out->verdict = out->kswapd ? MT_V_KSWAPD : MT_V_SUCCEEDS;
		if (!has_own(z, d)) {
			out->verdict = MT_V_STEALS;
			out->donor = donor(z, d);
		}
		return;
	}
	/* compaction needs room for copies, and may use CMA for them; costly orders must leave the low watermark */
	room = usable(z, 0, true);
	if (!d->order || room <= (d->order > COSTLY_ORDER ? low : min) + (int64_t)gap)
		return;
	out->refused = d->order > COSTLY_ORDER && index >= 0 && index <= d->threshold;
	if (!out->refused)
		out->verdict = MT_V_COMPACTION;
}
