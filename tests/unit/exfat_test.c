// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of exFAT: as mkfs.exfat makes it, against what dump.exfat
 * counts; and with what mkfs.exfat does not make: large sectors, bitmaps in
 * pieces, two tables with a bitmap each.
 */
#include "tests/unit/exfat_place.h"

/* ---- made by mkfs.exfat -------------------------------------------------- */

static uint64_t free_clusters(const struct place *p)
{
	unsigned long long n = UINT64_MAX;
	char cmd[200];
	FILE *f;

	snprintf(cmd, sizeof(cmd), "dump.exfat %s | sed -n 's/^Free Clusters:[ \t]*//p'",
		 p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	assert_int_equal(1, fscanf(f, "%llu", &n));
	assert_int_equal(0, pclose(f));
	return n;
}

static const struct shape {
	const char *size, *options;
	uint32_t cluster;
} shapes[] = {
	{ "10M", "-c 512", 512 },         { "40M", "", 4096 },
	{ "30M", "-c 4K -b 64K", 4096 },  { "33M", "-c 8K --pack-bitmap", 8192 },
	{ "70M", "-c 64K -b 4M", 65536 }, { "20M", "-f -c 2K", 2048 },
	{ "300M", "-c 1M", 1 << 20 },     { "2000M", "-c 32M", 32 << 20 },
	{ "40000M", "", 131072 },
};

static void test_shapes(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *h = &shapes[i];
		struct at a = make_exfat(p, h->size, h->options);
		struct fs_scan s;

		assert_int_equal(h->cluster, a.cluster);
		compare(p, &a);
		/* A file, a short one, and the last cluster. */
		add_chain(p, &a, a.root + 3, 5);
		add_chain(p, &a, a.root + 20, 1);
		add_chain(p, &a, a.clusters + 1, 1);
		compare(p, &a);
		assert_scan(p, &plain, "", &s);
		assert_int_equal(a.size - free_clusters(p) * a.cluster, extents_total(&s.used));
		assert_true(holds(&s, &a, a.root + 7));
		assert_false(holds(&s, &a, a.root + 8));
		assert_true(holds(&s, &a, a.clusters + 1));
		assert_string_equal("exfat", s.type);
		assert_string_equal("fixture", s.label);
		fs_scan_free(&s);
	}
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 40 * MIB;
	struct fs_scan s, t;
	struct err e;

	(void)make_exfat(p, "40M", "-c 4K");
	assert_scan(p, &plain, "", &s);
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, size, &plain, &t, &e));
	assert_ptr_equal(&fs_exfat, t.ops);
	assert_extents(&t.used, s.used.n, s.used.v);
	fs_scan_free(&t);
	/* What follows it in a larger area is used. */
	assert_int_equal(0, scan_at(p, off, size + MIB, &plain, &t, &e));
	assert_true(extents_touch(&t.used, size, 1));
	assert_int_equal(extents_total(&s.used) + MIB, extents_total(&t.used));
	fs_scan_free(&t);
	fs_scan_free(&s);
}

/* ---- our own ------------------------------------------------------------- */

static void test_sectors(void **state)
{
	struct place *p = *state;

	for (unsigned shift = 9; shift <= 12; shift++)
		for (unsigned spread = 0; spread < 8; spread += 3) {
			struct form f = { shift, spread, 3001, 1, 5 };
			struct at a = forge(p, &f);

			compare(p, &a);
			add_chain(p, &a, 1000, 20);
			add_chain(p, &a, 3002, 1);
			compare(p, &a);
		}
}

/* More than one piece of the bitmap: 2^23 clusters and some. */
static void test_pieces(void **state)
{
	struct place *p = *state;
	struct form f = { 9, 0, (1 << 23) + 1000, 1, 0 };
	struct at a = forge(p, &f);
	uint32_t edge = (1 << 23) + 2;
	struct fs_scan s;

	compare(p, &a);
	add_chain(p, &a, edge - 1, 2);
	compare(p, &a);
	assert_scan(p, &plain, "", &s);
	assert_false(holds(&s, &a, edge - 2));
	assert_true(holds(&s, &a, edge - 1));
	assert_true(holds(&s, &a, edge));
	assert_false(holds(&s, &a, edge + 1));
	fs_scan_free(&s);
}

