// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Other sizes and other UUIDs for real filesystems that lie somewhere in a
 * disk, judged by their own checkers; and how programs are run.
 */
#include "tests/unit/pattern.h"
#include "tests/unit/scratch.h"

#include "common/run_program.h"
#include "imager/disk/fstools.h"

#include <errno.h>

#define PLACE (5 * MIB + 4096) /* where the filesystem begins in its disk */
#define GUARD (1 * MIB)        /* what follows it; neither may be touched */

struct place {
	struct dev d;
	struct area a;
	struct err e;
};

static void guard(const struct place *p, bool check)
{
	const uint64_t at[] = { PLACE - GUARD, PLACE + p->a.size };
	uint8_t *buf = malloc(GUARD);

	assert_non_null(buf);
	for (size_t i = 0; i < 2; i++) {
		fill_pattern(buf, GUARD, at[i]);
		if (!check)
			assert_int_equal(io_pwrite(p->d.fd, buf, GUARD, at[i]), 0);
		assert_int_equal(io_pread(p->d.fd, buf, GUARD, at[i]), GUARD);
		assert_pattern(buf, GUARD, at[i]);
	}
	free(buf);
}

/*
 * Makes a filesystem of @made MiB by @mkfs ($D is its device, $F a folder with
 * files to be in it) in an area of @size MiB.
 */
static void make_place(struct place *p, struct scratch *s, unsigned made, unsigned size,
		       const char *mkfs)
{
	char path[160];

	*p = (struct place){ .d.fd = -1 };
	scratch_file(s, "fs", (off_t)(made * MIB));
	scratch_file(s, "disk", (off_t)(PLACE + size * MIB + GUARD));
	assert_int_equal(scratch_run("cd %s && D=fs && F=files && mkdir -p $F && "
				     "seq 200000 > $F/one && seq 777777 > $F/two && { %s; }",
				     s->dir, mkfs),
			 0);
	assert_int_equal(scratch_run("cd %s && dd if=fs of=disk bs=64K oflag=seek_bytes "
				     "seek=%zu conv=notrunc,sparse && rm fs",
				     s->dir, PLACE),
			 0);
	assert_int_equal(dev_open_target(&p->d, scratch_join(path, s, "disk"), 0, &p->e), 0);
	p->a = (struct area){ &p->d, PLACE, size * MIB };
	guard(p, false);
}

/* Takes the first @size bytes of the area out again, and has @check judge them as $D. */
static void judge(const struct place *p, struct scratch *s, uint64_t size, const char *check)
{
	guard(p, true);
	assert_int_equal(scratch_run("cd %s && rm -f fs && dd if=disk of=fs bs=64K "
				     "iflag=skip_bytes,count_bytes skip=%zu count=%llu "
				     "conv=sparse && truncate -s %llu fs",
				     s->dir, PLACE, (unsigned long long)size,
				     (unsigned long long)size),
			 0);
	if (scratch_run("cd %s && D=fs && F=files && { %s; } > said 2>&1", s->dir, check)) {
		(void)!system("tail -n 5 /var/tmp/slate-test-*/said");
		fail_msg("\"%s\" failed", check);
	}
}

static void assert_done(const struct place *p, int r)
{
	if (r)
		fail_msg("%d, \"%s\"", r, p->e.msg);
}

static void assert_failed(const struct place *p, int r, int code, const char *words)
{
	if (r != code || !strstr(p->e.msg, words))
		fail_msg("%d, \"%s\", expected %d, \"%s\"", r, r ? p->e.msg : "", code, words);
}

