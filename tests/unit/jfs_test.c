// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of JFS: straight from its mkfs, against what fsck.jfs
 * counts; as the kernel left them (tests/fixtures/jfs-*.img.xz); and changed by
 * hand.
 */
#include "tests/unit/mutants.h"

#define BLOCK  4096
#define SUPER  32768
#define INODE2 (45056 + 2 * 512) /* the block map's */
#define MAP    65536             /* where mkfs puts it */

/* Offsets in the superblock. */
#define VERSION_ 4
#define SIZE_    8
#define BSIZE    16
#define L2BSIZE  20
#define L2FACTOR 22
#define PBSIZE   24
#define L2PBSIZE 28
#define FLAG     36
#define STATE    40
#define COMPRESS 44
#define LOG      72
#define FSCK     80

#define DMAP(n) (MAP + (4 + (n)) * UINT64_C(4096)) /* for n < 1024 */
#define WMAP    2048
#define PMAP    3072

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

static void mkfs(const struct place *p, const char *size, const char *options)
{
	assert_int_equal(0, sh("rm -f %s && truncate -s %s %s && mkfs.jfs -q %s %s >/dev/null",
			       p->image, size, p->image, options, p->image));
}

static void fixture(const struct place *p, const char *name)
{
	assert_int_equal(0, sh("xz -dc tests/fixtures/jfs-%s.img.xz > %s", name, p->image));
}

static void set32(const struct place *p, uint64_t off, uint32_t v)
{
	uint8_t b[4];
	struct wr w = wr_init(b, sizeof(b));

	wr_le32(&w, v);
	poke(p, off, b, sizeof(b));
}

static uint32_t get32(const struct place *p, uint64_t off)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	uint8_t b[4];
	struct rd r = rd_init(b, sizeof(b));

	assert_true(fd >= 0);
	assert_int_equal(4, io_pread(fd, b, 4, off));
	close(fd);
	return rd_le32(&r);
}

static void assert_scan(const struct place *p, const struct fs_options *opt, const char *notice,
			uint64_t used)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_jfs, s.ops);
	assert_string_equal("", s.info.problem);
	if (*notice)
		assert_text(s.info.notice, notice);
	else
		assert_string_equal("", s.info.notice);
	if (used)
		assert_int_equal(used, extents_total(&s.used));
	fs_scan_free(&s);
}

/* ---- against fsck.jfs ------------------------------------------------------- */

static uint64_t blocks_by_fsck(const struct place *p, const char *key)
{
	unsigned long long n = 0;
	char cmd[240];
	FILE *f;

	snprintf(cmd, sizeof(cmd), "fsck.jfs -n -f -v %s | sed -n 's/^%s block count: *//ip'",
		 p->image, key);
	f = popen(cmd, "r");
	assert_non_null(f);
	assert_int_equal(1, fscanf(f, "%llu", &n));
	assert_int_equal(0, pclose(f));
	return n;
}

/* All of the file is in use but for the blocks that fsck.jfs counts as free. */
static void compare(const struct place *p, const char *what, const char *notice)
{
	struct fs_scan s;
	struct stat st;
	struct err e;

	if (scan(p, &plain, &s, &e))
		fail_msg("%s: %s", what, e.msg);
	assert_ptr_equal(&fs_jfs, s.ops);
	assert_int_equal(0, stat(p->image, &st));
	assert_int_equal(BLOCK, s.info.block);
	assert_true(s.info.size <= (uint64_t)st.st_size &&
		    s.info.size + BLOCK > (uint64_t)st.st_size);
	assert_text(s.info.notice, notice);
	assert_int_equal((uint64_t)st.st_size - extents_total(&s.used),
			 blocks_by_fsck(p, "free") * BLOCK);
	fs_scan_free(&s);
}

static void test_mkfs(void **state)
{
	static const struct {
		const char *size, *options;
	} kinds[] = {
		{ "16M", "" },    { "64M", "-s 3" }, { "100001K", "-O" }, { "300M", "-L me" },
		{ "5G", "-s 1" }, { "40G", "-s 1" }, /* two pages of level 0 */
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		mkfs(p, kinds[i].size, kinds[i].options);
		compare(p, kinds[i].size, "");
	}
}

