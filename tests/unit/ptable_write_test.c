// SPDX-License-Identifier: GPL-3.0-or-later
/* Partition tables for other disks, judged by sfdisk and sgdisk; telling the kernel. */
#include "tests/unit/ptable_place.h"

/* What sfdisk says of a table, without what names or describes the device. */
static void dump(const char *path, const char *out, const char *filter)
{
	assert_int_equal(
		scratch_run(
			"sfdisk -d %s | sed -E '/^device|^$/d; s|^%s||; s/= +/=/g; %s' > %s",
			path, path, filter, out),
		0);
}

static void assert_same_dump(struct scratch *s, const char *a, const char *b,
			     const char *filter_a, const char *filter_b)
{
	char one[160], two[160];

	dump(a, scratch_join(one, s, "one"), filter_a);
	dump(b, scratch_join(two, s, "two"), filter_b);
	if (scratch_run("diff %s %s", one, two)) {
		(void)!system("cd /var/tmp/slate-test-*/ && diff one two");
		fail_msg("sfdisk -d tells of another table");
	}
}

/* Writes a new table to a new file, which others then judge. */
static void keep_result(struct scratch *s, int fd, uint64_t size, const struct extents *own,
			char *ret_path)
{
	uint8_t *buf = malloc(MIB);
	int out;

	scratch_file(s, "result", (off_t)size);
	out = open(scratch_join(ret_path, s, "result"), O_RDWR | O_CLOEXEC);
	assert_true(out >= 0 && buf);
	for (size_t i = 0; i < own->n; i++) {
		assert_true(own->v[i].len <= MIB);
		assert_int_equal(io_pread(fd, buf, own->v[i].len, own->v[i].off),
				 own->v[i].len);
		assert_int_equal(io_pwrite(out, buf, own->v[i].len, own->v[i].off), 0);
	}
	close(out);
	free(buf);
}

static void assert_sane(const char *path)
{
	assert_int_equal(scratch_run("sfdisk -V -q %s", path), 0);
	if (scratch_run("sfdisk -d %s | grep -q 'label: dos'", path))
		assert_int_equal(scratch_run("sgdisk -v %s | grep 'No problems found'", path),
				 0);
}

/* Makes @c of the table of @k; the path of the result goes to @ret_path. */
static void rewrite(struct scratch *s, struct disk *k, const struct ptable_change *c,
		    char *ret_path)
{
	struct extents own;
	struct stat st;
	int fd, r = ptable_rewrite(&k->d, &k->t, c, &fd, &own, &k->e);

	if (r)
		fail_msg("%d, \"%s\"", r, k->e.msg);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, c->disk_size);
	assert_true((uint64_t)st.st_blocks * 512 < extents_total(&own) + 70 * 4096);
	keep_result(s, fd, c->disk_size, &own, ret_path);
	close(fd);
	extents_free(&own);
}

static void assert_rewrite_refused(struct disk *k, const struct ptable_change *c, int code,
				   const char *words)
{
	struct extents own = { 0 };
	int fd = 0, r = ptable_rewrite(&k->d, &k->t, c, &fd, &own, &k->e);

	if (r != code || !strstr(k->e.msg, words))
		fail_msg("%d, \"%s\", expected %d, \"%s\"", r, r ? k->e.msg : "", code, words);
	assert_int_equal(fd, -1);
	assert_int_equal(own.n, 0);
}

/* What is not changed has the same bytes as before, whoever made it. */
static void test_unchanged(void **state)
{
	static const char *const made[] = {
		GPT_LAB "sed '/^label-id/a table-length: 130' | sfdisk -q $D",
		DOS_LAB "sfdisk -q $D",
		"sgdisk -n 1:2048:+10M -n 4:0:+5M -t 4:8200 -A 4:set:63 $D",
		"sgdisk -n 1:2048:+10M -n 2:0:+5M -h 1:2 $D",
		"parted -s $D mklabel msdos mkpart extended 1MiB 60MiB "
		"mkpart logical 2MiB 10MiB mkpart logical 12MiB 20MiB "
		"mkpart logical 22MiB 30MiB rm 5",
		"parted -s $D mklabel gpt mkpart a ext4 1MiB 10MiB mkpart b ntfs 10MiB 60MiB",
		"sgdisk -n 1:2048:+10M $D && truncate -s 70M $D",
	};
	struct scratch *s = *state;
	struct disk k;
	char result[160], path[160], table[160];

	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		struct ptable_change c = { 0 };

		make_disk(&k, s, "disk", 64 * MIB, made[i]);
		read_disk(&k);
		c.disk_size = k.d.size;
		keep_result(s, k.d.fd, k.d.size, &k.t.own, path);
		assert_int_equal(rename(path, scratch_join(table, s, "table")), 0);
		rewrite(s, &k, &c, result);
		assert_int_equal(scratch_run("cmp %s %s", table, result), 0);
		c.part = k.t.v[0].number;
		c.part_size = k.t.v[0].size;
		rewrite(s, &k, &c, result);
		assert_int_equal(scratch_run("cmp %s %s", table, result), 0);
		close_disk(&k);
	}
}

