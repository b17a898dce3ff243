/* SPDX-License-Identifier: GPL-2.0-only */
/* What the workloads share: arguments, kernel counters, a memory cgroup of their own, one JSON line. */
#ifndef WORK_H
#define WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/* KEY=VALUE on the command line; a number may end in K, M or G */
struct arg {
	const char *name;
	unsigned long long *number;
	const char **text;
};

/* first of all: reads the arguments, and holds back the signals that child_wait() answers */
void work_begin(int argc, char **argv, const struct arg *args, size_t n);

void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* one JSON object on stdout, flushed by the last json_close() */
void json_open(const char *key);
void json_list(const char *key);
void json_close(void);
void json_number(const char *key, unsigned long long value);
void json_text(const char *key, const char *value);

/* "name value" lines of a kernel file */
struct counters {
	size_t n;
	struct {
		char name[48];
		unsigned long long value;
	} of[320];
};

void counters_read(struct counters *c, const char *path);
unsigned long long counters_get(const struct counters *c, const char *name);
void counters_json(const char *key, const struct counters *before, const char *path);

/*
 * A memory cgroup that exists only as long as the workload. The workload itself stays
 * outside: children join, so that the group can be removed once they are gone.
 */
struct memcg {
	int version;
	char path[512];
	struct counters events, stat;
};

enum limit { LIMIT_MAX, LIMIT_HIGH };

void memcg_make(struct memcg *g, const char *name, enum limit how, unsigned long long bytes);
/* another limit of the same kind: what is above it is reclaimed by the caller, whose it is not */
void memcg_limit(const struct memcg *g, enum limit how, unsigned long long bytes);
void memcg_no_swap(const struct memcg *g);
void memcg_join(const struct memcg *g);
void memcg_json(const struct memcg *g);
void memcg_remove(struct memcg *g);

/*
 * Children die with the workload. A signal that ends the workload ends them first and
 * removes the memcg given to memcg_make().
 */
pid_t child_start(void (*run)(const void *), const void *with);
pid_t child_wait(int *status, struct rusage *usage);

/* memory pressure, to be run by a child */
void press_file(const char *path, unsigned long long bytes, unsigned long long rounds);
void press_anon(unsigned long long bytes, unsigned long long rounds);

/*
 * Nothing of the file is cached afterwards. One that is not there is made, with that many bytes,
 * and removed by file_remove() or with the end of the workload.
 */
void file_prepare(const char *path, unsigned long long bytes);
void file_remove(void);

#endif
