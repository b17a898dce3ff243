/* SPDX-License-Identifier: GPL-2.0-only */
/* A probe's object: opened from its bytes, told its constants, its alternatives chosen, loaded, attached. */
#ifndef MT_OBJECT_H
#define MT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"
#include "perf.h"
#include "site.h"
#include "tool.h"

struct mt_object;

/*
 * Opens without privilege and without a syscall to the kernel's BPF. Where all of the tool is sampled there is no
 * probe: the object then has the asks of the usual view for constants, and nothing else. 0 or -errno, logged.
 */
int mt_object_open(struct mt_object **object, const struct mt_tool *tool);

/*
 * The same for one view of it. No probe is opened where that is sampled; else the probe is told which view is
 * wanted, and the maps of the others will take the least memory that the kernel allows.
 */
int mt_object_open_view(struct mt_object **object, const struct mt_tool *tool, const struct mt_view *view);

/* Is there a probe? If not, loading does nothing. */
bool mt_object_has_probe(const struct mt_object *object);
void mt_object_close(struct mt_object *object);

const struct btf *mt_object_btf(const struct mt_object *object);

/* Constants (const volatile) of the probe, before mt_object_load(). A constant it does not use it has not. */
bool mt_object_has(const struct mt_object *object, const char *var);
int mt_object_var(const struct mt_object *object, const char *var, struct mt_field *field);
int mt_object_set(struct mt_object *object, const char *var, const void *value, size_t size);
int mt_object_set_u64(struct mt_object *object, const char *var, uint64_t value);

uint64_t mt_object_u64(const struct mt_object *object, const char *var); /* as it is set now; 0: there is none */

/* Room of the ring buffer in bytes (a power of two times the page size), and of all other maps that can fill. */
void mt_object_resize(struct mt_object *object, uint32_t ring_bytes, uint32_t entries);

/*
 * Chooses, loads and attaches, over again without what failed, until all that is left works. @hooks: mask
 * of the hooks allowed; @wide: take wide sites too. 0, or an exit status, logged with all that was tried.
 * With @quiet nothing is logged: the choices say it.
 */
int mt_object_load(struct mt_object *object, unsigned hooks, bool wide, bool quiet);

size_t mt_object_choices(const struct mt_object *object, const struct mt_choice **choices);

/* As mt_sites_hooks(). */
const char *mt_object_hooks(const struct mt_object *object, const struct mt_site *site, int t, char *buf, size_t size);

/* Is the site there, and not empty? */
bool mt_object_has_site(const struct mt_object *object, const char *site);

/*
 * How often the kernel left a program out: it does not enter one twice on the same processor, as happens where
 * a task takes the processor from another in the midst of it. Told since 9ed9e9ba2337, 5.12.
 */
uint64_t mt_object_missed(const struct mt_object *object);

/* Lets the programs count; or stops them, and waits until none is in the midst of it. */
void mt_object_switch(struct mt_object *object, bool on);

/*
 * Counts @name for the event of @map, before mt_object_load(). False: no such event. The events of an object are
 * opened when it is loaded, and count once mt_object_count() lets them.
 */
bool mt_object_event(struct mt_object *object, const char *map, const char *name);
void mt_object_count(struct mt_object *object);
const struct mt_perf *mt_object_events(const struct mt_object *object);

/* Runs the object's programs of the hook "call" on each processor. */
void mt_object_call(const struct mt_object *object);

/* fd of a map, or -ENOENT; and what is in it. */
int mt_object_map(const struct mt_object *object, const char *name, uint32_t *key_type, uint32_t *value_type,
		  uint32_t *max_entries);

/* Does each CPU have a value of its own there? */
bool mt_object_map_per_cpu(const struct mt_object *object, const char *name);

/* Are all programs of the sites there, and no others? 0 or an exit status, logged. */
int mt_object_selfcheck(struct mt_object *object);

#endif