/* Shrinks, judges that by @check, and grows it again. */
static void shrink_and_grow(struct place *p, struct scratch *s, const char *fs,
			    uint64_t at_most, const char *check)
{
	struct area whole = p->a;
	uint64_t size = 0, again = 0;

	assert_done(p, resize_shrink(&p->a, fs, &size, &p->e));
	assert_int_equal(size % MIB, 0);
	assert_in_range(size, MIB, at_most);
	judge(p, s, size, check);
	/* There is no more to gain, in an area of just that size. */
	p->a.size = size;
	guard(p, false);
	assert_done(p, resize_shrink(&p->a, fs, &again, &p->e));
	guard(p, true);
	assert_int_equal(again, size);
	p->a = whole;
	judge(p, s, size, check);
	assert_done(p, resize_grow(&p->a, fs, &p->e));
	judge(p, s, p->a.size, check);
}

#define EXT_FINE "e2fsck -fn $D && debugfs -R 'cat one' $D | cmp - $F/one"

static void test_ext(void **state)
{
	static const char *const kinds[] = { "-t ext4", "-t ext3 -b 1024",
					     "-t ext2 -O ^resize_inode" };
	struct scratch *s = *state;
	struct place p;
	char mkfs[100];

	scratch_need_root();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		snprintf(mkfs, sizeof(mkfs), "mke2fs -q %s -U clear -d $F $D", kinds[i]);
		make_place(&p, s, 60, 200, mkfs);
		assert_done(&p, resize_grow(&p.a, "ext", &p.e));
		judge(&p, s, p.a.size, EXT_FINE);
		judge(&p, s, p.a.size,
		      "dumpe2fs -h $D | awk -F: '/^Block count/ { n = $2 } "
		      "/^Block size/ { b = $2 } END { exit n * b != 200 * 1048576 }'");
		shrink_and_grow(&p, s, "ext", 60 * MIB, EXT_FINE);
		assert_done(&p, resize_new_uuid(&p.a, "ext", &p.e));
		judge(&p, s, p.a.size,
		      EXT_FINE " && blkid -p -s UUID -o value $D | grep -q '^[^ ]*$'");
		dev_close(&p.d);
	}
}

static void test_ext_damaged(void **state)
{
	struct scratch *s = *state;
	struct place p;
	uint64_t size = 1;

	scratch_need_root();
	make_place(&p, s, 60, 100,
		   "mke2fs -q -t ext4 -d $F $D; "
		   "debugfs -w -R 'clri <2>' $D");
	assert_failed(&p, resize_grow(&p.a, "ext", &p.e), -EIO, "RUN fsck MANUALLY");
	assert_non_null(strstr(p.e.msg, p.d.path));
	assert_non_null(strstr(p.e.msg, "cannot grow"));
	assert_failed(&p, resize_shrink(&p.a, "ext", &size, &p.e), -EIO, "e2fsck failed");
	assert_int_equal(size, 1);
	dev_close(&p.d);
	make_place(&p, s, 10, 10, "true");
	assert_failed(&p, resize_grow(&p.a, "ext", &p.e), -EIO, "e2fsck failed");
	assert_failed(&p, resize_grow(&p.a, "xfs", &p.e), -EINVAL, "cannot mount");
	assert_failed(&p, resize_grow(&p.a, "ntfs", &p.e), -EIO, "ntfsresize failed");
	assert_failed(&p, resize_shrink(&p.a, "ntfs", &size, &p.e), -EUCLEAN, "boot sector");
	assert_failed(&p, resize_grow(&p.a, "swap", &p.e), -EOPNOTSUPP, "plain swap");
	dev_close(&p.d);
}

/* On a block device with large sectors, below the loop device that the programs see. */
static void test_ext_on_device(void **state)
{
	struct scratch *s = *state;
	struct place p;
	char path[160];
	const char *loop;

	scratch_need_root();
	make_place(&p, s, 60, 200, "mke2fs -q -t ext4 -b 4096 -d $F $D");
	dev_close(&p.d);
	loop = scratch_loop(s, scratch_join(path, s, "disk"), "-b 4096");
	assert_int_equal(dev_open_target(&p.d, loop, 0, &p.e), 0);
	assert_int_equal(p.d.sector, 4096);
	assert_done(&p, resize_grow(&p.a, "ext", &p.e));
	assert_int_equal(dev_sync(&p.d, &p.e), 0);
	judge(&p, s, p.a.size, EXT_FINE);
	judge(&p, s, p.a.size, "dumpe2fs -h $D | grep -q '^Block count: *51200$'");
	dev_close(&p.d);
}

