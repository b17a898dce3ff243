/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fuzz targets share. libFuzzer calls LLVMFuzzerTestOneInput() with bytes of its own making. */
#ifndef MT_FUZZ_H
#define MT_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* What must hold whatever the input is. */
#define MUST(what)                                                                  \
	do {                                                                        \
		if (!(what)) {                                                      \
			printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #what); \
			fflush(stdout);                                             \
			abort();                                                    \
		}                                                                   \
	} while (0)

/* What is refused is told on stderr, a million times over: libFuzzer keeps its own copy of it. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char quiet[] = "-close_fd_mask=2";
	char **more = calloc(*argc + 2, sizeof(*more));

	if (!more)
		return 0;
	more[0] = (*argv)[0];
	more[1] = quiet; /* an option given later replaces it */
	memcpy(more + 2, *argv + 1, (*argc - 1) * sizeof(*more));
	*argv = more;
	++*argc;
	return 0;
}

/* The bytes as a string that ends where they do: one byte too far is found. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	if (!s)
		abort();
	memcpy(s, data, size);
	s[size] = '\0';
	return s;
}

/* A file that holds them; valid until the next. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("input", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	return path;
}

#endif
