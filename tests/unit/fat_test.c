// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of FAT12, FAT16 and FAT32: as mkfs.fat makes them and
 * mtools fill them, against what mshowfat says; built by hand at the limits
 * between the types; and in every state that makes the map doubtful.
 */
#include "tests/unit/mutants.h"

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

/* ---- fixtures ------------------------------------------------------------ */

static void make_fat(const struct place *p, const char *size, const char *options)
{
	assert_int_equal(0,
			 sh("rm -f %s/files/link; export MTOOLS_SKIP_CHECK=1;"
			    "rm -f %s && truncate -s %s %s && mkfs.fat -n FIXTURE %s %s"
			    " >/dev/null 2>&1 && cd %s/files && mcopy -i %s -sQ f1* f2 sub ::"
			    " </dev/null && mdel -i %s ::f12 ::f15",
			    p->dir, p->image, size, p->image, options, p->image, p->dir,
			    p->image, p->image));
}

/* A boot sector of our own: what mkfs.fat would not make. */
struct form {
	uint32_t sector, cluster, reserved, tables, roots, sectors, table16, table32;
	uint32_t ext_flags, version, root_cluster;
};

static void write_form(const struct place *p, uint64_t at, const struct form *b)
{
	uint8_t buf[512] = { 0xeb, 0x58, 0x90 };
	struct wr w = wr_init(buf, sizeof(buf));

	w.pos = 11;
	wr_le16(&w, (uint16_t)b->sector);
	wr_u8(&w, (uint8_t)b->cluster);
	wr_le16(&w, (uint16_t)b->reserved);
	wr_u8(&w, (uint8_t)b->tables);
	wr_le16(&w, (uint16_t)b->roots);
	wr_le16(&w, b->sectors < 65536 ? (uint16_t)b->sectors : 0);
	wr_u8(&w, 0xf8);
	wr_le16(&w, (uint16_t)b->table16);
	wr_zero(&w, 8);
	wr_le32(&w, b->sectors < 65536 ? 0 : b->sectors);
	if (b->table32) {
		wr_le32(&w, b->table32);
		wr_le16(&w, (uint16_t)b->ext_flags);
		wr_le16(&w, (uint16_t)b->version);
		wr_le32(&w, b->root_cluster);
	}
	w.pos = b->table32 ? 66 : 38;
	wr_u8(&w, 0x29);
	w.pos = b->table32 ? 82 : 54;
	wr_bytes(&w, b->table32 ? "FAT32   " : "FAT     ", 8);
	w.pos = 510;
	wr_le16(&w, 0xaa55);
	assert_true(wr_ok(&w));
	poke(p, at, buf, sizeof(buf));
}

/* Its area is all there; the tables begin as they should, with nothing in use. */
static uint64_t forge(const struct place *p, const struct form *b)
{
	uint64_t table = (uint64_t)b->reserved * b->sector;
	uint32_t sectors = b->table16 ? b->table16 : b->table32;

	unlink(p->image);
	write_form(p, 0, b);
	assert_int_equal(0, truncate(p->image, (off_t)b->sectors * b->sector));
	for (uint32_t i = 0; i < b->tables; i++)
		poke(p, table + (uint64_t)i * sectors * b->sector,
		     "\xf8\xff\xff\xff\xff\xff\xff\x0f",
		     b->table32        ? 8
		     : b->table16 > 12 ? 4
				       : 3);
	return table;
}

/* Where things are, from the boot sector, for the tests below. */
struct at {
	uint64_t fat1, fat2, data;
	uint32_t cluster, bits, clusters;
};

static struct at find(const struct place *p)
{
	uint8_t b[512];
	struct rd r = rd_init(b, sizeof(b));
	uint32_t sector, cluster, reserved, tables, roots, small, table16, sectors, table;
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	struct at ret;

	assert_int_equal(512, io_pread(fd, b, sizeof(b), 0));
	close(fd);
	rd_seek(&r, 11);
	sector = rd_le16(&r);
	cluster = rd_u8(&r);
	reserved = rd_le16(&r);
	tables = rd_u8(&r);
	roots = rd_le16(&r);
	small = rd_le16(&r);
	rd_skip(&r, 1);
	table16 = rd_le16(&r);
	rd_skip(&r, 8);
	sectors = rd_le32(&r);
	table = rd_le32(&r);
	table = table16 ? table16 : table;
	sectors = small ? small : sectors;
	ret.fat1 = (uint64_t)reserved * sector;
	ret.fat2 = ret.fat1 + (uint64_t)table * sector;
	ret.data = ret.fat1 + (uint64_t)tables * table * sector + roots * 32;
	ret.cluster = cluster * sector;
	ret.clusters = (uint32_t)(((uint64_t)sectors * sector - ret.data) / ret.cluster);
	ret.bits = !table16 ? 32 : ret.clusters < 4085 ? 12 : 16;
	return ret;
}

