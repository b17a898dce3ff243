// SPDX-License-Identifier: GPL-2.0-only
/* install: a link for each tool, and nothing of anybody else's touched. */
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#include "err.h"
#include "install.h"
#include "test.h"
#include "tools.h"

static char dir[] = "/tmp/mt-install-XXXXXX";

static int entries(bool remove)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.') {
			n++;
			if (remove)
				unlinkat(dirfd(d), e->d_name, 0);
		}
	closedir(d);
	return n;
}

static int tools(void)
{
	int n = 0;

	while (mt_tools[n])
		n++;
	return n;
}

static char said[2][64 << 10]; /* stdout, stderr */

static int install_args(char **argv)
{
	int out = memfd_create("out", MFD_CLOEXEC), saved = dup(STDOUT_FILENO), rc;

	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	test_capture(STDERR_FILENO);
	rc = mt_install(argv);
	snprintf(said[1], sizeof(said[1]), "%s", test_capture_end());
	dup2(saved, STDOUT_FILENO);
	memset(said[0], 0, sizeof(said[0]));
	if (pread(out, said[0], sizeof(said[0]) - 1, 0) < 0)
		abort();
	close(out);
	close(saved);
	return rc;
}

#define install(...) install_args((char *[]){ __VA_ARGS__, NULL })

static const char *target(const char *name)
{
	static char link[PATH_MAX];
	char path[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	return link;
}

static void test_links(void)
{
	char self[PATH_MAX] = "", name[64];

	ASSERT_TRUE(mkdtemp(dir) != NULL);
	ASSERT_TRUE(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	ASSERT_OK(install(dir));
	ASSERT_STREQ(said[1], "");
	ASSERT_HAS(said[0], dir);
	ASSERT_EQ(entries(false), tools());
	for (size_t i = 0; mt_tools[i]; i++)
		ASSERT_STREQ(target(mt_tools[i]->name), self);
	ASSERT_OK(install(dir)); /* again */
	ASSERT_EQ(entries(false), tools());
	ASSERT_OK(install("--prefix", "mt-", "--suffix", "", dir));
	ASSERT_EQ(entries(false), 2 * tools());
	snprintf(name, sizeof(name), "mt-%s", mt_tools[0]->name);
	ASSERT_STREQ(target(name), self);
	entries(true);
}

/* A file, a directory, a link to elsewhere: each stays, is told, and the others are made. */
static void test_not_ours(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, mt_tools[0]->name);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	ASSERT_EQ(install(dir), MT_FAILED);
	ASSERT_HAS(said[1], "is there, and not ours");
	ASSERT_HAS(said[1], path);
	ASSERT_STREQ(target(mt_tools[0]->name), "");
	ASSERT_EQ(entries(true), tools());

	ASSERT_OK(symlink("/bin/true", path));
	ASSERT_EQ(install(dir), MT_FAILED);
	ASSERT_STREQ(target(mt_tools[0]->name), "/bin/true");
	entries(true);

	ASSERT_OK(mkdir(path, 0700));
	ASSERT_EQ(install(dir), MT_FAILED);
	ASSERT_OK(rmdir(path));
	entries(true);

	/* a memtrace of before, in another place, is ours */
	ASSERT_OK(symlink("/old/memtrace-0.0", path));
	ASSERT_OK(install(dir));
	ASSERT_HAS(target(mt_tools[0]->name), "t_install");
	entries(true);

	/* another program, whose name only begins so, is not */
	ASSERT_OK(symlink("/usr/bin/memtracer", path));
	ASSERT_EQ(install(dir), MT_FAILED);
	ASSERT_STREQ(target(mt_tools[0]->name), "/usr/bin/memtracer");
	entries(true);
}

static void test_bad_use(void)
{
	char nowhere[PATH_MAX], longest[NAME_MAX + 2];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ASSERT_EQ(install_args((char *[]){ NULL }), MT_USAGE);
	ASSERT_EQ(install("--prefix"), MT_USAGE);
	ASSERT_EQ(install("--prefix", "a/b", dir), MT_USAGE);
	ASSERT_EQ(install("--suffix", longest, dir), MT_USAGE);
	ASSERT_EQ(install("--what", dir), MT_USAGE);
	ASSERT_EQ(install(dir, dir), MT_USAGE);
	/* called by that name it would be nobody */
	ASSERT_EQ(install("--prefix", "a", "--suffix", "b", dir), MT_USAGE);
	ASSERT_HAS(said[1], "choose another prefix or suffix");
	ASSERT_EQ(entries(false), 0);
	snprintf(nowhere, sizeof(nowhere), "%s/none", dir);
	ASSERT_EQ(install(nowhere), MT_FAILED);
	ASSERT_HAS(said[1], "No such file or directory");
}

static void test_clean_up(void)
{
	ASSERT_EQ(entries(true), 0);
	ASSERT_OK(rmdir(dir));
}

TESTS(test_links, test_not_ours, test_bad_use, test_clean_up)
