// SPDX-License-Identifier: GPL-2.0-only
/* cgroup: the hierarchy is found among the mounts, and a path and its id lead to each other. */
#include <limits.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "test.h"

static void mount_is(const char *line, int version, const char *root)
{
	char found[PATH_MAX] = "";

	if (ASSERT_EQ(mt_cgroup_mount(line, found), version) && version)
		ASSERT_STREQ(found, root);
}

static void test_mountinfo(void)
{
	mount_is("29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate\n", 2,
		 "/sys/fs/cgroup");
	mount_is("30 24 0:26 / /sys/fs/cgroup/memory rw,relatime shared:10 - cgroup cgroup rw,memory\n", 1,
		 "/sys/fs/cgroup/memory");
	mount_is("30 24 0:26 / /sys/fs/cgroup/all rw - cgroup none rw,cpu,memory,pids\n", 1, "/sys/fs/cgroup/all");
	/* no optional field, several of them */
	mount_is("29 23 0:26 / /cg rw - cgroup2 none rw\n", 2, "/cg");
	mount_is("29 23 0:26 / /cg rw shared:9 master:3 - cgroup2 none rw\n", 2, "/cg");
	/* blanks in octal */
	mount_is("29 23 0:26 / /my\\040cgroups\\011\\134x rw - cgroup2 none rw\n", 2, "/my cgroups\t\\x");
	mount_is("29 23 0:26 / /cg\\ab\\08\\1 rw - cgroup2 none rw\n", 2, "/cg\\ab\\08\\1");
	/* the last line may lack its newline, and the super options */
	mount_is("29 23 0:26 / /cg rw - cgroup none rw,memory", 1, "/cg");
	mount_is("29 23 0:26 / /cg rw - cgroup2", 2, "/cg");
	/* others: no memory controller, a word that only begins like it, another file system */
	mount_is("31 24 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n", 0, NULL);
	mount_is("31 24 0:27 / /x rw - cgroup cgroup rw,memoryx\n", 0, NULL);
	mount_is("31 24 0:27 / /x rw - cgroup cgroup rw,xmemory\n", 0, NULL);
	mount_is("31 24 0:27 / /x rw,memory - cgroup cgroup rw\n", 0, NULL);
	mount_is("31 24 0:27 / /cgroup2 rw - ext4 cgroup2 rw,memory\n", 0, NULL);
	mount_is("31 24 0:27 / /x rw - cgroup2x none rw\n", 0, NULL);
	mount_is("31 24 0:27 / /x rw cgroup2 none rw\n", 0, NULL);
	mount_is("", 0, NULL);
	mount_is(" - cgroup2 none rw", 0, NULL);
	mount_is("\n", 0, NULL);
}

#define ID  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static void container_is(const char *path, const char *name)
{
	size_t len = 0;
	const char *found = mt_cgroup_container(path, &len);

	if (!ASSERT_EQ(found != NULL, name != NULL) || !name)
		return;
	ASSERT_EQ(len, strlen(name));
	ASSERT_TRUE(!strncmp(found, name, len));
}

static void test_container(void)
{
	container_is("/docker/" ID, ID);
	container_is("/system.slice/docker-" ID ".scope", ID);
	container_is("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1a2b.slice/cri-containerd-" ID
		     ".scope",
		     ID);
	container_is("/kubepods/besteffort/pod01234567-89ab-cdef-0123-456789abcdef/" ID "/init.scope", ID);
	container_is("/machine.slice/libpod-" ID ".scope/container", ID);
	container_is("/lxc.payload.web/system.slice/x.service", "web");
	container_is("/machine.slice/systemd-nspawn@build.service/payload", "build");
	/* one in the other: the innermost */
	container_is("/docker/" ID "/docker/" ID2, ID2);
	container_is("/lxc.payload.web/docker/" ID, ID);
	/* others: a monitor, too few digits, too many, capitals, a bare prefix */
	container_is("/machine.slice/libpod-conmon-" ID ".scope", NULL);
	container_is("/crio-conmon-" ID ".scope", NULL);
	container_is("/docker/0123456789ab", NULL);
	container_is("/docker/" ID "0", NULL);
	container_is("/docker/" ID ID2, NULL);
	container_is("/A" ID "B", ID);
	container_is("/lxc.payload.", NULL);
	container_is("/systemd-nspawn@.service", NULL);
	container_is("/user.slice/user-1000.slice", NULL);
	container_is("/", NULL);
	container_is("", NULL);
}