static void test_gpt_other_size(void **state)
{
	struct scratch *s = *state;
	struct ptable_change c = { 0 };
	struct disk k;
	char result[160];

	make_gpt(&k, s, "disk");
	read_disk(&k);
	assert_int_equal(ptable_min_disk(&k.t), (UINT64_C(70008) + 34) * 512);
	c.disk_size = ptable_min_disk(&k.t) - 512;
	assert_rewrite_refused(&k, &c, -ENOSPC, "need a disk of");
	for (int i = 0; i < 3; i++) {
		/* A disk's size need not be a multiple of its sectors. */
		c.disk_size = i ? (uint64_t)i * 100 * MIB + 300 : ptable_min_disk(&k.t);
		rewrite(s, &k, &c, result);
		assert_sane(result);
		assert_same_dump(s, k.path, result, "/^last-lba/d", "/^last-lba/d");
		assert_int_equal(scratch_run("cmp -n 446 %s %s", k.path, result), 0);
	}
	/* And back from there to where it was. */
	close_disk(&k);
	open_disk(&k, result);
	read_disk(&k);
	c.disk_size = 64 * MIB;
	rewrite(s, &k, &c, result);
	close_disk(&k);
	make_gpt(&k, s, "disk");
	assert_int_equal(scratch_run("cmp %s %s", k.path, result), 0);
	close_disk(&k);
}

static void test_gpt_part(void **state)
{
	struct scratch *s = *state;
	struct ptable_change c = { .disk_size = 100 * MIB, .part = 130 };
	struct disk k;
	char result[160];

	make_gpt(&k, s, "disk");
	read_disk(&k);
	assert_int_equal(ptable_room(&k.t, 2, 100 * MIB), 0);
	assert_int_equal(ptable_room(&k.t, 5, 100 * MIB), (69632 - 60001) * 512);
	assert_int_equal(ptable_room(&k.t, 130, 64 * MIB), 63 * MIB - UINT64_C(70000) * 512);
	assert_int_equal(ptable_room(&k.t, 130, 100 * MIB), 99 * MIB - UINT64_C(70000) * 512);
	assert_int_equal(ptable_room(&k.t, 130, 20 * MIB), 0);
	assert_int_equal(ptable_room(&k.t, 1, 100 * MIB), 0);
	c.part_size = ptable_room(&k.t, 130, 100 * MIB);
	rewrite(s, &k, &c, result);
	assert_sane(result);
	assert_same_dump(s, k.path, result, "/^last-lba/d; s/size=8,/size=132752,/",
			 "/^last-lba/d");
	c.part_size = 100 * MIB;
	assert_rewrite_refused(&k, &c, -ENOSPC, "need a disk of");
	c.part = 2;
	assert_rewrite_refused(&k, &c, -EINVAL, "partition 2 cannot");
	c.part = 1;
	assert_rewrite_refused(&k, &c, -EINVAL, "partition 1 cannot");
	c.part = 130;
	c.part_size = 700;
	assert_rewrite_refused(&k, &c, -EINVAL, "partition 130 cannot");
	c.part_size = UINT64_MAX / 512 * 512;
	assert_rewrite_refused(&k, &c, -EINVAL, "partition 130 cannot");
	/* Smaller makes room for a smaller disk. */
	c.part = 130;
	c.part_size = 512;
	c.disk_size = ptable_min_disk(&k.t) - 7 * 512;
	rewrite(s, &k, &c, result);
	assert_sane(result);
	close_disk(&k);
}

