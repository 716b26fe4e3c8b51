// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Who uses a disk, and what make it is: on real loop devices, and on a made-up
 * sysfs for the hardware that is not here.
 */
#include "tests/unit/scratch.h"

#include "common/io.h"
#include "imager/disk/ident.h"
#include "imager/disk/inuse.h"

#include <errno.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>

#define MIB ((size_t)1024 * 1024)

static struct inuse look(const char *path)
{
	struct inuse u;
	struct dev d;
	struct err e;

	assert_int_equal(dev_open_source(&d, path, &e), 0);
	assert_int_equal(inuse_find(&d, &u, &e), 0);
	dev_close(&d);
	return u;
}

static void assert_unused(const char *path)
{
	struct inuse u = look(path);

	assert_false(u.busy);
	assert_false(u.read_only);
	assert_string_equal(u.what, "");
}

/* @what is what @u must say, with a printf %s each for the two names. */
static void assert_says(const struct inuse *u, const char *name, const char *how,
			const char *where)
{
	char want[512];

	snprintf(want, sizeof(want), "%s%s%s", name, how, where);
	assert_string_equal(u->what, want);
}

/* "loop3 " for "/dev/loop3" */
static char *short_name(char *buf, const char *loop, const char *suffix)
{
	snprintf(buf, 40, "%s%s ", loop + strlen("/dev/"), suffix);
	return buf;
}

/* A file with an empty ext4 and a loop device over it, in @path. */
static const char *ext4_loop(struct scratch *s, char *path)
{
	scratch_file(s, "disk", 16 * MIB);
	scratch_join(path, s, "disk");
	assert_int_equal(scratch_run("mkfs.ext4 -q %s", path), 0);
	return scratch_loop(s, path, "");
}

static void test_unused(void **state)
{
	struct scratch *s = *state;
	const char *loop;
	char path[160];

	scratch_file(s, "file", MIB);
	assert_unused(scratch_join(path, s, "file"));
	scratch_need_root();
	loop = ext4_loop(s, path);
	assert_unused(loop);
	assert_unused(path); /* the loop device alone is no use */
}

static void test_mounted(void **state)
{
	struct scratch *s = *state;
	const char *loop, *point;
	struct inuse u;
	char path[160], name[40];

	scratch_need_root();
	loop = ext4_loop(s, path);
	point = scratch_mount(s, "a b", loop, "ext4", 0);
	u = look(loop);
	assert_true(u.busy);
	assert_false(u.read_only);
	assert_says(&u, "", "mounted read-write on ", point);
	u = look(path);
	assert_true(u.busy);
	assert_says(&u, short_name(name, loop, ""), "mounted read-write on ", point);
}

static void test_mounted_read_only(void **state)
{
	struct scratch *s = *state;
	const char *loop, *point;
	struct inuse u;
	char path[160], name[40];

	scratch_need_root();
	loop = ext4_loop(s, path);
	point = scratch_mount(s, "mnt", loop, "ext4", MS_RDONLY);
	u = look(loop);
	assert_false(u.busy);
	assert_true(u.read_only);
	assert_says(&u, "", "mounted read-only on ", point);
	u = look(path);
	assert_false(u.busy);
	assert_true(u.read_only);
	assert_says(&u, short_name(name, loop, ""), "mounted read-only on ", point);
}

