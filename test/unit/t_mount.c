// SPDX-License-Identifier: GPL-2.0-only
/* mount: from a device to the path of a file on it, and never to the path of another file. */
#include <limits.h>

#include "mount.h"
#include "test.h"

#define DEV(major, minor) ((major) << 20 | (minor))

static bool parses(const char *text, struct mt_mount *m)
{
	static char line[1024];

	snprintf(line, sizeof(line), "%s", text);
	return mt_mount_parse(line, m);
}

static void test_lines(void)
{
	struct mt_mount m;

	ASSERT_TRUE(parses("36 35 98:5 / /mnt\\0402 rw,noatime shared:1 - ext3 /dev/root rw", &m));
	ASSERT_EQ(m.id, 36);
	ASSERT_EQ(m.parent, 35);
	ASSERT_EQ(m.dev, DEV(98, 5));
	ASSERT_STREQ(m.root, "/");
	ASSERT_STREQ(m.point, "/mnt 2");
	ASSERT_TRUE(parses("1 1 0:1048575 /a\\134b /\\012", &m));
	ASSERT_EQ(m.dev, DEV(0, 1048575));
	ASSERT_STREQ(m.root, "/a\\b");
	ASSERT_STREQ(m.point, "/\n");
	ASSERT_TRUE(!parses("", &m));
	ASSERT_TRUE(!parses("36 35 98:5 /", &m));
	ASSERT_TRUE(!parses("36 35 98:5", &m));
	ASSERT_TRUE(!parses("36 35 98 / /mnt rw", &m));
	/* no directory of a file system: a namespace */
	ASSERT_TRUE(!parses("36 35 0:4 mnt:[4026531841] /run/ns rw - nsfs nsfs rw", &m));
}

static void use(const char *text)
{
	ASSERT_TRUE(mt_mount_use(test_file(text, strlen(text))));
}

static void test_paths(void)
{
	use("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	    "30 22 8:2 / /home rw - ext4 /dev/sda2 rw\n"
	    "31 22 0:30 /sub /data\\040x rw - btrfs /dev/sda3 rw\n"
	    "32 22 8:2 /joe /srv/joe rw - ext4 /dev/sda2 rw\n"
	    "no line\n"
	    "33 22 8:3 /only /part rw - ext4 /dev/sda4 rw\n"
	    "34 22 8:3 /only/more /deeper rw - ext4 /dev/sda4 rw");
	ASSERT_STREQ(mt_mount_path(DEV(8, 1), "/etc/passwd"), "/etc/passwd");
	ASSERT_STREQ(mt_mount_path(DEV(8, 1), "/"), "/");
	ASSERT_STREQ(mt_mount_path(DEV(8, 2), "/"), "/home");
	/* the whole file system rather than a part of it */
	ASSERT_STREQ(mt_mount_path(DEV(8, 2), "/joe/f"), "/home/joe/f");
	ASSERT_STREQ(mt_mount_path(DEV(0, 30), "/sub/f"), "/data x/f");
	ASSERT_STREQ(mt_mount_path(DEV(0, 30), "/sub"), "/data x");
	ASSERT_TRUE(!mt_mount_path(DEV(0, 30), "/subway"));
	ASSERT_TRUE(!mt_mount_path(DEV(0, 30), "/other/f"));
	ASSERT_STREQ(mt_mount_path(DEV(8, 3), "/only/more/f"), "/part/more/f");
	ASSERT_TRUE(!mt_mount_path(DEV(8, 3), "/f"));
	ASSERT_TRUE(!mt_mount_path(DEV(9, 9), "/f"));
}

/* A path under which one would find something else is none. */
static void test_hidden(void)
{
	use("22 1 8:1 / / rw - ext4 a rw\n"
	    "30 22 8:2 / /home rw - ext4 b rw\n"
	    "31 30 8:3 / /home rw - ext4 c rw\n" /* upon it */
	    "40 22 8:4 / /a/b rw - ext4 d rw\n"	 /* under the next */
	    "41 22 8:5 / /a rw - ext4 e rw\n"
	    "42 40 8:6 / /a/b/c rw - ext4 f rw\n" /* on what is hidden */
	    "50 22 8:7 / /one rw - ext4 g rw\n"	  /* mounted twice, hidden once */
	    "51 50 8:8 / /one rw - ext4 h rw\n"
	    "52 22 8:7 / /two rw - ext4 g rw\n"
	    "60 22 8:9 / /x rw - ext4 i rw\n"
	    "61 60 8:10 / /x/dir rw - ext4 j rw\n");
	ASSERT_TRUE(!mt_mount_path(DEV(8, 2), "/f"));
	ASSERT_STREQ(mt_mount_path(DEV(8, 3), "/f"), "/home/f");
	ASSERT_TRUE(!mt_mount_path(DEV(8, 4), "/f"));
	ASSERT_STREQ(mt_mount_path(DEV(8, 5), "/b"), "/a/b");
	ASSERT_TRUE(!mt_mount_path(DEV(8, 6), "/f"));
	ASSERT_STREQ(mt_mount_path(DEV(8, 7), "/f"), "/two/f");
	/* a directory of the file system that another is mounted on */
	ASSERT_TRUE(!mt_mount_path(DEV(8, 1), "/home/f"));
	ASSERT_STREQ(mt_mount_path(DEV(8, 1), "/homes/f"), "/homes/f");
	ASSERT_TRUE(!mt_mount_path(DEV(8, 9), "/dir/f"));
	ASSERT_TRUE(!mt_mount_path(DEV(8, 9), "/dir"));
	ASSERT_STREQ(mt_mount_path(DEV(8, 9), "/directory"), "/x/directory");
	ASSERT_STREQ(mt_mount_path(DEV(8, 10), "/f"), "/x/dir/f");
}

/* An initramfs is its own parent; a circle, which no kernel has, ends. */
static void test_circles(void)
{
	use("1 1 0:2 / / rw - rootfs none rw\n");
	ASSERT_STREQ(mt_mount_path(DEV(0, 2), "/init"), "/init");
	use("1 2 0:2 / / rw\n2 1 0:3 / /b rw\n");
	mt_mount_path(DEV(0, 2), "/init");
	mt_mount_path(DEV(0, 3), "/init");
	use("");
	ASSERT_TRUE(!mt_mount_path(0, "/"));
	ASSERT_TRUE(!mt_mount_use("/nonexistent"));
}

static void test_long(void)
{
	static char text[4 * PATH_MAX], inside[2 * PATH_MAX];

	memset(inside, 'x', sizeof(inside) - 1);
	inside[0] = '/';
	use("1 1 0:2 / / rw\n2 1 0:3 / /b rw\n");
	ASSERT_TRUE(mt_mount_path(DEV(0, 2), inside) != NULL);
	ASSERT_TRUE(!mt_mount_path(DEV(0, 3), inside)); /* longer than any path */
	snprintf(text, sizeof(text), "1 1 0:2 / %s rw\n2 1 0:3 / /b rw\n", inside);
	use(text);
	ASSERT_TRUE(!mt_mount_path(DEV(0, 2), "/a"));
	ASSERT_STREQ(mt_mount_path(DEV(0, 3), "/a"), "/b/a");
}

static void test_here(void)
{
	if (!mt_mount_init())
		return;
	for (unsigned dev = 0; dev < 64; dev++) {
		const char *path = mt_mount_path(dev, "/");

		ASSERT_TRUE(!path || path[0] == '/');
	}
}

TESTS(test_lines, test_paths, test_hidden, test_circles, test_long, test_here)
