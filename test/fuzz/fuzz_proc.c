// SPDX-License-Identifier: GPL-2.0-only
/* Files of the kernel: a byte for the reader, then the file. */
#include <limits.h>

#include "cgroup.h"
#include "fact.h"
#include "fuzz.h"
#include "host.h"
#include "mount.h"

static const char *host_text;

bool __real_mt_host_line(const char *path, char *buf, size_t size);
bool __wrap_mt_host_line(const char *path, char *buf, size_t size);

bool __wrap_mt_host_line(const char *path, char *buf, size_t size)
{
	if (!host_text)
		return __real_mt_host_line(path, buf, size);
	snprintf(buf, size, "%.*s", (int)strcspn(host_text, "\n"), host_text);
	return *buf != '\0';
}

static void mountinfo(const char *text)
{
	char root[PATH_MAX];
	int version = mt_cgroup_mount(text, root);

	MUST(version >= 0 && version <= 2);
	MUST(!version || strnlen(root, sizeof(root)) < sizeof(root));
}

/* All its lines at once, and then each device that they may name. */
static void mounts(const uint8_t *data, size_t size)
{
	MUST(mt_mount_use(fuzz_file(data, size)));
	for (uint32_t dev = 0; dev < 16; dev++) {
		const char *path = mt_mount_path(dev, "/a/b");

		MUST(!path || (path[0] == '/' && strlen(path) < 2 * PATH_MAX));
		mt_mount_path(8 << 20 | dev, "/");
	}
}

static void numbers(const uint8_t *data, size_t size)
{
	static const char *const keys[] = { "oom_kill", "MemTotal", "a", "" };
	const char *path = fuzz_file(data, size);
	uint64_t value;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		mt_host_number(path, keys[i], &value);
}

static void first_line(const uint8_t *data, size_t size)
{
	char small[8], large[256];
	const char *path = fuzz_file(data, size);

	__real_mt_host_line(path, small, sizeof(small));
	MUST(strnlen(small, sizeof(small)) < sizeof(small));
	__real_mt_host_line(path, large, sizeof(large));
	MUST(strnlen(large, sizeof(large)) < sizeof(large) && !strchr(large, '\n'));
}

/* Those that only read lines; the others ask the kernel by trying. */
static void facts(const char *text)
{
	host_text = text;
	for (const struct mt_fact *f = mt_facts; f->name; f++) {
		char detail[128] = "";

		if (strcmp(f->name, "lockdown") != 0)
			continue;
		f->find(detail, sizeof(detail));
		MUST(strnlen(detail, sizeof(detail)) < sizeof(detail));
	}
	host_text = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = fuzz_string(data + 1, size - 1);
	switch (data[0] % 5) {
	case 0:
		mountinfo(text);
		break;
	case 1:
		numbers(data + 1, size - 1);
		break;
	case 2:
		first_line(data + 1, size - 1);
		break;
	case 3:
		facts(text);
		break;
	case 4:
		mounts(data + 1, size - 1);
		break;
	}
	free(text);
	return 0;
}
