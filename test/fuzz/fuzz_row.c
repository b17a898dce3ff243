// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records as the kernel could send them: a byte for the tool, 128 for what the host's files say, then the
 * record. Every format prints it, and JSON stays JSON.
 */
#include <bpf/btf.h>

#include "err.h"
#include "fuzz.h"
#include "json.h"
#include "loss.h"
#include "object.h"
#include "out.h"
#include "tools.h"

#define HOST_BYTES 128

static char host_text[HOST_BYTES + 1];

bool __wrap_mt_host_line(const char *path, char *buf, size_t size);
bool __wrap_mt_host_line(const char *path, char *buf, size_t size)
{
	(void)path;
	snprintf(buf, size, "%.*s", (int)strcspn(host_text, "\n"), host_text);
	return *buf != '\0';
}

const char *__wrap_mt_cgroup_path(uint64_t id);
const char *__wrap_mt_cgroup_path(uint64_t id)
{
	return id & 1 ? host_text : NULL;
}

static struct opened {
	struct mt_object *object;
	struct mt_bound bound;
	uint32_t key_size, value_size;
} opened[64];

static void open_one(struct opened *o, const struct mt_tool *tool, const struct mt_view *view)
{
	struct mt_types types;

	MUST(!mt_object_open_view(&o->object, tool, view) && !mt_bind(&o->bound, view, o->object) &&
	     !mt_types_of(&types, view, o->object));
	o->key_size = mt_types_size(&types, true);
	o->value_size = mt_types_size(&types, false);
	for (size_t i = 0; i < o->bound.nr_cols; i++)
		o->bound.cols[i].shown = true;
}

static size_t open_all(void)
{
	static size_t n;

	mt_log_hold(false);
	for (size_t t = n ? SIZE_MAX : 0; t != SIZE_MAX && mt_tools[t]; t++)
		for (size_t v = 0; mt_tool_view(mt_tools[t], v); v++) {
			MUST(n < 64);
			open_one(opened + n++, mt_tools[t], mt_tool_view(mt_tools[t], v));
		}
	return n;
}

static void print(enum mt_format format, const struct mt_row *row)
{
	static struct mt_out out;
	static const int nowhere = -1;

	mt_out_init(&out, format, nowhere, "nowhere");
	out.ops->row(&out, row);
	MUST(!out.err && out.len && out.buf[out.len - 1] == '\n');
	for (size_t i = 0; i + 1 < out.len; i++)
		MUST((unsigned char)out.buf[i] >= 0x20 && out.buf[i] != 0x7f);
	if (format == MT_JSON)
		MUST(json_valid(out.buf, out.len - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t n = open_all();
	const struct opened *o = opened + (size ? data[0] % n : 0);
	struct mt_row row = { .bound = &o->bound };
	char *key, *value;

	if (size < 1 + HOST_BYTES)
		return 0;
	memcpy(host_text, data + 1, HOST_BYTES);
	data += 1 + HOST_BYTES;
	size -= 1 + HOST_BYTES;
	key = calloc(1, o->key_size + 1);
	value = calloc(1, o->value_size);
	memcpy(key, data, size < o->key_size ? size : o->key_size);
	if (size > o->key_size)
		memcpy(value, data + o->key_size,
		       size - o->key_size < o->value_size ? size - o->key_size : o->value_size);
	memcpy(&row.time, data, size < 8 ? size : 8);
	row.key = key;
	row.value = value;
	print(MT_TEXT, &row);
	print(MT_JSON, &row);
	print(MT_CSV, &row);
	free(key);
	free(value);
	return 0;
}
