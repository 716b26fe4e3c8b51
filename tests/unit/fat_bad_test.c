// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of FAT filesystems in every state that makes the map
 * doubtful, and of damaged ones.
 */
#include "tests/unit/fat_place.h"
#include "tests/unit/mutants.h"

/* ---- states that make the map doubtful ----------------------------------- */

static void test_dirty(void **state)
{
	struct place *p = *state;
	struct at a;

	make_fat(p, "40M", "-F 32 -s 1");
	a = find(p);
	poke(p, 0x41, "\1", 1);
	assert_minor(p, "not cleanly unmounted");
	poke(p, 0x41, "\2", 1);
	assert_minor(p, "errors in reading or writing");
	poke(p, 0x41, "\0", 1);
	entry(p, &a, 1, 0x07ffffff);
	assert_minor(p, "not cleanly unmounted");
	entry(p, &a, 1, 0x0bffffff);
	assert_minor(p, "errors in reading or writing");
	entry(p, &a, 1, 0xffffffff);
	assert_fat(p, &plain, "");
	make_fat(p, "16M", "-F 16 -s 4");
	a = find(p);
	entry(p, &a, 1, 0x7fff);
	assert_minor(p, "not cleanly unmounted");
	entry(p, &a, 1, 0xbfff);
	assert_minor(p, "errors in reading or writing");
	entry(p, &a, 1, 0xffff);
	poke(p, 0x25, "\1", 1);
	assert_minor(p, "not cleanly unmounted");
	poke(p, 0x26, "\0", 1); /* no such byte in a boot sector of DOS 3 */
	assert_fat(p, &plain, "");
	make_fat(p, "3M", "-F 12");
	poke(p, 0x25, "\1", 1);
	assert_minor(p, "run fsck.fat -a");
}

static void test_fsinfo(void **state)
{
	struct place *p = *state;

	make_fat(p, "40M", "-F 32 -s 1");
	poke(p, 512 + 488, "\5\0\0\0", 4);
	assert_fat(p, &plain, "its FSInfo sector counts 5 free clusters, its table ");
	poke(p, 512 + 488, "\xff\xff\xff\xff", 4); /* not known */
	assert_fat(p, &plain, "");
	poke(p, 512 + 488, "\5\0\0\0", 4);
	poke(p, 48, "\0\0", 2); /* there is none */
	poke(p, 6 * 512 + 48, "\0\0", 2);
	assert_fat(p, &plain, "");
}

static void test_bad_clusters(void **state)
{
	static const struct {
		const char *size, *options;
		uint32_t mark;
	} kinds[] = { { "40M", "-F 32 -s 1", 0x0ffffff7 }, { "16M", "-F 16 -s 4", 0xfff7 } };
	struct place *p = *state;
	struct fs_scan s;

	for (size_t i = 0; i < 2; i++) {
		struct at a;

		make_fat(p, kinds[i].size, kinds[i].options);
		a = find(p);
		entry(p, &a, a.clusters, kinds[i].mark);
		entry(p, &a, a.clusters + 1, kinds[i].mark);
		assert_scan(p, &plain, "2 clusters are marked bad and are not read", &s);
		assert_false(holds(&s, &a, a.clusters));
		assert_false(holds(&s, &a, a.clusters + 1));
		fs_scan_free(&s);
		entry(p, &a, 3000, a.clusters); /* a file cannot go on there */
		assert_problem(p, "lead to clusters that are free");
	}
}

static void test_copies_differ(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct at a;

	make_fat(p, "40M", "-F 32 -s 1");
	a = find(p);
	poke(p, a.fat1 + 70000 * 4, "\xff\xff\xff\x0f", 4);
	poke(p, a.fat2 + 70001 * 4, "\xff\xff\xff\x0f", 4);
	poke(p, a.fat2 + 70003 * 4, "\0\0\0\x10", 4);   /* means nothing */
	poke(p, a.fat2, "\xf0\xff\xff\x0f\0\0\0\0", 8); /* nor does this */
	assert_minor(p, "copies of its allocation table differ in 2 entries");
	assert_scan(p, &nocheck, "passed over", &s);
	assert_true(holds(&s, &a, 70000));
	assert_true(holds(&s, &a, 70001));
	assert_false(holds(&s, &a, 70003));
	fs_scan_free(&s);
	poke(p, a.fat2, "\0", 1); /* the media byte may be wrong */
	assert_minor(p, "differ in 2 entries");
	poke(p, a.fat2 + 1, "\0", 1);
	assert_problem(p, "does not begin like one");
}

