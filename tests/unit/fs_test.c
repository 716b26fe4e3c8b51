// SPDX-License-Identifier: GPL-3.0-or-later
/* fs_scan() on swap areas, and on all that has no map or more than one name. */
#include "tests/unit/fs_place.h"

static const struct fs_options raw = { .raw = true };

/* ---- swap ---------------------------------------------------------------- */

static void test_swap(void **state)
{
	static const unsigned pages[] = { 4096, 8192, 16384, 32768, 65536 };
	struct place *p = *state;
	struct fs_scan s;
	struct err e;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct extent want[] = { { 0, pages[i] }, { 4 * MIB, 5000 } };

		assert_int_equal(0, sh("rm -f %s && truncate -s 4M %s &&"
				       "mkswap -q -L moor -p %u %s 2>/dev/null &&"
				       "truncate -s +5000 %s",
				       p->image, p->image, pages[i], p->image, p->image));
		if (scan(p, &plain, &s, &e))
			fail_msg("%s", e.msg);
		assert_ptr_equal(&fs_swap, s.ops);
		assert_string_equal("moor", s.label);
		assert_int_equal(pages[i], s.info.block);
		assert_int_equal(4 * MIB, s.info.size);
		assert_extents(&s.used, 2, want);
		fs_scan_free(&s);
	}
	assert_int_equal(0, truncate(p->image, 2 * (off_t)MIB));
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(2 * MIB, s.info.size);
	assert_text(s.info.notice, "swapon will refuse it");
	fs_scan_free(&s);
}

static void test_swap_unusual(void **state)
{
	struct place *p = *state;

	assert_int_equal(0,
			 sh("truncate -s 0 %s && truncate -s 4M %s && mkswap -q %s 2>/dev/null",
			    p->image, p->image, p->image));
	poke(p, 4096 - 10, "S1SUSPEND\0", 10);
	assert_raw(p, "swsuspend", "hibernated");
	poke(p, 4096 - 10, "SWAP-SPACE", 10);
	assert_raw(p, "swap", "no swap signature");
}

/* ---- what has no map ----------------------------------------------------- */

static void test_sparse(void **state)
{
	static const struct extent whole[] = { { MIB, 65536 }, { 3 * MIB, 65536 } };
	static const struct extent part[] = { { 0, 32768 }, { 2 * MIB - 32768, 32768 } };
	static const uint8_t junk[65536] = { 1, 2, 3 };
	struct place *p = *state;
	struct fs_scan s;
	struct err e;

	assert_int_equal(0, sh("rm -f %s && truncate -s 8M %s", p->image, p->image));
	poke(p, MIB, junk, sizeof(junk));
	poke(p, 3 * MIB, junk, sizeof(junk));
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_extents(&s.used, 2, whole);
	assert_true(s.unused_is_zero);
	assert_int_equal(8 * MIB, s.info.size);
	assert_text(s.info.notice, "no filesystem is recognised");
	fs_scan_free(&s);
	/* An area that begins and ends in the middle of data. */
	assert_int_equal(0, scan_at(p, MIB + 32768, 2 * MIB, &raw, &s, &e));
	assert_extents(&s.used, 2, part);
	assert_true(s.unused_is_zero);
	fs_scan_free(&s);
	assert_int_equal(0, scan_at(p, 3 * MIB, 65536, &raw, &s, &e));
	assert_int_equal(65536, extents_total(&s.used));
	assert_false(s.unused_is_zero);
	fs_scan_free(&s);
}

static void test_no_reader(void **state)
{
	struct place *p = *state;

	assert_int_equal(0, sh("head -c 4M /dev/urandom >%s", p->image));
	assert_raw(p, "", "no filesystem is recognised");
	poke(p, 0, "LUKS\xba\xbe\0\1", 8);
	assert_raw(p, "crypto_LUKS", "encrypted");
	assert_int_equal(0, sh("rm %s && truncate -s 8M %s &&"
			       "echo label: gpt | sfdisk -q %s",
			       p->image, p->image, p->image));
	assert_raw(p, "", "partition table (gpt)");
}

/* The label of an LVM physical volume, with a checksum that cannot be right. */
static void test_bad_checksum(void **state)
{
	static const char label[] = "LABELONE\1\0\0\0\0\0\0\0\1\2\3\4\x20\0\0\0LVM2 001"
				    "abcdefghijklmnopqrstuvwxyzABCDEF";
	struct place *p = *state;

	assert_int_equal(0, sh("rm -f %s && truncate -s 8M %s", p->image, p->image));
	poke(p, 512, label, sizeof(label) - 1);
	assert_raw(p, "LVM2_member", "volume group");
}

/* A ReiserFS superblock (block size and magic) in the middle of ext4. */
static void test_ambivalent(void **state)
{
	struct place *p = *state;

	make(p, "ext4-1k");
	poke(p, 65536 + 44, "\0\x10", 2);
	poke(p, 65536 + 52, "ReIsEr2Fs", 9);
	assert_raw(p, "", "ext4");
	assert_raw(p, "", "reiserfs");
}

static void test_edges(void **state)
{
	static const char *const readers[] = { "ext", "swap" };

	(void)state;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		struct fs_edges x = fs_edges(readers[i]);

		assert_int_equal(4096, x.head);
		assert_int_equal(0, x.tail);
	}
	assert_in_range(fs_edges("unheard of").head, 65 << 10, 1 << 20); /* btrfs, iso9660 */
	assert_in_range(fs_edges("").tail, 64 << 10, 1 << 20);           /* md 0.90 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_swap),         cmocka_unit_test(test_swap_unusual),
		cmocka_unit_test(test_sparse),       cmocka_unit_test(test_no_reader),
		cmocka_unit_test(test_bad_checksum), cmocka_unit_test(test_ambivalent),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
