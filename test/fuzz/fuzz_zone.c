// SPDX-License-Identifier: GPL-2.0-only
/* Free memory: buddyinfo, zoneinfo and pagetypeinfo, with a zero byte between them. */
#include "fuzz.h"
#include "zone.h"

static void judge(const struct mt_zone *z)
{
	MUST(z->orders && z->orders <= MT_MAX_ORDERS && strnlen(z->name, sizeof(z->name)) < sizeof(z->name));
	for (unsigned order = 0; order < z->orders; order++) {
		const int64_t index = mt_fragmentation_index(&z->free, order);
		const int64_t unusable = mt_unusable_index(&z->free, order);

		MUST(index >= -1000 && index <= 1000);
		MUST(unusable >= 0 && unusable <= 1000);
		MUST(!mt_free_suitable(&z->free, order) || index == -1000);
		for (unsigned highest = 0; highest <= MT_MAX_ZONES; highest++)
			for (int m = MT_UNMOVABLE; m <= MT_MOVABLE; m++) {
				struct mt_outcome out;

				mt_zone_judge(z, &(struct mt_demand){ order, m, highest, 500 }, &out);
				MUST(out.verdict < MT_VERDICTS && out.donor < MT_HIGHATOMIC);
				MUST((out.verdict == MT_V_UNKNOWN) == !z->has_marks);
				MUST(out.verdict > MT_V_KSWAPD || mt_free_suitable(&z->free, order) || z->has_types);
			}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mt_zones zones;
	char *text = fuzz_string(data, size), *part[3];
	size_t at = 0;

	for (int i = 0; i < 3; i++) {
		part[i] = text + at;
		at += strlen(text + at);
		at += at < size;
	}
	if (!mt_zones_buddyinfo(&zones, part[0])) {
		mt_zones_zoneinfo(&zones, part[1]);
		mt_zones_pagetypeinfo(&zones, part[2]);
		for (size_t i = 0; i < zones.n; i++)
			judge(zones.of + i);
	}
	free(text);
	return 0;
}