/* The third and the fourth are looked at, too. */
static void test_more_copies(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct at a;

	make_fat(p, "40M", "-F 32 -s 1 -f 4");
	a = find(p);
	poke(p, a.fat1 + 2 * (a.fat2 - a.fat1) + 70000 * 4, "\xff\xff\xff\x0f", 4);
	assert_minor(p, "copies of its allocation table differ in 1 entries");
	poke(p, a.fat1 + 3 * (a.fat2 - a.fat1) + 70001 * 4, "\xff\xff\xff\x0f", 4);
	assert_minor(p, "copies of its allocation table differ in 2 entries");
	assert_scan(p, &nocheck, "passed over", &s);
	assert_true(holds(&s, &a, 70000));
	assert_true(holds(&s, &a, 70001));
	fs_scan_free(&s);
}

static void test_not_mirrored(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct at a;

	make_fat(p, "40M", "-F 32 -s 1");
	a = find(p);
	poke(p, 40, "\x81", 1);
	assert_fat(p, &plain, "");
	/* The state and the links are those of the second copy. */
	poke(p, a.fat2 + 70001 * 4, "\xff\xff\xff\x0f", 4);
	poke(p, a.fat1 + 70002 * 4, "\xf9\xff\xff\x0f", 4);
	poke(p, a.fat1 + 7, "\x07", 1);
	assert_scan(p, &plain, "only copy 2 of its allocation table", &s);
	assert_true(holds(&s, &a, 70001));
	assert_true(holds(&s, &a, 70002));
	fs_scan_free(&s);
	poke(p, a.fat2 + 7, "\x07", 1);
	assert_minor(p, "not cleanly unmounted");
	poke(p, 40, "\x82", 1); /* there are two */
	assert_damaged(p, "impossible numbers");
}

static void test_broken_links(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct at a;

	make_fat(p, "40M", "-F 32 -s 1");
	a = find(p);
	entry(p, &a, 70000, 70005);
	assert_problem(p, "1 of its files or folders lead to clusters that are free");
	assert_scan(p, &force, "passed over", &s);
	assert_true(holds(&s, &a, 70005));
	fs_scan_free(&s);
	entry(p, &a, 70000, 69000);
	assert_problem(p, "the first at cluster 70000");
	assert_scan(p, &force, "passed over", &s);
	assert_true(holds(&s, &a, 69000));
	fs_scan_free(&s);
	entry(p, &a, 70000, a.clusters + 2);
	assert_problem(p, "the first at cluster 70000");
	entry(p, &a, 70000, 1);
	assert_problem(p, "the first at cluster 70000");
	entry(p, &a, 70000, 70000);
	assert_problem(p, "the first at cluster 70000");
	entry(p, &a, 70000, a.clusters + 1);
	entry(p, &a, a.clusters + 1, 0x0fffffff);
	assert_fat(p, &plain, "FSInfo");
}

/* A file whose first cluster is free, and a root directory whose own one is. */
static void test_broken_starts(void **state)
{
	static const struct {
		const char *size, *options;
	} kinds[] = { { "3M", "-F 12" }, { "16M", "-F 16 -s 4" }, { "40M", "-F 32 -s 8" } };
	struct place *p = *state;

	for (size_t i = 0; i < 2; i++) {
		struct fs_scan s;
		struct at a;

		make_fat(p, kinds[i].size, kinds[i].options);
		a = find(p);
		/* The label, then the files as the shell sorts them: f1 first. */
		poke(p, a.data - 512 * 32 + 32 + 26, "\xb8\x0b", 2);
		assert_refused(p, &nocheck, "lead to clusters that are free");
		assert_scan(p, &force, "passed over", &s);
		assert_true(holds(&s, &a, i ? 3000 : 2));
		fs_scan_free(&s);
	}
	make_fat(p, "40M", "-F 32 -s 1");
	poke(p, 44, "\0\0\1\0", 4);
	poke(p, 6 * 512 + 44, "\0\0\1\0", 4);
	assert_problem(p, "lead to clusters that are free");
}

