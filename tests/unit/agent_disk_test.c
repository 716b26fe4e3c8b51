// SPDX-License-Identifier: GPL-3.0-or-later
/* Which disk a job means, which partition a tag means, and what a wipe leaves. */
#include "tests/unit/scratch.h"

#include "rescue/disk/disks.h"
#include "rescue/disk/mounts.h"
#include "rescue/disk/parts.h"
#include "rescue/disk/wipe.h"

#include <errno.h>

static void add(const struct scratch *s, const char *name, unsigned long mib,
		const char *serial, const char *more)
{
	assert_int_equal(scratch_run("mkdir -p '%s/sys/block/%s/device' && "
				     "cd '%s/sys/block/%s' && echo %lu > size && "
				     "echo 0 > ro && echo 0 > removable && "
				     "echo '%s' > device/serial && "
				     "echo Model > device/model && %s",
				     s->dir, name, s->dir, name, mib * 2048, serial, more),
			 0);
}

static void what_is_a_disk(void **state)
{
	static const char *const others[] = { "loop0", "ram1",         "zram0",
					      "sr0",   "fd0",          "md127",
					      "dm-0",  "mmcblk0boot0", "mmcblk0rpmb" };
	const struct scratch *s = *state;
	struct disks all;
	char text[DISK_TEXT_MAX];

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		add(s, others[i], 100, "x", "true");
	add(s, "sdc", 100, "x", "echo 1 > ro");
	add(s, "sdd", 0, "x", "true");
	add(s, "nvme0c0n1", 100, "x", "echo 1 > hidden");
	add(s, "sdb", 1536, "S-B", "echo 1 > removable");
	add(s, "nvme0n1", 2048, "S-N", "true");
	add(s, "mmcblk0", 100, "", "true");
	add(s, "cciss!c0d0", 100, "S-C", "true");
	disks_read(s->dir, "mmcblk0", &all);
	assert_int_equal(all.n, 3);
	assert_string_equal(all.v[0].name, "cciss!c0d0");
	assert_non_null(strstr(all.v[0].path, "/dev/cciss/c0d0"));
	assert_string_equal(disk_text(&all.v[1], text),
			    "nvme0n1, 2.0 GiB, Model, serial number S-N");
	assert_string_equal(disk_text(&all.v[2], text),
			    "sdb, 1.5 GiB, Model, serial number S-B, removable");
}

static void expect(const struct disks *all, const char *rule, const char *name)
{
	const struct disk *d = NULL;
	struct err e = { "" };

	assert_int_equal(disks_by_rule(all, rule, &d, &e), 0);
	assert_string_equal(d->name, name);
}

static void refused(const struct disks *all, const char *rule, int code)
{
	const struct disk *d = NULL;
	struct err e = { "" };

	assert_int_equal(disks_by_rule(all, rule, &d, &e), code);
	for (unsigned i = 0; i < all->n; i++)
		assert_non_null(strstr(e.msg, all->v[i].ident.serial));
}

static void rules(void **state)
{
	const struct scratch *s = *state;
	struct disks all;

	disks_read(s->dir, NULL, &all);
	refused(&all, "", -ENODEV); /* none at all */
	refused(&all, "first", -ENODEV);
	add(s, "sdb", 100, "S-B", "true");
	add(s, "sdu", 900, "S-U", "echo 1 > removable");
	disks_read(s->dir, NULL, &all);
	expect(&all, "", "sdb"); /* the stick does not count */
	expect(&all, "largest", "sdb");
	expect(&all, "S-U", "sdu"); /* but by its number it does */
	expect(&all, "/dev/sdu", "sdu");
	add(s, "sda", 100, "S-A", "true");
	disks_read(s->dir, NULL, &all);
	refused(&all, "", -ENOTUNIQ);
	expect(&all, "first", "sda");
	refused(&all, "largest", -ENOTUNIQ); /* two of that size */
	add(s, "sdc", 101, "S-C", "true");
	add(s, "sdd", 99, "S-A", "true");
	disks_read(s->dir, NULL, &all);
	expect(&all, "largest", "sdc");
	refused(&all, "S-A", -ENOTUNIQ); /* two with that number */
	refused(&all, "S-", -ENODEV);
	refused(&all, "sda", -ENODEV); /* no path, and no such number */
	refused(&all, "/dev/sd", -ENODEV);
	expect(&all, "/dev/sdd", "sdd");
}

/* A loop device as disk sdz of the fake machine. */
static const char *fake(struct scratch *s, const char *file)
{
	const char *loop = scratch_loop(s, file, "");

	add(s, "sdz", 16, "S-Z", "true");
	assert_int_equal(
		scratch_run("mkdir -p %s/dev && ln -sf %s %s/dev/sdz", s->dir, loop, s->dir),
		0);
	return loop;
}

