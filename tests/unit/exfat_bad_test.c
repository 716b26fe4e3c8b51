// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the exFAT reader says of damaged and hostile filesystems.
 */
#include "tests/unit/exfat_place.h"
#include "tests/unit/mutants.h"

/* Where mkfs.exfat puts the bitmap in 10 MiB with clusters of 4096 bytes. */
#define BITMAP_PLACE (2 << 20)
#define BITMAP_SIZE  256

/* ---- boot regions -------------------------------------------------------- */

static void test_unknown(void **state)
{
	struct place *p = *state;
	struct at a = make_exfat(p, "10M", "-c 4K");
	struct err e;

	set_field(p, &a, 104, 2, 0x0101);
	passes(p, &plain, "");
	set_field(p, &a, 104, 2, 0x0200);
	assert_int_equal(-EOPNOTSUPP, ask(p, &e));
	assert_text(e.msg, "revision 2.0");
}

static void test_impossible(void **state)
{
	static const struct {
		unsigned off;
		size_t n;
		uint64_t value;
	} bad[] = {
		{ 72, 8, 0 },          { 72, 8, 4095 }, /* clusters beyond the end */
		{ 72, 8, UINT64_MAX }, { 72, 8, UINT64_C(1) << 55 },
		{ 80, 4, 0 },          { 80, 4, 23 }, /* in the boot regions */
		{ 80, 4, 4080 },                      /* into the clusters */
		{ 80, 4, UINT32_MAX }, { 84, 4, 0 },
		{ 84, 4, 16 }, /* no room for all clusters */
		{ 84, 4, UINT32_MAX }, { 88, 4, 0 },
		{ 88, 4, 2071 }, /* in the table */
		{ 88, 4, 4097 }, /* the last cluster beyond the end */
		{ 88, 4, UINT32_MAX }, { 92, 4, 0 },
		{ 92, 4, 2049 },       { 92, 4, 0xfffffff6 },
		{ 92, 4, UINT32_MAX }, { 96, 4, 0 },
		{ 96, 4, 1 },          { 96, 4, 2050 },
		{ 109, 1, 17 }, /* clusters of 64 MiB */
		{ 109, 1, 255 },       { 110, 1, 0 },
		{ 110, 1, 3 },         { 110, 1, 255 },
	};
	struct place *p = *state;
	struct at a = make_exfat(p, "10M", "-c 4K");

	assert_int_equal(2048, a.table[0] / 512);
	assert_int_equal(2048, a.clusters);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t old = number(p, bad[i].off, bad[i].n);
		struct err e;

		set_field(p, &a, bad[i].off, bad[i].n, bad[i].value);
		if (ask(p, &e) != -EUCLEAN || !strstr(e.msg, "impossible numbers"))
			fail_msg("field %u, case %zu: \"%s\"", bad[i].off, i, e.msg);
		set_field(p, &a, bad[i].off, bad[i].n, old);
	}
	set_field(p, &a, 108, 1, 10); /* then these are not its regions */
	damaged(p, "both copies of its boot region");
	set_field(p, &a, 108, 1, 9);
	compare(p, &a);
}

static void test_cut_off(void **state)
{
	struct place *p = *state;
	struct fs_scan s;

	(void)make_exfat(p, "40M", "-c 4K");
	assert_int_equal(0, truncate(p->image, 30 * (off_t)MIB + 100));
	assert_refused(p, &plain, "larger than the device");
	assert_refused(p, &nocheck, "larger than the device");
	assert_scan(p, &force, "passed over", &s);
	assert_int_equal(30 * MIB + 100, s.info.size);
	assert_true(extents_total(&s.used) < 3 * MIB);
	fs_scan_free(&s);
	assert_int_equal(0, truncate(p->image, 2 * (off_t)MIB + 100));
	damaged(p, "beyond the end of the device");
	assert_int_equal(0, truncate(p->image, 511));
	damaged(p, "both copies");
}

/* ---- the root directory -------------------------------------------------- */

static void test_root(void **state)
{
	struct place *p = *state;
	struct form f = { 9, 0, 3000, 1, 0 };
	struct at a = forge(p, &f);
	uint32_t many = 600; /* clusters of entries that are none of ours */

	/* It goes on, and the bitmap is named in its last cluster. */
	add_chain(p, &a, 1000, many);
	entry(p, &a, a.root, 1000);
	for (uint32_t i = 0; i < many; i++) {
		uint8_t other[512] = { 0 };

		for (size_t k = 0; k < sizeof(other); k += 32)
			other[k] = 0x85;
		poke(p, cluster_at(&a, i ? 1000 + i - 1 : a.root), other, sizeof(other));
	}
	struct at last = a;
	last.root = 1000 + many - 1;
	write_root(p, &last);
	compare(p, &a);
	set_bit(p, &a, a.bitmap, 1300, false);
	damaged(p, "counts clusters as free that are not");
	set_bit(p, &a, a.bitmap, 1300, true);
	/* A loop, and links to nowhere. */
	entry(p, &a, last.root, a.root);
	damaged(p, "chain of the root directory is broken");
	entry(p, &a, last.root, last.root);
	damaged(p, "chain of the root directory is broken");
	for (uint32_t value = 0; value < 2; value++) {
		entry(p, &a, last.root, value);
		damaged(p, "chain of the root directory is broken");
	}
	entry(p, &a, last.root, a.clusters + 2);
	damaged(p, "chain of the root directory is broken");
	entry(p, &a, last.root, BAD_MARK);
	damaged(p, "chain of the root directory is broken");
	entry(p, &a, last.root, END);
	entry(p, &a, 1000, END); /* cut before the entry */
	damaged(p, "names no allocation bitmap");
}