static char root[] = "/tmp/mt-cgroup-XXXXXX";

static uint64_t make(const char *name)
{
	char path[PATH_MAX];
	struct stat st = { 0 };

	snprintf(path, sizeof(path), "%s/%s", root, name);
	ASSERT_OK(mkdir(path, 0700));
	ASSERT_OK(stat(path, &st));
	return st.st_ino;
}

static void drop(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	ASSERT_OK(rmdir(path));
}

/* Nothing works, and nothing breaks, before a hierarchy is known. */
static void test_none(void)
{
	uint64_t id;

	ASSERT_TRUE(!mt_cgroup_root());
	ASSERT_TRUE(!mt_cgroup_path(1));
	ASSERT_EQ(mt_cgroup_id("/", &id), -ENOENT);
	mt_cgroup_preload();
}

/* Any directory will do: an id is the number of its inode. */
static void test_tree(void)
{
	char full[PATH_MAX];
	uint64_t a, b, odd, id = 0;
	struct stat st;

	if (!ASSERT_TRUE(mkdtemp(root) != NULL))
		return;
	a = make("a");
	b = make("a/b");
	odd = make("odd\n\x1b[31m\xff");
	mt_cgroup_use(root, 2);
	ASSERT_TRUE(!mt_cgroup_is_v1());
	ASSERT_STREQ(mt_cgroup_root(), root);

	ASSERT_OK(mt_cgroup_id("/a/b", &id));
	ASSERT_EQ(id, b);
	ASSERT_STREQ(mt_cgroup_path(id), "/a/b"); /* unprivileged too */
	ASSERT_OK(mt_cgroup_id("a/b/../", &id));
	ASSERT_STREQ(mt_cgroup_path(id), "/a");
	ASSERT_OK(mt_cgroup_id("a", &id));
	ASSERT_EQ(id, a);
	snprintf(full, sizeof(full), "%s/a", root);
	ASSERT_OK(mt_cgroup_id(full, &id));
	ASSERT_EQ(id, a);
	ASSERT_OK(stat(root, &st));
	ASSERT_OK(mt_cgroup_id("/", &id));
	ASSERT_EQ(id, st.st_ino);
	ASSERT_OK(mt_cgroup_id(root, &id));
	ASSERT_EQ(id, st.st_ino);
	ASSERT_EQ(mt_cgroup_id("/none", &id), -ENOENT);

	mt_cgroup_preload();
	ASSERT_STREQ(mt_cgroup_path(a), "/a");
	ASSERT_STREQ(mt_cgroup_path(b), "/a/b");
	ASSERT_STREQ(mt_cgroup_path(odd), "/odd\n\x1b[31m\xff");
	ASSERT_STREQ(mt_cgroup_path(st.st_ino), "/");
	ASSERT_STREQ(mt_cgroup_path(0), NULL);
	ASSERT_STREQ(mt_cgroup_path(UINT64_MAX), NULL);
	drop("a/b");
	drop("a");
	drop("odd\n\x1b[31m\xff");
	/* gone, and known by name */
	ASSERT_STREQ(mt_cgroup_path(b), "/a/b");
}

/* More than are kept. */
static void test_many(void)
{
	char name[16];

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "%d", i);
		make(name);
	}
	mt_cgroup_preload();
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "%d", i);
		drop(name);
	}
	ASSERT_OK(rmdir(root));
}

TESTS(test_none, test_mountinfo, test_container, test_tree, test_many)