/* The volume, and the copy of the boot sector in the last sector of all. */
#define NTFS_FINE                                                                              \
	"ntfsresize -f -i $D && ntfscat -f $D one | cmp - $F/one && "                          \
	"ntfscat -f $D two | cmp - $F/two && tail -c 512 $D | cmp -n 512 - $D"

static void test_ntfs(void **state)
{
	struct scratch *s = *state;
	struct place p;

	scratch_need_root();
	make_place(&p, s, 60, 200,
		   "mkntfs -q -F -p 2048 -H 255 -S 63 $D && ntfscp $D $F/one one && "
		   "ntfscp $D $F/two two");
	assert_done(&p, resize_grow(&p.a, "ntfs", &p.e));
	judge(&p, s, p.a.size, NTFS_FINE);
	judge(&p, s, p.a.size,
	      "test $(od -An -tu8 -j40 -N8 $D) -ge $((200 * 2048 - 8)) && "
	      "test $(od -An -tu4 -j28 -N4 $D) = 2048");
	shrink_and_grow(&p, s, "ntfs", 60 * MIB, NTFS_FINE);
	assert_done(&p, resize_new_uuid(&p.a, "ntfs", &p.e));
	judge(&p, s, p.a.size, NTFS_FINE);
	dev_close(&p.d);
}

static void test_xfs(void **state)
{
	struct scratch *s = *state;
	struct place p;

	scratch_need_root();
	make_place(&p, s, 300, 600,
		   "mkfs.xfs -q -m uuid=11111111-2222-3333-4444-555555555555 $D && "
		   "mkdir m && mount -o loop $D m && cp $F/* m && umount m");
	assert_done(&p, resize_grow(&p.a, "xfs", &p.e));
	judge(&p, s, p.a.size,
	      "xfs_repair -n -f $D && xfs_db -f -r -c 'sb 0' -c 'p dblocks' $D | "
	      "grep -q '= 153600$' && mount -o loop,ro $D m && cmp m/one $F/one; umount m");
	assert_done(&p, resize_new_uuid(&p.a, "xfs", &p.e));
	judge(&p, s, p.a.size,
	      "xfs_repair -n -f $D && xfs_db -f -r -c uuid $D && "
	      "! xfs_db -f -r -c uuid $D | grep 11111111-2222");
	assert_failed(&p, resize_shrink(&p.a, "xfs", &p.a.size, &p.e), -EOPNOTSUPP,
		      "no program can shrink");
	dev_close(&p.d);
}

static void test_btrfs(void **state)
{
	struct scratch *s = *state;
	struct place p;

	scratch_need_root();
	make_place(&p, s, 150, 300,
		   "mkfs.btrfs -q -U 11111111-2222-3333-4444-555555555555 -r $F $D");
	assert_done(&p, resize_grow(&p.a, "btrfs", &p.e));
	judge(&p, s, p.a.size,
	      "btrfs check $D && btrfs inspect-internal dump-super $D | "
	      "grep -q '^total_bytes.*314572800' && mkdir r && btrfs restore $D r && "
	      "cmp r/one $F/one");
	assert_done(&p, resize_new_uuid(&p.a, "btrfs", &p.e));
	judge(&p, s, p.a.size,
	      "btrfs check $D && ! btrfs inspect-internal dump-super $D | "
	      "grep '^fsid.*11111111-2222'");
	dev_close(&p.d);
}

