// SPDX-License-Identifier: GPL-3.0-or-later
/* Taking away what makes a disk look like something. */
#include "tests/unit/pattern.h"
#include "tests/unit/scratch.h"

#include "imager/disk/wipe.h"

/* libblkid sees something (anything) in the area. */
static bool is_known(const char *path, uint64_t off, uint64_t size)
{
	int status = scratch_run("blkid -p -O %llu -S %llu %s", (unsigned long long)off,
				 (unsigned long long)size, path);

	assert_true(WIFEXITED(status));
	/* 2: nothing found; 8: several things found */
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2 ||
		    WEXITSTATUS(status) == 8);
	return WEXITSTATUS(status) != 2;
}

static void wipe_path(const char *path, uint64_t off, uint64_t size, uint64_t head)
{
	struct err e = { "" };
	struct area a;
	struct dev d;

	assert_int_equal(dev_open_target(&d, path, 0, &e), 0);
	a = (struct area){ &d, off, size };
	if (wipe_signatures(&a, head, &e))
		fail_msg("%s", e.msg);
	dev_close(&d);
}

static void assert_bytes(const char *path, uint64_t off, size_t n, int value)
{
	uint8_t *buf = malloc(n);
	struct err e;
	struct dev d;

	assert_non_null(buf);
	assert_int_equal(dev_open_source(&d, path, &e), 0);
	assert_int_equal(dev_read(&d, buf, n, off, &e), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf[i], value);
	dev_close(&d);
	free(buf);
}

static void test_wipe_disk_with_tables(void **state)
{
	struct scratch *s = *state;
	const char *loop;
	char path[160];

	scratch_need_root();
	scratch_file(s, "disk", 32 * MIB);
	scratch_join(path, s, "disk");
	assert_int_equal(scratch_run("printf 'label: gpt\n2048,4096\n' | sfdisk %s", path), 0);
	loop = scratch_loop(s, path, "");
	assert_true(is_known(loop, 0, 32 * MIB));
	wipe_path(loop, 0, 32 * MIB, 0);
	assert_false(is_known(loop, 0, 32 * MIB));
	/* The copy at the end, too: else it would come back as "corrupt primary". */
	assert_bytes(loop, 32 * MIB - 512, 8, 0);
	assert_bytes(loop, 510, 2, 0);
}

static void test_wipe_several_signatures(void **state)
{
	struct scratch *s = *state;
	char path[160];

	/* ext4, with the partition table and the Btrfs (magic at 64 KiB) of earlier days. */
	scratch_file(s, "fs", 128 * MIB);
	scratch_join(path, s, "fs");
	assert_int_equal(scratch_run("mkfs.ext4 -q %s && "
				     "printf '2048,16384\n' | sfdisk --wipe never %s && "
				     "printf _BHRfS_M | dd of=%s bs=1 seek=65600 conv=notrunc",
				     path, path, path),
			 0);
	assert_int_equal(
		scratch_run("wipefs -n %s | grep -c -e ext4 -e dos -e btrfs | grep 3", path),
		0);
	wipe_path(path, 0, 128 * MIB, 0);
	assert_false(is_known(path, 0, 128 * MIB));
	assert_bytes(path, 510, 2, 0);
	assert_bytes(path, 1024 + 56, 2, 0);
	assert_bytes(path, 65600, 8, 0);
}

/* LVM's label with a wrong checksum: a newer or kinder program might take it. */
static void test_wipe_damaged_signature(void **state)
{
	struct scratch *s = *state;
	char path[160];

	scratch_file(s, "pv", 8 * MIB);
	scratch_join(path, s, "pv");
	assert_int_equal(
		scratch_run(
			"printf 'LABELONE\\001\\000\\000\\000\\000\\000\\000\\000xxxx"
			"\\040\\000\\000\\000LVM2 001' | dd of=%s bs=1 seek=512 conv=notrunc",
			path),
		0);
	wipe_path(path, 0, 8 * MIB, 0);
	assert_bytes(path, 512 + 24, 8, 0);
}

/* A partition's area inside a disk: nothing outside it changes. */
static void test_wipe_area(void **state)
{
	struct scratch *s = *state;
	char path[160];

	scratch_file(s, "disk", 48 * MIB);
	scratch_join(path, s, "disk");
	assert_int_equal(scratch_run("head -c 48M /dev/zero | tr '\\000' x > %s && "
				     "for n in 0 16 32; do "
				     "mkfs.ext4 -q -F -E offset=$((n << 20)) %s 16M; done; "
				     "cp %s %s.old",
				     path, path, path, path),
			 0);
	assert_true(is_known(path, 16 * MIB, 16 * MIB));
	wipe_path(path, 16 * MIB, 16 * MIB, 65536);
	assert_false(is_known(path, 16 * MIB, 16 * MIB));
	assert_bytes(path, 16 * MIB, 65536, 0);
	assert_int_equal(scratch_run("cmp -n 16M %s %s.old", path, path), 0);
	assert_int_equal(scratch_run("cmp -i 16842752 %s %s.old", path, path), 0);

	wipe_path(path, 32 * MIB, 0, 65536); /* no area, not "all the rest" */
	assert_int_equal(scratch_run("cmp -i 32M %s %s.old", path, path), 0);
	wipe_path(path, 32 * MIB, 512, 65536); /* the head ends with the area */
	assert_bytes(path, 32 * MIB, 512, 0);
	assert_int_equal(scratch_run("cmp -i 33554944 %s %s.old", path, path), 0);
}

static void test_wipe_without_permission(void **state)
{
	struct scratch *s = *state;
	struct err e = { "" };
	struct area a;
	struct dev d;
	char path[160];

	scratch_file(s, "fs", 16 * MIB);
	scratch_join(path, s, "fs");
	assert_int_equal(scratch_run("mkfs.ext4 -q %s", path), 0);
	assert_int_equal(dev_open_source(&d, path, &e), 0);
	a = (struct area){ &d, 0, d.size };
	assert_true(wipe_signatures(&a, 512, &e) < 0);
	assert_non_null(strstr(e.msg, path));
	assert_true(is_known(path, 0, 16 * MIB));
	dev_close(&d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_wipe_disk_with_tables),   TEST(test_wipe_several_signatures),
		TEST(test_wipe_damaged_signature),  TEST(test_wipe_area),
		TEST(test_wipe_without_permission),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
