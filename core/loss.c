// SPDX-License-Identifier: GPL-2.0-only
/* The account of a run: every event seen was delivered, aggregated, or lost for a cause that is told. */
#include "loss.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "err.h"
#include "object.h"

const char *const mt_cause_key[MT_CAUSES] = {
	[MT_RING_FULL] = "ring_full", [MT_MAP_FULL] = "map_full", [MT_NO_START] = "no_start",
	[MT_TOO_LATE] = "too_late",   [MT_BUSY] = "busy",
};

static const char *const told[MT_CAUSES] = {
	[MT_RING_FULL] = "lost: the ring buffer was full (try a larger --buffer)",
	[MT_MAP_FULL] = "lost: a map was full (try a larger --map-entries)",
	[MT_NO_START] = "not counted: they began before tracing did",
	[MT_TOO_LATE] = "not counted: they were not over, or not read, when tracing ended",
	[MT_BUSY] = "not counted: the kernel was busy just then",
};

static uint64_t count_keys(int fd)
{
	uint64_t n = 0;
	char key[64], next[64]; /* keys of mt_starts and mt_waits are 8 or 16 bytes */
	void *prev = NULL;

	while (!bpf_map_get_next_key(fd, prev, next)) {
		memcpy(key, next, sizeof(key));
		prev = key;
		n++;
	}
	return n;
}

int mt_loss_read(const struct mt_object *o, struct mt_loss *loss)
{
	int fd = mt_object_map(o, "mt_accounts", NULL, NULL, NULL), cpus = libbpf_num_possible_cpus();
	int starts = mt_object_map(o, "mt_starts", NULL, NULL, NULL), err = 0;
	int waits = mt_object_map(o, "mt_waits", NULL, NULL, NULL);
	const size_t n = sizeof(*loss) / sizeof(uint64_t);
	uint64_t *each, *sum = (uint64_t *)loss, open;
	uint32_t zero = 0;

	if (fd < 0 || cpus <= 0)
		return -ENOENT;
	each = calloc(cpus * n, sizeof(*each));
	if (!each)
		return -ENOMEM;
	memset(loss, 0, sizeof(*loss));
	if (bpf_map_lookup_elem(fd, &zero, each))
		err = -errno;
	for (size_t i = 0; !err && i < n * cpus; i++)
		sum[i % n] += each[i];
	free(each);
	open = (starts >= 0 ? count_keys(starts) : 0) + (waits >= 0 ? count_keys(waits) : 0);
	loss->seen += open;
	loss->lost[MT_TOO_LATE] += open;
	return err;
}

uint64_t mt_loss_total(const struct mt_loss *loss)
{
	uint64_t sum = 0;

	for (int c = 0; c < MT_CAUSES; c++)
		sum += loss->lost[c];
	return sum;
}

void mt_loss_print(const struct mt_loss *loss)
{
	for (int c = 0; c < MT_CAUSES; c++)
		if (loss->lost[c])
			mt_note("%" PRIu64 " of %" PRIu64 " events %s", loss->lost[c], loss->seen, told[c]);
}