static void test_external_journal(void **state)
{
	struct place *p = *state;
	char options[128];
	struct fs_scan s;
	struct err e;

	snprintf(options, sizeof(options), "-j %s/journal", p->dir);
	assert_int_equal(0, sh("truncate -s 16M %s/journal", p->dir));
	mkfs(p, "64M", options);
	/* fsck.jfs falls over here: it takes files for journals only half. */
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_text(s.info.notice, "journal is on another device (UUID ");
	assert_int_equal(2, s.used.n);
	assert_int_equal(64 * MIB, s.info.size);
	fs_scan_free(&s);
	/* The journal itself is nothing that libblkid knows. */
	assert_int_equal(0, sh("mv %s/journal %s", p->dir, p->image));
	assert_raw(p, "", "no filesystem is recognised");
}

/* A new one has all that it uses at both ends. */
static void test_exact(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct err e;

	mkfs(p, "64M", "-s 1");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(2, s.used.n);
	assert_int_equal(0, s.used.v[0].off);
	assert_int_equal(get32(p, SUPER + SIZE_) * UINT64_C(512), s.used.v[1].off);
	assert_int_equal(64 * MIB, s.used.v[1].off + s.used.v[1].len);
	fs_scan_free(&s);
}

static void test_aged(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct err e;

	fixture(p, "aged");
	compare(p, "aged", "");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_string_equal("fixture", s.label);
	assert_true(s.used.n > 10);
	fs_scan_free(&s);
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 20 * MIB;
	struct fs_scan s, t;
	struct err e;

	fixture(p, "aged");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, size, &plain, &t, &e));
	assert_ptr_equal(&fs_jfs, t.ops);
	assert_extents(&t.used, s.used.n, s.used.v);
	fs_scan_free(&t);
	/* What follows the filesystem counts as used. */
	assert_int_equal(0, scan_at(p, off, size + MIB, &plain, &t, &e));
	assert_int_equal(extents_total(&s.used) + MIB, extents_total(&t.used));
	fs_scan_free(&t);
	fs_scan_free(&s);
}

/* ---- the map's file in pieces ------------------------------------------------ */

struct piece {
	uint64_t page, block;
	uint32_t len;
	uint8_t flag;
};

/* A node of the extent tree; the root, in an inode, has no place of its own. */
static void put_node(const struct place *p, uint64_t at, uint8_t flag, unsigned n,
		     const struct piece *x)
{
	uint8_t buf[BLOCK] = { 0 };
	struct wr w = wr_init(buf, sizeof(buf));

	wr_zero(&w, 16);
	wr_u8(&w, flag);
	wr_u8(&w, 0);
	wr_le16(&w, (uint16_t)(2 + n));
	wr_zero(&w, 12);
	for (unsigned i = 0; i < n; i++) {
		wr_le32(&w, (uint32_t)(x[i].page >> 32) << 24 | x[i].flag);
		wr_le32(&w, (uint32_t)x[i].page);
		wr_le32(&w, x[i].len | (uint32_t)(x[i].block >> 32) << 24);
		wr_le32(&w, (uint32_t)x[i].block);
	}
	poke(p, at, buf, 32 + 16 * (size_t)n);
}

#define ROOT (INODE2 + 224)
#define LEAF 2
#define NODE 4

/* Enough blocks for 20 pages of one block each; their map lies at block 16. */
static uint64_t make_pieces(const struct place *p, struct piece x[18])
{
	struct fs_scan s;
	struct err e;
	uint64_t used;

	mkfs(p, "400M", "-s 1");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	used = extents_total(&s.used);
	fs_scan_free(&s);
	for (unsigned i = 0; i < 18; i++)
		x[i] = (struct piece){ i, 16 + i, 1, 0 };
	return used;
}

