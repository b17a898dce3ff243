// SPDX-License-Identifier: GPL-2.0-only
/* Beginnings whose end may never come make room for others. */
#include "waits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "layout.h"
#include "object.h"

struct mt_waits {
	int fd;
	uint32_t key_size, value_size, max;
	char *keys, *values;
};

int mt_waits_open(struct mt_waits **waits, const struct mt_object *o)
{
	uint32_t key_type, value_type, max;
	int fd = mt_object_map(o, "mt_waits", &key_type, &value_type, &max);
	struct mt_waits *w;

	*waits = NULL;
	if (fd < 0)
		return 0;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->fd = fd;
	w->max = max;
	w->key_size = mt_layout_size(mt_object_btf(o), key_type);
	w->value_size = mt_layout_size(mt_object_btf(o), value_type);
	w->keys = calloc(max, w->key_size);
	w->values = calloc(max, w->value_size);
	if (!w->keys || !w->values) {
		mt_waits_close(w);
		return -ENOMEM;
	}
	*waits = w;
	return 0;
}

void mt_waits_close(struct mt_waits *w)
{
	if (!w)
		return;
	free(w->keys);
	free(w->values);
	free(w);
}

uint64_t mt_waits_sweep(struct mt_waits *w, uint64_t now)
{
	uint32_t count = w->max, batch = 0;
	uint64_t at, dropped = 0;

	if (bpf_map_lookup_batch(w->fd, NULL, &batch, w->keys, w->values, &count, NULL) && errno != ENOENT)
		return 0;
	if (count <= w->max / 4 * 3)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		memcpy(&at, w->values + (size_t)i * w->value_size, sizeof(at));
		if (at + MT_WAITS_AGE_NS < now && !bpf_map_delete_elem(w->fd, w->keys + (size_t)i * w->key_size))
			dropped++;
	}
	return dropped;
}