/* The second half of the bitmap is elsewhere, and further back. */
static void test_fragmented_bitmap(void **state)
{
	struct place *p = *state;
	struct form f = { 9, 0, 40000, 1, 0 }; /* ten clusters of bitmap */
	struct at a = forge(p, &f);
	struct extents want = { 0 };
	uint8_t map[5120];
	struct fs_scan s;

	add_chain(p, &a, 7000, 5); /* the new places, from the last to the first */
	add_chain(p, &a, 30000, 9);
	peek(p, cluster_at(&a, a.bitmap), map, sizeof(map));
	entry(p, &a, a.bitmap + 4, 7004);
	for (uint32_t i = 0; i < 5; i++) {
		poke(p, cluster_at(&a, 7004 - i), map + 2560 + i * 512, 512);
		poke(p, cluster_at(&a, a.bitmap + 5 + i), "\xff\xff", 2); /* of no use */
		entry(p, &a, 7004 - i, i < 4 ? 7003 - i : END);
	}
	expected(p, &a, map, &want);
	assert_scan(p, &plain, "", &s);
	assert_extents(&s.used, want.n, want.v);
	assert_true(holds(&s, &a, 30008));
	extents_free(&want);
	fs_scan_free(&s);
	map[(7000 - 2) / 8] = 0; /* it must know of itself there, too */
	poke(p, cluster_at(&a, a.bitmap), map, 2560);
	damaged(p, "counts clusters as free that are not");
}

/* What either of two bitmaps has in use is used; the flags tell which one counts. */
static void test_two_tables(void **state)
{
	struct place *p = *state;
	struct form f = { 9, 3, 5000, 2, 0 };
	struct at a = forge(p, &f);
	struct fs_scan s;

	compare(p, &a);
	set_bit(p, &a, a.bitmap, 3000, true);
	set_bit(p, &a, a.second, 4000, true);
	for (unsigned flag = 0; flag < 2; flag++) {
		set_field(p, &a, 106, 2, flag);
		assert_scan(p, &plain, "", &s);
		assert_true(holds(&s, &a, 3000));
		assert_true(holds(&s, &a, 4000));
		assert_false(holds(&s, &a, 3500));
		fs_scan_free(&s);
	}
	/* The first table is not looked at now, nor what its bitmap says of metadata. */
	poke_number(p, a.table[0] + a.root * UINT64_C(4), 4, 1);
	set_bit(p, &a, a.bitmap, a.root, false);
	passes(p, &plain, "");
	set_bit(p, &a, a.second, a.root, false);
	damaged(p, "counts clusters as free that are not");
	set_field(p, &a, 106, 2, 0);
	damaged(p, "chain of the root directory is broken");
	f.tables = 1;
	a = forge(p, &f);
	set_field(p, &a, 106, 2, 1);
	damaged(p, "impossible numbers");
}

/* They are used in the bitmap, and stay so. */
static void test_bad_clusters(void **state)
{
	struct place *p = *state;
	struct at a = make_exfat(p, "40M", "-c 4K");
	struct fs_scan s;

	add_chain(p, &a, 1000, 1);
	entry(p, &a, 1000, BAD_MARK);
	assert_scan(p, &plain, "", &s);
	assert_true(holds(&s, &a, 1000));
	fs_scan_free(&s);
}

/* ---- states that make the map doubtful ----------------------------------- */

static void test_states(void **state)
{
	struct place *p = *state;
	struct at a = make_exfat(p, "40M", "-c 4K");

	poke(p, 106, "\2", 1);
	assert_refused(p, &plain, "not cleanly unmounted");
	assert_refused(p, &nocheck, "--force");
	passes(p, &force, "passed over: it was not cleanly");
	poke(p, 106, "\4", 1);
	assert_refused(p, &plain, "errors in reading or writing");
	passes(p, &nocheck, "passed over: errors");
	poke(p, 106, "\6", 1);
	assert_refused(p, &nocheck, "not cleanly unmounted");
	poke(p, 106, "\x08", 1); /* ClearToZero means nothing here */
	passes(p, &plain, "");
	poke(p, 112, "\x50", 1);
	passes(p, &plain, "says that 80 % are in use, its bitmap 0 %");
	poke(p, 112, "\x65", 1); /* no percentage */
	passes(p, &plain, "");
	poke(p, 112, "\xff", 1);
	compare(p, &a);
}

static void test_regions(void **state)
{
	struct place *p = *state;
	struct at a = make_exfat(p, "40M", "-c 4K");

	poke(p, 12 * 512 + 300, "x", 1);
	passes(p, &plain, "the copy of its boot region is damaged");
	poke(p, 300, "x", 1);
	damaged(p, "both copies of its boot region");
	seal(p, &a);
	compare(p, &a);
	poke(p, 8 * 512 + 300, "x", 1); /* not the boot sector, but summed up, too */
	assert_refused(p, &plain, "damaged, but the copy is good");
	assert_refused(p, &nocheck, "run fsck.exfat");
	passes(p, &force, "passed over: its boot region");
	seal(p, &a);
	poke(p, 11 * 512 + 508, "x", 1); /* the last of the sums */
	assert_refused(p, &plain, "damaged, but the copy is good");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_sectors),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_fragmented_bitmap),
		cmocka_unit_test(test_two_tables),
		cmocka_unit_test(test_bad_clusters),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_regions),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