static void test_gpt_new_ids(void **state)
{
	struct scratch *s = *state;
	struct ptable_change c = { .disk_size = 64 * MIB, .new_ids = true };
	struct disk k, now;
	char result[160];

	make_gpt(&k, s, "disk");
	read_disk(&k);
	rewrite(s, &k, &c, result);
	assert_sane(result);
	assert_same_dump(s, k.path, result, "s/(uuid=|label-id: )[^,]*//",
			 "s/(uuid=|label-id: )[^,]*//");
	open_disk(&now, result);
	read_disk(&now);
	assert_string_not_equal(now.t.id, k.t.id);
	for (size_t i = 0; i < k.t.n; i++) {
		assert_string_not_equal(now.t.v[i].uuid, k.t.v[i].uuid);
		assert_int_equal(now.t.v[i].uuid[14], '4'); /* random ones say so */
	}
	assert_string_not_equal(now.t.v[0].uuid, now.t.v[1].uuid);
	close_disk(&now);
	close_disk(&k);
}

/* A copy that was damaged is good again afterwards, and the same as before. */
static void test_gpt_mended(void **state)
{
	static const uint64_t damaged[] = { 600, 2000, 64 * MIB - 500, 64 * MIB - 5000 };
	struct scratch *s = *state;
	struct ptable_change c = { .disk_size = 64 * MIB };
	struct disk k;
	char result[160], path[160];

	make_gpt(&k, s, "good");
	close_disk(&k);
	for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
		assert_int_equal(scratch_run("cp --sparse=always %s %s && printf x | dd of=%s "
					     "bs=1 seek=%llu conv=notrunc",
					     k.path, scratch_join(path, s, "bad"), path,
					     (unsigned long long)damaged[i]),
				 0);
		open_disk(&k, path);
		read_disk(&k);
		assert_true(k.t.notice[0]);
		rewrite(s, &k, &c, result);
		close_disk(&k);
		scratch_join(k.path, s, "good");
		assert_int_equal(scratch_run("cmp %s %s", k.path, result), 0);
	}
}

static void test_gpt_4096(void **state)
{
	struct scratch *s = *state;
	struct ptable_change c = { .disk_size = 100 * MIB, .part = 2 };
	struct disk k;
	char result[160];
	const char *loop;

	scratch_need_root();
	scratch_file(s, "disk", 64 << 20);
	loop = scratch_loop(s, scratch_join(result, s, "disk"), "-b 4096");
	assert_int_equal(
		scratch_run("printf 'label: gpt\n,10M\n,10M,swap\n' | sfdisk -q %s", loop), 0);
	open_disk(&k, loop);
	read_disk(&k);
	assert_int_equal(ptable_min_disk(&k.t), 21 * MIB + 5 * 4096);
	assert_int_equal(ptable_room(&k.t, 2, 100 * MIB), 88 * MIB);
	c.part_size = 88 * MIB;
	rewrite(s, &k, &c, result);
	assert_sane(scratch_loop(s, result, "-b 4096"));
	c = (struct ptable_change){ .disk_size = ptable_min_disk(&k.t) };
	rewrite(s, &k, &c, result);
	assert_sane(scratch_loop(s, result, "-b 4096"));
	close_disk(&k);
}

/* The protective record's boot flag, which some BIOSes want, and a hybrid MBR. */
static void test_gpt_mbr(void **state)
{
	struct scratch *s = *state;
	struct ptable_change c = { .disk_size = 100 * MIB, .part = 2, .part_size = 80 * MIB };
	struct disk k;
	char result[160];

	make_disk(&k, s, "disk", 64 * MIB,
		  "parted -s $D mklabel gpt mkpart a ext4 1MiB 10MiB mkpart b ntfs 10MiB 60MiB "
		  "disk_set pmbr_boot on");
	read_disk(&k);
	rewrite(s, &k, &c, result);
	assert_sane(result);
	assert_int_equal(
		scratch_run("cmp -n 458 %s %s && test $(od -An -tx1 -j446 -N1 %s) = 80 "
			    "&& test $(od -An -tu4 -j458 -N4 %s) = 204799",
			    k.path, result, result, result),
		0);
	close_disk(&k);

	make_disk(&k, s, "hybrid", 64 * MIB, "sgdisk -n 1:2048:+10M -n 2:0:+20M -h 1:2 $D");
	read_disk(&k);
	assert_non_null(strstr(k.t.notice, "hybrid MBR"));
	assert_int_equal(k.t.n, 2);
	rewrite(s, &k, &c, result);
	assert_int_equal(scratch_run("sgdisk -v %s | grep 'No problems found'", result), 0);
	/* Three records: the GPT's own up to the first partition, and two partitions. */
	assert_int_equal(scratch_run("cmp -n 458 %s %s && "
				     "test $(od -An -tu4 -j490 -N4 %s) = 163840 && "
				     "cmp -n 16 -i 462 %s %s",
				     k.path, result, result, k.path, result),
			 0);
	close_disk(&k);
}