/* Writes one entry of both tables. */
static void entry(const struct place *p, const struct at *a, uint32_t cluster, uint32_t value)
{
	uint8_t b[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			 (uint8_t)(value >> 24) };

	poke(p, a->fat1 + (uint64_t)cluster * a->bits / 8, b, a->bits / 8);
	poke(p, a->fat2 + (uint64_t)cluster * a->bits / 8, b, a->bits / 8);
}

static bool holds(const struct fs_scan *s, const struct at *a, uint32_t cluster)
{
	return extents_touch(&s->used, a->data + (uint64_t)(cluster - 2) * a->cluster,
			     a->cluster);
}

static void assert_scan(const struct place *p, const struct fs_options *opt, const char *notice,
			struct fs_scan *ret)
{
	struct err e;

	if (scan(p, opt, ret, &e))
		fail_msg("refused: %s", e.msg);
	if (ret->ops != &fs_fat)
		fail_msg("raw: %s", ret->info.notice);
	assert_string_equal("", ret->info.problem);
	assert_text(ret->info.notice, notice);
	if (!*notice)
		assert_string_equal("", ret->info.notice);
}

static void assert_fat(const struct place *p, const struct fs_options *opt, const char *notice)
{
	struct fs_scan s;

	assert_scan(p, opt, notice, &s);
	fs_scan_free(&s);
}

/* Not with --nocheck either. */
static void assert_problem(const struct place *p, const char *text)
{
	assert_refused(p, &plain, text);
	assert_refused(p, &nocheck, text);
	assert_fat(p, &force, "passed over");
}

static void assert_minor(const struct place *p, const char *text)
{
	assert_refused(p, &plain, text);
	assert_fat(p, &nocheck, "passed over");
}

static void assert_damaged(const struct place *p, const char *text)
{
	assert_refused(p, &plain, text);
	assert_refused(p, &force, text);
}

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

/* Straight from the reader: libblkid does not take these for FAT. */
static int ask(const struct place *p, uint64_t size, struct err *e)
{
	struct extents used = { 0 };
	struct fs_info info = { 0 };
	struct dev d;
	struct area a = { &d, 0, size };
	int r;

	*e = (struct err){ 0 };
	assert_int_equal(0, dev_open_source(&d, p->image, e));
	a.size = size ? size : d.size;
	r = fs_fat.used(&a, true, &info, &used, e);
	dev_close(&d);
	extents_free(&used);
	return r;
}

/* ---- which type it is ---------------------------------------------------- */

static struct form form16(uint32_t clusters, uint32_t table)
{
	return (struct form){ .sector = 512,
			      .cluster = 1,
			      .reserved = 1,
			      .tables = 2,
			      .roots = 16,
			      .table16 = table,
			      .sectors = 1 + 2 * table + 1 + clusters };
}

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

	b.tables = 3;
	forge(p, &b);
	assert_raw(p, "vfat", "has 3 allocation tables");
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
		{ 16, "\0", -EUCLEAN },     { 16, "\3", -EOPNOTSUPP },
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

/* ---- mutants ------------------------------------------------------------- */

/*
 * Where there is one table only, nothing tells that an entry was changed into
 * a free one, or a link into an end; and nothing tells where FAT12 and FAT16
 * end but the boot sector.  (Two tables tell, and folders tell of the layout.)
 */
static bool may_lose(const struct mutation *m, const struct extents *lost)
{
	(void)lost;
	return m->off >= 512;
}

static void mutants_of(const struct place *p, const char *size, const char *options,
		       bool one_table)
{
	struct extents meta = { 0 };
	struct mutants t = { .ops = &fs_fat, .path = p->image, .meta = &meta };
	struct at a;

	make_fat(p, size, options);
	a = find(p);
	if (one_table)
		t.may_lose = may_lose;
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
	mutants_of(*state, "16M", "-F 16 -f 1 -s 4", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),        cmocka_unit_test(test_offset),
		cmocka_unit_test(test_limits),        cmocka_unit_test(test_fat32_upper_bits),
		cmocka_unit_test(test_unknown),       cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_dirty),         cmocka_unit_test(test_fsinfo),
		cmocka_unit_test(test_bad_clusters),  cmocka_unit_test(test_copies_differ),
		cmocka_unit_test(test_not_mirrored),  cmocka_unit_test(test_broken_links),
		cmocka_unit_test(test_broken_starts), cmocka_unit_test(test_boot_copy),
		cmocka_unit_test(test_boot_sector),   cmocka_unit_test(test_short_table),
		cmocka_unit_test(test_cut_off),       cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