static void tags(void **state)
{
	struct scratch *s = *state;
	const struct part *p;
	struct parts all;
	char path[160];
	unsigned fits;

	scratch_need_root();
	scratch_file(s, "fs", 16 << 20);
	assert_int_equal(scratch_run("mkfs.ext4 -q -F -L Data -U "
				     "01234567-89ab-cdef-0123-456789abcdef %s",
				     scratch_join(path, s, "fs")),
			 0);
	fake(s, scratch_join(path, s, "fs"));
	parts_read(s->dir, NULL, &all);
	assert_int_equal(all.n, 1);
	p = parts_find(&all, "LABEL=Data", &fits);
	assert_non_null(p);
	assert_string_equal(p->type, "ext4");
	assert_ptr_equal(parts_find(&all, "UUID=01234567-89AB-CDEF-0123-456789ABCDEF", &fits),
			 p);
	assert_null(parts_find(&all, "LABEL=data", &fits));
	assert_null(parts_find(&all, "LABEL=", &fits));
	assert_null(parts_find(&all, "PARTUUID=1", &fits));
	assert_null(parts_find(&all, "Data", &fits));
	assert_int_equal(fits, 0);
	all.v[1] = all.v[0];
	all.n = 2;
	assert_null(parts_find(&all, "LABEL=Data", &fits));
	assert_int_equal(fits, 2);
}

/* Only what has an /etc and an os-release is a root, and only that is ever written to. */
static void roots(void **state)
{
	struct scratch *s = *state;
	struct err e = { "" };
	struct parts all;
	char path[160], dir[160];

	scratch_need_root();
	scratch_file(s, "fs", 16 << 20);
	scratch_run("mkfs.ext4 -q -F %s", scratch_join(path, s, "fs"));
	fake(s, path);
	parts_read(s->dir, "sdz", &all);
	assert_int_equal(all.n, 1);
	scratch_join(dir, s, "root");
	assert_int_equal(scratch_run("sha256sum < %s > %s.sum", path, path), 0);
	assert_int_equal(mounts_root(&all.v[0], dir, true, &e), -ENOENT);
	assert_int_equal(scratch_run("sha256sum < %s | cmp - %s.sum", path, path), 0);
	assert_int_equal(mounts_read(&all.v[0], dir, &e), 0);
	assert_int_equal(scratch_run("touch %s/x", dir) != 0, 1);
	assert_int_equal(mounts_end(dir, &e), 0);
	assert_int_equal(scratch_run("mkdir %s && mount %s %s && mkdir -p %s/etc %s/usr/lib && "
				     "echo x > %s/usr/lib/os-release && umount %s && rmdir %s",
				     dir, all.v[0].path, dir, dir, dir, dir, dir, dir),
			 0);
	assert_int_equal(mounts_root(&all.v[0], dir, false, &e), 0);
	assert_int_equal(scratch_run("touch %s/x", dir) != 0, 1);
	assert_int_equal(mounts_end(dir, &e), 0);
	assert_int_equal(mounts_root(&all.v[0], dir, true, &e), 0);
	assert_int_equal(scratch_run("touch %s/x", dir), 0);
	assert_int_equal(mounts_end(dir, &e), 0);
	assert_int_equal(access(dir, F_OK), -1);
}

static bool go_on(void *ctx, uint64_t done, uint64_t total)
{
	unsigned *calls = ctx;

	assert_true(done < total);
	return (*calls)-- > 0;
}

static void a_wipe(void **state)
{
	struct scratch *s = *state;
	struct err e = { "" };
	char path[160];
	const char *loop;
	struct wiped is;
	unsigned calls = 9;

	scratch_need_root();
	scratch_file(s, "old", 80 << 20);
	scratch_run("tr '\\0' x < %s > %s.x && mv %s.x %s", scratch_join(path, s, "old"), path,
		    path, path);
	loop = fake(s, path);
	assert_int_equal(disk_wipe(loop, go_on, &calls, &is, &e), 0);
	assert_true(is.touched && is.done == 80 << 20);
	assert_int_equal(calls, 7); /* steps of 64 MiB */
	assert_int_equal(scratch_run("head -c 83886080 /dev/zero | cmp - %s", loop), 0);
	calls = 1;
	assert_int_equal(disk_wipe(loop, go_on, &calls, &is, &e), -EINTR);
	assert_true(is.touched && is.done == 64 << 20);
	calls = 0;
	assert_int_equal(disk_wipe(loop, go_on, &calls, &is, &e), -EINTR);
	assert_true(!is.touched && !is.done);
	assert_true(disk_wipe("/dev/null", go_on, &calls, &is, &e) < 0);
	assert_false(is.touched);
}

/* In its first step the disk fails: some of it may be zeros. */
static void a_wipe_that_fails(void **state)
{
	struct scratch *s = *state;
	struct err e = { "" };
	unsigned calls = 9;
	struct wiped is;
	char path[160];
	const char *at;

	scratch_need_root();
	at = scratch_mount(s, "small", "none", "tmpfs", 0);
	assert_int_equal(
		scratch_run("mount -o remount,size=1m %s && truncate -s 8M %s/disk", at, at),
		0);
	snprintf(path, sizeof(path), "%s/disk", at);
	assert_true(disk_wipe(scratch_loop(s, path, ""), go_on, &calls, &is, &e) < 0);
	assert_true(is.touched && !is.done);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		T(what_is_a_disk), T(rules), T(tags), T(roots), T(a_wipe), T(a_wipe_that_fails)
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
