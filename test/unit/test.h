/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness of the unit tests. A test is a static function that TESTS() names: one that is forgotten
 * there does not build. An assertion that fails says what it got and what it wanted, is false, and lets
 * the test go on.
 */
#ifndef MT_TEST_H
#define MT_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEST_SKIPPED 77 /* SKIP_RETURN_CODE of ctest */

static struct {
	unsigned checks, failures;
	const char *const *args; /* behind the program's name */
	const char *skipped;	 /* a reason ends the program with TEST_SKIPPED, unless something failed */
} test;

static inline bool test_checked(bool ok, const char *file, int line)
{
	test.checks++;
	if (!ok) {
		test.failures++;
		printf("%s:%d: ", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line);
	}
	return ok;
}

static inline bool test_eq(uint64_t actual, uint64_t expected, const char *what, const char *file, int line)
{
	if (test_checked(actual == expected, file, line))
		return true;
	printf("%s is %" PRId64 " (0x%" PRIx64 "), not %" PRId64 " (0x%" PRIx64 ")\n", what, (int64_t)actual, actual,
	       (int64_t)expected, expected);
	return false;
}

static inline bool test_true(bool ok, const char *what, const char *file, int line)
{
	if (test_checked(ok, file, line))
		return true;
	printf("not true: %s\n", what);
	return false;
}

static inline void test_print_bytes(const char *s, size_t n)
{
	putchar('"');
	for (size_t i = 0; i < n; i++)
		printf(s[i] >= ' ' && s[i] <= '~' && s[i] != '"' ? "%c" : "\\x%02x", (unsigned char)s[i]);
	putchar('"');
}

static inline bool test_bytes(const char *actual, size_t n, const char *expected, size_t m, const char *what,
			      const char *file, int line)
{
	bool ok = actual && expected ? n == m && !memcmp(actual, expected, n) : actual == expected;

	if (test_checked(ok, file, line))
		return true;
	printf("%s is ", what);
	if (actual)
		test_print_bytes(actual, n);
	else
		printf("NULL");
	printf(", not ");
	if (expected)
		test_print_bytes(expected, m);
	else
		printf("NULL");
	printf("\n");
	return false;
}

static inline bool test_streq(const char *actual, const char *expected, const char *what, const char *file, int line)
{
	return test_bytes(actual, actual ? strlen(actual) : 0, expected, expected ? strlen(expected) : 0, what, file,
			  line);
}

static inline bool test_has(const char *text, const char *part, const char *what, const char *file, int line)
{
	if (test_checked(text && strstr(text, part), file, line))
		return true;
	printf("%s has no '%s': %s\n", what, part, text ? text : "NULL");
	return false;
}

#define ASSERT_EQ(actual, expected)    test_eq((uint64_t)(actual), (uint64_t)(expected), #actual, __FILE__, __LINE__)
#define ASSERT_OK(actual)	       test_eq((uint64_t)(actual), 0, #actual, __FILE__, __LINE__)
#define ASSERT_TRUE(what)	       test_true((what), #what, __FILE__, __LINE__)
#define ASSERT_STREQ(actual, expected) test_streq((actual), (expected), #actual, __FILE__, __LINE__)
#define ASSERT_HAS(text, part)	       test_has((text), (part), #text, __FILE__, __LINE__)
/* @n bytes at @actual are the literal @expected, zeros in it included. */
#define ASSERT_BYTES(actual, n, expected) \
	test_bytes((actual), (n), (expected), sizeof(expected) - 1, #actual, __FILE__, __LINE__)

static inline int test_main(int argc, char **argv, void (*const tests[])(void), size_t n)
{
	test.args = (const char *const *)argv + (argc > 0);
	for (size_t i = 0; i < n; i++)
		tests[i]();
	if (test.failures)
		printf("%u of %u checks failed\n", test.failures, test.checks);
	else
		printf("%u checks\n", test.checks);
	if (test.skipped)
		printf("skipped: %s\n", test.skipped);
	return test.failures ? 1 : test.skipped ? TEST_SKIPPED : 0;
}

#define TESTS(...)                                                               \
	int main(int argc, char **argv)                                          \
	{                                                                        \
		static void (*const all[])(void) = { __VA_ARGS__ };              \
		return test_main(argc, argv, all, sizeof(all) / sizeof(all[0])); \
	}

/* What goes to a file descriptor between the two calls; one at a time, the text valid until the next. */
static struct {
	int fd, saved, into;
	char text[64 << 10];
} test_captured;

static inline void test_capture(int fd)
{
	fflush(NULL);
	test_captured.fd = fd;
	test_captured.saved = dup(fd);
	test_captured.into = memfd_create("captured", MFD_CLOEXEC);
	if (test_captured.saved < 0 || test_captured.into < 0 || dup2(test_captured.into, fd) < 0)
		abort();
}

static inline const char *test_capture_end(void)
{
	ssize_t n;

	fflush(NULL);
	n = pread(test_captured.into, test_captured.text, sizeof(test_captured.text) - 1, 0);
	test_captured.text[n > 0 ? n : 0] = '\0';
	if (dup2(test_captured.saved, test_captured.fd) < 0)
		abort();
	close(test_captured.saved);
	close(test_captured.into);
	return test_captured.text;
}

/* A file that holds @len bytes, named by a path that lives as long as its fd; valid until the next. */
static inline const char *test_file(const void *data, size_t len)
{
	static char path[32];
	static int fd = -1;

	if (fd >= 0)
		close(fd);
	fd = memfd_create("file", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

/* Numbers that are the same in every run. */
static inline uint32_t test_random(void)
{
	static uint64_t state = 88172645463325252ULL; /* xorshift64, Marsaglia 2003 */

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

#endif
