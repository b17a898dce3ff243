// SPDX-License-Identifier: GPL-2.0-only
/* Names of kernel functions by the address of their first instruction. */
#include "ksym.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SLOTS 2048 /* a power of two; half of them are used */
#define ROOM  (48 << 10)

static struct {
	struct known {
		uint64_t address; /* 0: free */
		uint32_t name;	  /* place in names; 0: none was found */
		bool looked_for;
	} known[SLOTS];
	size_t nr_known;
	bool wanted; /* something has not been looked for */
	char names[ROOM];
	size_t used;
} ksym;

static bool hex(const char **s, uint64_t *value)
{
	const char *begin = *s;

	for (*value = 0;; ++*s) {
		unsigned c = (unsigned char)**s;
		unsigned digit = c - '0' < 10 ? c - '0' : (c | 0x20) - 'a' < 6 ? (c | 0x20) - 'a' + 10 : 16;

		if (digit > 15)
			break;
		if (*value >> 60)
			return false;
		*value = *value << 4 | digit;
	}
	return *s > begin;
}

bool mt_ksym_parse(const char *line, struct mt_ksym_line *sym)
{
	const char *s = line;

	*sym = (struct mt_ksym_line){ 0 };
	if (!hex(&s, &sym->address) || *s++ != ' ' || !isalpha((unsigned char)*s))
		return false;
	sym->type = *s++;
	if (*s++ != ' ')
		return false;
	sym->name = s;
	sym->name_len = strcspn(s, "\t \n");
	s += sym->name_len;
	if (*s == '\t' && s[1] == '[') {
		sym->module = s + 2;
		sym->module_len = strcspn(sym->module, "]\n");
		if (sym->module[sym->module_len] != ']' || !sym->module_len)
			return false;
	}
	return sym->name_len > 0;
}

/* Types of symbols, as nm(1) has them. */
#define FUNCTIONS "tTwW"
#define VARIABLES "bBdDrR"

/* Calls @each for every symbol of one of @types in the file, until it returns true. 0 or -errno. */
static int each_symbol(const char *path, const char *types, bool (*each)(const struct mt_ksym_line *sym, void *arg),
		       void *arg)
{
	FILE *f = fopen(path, "re");
	struct mt_ksym_line sym;
	char line[1024]; /* the longest name has 511 bytes */
	bool shown = false, whole = true, begins;
	int err;

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		begins = whole;
		whole = strchr(line, '\n') != NULL;
		if (!begins || !mt_ksym_parse(line, &sym))
			continue;
		shown |= sym.address != 0;
		if (sym.address && strchr(types, sym.type) && each(&sym, arg))
			break;
	}
	err = ferror(f) ? -EIO : shown ? 0 : -EACCES;
	fclose(f);
	return err;
}

/* The slot of @address, or the free one where it would be. */
static struct known *slot_of(uint64_t address)
{
	uint64_t hash = address * 0x9e3779b97f4a7c15ULL >> 32;
	struct known *slot;

	do
		slot = ksym.known + hash++ % SLOTS;
	while (slot->address && slot->address != address);
	return slot;
}

void mt_ksym_want(uint64_t address)
{
	struct known *slot = slot_of(address);

	if (!address || slot->address || ksym.nr_known == SLOTS / 2)
		return;
	slot->address = address;
	ksym.nr_known++;
	ksym.wanted = true;
}

/* Labels share the address of what follows them; most begin with underscores, functions of works do not. */
static bool better(const char *old, const struct mt_ksym_line *sym)
{
	return old[0] == '_' && sym->name[0] != '_';
}

static bool keep_name(const struct mt_ksym_line *sym, void *arg)
{
	struct known *slot = slot_of(sym->address);
	size_t room = ROOM - ksym.used;
	int n;

	(void)arg;
	if (!slot->address || slot->looked_for || (slot->name && !better(ksym.names + slot->name, sym)))
		return false;
	if (sym->module)
		n = snprintf(ksym.names + ksym.used, room, "%.*s [%.*s]", (int)sym->name_len, sym->name,
			     (int)sym->module_len, sym->module);
	else
		n = snprintf(ksym.names + ksym.used, room, "%.*s", (int)sym->name_len, sym->name);
	if (n < 0 || (size_t)n >= room)
		return false;
	slot->name = (uint32_t)ksym.used;
	ksym.used += n + 1;
	return false;
}

int mt_ksym_learn(const char *path)
{
	int err;

	if (!ksym.wanted)
		return 0;
	if (!ksym.used)
		ksym.used = 1; /* 0 is no name */
	err = each_symbol(path, FUNCTIONS, keep_name, NULL);
	for (size_t i = 0; i < SLOTS; i++)
		ksym.known[i].looked_for = ksym.known[i].address != 0;
	ksym.wanted = false;
	return err;
}

const char *mt_ksym_name(uint64_t address)
{
	static char buf[32];
	const struct known *slot = slot_of(address);

	if (address && slot->address && slot->name)
		return ksym.names + slot->name;
	snprintf(buf, sizeof(buf), "0x%" PRIx64, address);
	return buf;
}

struct search {
	const char *const *names;
	uint64_t *addresses; /* 0: not found yet */
	size_t n, left;
};

static bool found_all(const struct mt_ksym_line *sym, void *arg)
{
	struct search *s = arg;

	for (size_t i = 0; i < s->n && !sym->module; i++)
		if (!s->addresses[i] && strlen(s->names[i]) == sym->name_len &&
		    !memcmp(s->names[i], sym->name, sym->name_len)) {
			s->addresses[i] = sym->address;
			s->left--;
		}
	return !s->left;
}

uint64_t mt_ksym_find(const char *path, const char *name)
{
	uint64_t address = 0;
	struct search s = { &name, &address, 1, 1 };

	each_symbol(path, FUNCTIONS, found_all, &s);
	return address;
}

bool mt_ksym_find_variables(const char *path, const char *const *names, uint64_t *addresses, size_t n)
{
	struct search s = { names, addresses, n, n };

	memset(addresses, 0, n * sizeof(*addresses));
	each_symbol(path, VARIABLES, found_all, &s);
	return !s.left;
}