static void test_pieces(void **state)
{
	struct place *p = *state;
	struct piece x[18];
	uint64_t used = make_pieces(p, x);

	put_node(p, ROOT, LEAF, 16, x); /* 4 pages and 13 dmaps: one too few */
	assert_refused(p, &force, "its end is missing");
	x[15].len = 2;
	put_node(p, ROOT, LEAF, 16, x);
	assert_scan(p, &plain, "", used);
	x[15].len = 1;
	x[9].page++;
	put_node(p, ROOT, LEAF, 16, x);
	assert_refused(p, &force, "a part of it is missing");
	x[9].page--;
	x[9].flag = 8; /* never written */
	put_node(p, ROOT, LEAF, 16, x);
	assert_refused(p, &force, "a part of it is missing");
	x[9].flag = 0;
	x[9].len = 102400;
	put_node(p, ROOT, LEAF, 16, x);
	assert_refused(p, &force, "lies outside");
	x[9].len = 1;
	x[9].block = 102400;
	put_node(p, ROOT, LEAF, 16, x);
	assert_refused(p, &force, "lies outside");
	x[9].block = 25 + (UINT64_C(1) << 32);
	put_node(p, ROOT, LEAF, 16, x);
	assert_refused(p, &force, "lies outside");
	x[9] = (struct piece){ 9, 24, 1, 0 }; /* another one's page */
	put_node(p, ROOT, LEAF, 16, x);
	assert_refused(p, &force, "blocks from 40960 on is not there");
	put_node(p, ROOT, LEAF, 0, x);
	assert_refused(p, &force, "tree of its extents is broken");
	set32(p, ROOT + 16, 0x00130002); /* 19 entries, where 18 fit */
	assert_refused(p, &force, "tree of its extents is broken");
}

/* Two levels and three: free blocks are taken for the nodes, which then count as used. */
static void test_tree(void **state)
{
	struct place *p = *state;
	struct piece x[18], root[2] = { { 0, 70000, 1, 0 }, { 8, 70002, 1, 0 } };
	struct piece deep[1] = { { 0, 70004, 1, 0 } };
	uint64_t used = make_pieces(p, x);

	put_node(p, ROOT, NODE, 2, root);
	put_node(p, 70000 * UINT64_C(4096), LEAF, 8, x);
	put_node(p, 70002 * UINT64_C(4096), LEAF, 9, x + 8);
	assert_scan(p, &plain, "", used + 2 * BLOCK);
	put_node(p, ROOT, NODE, 1, deep);
	put_node(p, 70004 * UINT64_C(4096), NODE, 2, root);
	assert_scan(p, &plain, "", used + 3 * BLOCK);
	for (unsigned i = 0; i < 7; i++) { /* a chain, far deeper than needed */
		struct piece next = { 0, 70010 + i, 1, 0 };

		put_node(p, i ? (70009 + i) * UINT64_C(4096) : ROOT, NODE, 1, &next);
	}
	put_node(p, 70016 * UINT64_C(4096), NODE, 2, root);
	assert_refused(p, &force, "tree of its extents is broken");
	put_node(p, ROOT, NODE, 1, deep);
	put_node(p, 70004 * UINT64_C(4096), NODE, 1, deep); /* its own child */
	assert_refused(p, &force, "tree of its extents is broken");
	put_node(p, 70004 * UINT64_C(4096), NODE, 2, root);
	deep[0].len = 2;
	put_node(p, ROOT, NODE, 1, deep);
	assert_refused(p, &force, "tree of its extents is broken");
}

/* ---- states that make the map doubtful ------------------------------------- */

static void test_states(void **state)
{
	static const struct {
		uint32_t value;
		const char *text;
	} states[] = {
		{ 1, "not cleanly unmounted" },
		{ 2, "errors were found" },
		{ 4, "could not be replayed" },
		{ 8, "being enlarged" },
		{ 9, "being enlarged" },
		{ 3, "errors were found" },
		{ 0x100, "this program does not know" },
	};
	struct place *p = *state;

	mkfs(p, "32M", "");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		set32(p, SUPER + STATE, states[i].value);
		assert_refused(p, &plain, states[i].text);
		assert_refused(p, &nocheck, "fsck.jfs");
		assert_scan(p, &force, "passed over: ", 0);
	}
}

static void test_journal(void **state)
{
	struct place *p = *state;
	uint64_t super;

	mkfs(p, "32M", "");
	super = get32(p, SUPER + LOG + 4) * UINT64_C(4096) + 4096;
	set32(p, super + 28, 0);
	assert_refused(p, &nocheck, "journal was not closed");
	assert_scan(p, &force, "passed over: its journal was not closed", 0);
	set32(p, super + 28, 1);
	assert_scan(p, &plain, "", 0);
	set32(p, super, 0);
	assert_refused(p, &nocheck, "journal is damaged");
	assert_scan(p, &force, "passed over: its journal is damaged", 0);
	set32(p, super, 0x87654321);
	set32(p, super + 4, 2);
	assert_refused(p, &nocheck, "journal is damaged");
}

