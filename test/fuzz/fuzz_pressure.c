// SPDX-License-Identifier: GPL-2.0-only
/* Load averages and pressure: a byte for the reader, then what the kernel's file says. */
#include "fuzz.h"
#include "pressure.h"

static void loadavg(const char *text)
{
	struct mt_loadavg load;

	if (mt_loadavg_parse(text, &load))
		MUST(strchr(text, '.') && strchr(text, '/'));
}

static void pressure(const char *text)
{
	static const char *const words[MT_STALLS] = { "some ", "full " };
	struct mt_pressure p;
	bool any = mt_pressure_parse(text, &p);

	MUST(any == (p.of[MT_SOME].there || p.of[MT_FULL].there));
	for (int which = 0; which < MT_STALLS; which++)
		MUST(!p.of[which].there || strstr(text, words[which]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = fuzz_string(data + 1, size - 1);
	if (data[0] & 1)
		loadavg(text);
	else
		pressure(text);
	free(text);
	return 0;
}