static void test_dos_other_size(void **state)
{
	struct scratch *s = *state;
	struct ptable_change c = { 0 };
	struct disk k;
	char result[160];

	make_dos(&k, s, "disk");
	read_disk(&k);
	assert_int_equal(ptable_min_disk(&k.t), UINT64_C(80000) * 512);
	c.disk_size = 100 * MIB;
	rewrite(s, &k, &c, result);
	assert_sane(result);
	assert_same_dump(s, k.path, result, "", "");
	assert_int_equal(scratch_run("cmp -n $((64 * 1048576)) %s %s", k.path, result), 0);
	/* The container ends with the disk. */
	c.disk_size = ptable_min_disk(&k.t);
	rewrite(s, &k, &c, result);
	assert_sane(result);
	assert_same_dump(s, k.path, result, "s/size=80000/size=56000/", "");
	c.disk_size -= 512;
	assert_rewrite_refused(&k, &c, -ENOSPC, "need a disk of");
	close_disk(&k);
}

static void test_dos_logical(void **state)
{
	struct scratch *s = *state;
	struct ptable_change c = { .disk_size = 100 * MIB, .part = 7 };
	struct disk k;
	char result[160];

	make_dos(&k, s, "disk");
	read_disk(&k);
	/* Up to the record of the next logical partition, and to the end of the disk. */
	assert_int_equal(ptable_room(&k.t, 5, 100 * MIB), (36864 - 26048) * 512);
	assert_int_equal(ptable_room(&k.t, 6, 100 * MIB), (57344 - 40001) * 512);
	assert_int_equal(ptable_room(&k.t, 1, 100 * MIB), 0);
	assert_int_equal(ptable_room(&k.t, 3, 100 * MIB), 0);
	c.part_size = ptable_room(&k.t, 7, 100 * MIB);
	assert_int_equal(c.part_size, 100 * MIB - UINT64_C(60000) * 512);
	rewrite(s, &k, &c, result);
	assert_sane(result);
	assert_same_dump(s, k.path, result,
			 "s/size=80000/size=180800/; s/size=20000/size=144800/", "");
	c.part = 6;
	c.part_size = ptable_room(&k.t, 6, 100 * MIB);
	rewrite(s, &k, &c, result);
	assert_sane(result);
	assert_same_dump(s, k.path, result, "s/size=777,/size=17343,/", "");
	c.part_size += MIB * 3;
	assert_rewrite_refused(&k, &c, -EINVAL, "partition 6 cannot");
	close_disk(&k);
}

static void test_dos_primary(void **state)
{
	struct scratch *s = *state;
	struct ptable_change c = { .disk_size = 100 * MIB, .part = 2, .part_size = 80 * MIB };
	struct disk k;
	char result[160];

	make_disk(&k, s, "disk", 64 * MIB,
		  "printf 'label: dos\n,10M,7,*\n,20M\n' | sfdisk -q $D");
	read_disk(&k);
	rewrite(s, &k, &c, result);
	assert_sane(result);
	assert_same_dump(s, k.path, result, "s/size=40960/size=163840/", "");
	/* The end in heads and cylinders is as sfdisk writes it. */
	assert_int_equal(scratch_run("cp %s %s.2; "
				     "echo ',80M' | sfdisk -q -N 2 %s.2; cmp %s %s.2",
				     result, result, result, result, result),
			 0);
	/* MBRs count with 32 bits. */
	assert_int_equal(ptable_room(&k.t, 2, UINT64_C(4) << 40),
			 (UINT64_C(2) << 40) - 12 * MIB);
	c = (struct ptable_change){ .disk_size = 64 * MIB, .new_ids = true };
	rewrite(s, &k, &c, result);
	assert_same_dump(s, k.path, result, "/^label-id/d", "/^label-id/d");
	assert_int_equal(scratch_run("cmp -n 440 %s %s && cmp -i 444 %s %s", k.path, result,
				     k.path, result),
			 0);
	assert_int_not_equal(scratch_run("cmp %s %s", k.path, result), 0);
	close_disk(&k);
}