/* Read-only to look at, but the filesystem behind it still writes. */
static void test_read_only_bind_mount(void **state)
{
	struct scratch *s = *state;
	const char *loop, *point, *bind;
	struct inuse u;
	char path[160];

	scratch_need_root();
	loop = ext4_loop(s, path);
	point = scratch_mount(s, "mnt", loop, "ext4", 0);
	bind = scratch_mount(s, "bind", point, NULL, MS_BIND);
	assert_int_equal(mount(NULL, bind, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	assert_int_equal(umount(point), 0);
	u = look(loop);
	assert_true(u.busy);
	assert_says(&u, "", "mounted read-write on ", bind);
}

static void test_swap(void **state)
{
	struct scratch *s = *state;
	struct inuse u, v;
	const char *loop;
	char path[160], name[40];

	scratch_need_root();
	/* The kernel takes no swap file with holes. */
	scratch_join(path, s, "swap");
	assert_int_equal(scratch_run("head -c 4M /dev/zero > %s && chmod 600 %s && sync %s && "
				     "mkswap %s",
				     path, path, path, path),
			 0);
	loop = scratch_loop(s, path, "");
	assert_int_equal(swapon(loop, 0), 0);
	u = look(loop);
	v = look(path);
	assert_int_equal(swapoff(loop), 0);
	assert_true(u.busy && v.busy);
	assert_says(&u, "", "active swap", "");
	assert_says(&v, short_name(name, loop, ""), "active swap", "");
	assert_unused(loop);

	assert_int_equal(scratch_run("losetup -d %s", s->loops[--s->n_loops]), 0);
	assert_int_equal(swapon(path, 0), 0);
	u = look(path);
	assert_int_equal(swapoff(path), 0);
	assert_true(u.busy);
	assert_says(&u, "", "active swap", "");
}

static void test_partitions(void **state)
{
	struct scratch *s = *state;
	char path[160], one[40], two[40], name[40];
	const char *loop, *point;
	struct err e = { "" };
	struct inuse u;
	struct dev d;

	scratch_need_root();
	scratch_file(s, "disk", 32 * MIB);
	loop = scratch_loop(s, scratch_join(path, s, "disk"), "--partscan");
	/* Added by hand: not every kernel reads every partition table. */
	assert_int_equal(
		scratch_run("addpart %s 1 2048 16384 && addpart %s 2 20480 16384", loop, loop),
		0);
	snprintf(one, sizeof(one), "%sp1", loop);
	snprintf(two, sizeof(two), "%sp2", loop);
	assert_int_equal(scratch_run("mkfs.ext4 -q %s", one), 0);
	assert_unused(loop);

	point = scratch_mount(s, "mnt", one, "ext4", 0);
	short_name(name, loop, "p1");
	u = look(loop);
	assert_true(u.busy);
	assert_says(&u, name, "mounted read-write on ", point);
	u = look(path);
	assert_true(u.busy);
	assert_says(&u, name, "mounted read-write on ", point);
	u = look(one);
	assert_true(u.busy);
	assert_says(&u, "", "mounted read-write on ", point);
	assert_unused(two);
	assert_int_equal(dev_open_target(&d, loop, 0, &e), -EBUSY);
	assert_int_equal(umount(point), 0);

	/* A filesystem over the whole disk, partition table or not. */
	assert_int_equal(scratch_run("mkfs.ext4 -q -F %s", loop), 0);
	assert_int_equal(mount(loop, point, "ext4", 0, NULL), 0);
	u = look(two);
	assert_true(u.busy);
	assert_says(&u, short_name(name, loop, ""), "mounted read-write on ", point);
}

static void test_loop_over_loop(void **state)
{
	struct scratch *s = *state;
	const char *lower, *upper, *point;
	struct inuse u;
	char path[160], name[40];

	scratch_need_root();
	lower = ext4_loop(s, path);
	upper = scratch_loop(s, lower, "");
	assert_unused(lower);
	point = scratch_mount(s, "mnt", upper, "ext4", 0);
	short_name(name, upper, "");
	u = look(lower);
	assert_true(u.busy);
	assert_says(&u, name, "mounted read-write on ", point);
	u = look(path);
	assert_true(u.busy);
	assert_says(&u, name, "mounted read-write on ", point);
}

static void test_held_by_somebody(void **state)
{
	struct scratch *s = *state;
	const char *loop;
	struct dev holder;
	struct inuse u;
	struct err e;
	char path[160];

	scratch_need_root();
	loop = ext4_loop(s, path);
	assert_int_equal(dev_open_target(&holder, loop, 0, &e), 0);
	u = look(loop);
	dev_close(&holder);
	assert_true(u.busy);
	assert_non_null(strstr(u.what, "another program"));
}

/* Writes @text into <dir>/<name>, with the folders above it. */
static void fake(const struct scratch *s, const char *name, const char *text)
{
	char path[160];
	int fd;

	scratch_join(path, s, name);
	assert_int_equal(scratch_run("mkdir -p $(dirname %s)", path), 0);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(io_write(fd, text, strlen(text)), 0);
	close(fd);
}

/* A disk or partition of the made-up sysfs, @folder below sys/devices. */
static void fake_disk(const struct scratch *s, const char *number, const char *folder)
{
	char name[100], text[100];

	snprintf(name, sizeof(name), "sys/devices/%s/dev", folder);
	snprintf(text, sizeof(text), "%s\n", number);
	fake(s, name, text);
	assert_int_equal(scratch_run("mkdir -p %s/sys/dev/block %s/sys/block; "
				     "ln -s ../../devices/%s %s/sys/dev/block/%s",
				     s->dir, s->dir, folder, s->dir, number),
			 0);
}

static void fake_partition(const struct scratch *s, const char *number, const char *folder)
{
	char name[100];

	fake_disk(s, number, folder);
	snprintf(name, sizeof(name), "sys/devices/%s/partition", folder);
	fake(s, name, "1\n");
}

static int look_fake(const struct scratch *s, dev_t id, struct inuse *ret, struct err *e)
{
	char name[] = "sdx", sys[160], proc[160];
	struct dev d = { .fd = -1, .block = true, .exclusive = true, .id = id, .path = name };

	return inuse_find_at(scratch_join(sys, s, "sys"), scratch_join(proc, s, "proc"), &d,
			     ret, e);
}

static void assert_fake(const struct scratch *s, dev_t id, bool busy, bool ro, const char *what)
{
	struct inuse u;
	struct err e = { "" };

	assert_int_equal(look_fake(s, id, &u, &e), 0);
	assert_string_equal(u.what, what);
	assert_int_equal(u.busy, busy);
	assert_int_equal(u.read_only, ro);
}

static void test_holders(void **state)
{
	struct scratch *s = *state;

	fake_disk(s, "8:0", "sda");
	fake_partition(s, "8:1", "sda/sda1");
	fake_partition(s, "8:2", "sda/sda2");
	fake(s, "proc/self/mountinfo", "");
	fake(s, "sys/devices/sda/sda1/holders/dm-0", "");
	fake(s, "sys/block/dm-0/dm/name", "vg-root\n");
	assert_fake(s, makedev(8, 1), true, false, "held by vg-root");
	assert_fake(s, makedev(8, 0), true, false, "sda1 held by vg-root");
	assert_fake(s, makedev(8, 2), false, false, "");
	fake(s, "sys/devices/sda/holders/md127", "");
	assert_fake(s, makedev(8, 2), true, false, "sda held by md127");
}

/* A Btrfs over two disks is mounted under a number of its own, by one name. */
static void test_btrfs_members(void **state)
{
	struct scratch *s = *state;
	char node[160], line[400];

	scratch_need_root();
	fake_disk(s, "8:16", "sdb");
	fake_disk(s, "8:32", "sdc");
	fake_disk(s, "8:48", "sdd");
	fake_disk(s, "8:64", "sde");
	assert_int_equal(
		scratch_run("mkdir -p %s/sys/fs/btrfs/u1/devices %s/sys/fs/btrfs/features "
			    "&& cd %s/sys/fs/btrfs/u1/devices && "
			    "ln -s ../../../../devices/sdb ../../../../devices/sdc .",
			    s->dir, s->dir, s->dir),
		0);
	assert_int_equal(mknod(scratch_join(node, s, "node"), S_IFBLK | 0600, makedev(8, 16)),
			 0);
	snprintf(line, sizeof(line),
		 "30 1 0:40 / /data rw,noatime shared:1 master:2 - btrfs %s rw,space_cache\n",
		 node);
	fake(s, "proc/self/mountinfo", line);
	fake(s, "proc/swaps", "Filename Type Size Used Priority\n");
	assert_fake(s, makedev(8, 16), true, false, "mounted read-write on /data");
	assert_fake(s, makedev(8, 32), true, false, "sdb mounted read-write on /data");
	assert_fake(s, makedev(8, 48), false, false, "");
}

static void test_odd_mountinfo(void **state)
{
	struct scratch *s = *state;
	struct err e = { "" };
	struct inuse u;

	fake_disk(s, "8:0", "sda");
	assert_int_equal(look_fake(s, makedev(8, 0), &u, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "mountinfo"));

	fake(s, "proc/self/mountinfo",
	     "\n"
	     "30 1 8:0\n"
	     "30 1 8:0 / /x rw -\n"
	     "30 1 8:0 / /x rw - ext4 src\n"
	     "30 1 8 / /x rw - ext4 src rw\n"
	     "30 1 8:0 - ext4 src rw\n"
	     " - \n"
	     "30 1 8:00000000000000000001 / /other rw - ext4 src rw\n"
	     "30 1 8:0 / /a\\040b\\011\\134\\4 rw - ext4 src ro,x=rw");
	assert_fake(s, makedev(8, 0), false, true, "mounted read-only on /a b?\\\\4");

	fake(s, "proc/self/mountinfo",
	     "1 1 8:0 / /a rw - ext4 s ro\n2 1 8:0 / /b ro - ext4 s rw\n"
	     "3 1 8:0 / /c rw - ext4 s ro\n4 1 8:0 / /d rw - ext4 s ro\n"
	     "5 1 8:0 / /e rw - ext4 s ro\n");
	assert_fake(s, makedev(8, 0), true, false,
		    "mounted read-only on /a, mounted read-write on /b, "
		    "mounted read-only on /c and 2 more");
}

static void assert_ident(const struct scratch *s, dev_t id, const char *model,
			 const char *serial)
{
	struct ident got;
	char sys[160];

	memset(&got, 'x', sizeof(got));
	ident_read_at(scratch_join(sys, s, "sys"), id, &got);
	assert_string_equal(got.model, model);
	assert_string_equal(got.serial, serial);
	assert_true(got.partition == (id == makedev(8, 1) || id == makedev(259, 3)));
}

static void test_ident(void **state)
{
	struct scratch *s = *state;
	char long_name[200];

	fake_disk(s, "8:0", "sda");
	fake_partition(s, "8:1", "sda/sda1");
	fake(s, "sys/devices/sda/device/model", "  ST3160815AS     \n");
	assert_ident(s, makedev(8, 0), "ST3160815AS", "");
	assert_int_equal(scratch_run("printf '\\000\\200\\000\\014    9RA1XYZ \\n' > "
				     "%s/sys/devices/sda/device/vpd_pg80",
				     s->dir),
			 0);
	assert_ident(s, makedev(8, 0), "ST3160815AS", "9RA1XYZ");
	assert_ident(s, makedev(8, 1), "ST3160815AS", "9RA1XYZ");

	/* Some disks fill up with NULs. */
	assert_int_equal(scratch_run("printf '\\000\\200\\000\\010WD-7\\000\\000\\000\\000' > "
				     "%s/sys/devices/sda/device/vpd_pg80",
				     s->dir),
			 0);
	assert_ident(s, makedev(8, 1), "ST3160815AS", "WD-7");

	/* A page that says it is longer than it is, and one that is another. */
	assert_int_equal(scratch_run("printf '\\000\\200\\001\\014    9RA1XYZ ' > "
				     "%s/sys/devices/sda/device/vpd_pg80",
				     s->dir),
			 0);
	assert_ident(s, makedev(8, 1), "ST3160815AS", "");
	assert_int_equal(scratch_run("printf '\\000\\203\\000\\014    9RA1XYZ ' > "
				     "%s/sys/devices/sda/device/vpd_pg80",
				     s->dir),
			 0);
	assert_ident(s, makedev(8, 1), "ST3160815AS", "");

	fake_disk(s, "254:0", "vda");
	fake(s, "sys/devices/vda/serial", "lab-disk-07");
	assert_ident(s, makedev(254, 0), "", "lab-disk-07");

	fake_disk(s, "259:0", "nvme0n1");
	fake_partition(s, "259:3", "nvme0n1/nvme0n1p3");
	fake(s, "sys/devices/nvme0n1/device/model", "Samsung SSD 970 \033[31mEVO\n");
	fake(s, "sys/devices/nvme0n1/device/serial", "S466NX0M\n");
	assert_ident(s, makedev(259, 3), "Samsung SSD 970 ?[31mEVO", "S466NX0M");

	fake_disk(s, "179:0", "mmcblk0");
	fake(s, "sys/devices/mmcblk0/device/name", "DG4016\n");
	fake(s, "sys/devices/mmcblk0/device/serial", "0x12ab\n");
	assert_ident(s, makedev(179, 0), "DG4016", "0x12ab");

	memset(long_name, 'm', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	fake(s, "sys/devices/mmcblk0/device/name", long_name);
	long_name[127] = '\0';
	assert_ident(s, makedev(179, 0), long_name, "0x12ab");
	assert_ident(s, makedev(1, 1), "", "");
}

static void test_ident_of_file(void **state)
{
	struct scratch *s = *state;
	struct ident got = { "x", "x", true };
	struct err e;
	struct dev d;
	char path[160];

	scratch_file(s, "file", 4096);
	assert_int_equal(dev_open_source(&d, scratch_join(path, s, "file"), &e), 0);
	ident_read(&d, &got);
	assert_string_equal(got.model, "");
	assert_string_equal(got.serial, "");
	dev_close(&d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unused),
		TEST(test_mounted),
		TEST(test_mounted_read_only),
		TEST(test_read_only_bind_mount),
		TEST(test_swap),
		TEST(test_partitions),
		TEST(test_loop_over_loop),
		TEST(test_held_by_somebody),
		TEST(test_holders),
		TEST(test_btrfs_members),
		TEST(test_odd_mountinfo),
		TEST(test_ident),
		TEST(test_ident_of_file),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
