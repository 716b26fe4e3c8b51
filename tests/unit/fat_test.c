// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of FAT12, FAT16 and FAT32: as mkfs.fat makes them and
 * mtools fill them, against what mshowfat says; and built by hand at the limits
 * between the types.
 */
#include "tests/unit/fat_place.h"

/* ---- against mshowfat ---------------------------------------------------- */

/* What is before the clusters, those of all files and folders, and what follows. */
static void expected(const struct place *p, const struct at *a, struct extents *ret)
{
	uint64_t end = a->data + (uint64_t)a->clusters * a->cluster;
	char cmd[400], *line = NULL, *dash;
	struct stat st;
	size_t cap = 0;
	FILE *f;

	assert_int_equal(0, stat(p->image, &st));
	assert_int_equal(0, extents_add(ret, 0, a->data, NULL));
	assert_int_equal(0, extents_add(ret, end, (uint64_t)st.st_size - end, NULL));
	snprintf(cmd, sizeof(cmd),
		 "(mdir -/ -b -i %s :: </dev/null | sed 's,/$,,'; echo %s) |"
		 " xargs mshowfat -i %s | grep -o '<[0-9-]*>' | tr -d '<>'",
		 p->image, a->bits == 32 ? "::/" : "", p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	while (getline(&line, &cap, f) > 0) {
		uint64_t from = strtoul(line, &dash, 10);
		uint64_t to = *dash == '-' ? strtoul(dash + 1, NULL, 10) : from;

		assert_int_equal(0, extents_add(ret, a->data + (from - 2) * a->cluster,
						(to - from + 1) * a->cluster, NULL));
	}
	assert_int_equal(0, pclose(f));
	free(line);
	extents_normalize(ret);
}

static const struct shape {
	const char *size, *options;
	unsigned bits;
	uint32_t cluster;
} shapes[] = {
	{ "3M", "-F 12", 12, 2048 },
	{ "1440K", "-F 12", 12, 512 },
	{ "9M", "-F 12 -s 8 -f 1 -r 64 -R 5", 12, 4096 },
	{ "12M", "-F 12 -S 4096 -s 2", 12, 8192 },
	{ "16M", "-F 16 -s 4 -a", 16, 2048 },
	{ "33M", "-F 16 -S 2048 -s 2 -f 1 -r 1024", 16, 4096 },
	{ "300M", "-F 16 -s 128", 16, 65536 },
	{ "2100M", "-F 16 -s 128 -S 4096", 16, 524288 },
	{ "40M", "-F 32 -s 1", 32, 512 },
	{ "140M", "-F 32 -s 4 -f 1 -R 100 -b 50", 32, 2048 },
	{ "300M", "-F 32 -S 4096 -s 1 -a", 32, 4096 },
	{ "4400M", "-F 32 -s 128", 32, 65536 },
	{ "16M", "-F 16 -s 4 -f 3", 16, 2048 },
	{ "40M", "-F 32 -s 1 -f 4", 32, 512 },
	{ "34500M", "-F 32 -s 128 -S 4096", 32, 524288 },
};

static void test_shapes(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *h = &shapes[i];
		struct extents want = { 0 };
		struct fs_scan s;
		struct at a;

		make_fat(p, h->size, h->options);
		a = find(p);
		assert_int_equal(h->bits, a.bits);
		expected(p, &a, &want);
		assert_scan(p, &plain, "", &s);
		assert_extents(&s.used, want.n, want.v);
		assert_true(extents_total(&want) > 4 * h->cluster);
		assert_int_equal(h->cluster, s.info.block);
		assert_string_equal("vfat", s.type);
		assert_string_equal("FIXTURE", s.label);
		extents_free(&want);
		fs_scan_free(&s);
	}
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 40 * MIB;
	struct fs_scan s, t;
	struct err e;

	make_fat(p, "40M", "-F 32 -s 1");
	assert_scan(p, &plain, "", &s);
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, size, &plain, &t, &e));
	assert_extents(&t.used, s.used.n, s.used.v);
	fs_scan_free(&t);
	/* What follows it in a larger area is used. */
	assert_int_equal(0, scan_at(p, off, size + MIB, &plain, &t, &e));
	assert_true(extents_touch(&t.used, size, 1));
	assert_int_equal(extents_total(&s.used) + MIB, extents_total(&t.used));
	fs_scan_free(&t);
	fs_scan_free(&s);
}

/* ---- which type it is ---------------------------------------------------- */

/* The bytes of an entry for cluster 3, and whether then 2, 3 and 4 are used. */
static void assert_entry(const struct place *p, const struct form *b, const char *bytes,
			 size_t len, uint64_t at, const char *used)
{
	uint64_t table = forge(p, b), n = b->table16 ? b->table16 : b->table32;
	struct at a = { .cluster = 512, .data = table + 2 * n * 512 + b->roots * 32 };
	struct fs_scan s;

	poke(p, table + at, bytes, len);
	poke(p, table + n * 512 + at, bytes, len);
	assert_scan(p, &plain, "", &s);
	for (uint32_t c = 2; c < 5; c++)
		if (holds(&s, &a, c) != (used[c - 2] == '1'))
			fail_msg("cluster %u: %s", c, used);
	fs_scan_free(&s);
}