/* ---- bitmap and up-case table -------------------------------------------- */

static void test_bitmap(void **state)
{
	struct place *p = *state;
	struct form f = { 9, 0, 40000, 1, 0 };
	struct at a = forge(p, &f);
	uint64_t at = cluster_at(&a, a.root);

	for (uint32_t c = a.bitmap; c <= a.root; c++) {
		set_bit(p, &a, a.bitmap, c, false);
		damaged(p, "counts clusters as free that are not");
		set_bit(p, &a, a.bitmap, c, true);
	}
	poke(p, at, "\x01", 1); /* the entry is deleted */
	damaged(p, "names no allocation bitmap");
	poke(p, at, "\x81\x01", 2); /* it is the second one */
	damaged(p, "names no allocation bitmap");
	poke(p, at, "\x81\x00", 2);
	poke_number(p, at + 24, 8, 4999);
	damaged(p, "too short: 4999 bytes for 40000 clusters");
	poke_number(p, at + 24, 8, 0);
	damaged(p, "too short");
	poke_number(p, at + 24, 8, 6000); /* longer does not matter, if its chain is there */
	compare(p, &a);
	poke_number(p, at + 24, 8, UINT64_MAX);
	compare(p, &a);
	poke_number(p, at + 24, 8, 5000);
	poke_number(p, at + 20, 4, a.clusters + 2);
	damaged(p, "chain of the allocation bitmap is broken");
	poke_number(p, at + 20, 4, a.bitmap);
	entry(p, &a, a.bitmap + 8, END);
	damaged(p, "chain of the allocation bitmap is too short");
	entry(p, &a, a.bitmap + 8, a.bitmap);
	damaged(p, "chain of the allocation bitmap is");
	entry(p, &a, a.bitmap + 8, a.bitmap + 9);
	entry(p, &a, a.bitmap + 9, a.upcase);
	damaged(p, "chain of the allocation bitmap is broken");
	entry(p, &a, a.bitmap + 9, END);
	compare(p, &a);
}

static void test_upcase(void **state)
{
	struct place *p = *state;
	struct form f = { 9, 0, 4000, 1, 0 };
	struct at a = forge(p, &f);
	uint64_t at = cluster_at(&a, a.root) + 32;

	poke(p, at, "\x02", 1); /* it has none */
	compare(p, &a);
	poke(p, at, "\x82", 1);
	poke_number(p, at + 24, 8, 513);
	damaged(p, "chain of the up-case table is too short");
	poke_number(p, at + 24, 8, (128 << 10) + 1);
	damaged(p, "up-case table is too long");
	poke_number(p, at + 24, 8, 60);
	entry(p, &a, a.upcase, a.root);
	damaged(p, "chain of the up-case table is broken");
	entry(p, &a, a.upcase, END);
	compare(p, &a);
}

/* ---- mutants ------------------------------------------------------------- */

/*
 * A volume is as good as its bitmap: no checksum tells of a bit that got lost,
 * but for those of metadata.  What is lost must be what the changed bytes tell
 * of, and no more.
 */
static bool in_bitmap(const struct mutation *m, const struct extents *lost)
{
	const struct extent *last = &lost->v[lost->n - 1];
	uint64_t byte = 8 * 4096; /* what one of the bitmap tells of */
	uint64_t heap = BITMAP_PLACE;

	return m->len && m->off + m->len > BITMAP_PLACE &&
	       m->off < BITMAP_PLACE + BITMAP_SIZE &&
	       lost->v[0].off >=
		       heap + (m->off < BITMAP_PLACE ? 0 : m->off - BITMAP_PLACE) * byte &&
	       last->off + last->len <= heap + (m->off + m->len - BITMAP_PLACE) * byte;
}

static void mutate(const struct place *p, const struct at *a,
		   bool (*may_lose)(const struct mutation *m, const struct extents *lost))
{
	struct mutants m = { .ops = &fs_exfat, .path = p->image, .may_lose = may_lose };
	struct extents meta = { 0 };

	/* Boot sectors, the begin of the table, and of the root directory. */
	assert_int_equal(0, extents_add(&meta, 0, 120, NULL));
	assert_int_equal(0, extents_add(&meta, UINT64_C(12) << a->shift, 120, NULL));
	assert_int_equal(0, extents_add(&meta, a->table[0], 64, NULL));
	assert_int_equal(0, extents_add(&meta, cluster_at(a, a->root), 160, NULL));
	if (may_lose)
		assert_int_equal(0, extents_add(&meta, BITMAP_PLACE, BITMAP_SIZE, NULL));
	extents_normalize(&meta);
	m.meta = &meta;
	mutants_check(&m);
	m.meta = NULL; /* all that is used */
	m.n = 60;
	mutants_check(&m);
	extents_free(&meta);
}

static void test_mutants(void **state)
{
	struct place *p = *state;
	struct form f = { 12, 0, 3000, 2, 3 };
	struct at a = make_exfat(p, "10M", "-c 4K");

	assert_int_equal(BITMAP_PLACE, a.heap);
	assert_int_equal(BITMAP_SIZE, a.map_size);
	add_chain(p, &a, 500, 200);
	mutate(p, &a, in_bitmap);
	a = forge(p, &f); /* the other bitmap still knows */
	add_chain(p, &a, 500, 200);
	mutate(p, &a, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown), cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_cut_off), cmocka_unit_test(test_root),
		cmocka_unit_test(test_bitmap),  cmocka_unit_test(test_upcase),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