static void test_swap(void **state)
{
	struct scratch *s = *state;
	struct place p;

	scratch_need_root();
	make_place(&p, s, 20, 50,
		   "mkswap -L a-label -U 11111111-2222-3333-4444-555555555555 $D");
	assert_done(&p, resize_grow(&p.a, "swap", &p.e));
	judge(&p, s, p.a.size,
	      "blkid -p $D | grep 'LABEL=\"a-label\" "
	      "UUID=\"11111111-2222-3333-4444-555555555555\"' && "
	      "test $(od -An -tu4 -j1028 -N4 $D) = 12799");
	assert_done(&p, resize_new_uuid(&p.a, "swap", &p.e));
	judge(&p, s, p.a.size,
	      "blkid -p $D | grep 'LABEL=\"a-label\"' && ! blkid -p $D | grep 11111111-2222");
	dev_close(&p.d);
}

static void test_serial_numbers(void **state)
{
	static const struct {
		const char *fs, *mkfs, *check;
	} kinds[] = {
		{ "fat", "mkfs.vfat -i 12345678 -n LAB $D && mcopy -i $D $F/one ::",
		  "fsck.vfat -n $D && mcopy -i $D ::one - | cmp - $F/one && "
		  "blkid -p $D | grep ' LABEL=\"LAB\"' && ! blkid -p $D | grep 1234-5678" },
		{ "fat", "mkfs.vfat -F 32 -i 12345678 -n LAB $D",
		  "fsck.vfat -n $D && ! blkid -p $D | grep 1234-5678" },
		{ "exfat", "mkfs.exfat -L LAB $D && tune.exfat -I 0x12345678 $D",
		  "fsck.exfat -n $D && blkid -p $D | grep ' LABEL=\"LAB\"' && "
		  "! blkid -p $D | grep 1234-5678" },
	};
	struct scratch *s = *state;
	struct place p;

	scratch_need_root();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		make_place(&p, s, 40, 40, kinds[i].mkfs);
		assert_done(&p, resize_new_uuid(&p.a, kinds[i].fs, &p.e));
		judge(&p, s, p.a.size, kinds[i].check);
		dev_close(&p.d);
	}
}

static void test_can(void **state)
{
	struct err e = { "" };

	(void)state;
	assert_int_equal(resize_can("ext", false, &e), 0);
	assert_int_equal(resize_can("ntfs", true, &e), 0);
	assert_int_equal(resize_can_new_uuid("swap", NULL), 0);
	assert_int_equal(resize_can("fat", false, &e), -EOPNOTSUPP);
	assert_non_null(strstr(e.msg, "no program can grow a filesystem of type fat"));
	assert_int_equal(resize_can("btrfs", true, &e), -EOPNOTSUPP);
	assert_int_equal(resize_can("", false, &e), -EOPNOTSUPP);
	assert_non_null(strstr(e.msg, "unknown"));
	assert_int_equal(resize_can_new_uuid("minix", NULL), -EOPNOTSUPP);
}

static void test_program_missing(void **state)
{
	struct scratch *s = *state;
	struct err e = { "" };

	scratch_need_root();
	/* In the test's own mount namespace. */
	assert_int_equal(mount("none", "/usr/sbin", "tmpfs", 0, NULL), 0);
	assert_int_equal(resize_can("ext", false, &e), -ENOENT);
	assert_int_equal(umount("/usr/sbin"), 0);
	assert_non_null(strstr(e.msg, "program e2fsck is missing"));
	assert_non_null(strstr(e.msg, "package e2fsprogs"));
	(void)s;
}