/* A scratch file of the table's own sectors is all that is needed of the old disk. */
static void test_from_scratch_file(void **state)
{
	struct scratch *s = *state;
	struct ptable_change c = { .disk_size = 100 * MIB };
	struct disk k, copy;
	struct extents own;
	char path[160];
	int fd;

	make_dos(&k, s, "disk");
	read_disk(&k);
	assert_int_equal(scratch_run("truncate -s 64M %s", scratch_join(path, s, "copy")), 0);
	fd = open(k.path, O_RDONLY | O_CLOEXEC);
	keep_result(s, fd, 64 * MIB, &k.t.own, path);
	close(fd);
	open_disk(&copy, path);
	assert_int_equal(ptable_rewrite(&copy.d, &k.t, &c, &fd, &own, &k.e), 0);
	assert_int_equal(own.n, 4);
	extents_free(&own);
	close(fd);
	close_disk(&copy);
	close_disk(&k);
}

/* --- the kernel --------------------------------------------------------------- */

static int partitions_of(const char *loop)
{
	char cmd[100];
	FILE *out;
	int n = -1;

	snprintf(cmd, sizeof(cmd), "ls -d /sys/block/%s/%sp* 2>/dev/null | wc -l", loop + 5,
		 loop + 5);
	out = popen(cmd, "r");
	assert_non_null(out);
	assert_int_equal(fscanf(out, "%d", &n), 1);
	pclose(out);
	return n;
}

/*
 * Not every kernel reads all kinds of tables, so it is told of the partitions
 * first; then the table goes.
 */
static const char *partitioned_loop(struct scratch *s, struct disk *k)
{
	const char *loop;
	char path[160];

	make_dos(k, s, "disk");
	close_disk(k);
	loop = scratch_loop(s, scratch_join(path, s, "disk"), "-P");
	if (!partitions_of(loop))
		assert_int_equal(scratch_run("partx -a %s", loop), 0);
	assert_int_equal(partitions_of(loop), 6);
	assert_int_equal(scratch_run("dd if=/dev/zero of=%s bs=512 count=1", loop), 0);
	assert_int_equal(dev_open_target(&k->d, loop, 0, &k->e), 0);
	return loop;
}

static void test_reread(void **state)
{
	struct scratch *s = *state;
	struct disk k;
	char path[160];
	const char *loop;

	scratch_need_root();
	make_dos(&k, s, "disk");
	assert_int_equal(ptable_reread(&k.d, &k.e), 0);
	close_disk(&k);
	scratch_file(s, "empty", 64 << 20);
	scratch_join(path, s, "empty");
	open_disk(&k, scratch_loop(s, path, ""));
	assert_int_equal(ptable_reread(&k.d, &k.e), 0);
	close_disk(&k);

	loop = partitioned_loop(s, &k);
	assert_int_equal(ptable_reread(&k.d, &k.e), 0);
	assert_int_equal(partitions_of(loop), 0);
	close_disk(&k);
}

static void test_reread_while_used(void **state)
{
	struct scratch *s = *state;
	struct disk k;
	char path[160];
	const char *loop;
	int fd;

	scratch_need_root();
	loop = partitioned_loop(s, &k);
	snprintf(path, sizeof(path), "%sp1", loop);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		print_message("needs nodes of partitions in /dev\n");
		close_disk(&k);
		skip();
	}
	/* Somebody who stays, then somebody who is gone soon. */
	assert_int_equal(ptable_reread(&k.d, &k.e), -EBUSY);
	assert_non_null(strstr(k.e.msg, "in use"));
	assert_int_equal(partitions_of(loop), 6);
	(void)scratch_run("sleep 1 < %s & true", path);
	close(fd);
	assert_int_equal(ptable_reread(&k.d, &k.e), 0);
	assert_int_equal(partitions_of(loop), 0);
	close_disk(&k);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unchanged),         TEST(test_gpt_other_size),
		TEST(test_gpt_part),          TEST(test_gpt_new_ids),
		TEST(test_gpt_mended),        TEST(test_gpt_4096),
		TEST(test_gpt_mbr),           TEST(test_dos_other_size),
		TEST(test_dos_logical),       TEST(test_dos_primary),
		TEST(test_from_scratch_file), TEST(test_reread),
		TEST(test_reread_while_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