static void test_crashed(void **state)
{
	struct place *p = *state;

	fixture(p, "crashed");
	assert_refused(p, &nocheck, "not cleanly unmounted");
	assert_int_equal(0, sh("fsck.jfs %s >/dev/null", p->image) & ~1);
	compare(p, "after fsck.jfs", "");
}

/* ---- a map that is damaged ---------------------------------------------------- */

/* Each of the two maps is enough by itself. */
static void test_one_map(void **state)
{
	static const uint8_t zero[1024];
	static const char odd[] = "does not agree with itself";
	struct place *p = *state;
	struct fs_scan s;
	struct err e;
	uint64_t used;

	fixture(p, "aged");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	used = extents_total(&s.used);
	fs_scan_free(&s);
	poke(p, DMAP(0) + WMAP, zero, sizeof(zero));
	assert_refused(p, &plain, odd);
	assert_scan(p, &nocheck, odd, used);
	fixture(p, "aged");
	poke(p, DMAP(0) + PMAP, zero, sizeof(zero));
	assert_refused(p, &plain, odd);
	assert_scan(p, &force, odd, used);
	poke(p, DMAP(0) + WMAP, zero, sizeof(zero));
	assert_refused(p, &force, "own blocks are marked free");
}

static void test_counts(void **state)
{
	static const char odd[] = "does not agree with itself";
	struct place *p = *state;
	uint32_t n;

	mkfs(p, "64M", "");
	n = get32(p, DMAP(1) + 4);
	set32(p, DMAP(1) + 4, n - 1);
	assert_refused(p, &plain, odd);
	set32(p, DMAP(1) + 4, n);
	assert_scan(p, &plain, "", 0);
	flip(p, DMAP(1) + WMAP); /* used, by both maps */
	flip(p, DMAP(1) + PMAP);
	assert_refused(p, &plain, odd);
	assert_scan(p, &nocheck, odd, 0);
	mkfs(p, "64M", "");
	set32(p, MAP + 8, get32(p, MAP + 8) + 1);
	assert_refused(p, &plain, odd);
	set32(p, MAP, get32(p, MAP) + 1);
	assert_refused(p, &force, "the superblock counts");
}

static void test_lost_page(void **state)
{
	static const struct {
		unsigned off;
		uint32_t value;
	} bad[] = { { 0, 8191 }, { 0, 8193 }, { 4, 8193 }, { 8, 0 },  { 12, 1 },
		    { 16, 0 },   { 20, 9 },   { 24, 86 },  { 28, 0 }, { 32, 0 } };
	static const uint8_t zero[4096];
	struct place *p = *state;

	mkfs(p, "200M", "-s 1");
	poke(p, DMAP(2), zero, sizeof(zero));
	assert_refused(p, &force, "blocks from 16384 on is not there; the map of used blocks");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mkfs(p, "200M", "-s 1");
		set32(p, DMAP(2) + bad[i].off, bad[i].value);
		assert_refused(p, &force, "blocks from 16384 on is not there");
	}
}

static void test_lost_inode(void **state)
{
	static const unsigned fields[] = { 4, 8, 24 }; /* fileset, number, size */
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		mkfs(p, "64M", "");
		set32(p, INODE2 + fields[i], 17);
		assert_refused(p, &force, "inode is overwritten");
	}
}

/* ---- not ours, or impossible ---------------------------------------------------- */

/* Without libblkid, which does not take every superblock that the reader may meet. */
static void assert_answer(const struct place *p, uint64_t size, int want, const char *text)
{
	struct extents used = { 0 };
	struct fs_info info = { 0 };
	struct dev d;
	struct area a = { .dev = &d };
	struct err e;

	assert_int_equal(0, dev_open_source(&d, p->image, &e));
	a.size = size ? size : d.size;
	assert_int_equal(want, fs_jfs.used(&a, true, &info, &used, &e));
	assert_text(e.msg, text);
	assert_int_equal(0, used.n);
	dev_close(&d);
}

