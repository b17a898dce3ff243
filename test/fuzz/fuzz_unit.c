// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, and events of perf, as people write them: a byte for the unit, then the text. */
#include <errno.h>
#include <inttypes.h>

#include <linux/perf_event.h>

#include "fuzz.h"
#include "perf.h"
#include "unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum mt_unit unit = size ? data[0] % MT_UNITS : 0;
	uint64_t value = 0, again = 0;
	struct perf_event_attr event;
	char *text, digits[32];
	int err;

	if (!size)
		return 0;
	text = fuzz_string(data + 1, size - 1);
	err = mt_unit_parse(unit, text, 1000000, &value);
	MUST(err == 0 || err == -EINVAL || err == -ERANGE);
	if (!err) {
		/* what was read can be written and read again, in the smallest unit */
		snprintf(digits, sizeof(digits), "%" PRIu64 "%s", value, unit == MT_U_NS ? "ns" : "");
		MUST(!mt_unit_parse(unit, digits, 1000000, &again) && again == value);
	}
	mt_unit_of(text);
	mt_perf_parse(text, &event);
	free(text);
	return 0;
}
