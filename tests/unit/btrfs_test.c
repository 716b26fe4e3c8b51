// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of real Btrfs filesystems, against what btrfs
 * inspect-internal says.
 */
#include "tests/unit/btrfs_place.h"

/* The end of the filesystem may be before the end of the image. */
static void compare(const struct place *p, const char *name)
{
	uint32_t node = (uint32_t)super_get(p, 0x94, 4);
	uint64_t size = super_get(p, 0xd1, 8);
	struct dump d;
	struct fs_scan s;
	struct stat st;
	struct err e;

	if (scan(p, &plain, &s, &e))
		fail_msg("%s: %s", name, e.msg);
	assert_int_equal(0, stat(p->image, &st));
	dump_read(p, node, &d);
	assert_int_equal(0, extents_add(&d.used, size, (uint64_t)st.st_size - size, NULL));
	extents_normalize(&d.used);
	for (size_t i = 0; i < d.used.n || i < s.used.n; i++) {
		struct extent a = i < d.used.n ? d.used.v[i] : (struct extent){ 0 };
		struct extent b = i < s.used.n ? s.used.v[i] : (struct extent){ 0 };

		if (a.off != b.off || a.len != b.len)
			fail_msg("%s: extent %zu is %" PRIu64 "+%" PRIu64 ", by btrfs %" PRIu64
				 "+%" PRIu64,
				 name, i, b.off, b.len, a.off, a.len);
	}
	assert_ptr_equal(&fs_btrfs, s.ops);
	assert_string_equal("btrfs", s.type);
	assert_string_equal("", s.info.notice);
	assert_int_equal(super_get(p, 0x90, 4), s.info.block);
	assert_int_equal(size, s.info.size);
	assert_true(extents_total(&s.used) < (uint64_t)st.st_size);
	assert_false(s.unused_is_zero);
	dump_free(&d);
	fs_scan_free(&s);
}

/*
 * Lets the kernel write, delete, compress and snapshot; false where it cannot
 * mount this.  In a namespace of its own, so that no other process holds on to
 * the mount.
 */
static bool use(const struct place *p)
{
	return !sh("u=-m; unshare -m true 2>/dev/null || u='-m --propagation unchanged';"
		   "mkdir -p %s/at && unshare $u sh -c '" /* the latter in a chroot */
		   "mount -o loop,compress=zstd %s %s/at 2>/dev/null && cd %s/at || exit 1;"
		   "btrfs -q subvolume create sub1 && cp -r f3* sub1 &&"
		   "btrfs -q subvolume snapshot -r . snap || exit 2;"
		   "for i in $(seq 1 30); do seq $((i * 1000)) >n$i; done;"
		   "head -c 3000000 /dev/urandom >big; sync;"
		   "rm -f f[1-9] n?[13579] big; mkdir -p deep/er; cp n2 deep/er;"
		   "cd / && umount %s/at'",
		   p->dir, p->image, p->dir, p->dir, p->dir);
}

static const struct variant {
	const char *size, *options;
	bool mounted; /* by a kernel with pages of 4 KiB */
} variants[] = {
	{ "120M", "", true },
	{ "300M", "-m single -d single", true },
	{ "16M", "-M -n 4096 -m single -d single", true },
	{ "400M", "-M -m dup -d dup", true },
	{ "400M", "-m dup -d dup", true },
	{ "200M", "-m raid0 -d raid0", true },
	{ "120M", "-n 4096", true },
	{ "200M", "-n 65536", true },
	{ "200M", "-s 16384", false },
	{ "200M", "-s 65536 -n 65536", false },
	{ "120M", "--csum xxhash", true },
	{ "120M", "--csum sha256", true },
	{ "120M", "--csum blake2 -n 4096", true },
	{ "120M", "-O ^skinny-metadata,^no-holes,^extref", true },
	{ "120M", "-R ^free-space-tree", true },
	{ "120M", "-R quota", true },
	{ "257G", "", false }, /* with a third superblock */
};

static void test_matrix(void **state)
{
	struct place *p = *state;
	unsigned mounted = 0;

	if (geteuid()) {
		print_message("skipped: needs root for loop devices\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		const struct variant *v = &variants[i];

		mkfs(p, v->size, v->options);
		compare(p, v->options);
		mkfs_full(p, v->size, v->options);
		compare(p, v->options);
		if (!v->mounted || !use(p))
			continue;
		mounted++;
		compare(p, v->options);
	}
	print_message("%u filesystems used by the kernel\n", mounted);
	assert_true(mounted > 10);
}

/*
 * With a tree of their own for block groups, the extent tree has none.  The
 * tools of Debian 12 cannot make that, so they are taken out here.
 */
static void test_block_group_tree(void **state)
{
	struct place *p = *state;
	struct fs_scan s, t;
	struct dump d;
	struct err e;

	mkfs_full(p, "120M", "-m single");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	dump_read(p, 16384, &d);
	drop_items(p, place_of(&d, root_at(p, "extent"), 0), 192);
	super_set(p, 0xb4, super_get(p, 0xb4, 8) | 8, 8);
	assert_int_equal(0, scan(p, &plain, &t, &e));
	assert_extents(&t.used, s.used.n, s.used.v);
	fs_scan_free(&s);
	fs_scan_free(&t);
	dump_free(&d);
}

/* Another UUID for the trees than for the world; and one that was ext4. */
static void test_made_otherwise(void **state)
{
	struct place *p = *state;

	mkfs_full(p, "120M", "-m single");
	assert_int_equal(0, sh("btrfstune -f -m %s >%s/log 2>&1", p->image, p->dir));
	assert_true(super_get(p, 0xbc, 8) & 1 << 10);
	compare(p, "metadata_uuid");
	assert_int_equal(0,
			 sh("rm %s && truncate -s 200M %s && mkfs.ext4 -q -b 4096 -d %s %s &&"
			    " btrfs-convert %s >%s/log 2>&1",
			    p->image, p->image, p->files, p->image, p->image, p->dir));
	compare(p, "btrfs-convert");
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 130 * MIB;
	struct fs_scan s, t;
	struct err e;

	mkfs_full(p, "130M", "");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, size, &plain, &t, &e));
	assert_extents(&t.used, s.used.n, s.used.v);
	assert_string_equal(s.uuid, t.uuid);
	fs_scan_free(&t);
	assert_int_equal(-ECANCELED, scan_at(p, off, size - 4096, &plain, &t, &e));
	assert_text(e.msg, "larger than the device");
	fs_scan_free(&s);
}

/* What follows the filesystem belongs to nobody known, so all of it is used. */
static void test_smaller_than_area(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct extent *last;
	struct err e;

	mkfs_full(p, "120M", "");
	assert_int_equal(0, truncate(p->image, 150 * (off_t)MIB));
	compare(p, "in a larger area");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	last = &s.used.v[s.used.n - 1];
	assert_int_equal(120 * MIB, last->off);
	assert_int_equal(30 * MIB, last->len);
	fs_scan_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_block_group_tree),
		cmocka_unit_test(test_made_otherwise),
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_smaller_than_area),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