static void test_features(void **state)
{
	struct place *p = *state;
	uint32_t flag;

	mkfs(p, "32M", "");
	for (uint64_t size = 512; size < 65536; size += 512)
		assert_answer(p, size, -EOPNOTSUPP, "no JFS superblock");
	set32(p, SUPER + VERSION_, 3);
	assert_raw(p, "jfs", "newer than this program (version 3");
	set32(p, SUPER + VERSION_, 2);
	assert_scan(p, &plain, "", 0);
	flag = get32(p, SUPER + FLAG);
	set32(p, SUPER + FLAG, flag | 0x00400000);
	assert_raw(p, "jfs", "flags 0x10600900, compression 0)");
	set32(p, SUPER + FLAG, flag & 0x0fffffff);
	assert_raw(p, "jfs", "newer than this program");
	set32(p, SUPER + FLAG, flag);
	set32(p, SUPER + COMPRESS, 1);
	assert_raw(p, "jfs", "compression 1)");
	set32(p, SUPER + COMPRESS, 0);
	set32(p, SUPER + BSIZE, 2048);
	assert_answer(p, 0, -EOPNOTSUPP, "blocks of 2048 bytes, not 4096");
	set32(p, SUPER, 0x3253464a);
	assert_answer(p, 0, -EOPNOTSUPP, "no JFS superblock");
}

static void test_impossible(void **state)
{
	static const struct {
		unsigned off;
		uint32_t value;
		const char *text;
	} bad[] = {
		{ L2BSIZE, 0x0003000b, "impossible" }, /* with L2FACTOR */
		{ L2BSIZE, 0x0002000c, "impossible" },
		{ PBSIZE, 1024, "impossible" },
		{ L2PBSIZE, 10, "impossible" },
		{ L2PBSIZE, 13, "impossible" },
		{ L2PBSIZE, 0, "impossible" },
		{ SIZE_, 16 * 8, "impossible" },
		{ SIZE_, 0, "impossible" },
		{ SIZE_, 0x10000000, "impossible" }, /* beyond its work space */
		{ SIZE_ + 4, 0x10, "impossible" },
		{ FSCK, 0, "impossible" },
		{ FSCK + 4, 1000, "impossible" },
		{ LOG, 0, "impossible" },
		{ LOG + 4, 1000, "impossible" },
		{ FSCK, 0x00ffffff, "larger than the device" },
		{ FSCK, 0xff000034, "larger than the device" },
		{ LOG + 4, 0xfffffff0, "larger than the device" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mkfs(p, "32M", "");
		set32(p, SUPER + bad[i].off, bad[i].value);
		assert_answer(p, 0, -EUCLEAN, bad[i].text);
	}
	mkfs(p, "32M", ""); /* sectors of 256 bytes */
	set32(p, SUPER + L2BSIZE, 0x0004000c);
	set32(p, SUPER + PBSIZE, 256);
	set32(p, SUPER + L2PBSIZE, 8);
	assert_answer(p, 0, -EUCLEAN, "impossible");
}

static void test_truncated(void **state)
{
	struct place *p = *state;

	fixture(p, "aged");
	assert_int_equal(0, truncate(p->image, 20 * (off_t)MIB - 1));
	assert_refused(p, &force, "larger than the device");
}

/* Nothing may be lost: the block map is there twice, and has counts. */
static void test_mutants(void **state)
{
	static struct extent where[] = {
		{ SUPER, 512 },  { INODE2, 512 },          { MAP, 64 },
		{ DMAP(0), 32 }, { DMAP(0) + WMAP, 2048 },
	};
	struct place *p = *state;
	struct extents meta = { where, 5, 5 };

	fixture(p, "aged");
	mutants_check(&(struct mutants){ .ops = &fs_jfs, .path = p->image });
	mutants_check(&(struct mutants){
		.ops = &fs_jfs, .path = p->image, .meta = &meta, .n = 1000 });
	meta.n = 2;
	mutants_check(&(struct mutants){
		.ops = &fs_jfs, .path = p->image, .meta = &meta, .n = 1000 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mkfs),      cmocka_unit_test(test_external_journal),
		cmocka_unit_test(test_exact),     cmocka_unit_test(test_aged),
		cmocka_unit_test(test_offset),    cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_tree),      cmocka_unit_test(test_states),
		cmocka_unit_test(test_journal),   cmocka_unit_test(test_crashed),
		cmocka_unit_test(test_one_map),   cmocka_unit_test(test_counts),
		cmocka_unit_test(test_lost_page), cmocka_unit_test(test_lost_inode),
		cmocka_unit_test(test_features),  cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