static void test_limits(void **state)
{
	struct place *p = *state;
	struct form b = form16(4084, 12);
	struct err e;

	assert_entry(p, &b, "\xf0\xff", 2, 4, "010"); /* the second half of three bytes */
	assert_entry(p, &b, "\xff\x0f", 2, 3, "100");
	b = form16(4085, 16);
	assert_entry(p, &b, "\xff\xff", 2, 6, "010");
	b = form16(65524, 256);
	assert_entry(p, &b, "\xff\xff", 2, 6, "010");
	b.sectors++;
	forge(p, &b);
	assert_int_equal(-EUCLEAN, ask(p, 0, &e));
	/* A FAT32 may be small: nobody else takes its number of clusters for it. */
	b = (struct form){ .sector = 512,
			   .cluster = 1,
			   .reserved = 32,
			   .tables = 2,
			   .sectors = 32 + 2 * 40 + 5000,
			   .table32 = 40,
			   .root_cluster = 2 };
	assert_entry(p, &b, "\xff\xff\xff\x0f", 4, 8, "100");
}

static void test_fat32_upper_bits(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct at a;

	make_fat(p, "40M", "-F 32 -s 1");
	a = find(p);
	entry(p, &a, 70000, 0xf0000000); /* still free */
	entry(p, &a, 70002, 0xaffffff8); /* the last of a file */
	assert_scan(p, &plain, "FSInfo", &s);
	assert_false(holds(&s, &a, 70000));
	assert_true(holds(&s, &a, 70002));
	fs_scan_free(&s);
}

/* ---- not ours ------------------------------------------------------------ */

static void test_unknown(void **state)
{
	struct place *p = *state;
	struct form b = form16(5000, 20);

	b.tables = 5;
	forge(p, &b);
	assert_raw(p, "vfat", "has 5 allocation tables");
	make_fat(p, "40M", "-F 32 -s 1");
	poke(p, 42, "\1", 1);
	assert_raw(p, "vfat", "version (0x1) is newer");
}

static void test_impossible(void **state)
{
	static const struct {
		uint32_t at;
		const char *bytes;
		int want;
	} fields[] = {
		{ 11, "\0\0", -EUCLEAN },   { 11, "\0\1", -EUCLEAN },
		{ 11, "\0\3", -EUCLEAN },   { 11, "\0\x20", -EOPNOTSUPP },
		{ 13, "\0", -EUCLEAN },     { 13, "\3", -EUCLEAN },
		{ 14, "\0\0", -EUCLEAN },   { 14, "\xff\xff", -EUCLEAN },
		{ 16, "\0", -EUCLEAN },     { 16, "\5", -EOPNOTSUPP },
		{ 17, "\0\0", -EUCLEAN },   { 22, "\xff\xff", -EUCLEAN },
		{ 19, "\x20\0", -EUCLEAN },
	};
	struct place *p = *state;
	struct form b = form16(5000, 20);
	struct err e;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		forge(p, &b);
		poke(p, fields[i].at, fields[i].bytes,
		     fields[i].at == 13 || fields[i].at == 16 ? 1 : 2);
		if (ask(p, 0, &e) != fields[i].want)
			fail_msg("field %u, case %zu: \"%s\"", fields[i].at, i, e.msg);
	}
	forge(p, &b);
	assert_int_equal(0, ask(p, 0, &e));
	assert_int_equal(-EOPNOTSUPP, ask(p, 511, &e));
	assert_int_equal(-EUCLEAN, ask(p, 512, &e));
	assert_text(e.msg, "larger than the device");
	make_fat(p, "40M", "-F 32 -s 1");
	poke(p, 44, "\1\0\0\0", 4);
	assert_int_equal(-EUCLEAN, ask(p, 0, &e));
	poke(p, 44, "\0\0\0\1", 4);
	assert_int_equal(-EUCLEAN, ask(p, 0, &e));
}

/* ---- sizes --------------------------------------------------------------- */

static void test_short_table(void **state)
{
	struct place *p = *state;
	struct form b = form16(5000, 16); /* 4096 entries */
	struct at a = { .cluster = 512, .data = 34 * 512 };
	struct fs_scan s;

	forge(p, &b);
	assert_scan(p, &plain, "the last 906 clusters count as used", &s);
	assert_false(holds(&s, &a, 4095));
	assert_true(holds(&s, &a, 4096));
	assert_true(holds(&s, &a, 5001));
	fs_scan_free(&s);
}

static void test_cut_off(void **state)
{
	struct place *p = *state;
	struct fs_scan s;

	make_fat(p, "40M", "-F 32 -s 1");
	assert_int_equal(0, truncate(p->image, 30 * (off_t)MIB + 100));
	assert_problem(p, "larger than the device");
	assert_scan(p, &force, "passed over", &s);
	assert_int_equal(30 * MIB + 100, s.info.size);
	fs_scan_free(&s);
	assert_int_equal(0, truncate(p->image, 200000));
	assert_damaged(p, "larger than the device");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),      cmocka_unit_test(test_offset),
		cmocka_unit_test(test_limits),      cmocka_unit_test(test_fat32_upper_bits),
		cmocka_unit_test(test_unknown),     cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_short_table), cmocka_unit_test(test_cut_off),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