/* The mount is seen by the program alone, and nothing is left behind. */
static void test_private_mount(void **state)
{
	struct scratch *s = *state;
	struct place p;
	char path[300], *old = strdup(getenv("PATH"));

	scratch_need_root();
	assert_int_equal(scratch_run("cat /proc/self/mounts > %s/before", s->dir), 0);
	make_place(&p, s, 150, 300, "mkfs.btrfs -q -r $F $D");
	assert_int_equal(
		scratch_run("mkdir %s/bin && cd %s/bin && { echo '#!/bin/sh'; "
			    "echo 'grep \"^/dev/loop.* /mnt \" /proc/self/mounts &&'; "
			    "echo '! grep \"^/dev/loop.* /mnt \" /proc/$PPID/mounts &&'; "
			    "echo \"exec $(command -v btrfs) \\\"\\$@\\\"\"; } > btrfs && "
			    "chmod +x btrfs",
			    s->dir, s->dir),
		0);
	snprintf(path, sizeof(path), "%s/bin:%s", s->dir, old);
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_done(&p, resize_grow(&p.a, "btrfs", &p.e));
	assert_int_equal(setenv("PATH", old, 1), 0);
	judge(&p, s, p.a.size,
	      "btrfs inspect-internal dump-super $D | grep -q '^total_bytes.*314572800'");
	assert_int_equal(scratch_run("cmp %s/before /proc/self/mounts", s->dir), 0);
	assert_int_not_equal(scratch_run("losetup -j %s | grep .", p.d.path), 0);
	dev_close(&p.d);
	free(old);
}

/* --- running programs ----------------------------------------------------------- */

static struct output said;

static int run(const char *script, const char *input, struct err *e)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return program_run(argv, input, &said, e);
}

static void test_run(void **state)
{
	struct err e = { "" };

	(void)state;
	assert_int_equal(run("echo one; echo two >&2; exit 3", NULL, &e), 3);
	assert_string_equal(said.text, "one\ntwo\n");
	assert_string_equal(output_last_line(&said), "two");
	assert_int_equal(run("cat; echo $LC_ALL; test -t 0 || test -e /dev/tty", "y\n", &e), 0);
	assert_string_equal(said.text, "y\nC\n");
	assert_int_equal(run("cat; printf 'a\\033b\\r\\n \\n'", NULL, &e), 0);
	assert_string_equal(output_last_line(&said), "a?b");
	assert_int_equal(run("printf 'one\\ntwo.\\n\\tthree\\n'", NULL, &e), 0);
	assert_string_equal(output_last_line(&said), "two.  three");
	assert_int_equal(run("printf ' one'", NULL, &e), 0);
	assert_string_equal(output_last_line(&said), " one");
	assert_int_equal(run("true", NULL, &e), 0);
	assert_string_equal(output_last_line(&said), "");
	assert_int_equal(run("echo last words; kill -9 $$", NULL, &e), -EIO);
	assert_non_null(strstr(e.msg, "sh was ended by a signal (Killed)"));
	assert_string_equal(output_last_line(&said), "last words");
}

static void test_run_long_output(void **state)
{
	struct err e = { "" };

	(void)state;
	assert_int_equal(run("seq 100000; printf 'x\\0y'", NULL, &e), 0);
	assert_true(strlen(said.text) < sizeof(said.text));
	assert_true(strlen(said.text) > sizeof(said.text) / 3);
	assert_non_null(strstr(said.text, "99999\n100000\nx y"));
}

static void test_run_missing(void **state)
{
	const char *const argv[] = { "slate-no-such-program", NULL };
	struct err e = { "" };
	char path[200];

	(void)state;
	assert_int_equal(program_run(argv, NULL, &said, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "slate-no-such-program is not installed"));
	/* Also where PATH says little or nothing: the system's folders are looked through. */
	assert_int_equal(setenv("PATH", "/nowhere:", 1), 0);
	assert_true(program_find("sh", path, sizeof(path)));
	assert_int_equal(run("command -v losetup", NULL, &e), 0);
	assert_int_equal(unsetenv("PATH"), 0);
	assert_true(program_find("mkswap", path, sizeof(path)));
	assert_int_equal(setenv("PATH", "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", 1), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_run),
		TEST(test_run_long_output),
		TEST(test_run_missing),
		TEST(test_ext),
		TEST(test_ext_damaged),
		TEST(test_ext_on_device),
		TEST(test_ntfs),
		TEST(test_xfs),
		TEST(test_btrfs),
		TEST(test_swap),
		TEST(test_serial_numbers),
		TEST(test_private_mount),
		TEST(test_can),
		TEST(test_program_missing),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