static void test_boot_copy(void **state)
{
	struct place *p = *state;

	make_fat(p, "40M", "-F 32 -s 1");
	poke(p, 6 * 512 + 13, "\2", 1);
	assert_problem(p, "the copy in sector 6 tell different layouts");
	poke(p, 6 * 512 + 510, "\0\0", 2); /* no boot sector then */
	assert_fat(p, &plain, "");
	poke(p, 6 * 512 + 13, "\1", 1);
	poke(p, 6 * 512 + 510, "\x55\xaa", 2);
	poke(p, 6 * 512 + 65, "\1", 1); /* nobody keeps that up to date */
	poke(p, 6 * 512 + 28, "\1", 1);
	assert_fat(p, &plain, "");
	poke(p, 13, "\2", 1);
	assert_problem(p, "tell different layouts");
}

/* Without a copy of the boot sector, the table and the folders tell. */
static void test_boot_sector(void **state)
{
	static const struct {
		uint32_t at;
		const char *bytes, *text;
	} fields[] = {
		{ 13, "\x02", "folder in cluster" },
		{ 13, "\x08", "folder in cluster" },
		{ 14, "\x02", "does not begin like" },
		{ 17, "\x10\x02", "folder in cluster" },
		{ 22, "\x25", "does not begin like" },
		{ 16, "\1", "root directory does not look" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct fs_scan s;
		struct err e;

		make_fat(p, "16M", "-F 16 -s 4");
		poke(p, fields[i].at, fields[i].bytes, fields[i].bytes[1] ? 2 : 1);
		if (scan(p, &nocheck, &s, &e) != -ECANCELED)
			fail_msg("field %u, case %zu: \"%s\"", fields[i].at, i, e.msg);
		assert_true(strstr(e.msg, fields[i].text) || strstr(e.msg, "lead to clusters"));
	}
}

/* ---- mutants ------------------------------------------------------------- */

/* One table of FAT16: where mkfs.fat puts it in 16 MiB, and the first cluster. */
#define ONE_TABLE   2048
#define ONE_DATA    34816
#define ONE_CLUSTER 2048

/*
 * Where there is one table only, nothing tells that an entry was changed into
 * a free one, or a link into an end.  (Two tables tell, and folders tell of the
 * layout.)  What is lost must be what the changed entries tell of, and no more.
 */
static bool of_entries(const struct mutation *m, const struct extents *lost)
{
	const struct extent *last = &lost->v[lost->n - 1];
	uint64_t first, end;

	if (!m->len || m->off < ONE_TABLE || m->off + m->len > ONE_DATA)
		return false;
	first = (m->off - ONE_TABLE) / 2;
	end = (m->off + m->len - 1 - ONE_TABLE) / 2 + 1;
	return lost->v[0].off + 2 * ONE_CLUSTER >= ONE_DATA + first * ONE_CLUSTER &&
	       last->off + last->len + 2 * ONE_CLUSTER <= ONE_DATA + end * ONE_CLUSTER;
}

static void mutants_of(const struct place *p, const char *size, const char *options,
		       bool one_table)
{
	struct extents meta = { 0 };
	struct mutants t = { .ops = &fs_fat, .path = p->image, .meta = &meta };
	struct at a;

	make_fat(p, size, options);
	a = find(p);
	if (one_table) {
		assert_int_equal(ONE_TABLE, a.fat1);
		assert_int_equal(ONE_DATA, a.data);
		assert_int_equal(ONE_CLUSTER, a.cluster);
		t.may_lose = of_entries;
	}
	/* Boot sector, tables and root directory, the begin of them most of all. */
	assert_int_equal(0, extents_add(&meta, 0, 64, NULL));
	assert_int_equal(0, extents_add(&meta, a.fat1, 300, NULL));
	assert_int_equal(0, extents_add(&meta, a.data - 512, 600, NULL));
	mutants_check(&t);
	extents_free(&meta);
	t.meta = NULL; /* all that is used */
	t.n = 60;
	mutants_check(&t);
}

static void test_mutants(void **state)
{
	mutants_of(*state, "3M", "-F 12", false);
	mutants_of(*state, "16M", "-F 16 -s 4", false);
	mutants_of(*state, "40M", "-F 32 -s 1", false);
	mutants_of(*state, "40M", "-F 32 -s 1 -f 4", false);
	mutants_of(*state, "16M", "-F 16 -f 1 -s 4", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dirty),        cmocka_unit_test(test_fsinfo),
		cmocka_unit_test(test_bad_clusters), cmocka_unit_test(test_copies_differ),
		cmocka_unit_test(test_more_copies),  cmocka_unit_test(test_not_mirrored),
		cmocka_unit_test(test_broken_links), cmocka_unit_test(test_broken_starts),
		cmocka_unit_test(test_boot_copy),    cmocka_unit_test(test_boot_sector),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
