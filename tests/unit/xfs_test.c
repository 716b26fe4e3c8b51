// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of XFS filesystems, against what xfs_db says, and of
 * damaged and hostile ones.  The log has a test of its own.
 */
#include "tests/unit/mutants.h"
#include "tests/unit/xfs_place.h"

#define V4 "-m crc=0 "

/* ---- against xfs_db -------------------------------------------------------- */

/* The lists of free blocks, of which xfs_db says that they are free. */
static void add_lists(const struct place *p, uint64_t group, uint64_t block,
		      struct extents *used)
{
	uint64_t groups = super(p, "agcount");

	for (uint64_t ag = 0; ag < groups; ag++) {
		unsigned first, count, i, at;
		char cmd[300];
		FILE *f;

		snprintf(cmd, sizeof(cmd),
			 "xfs_db -r -c 'agf %" PRIu64 "' -c 'p flfirst' -c 'p flcount'"
			 " -c 'agfl %" PRIu64 "' -c 'p bno' %s |"
			 " sed 's/.*= //; s/ /\\n/g' | tr : ' ' | grep -v null",
			 ag, ag, p->image);
		f = popen(cmd, "r");
		assert_non_null(f);
		assert_int_equal(2, fscanf(f, "%u %u", &first, &count));
		while (fscanf(f, "%u %u", &i, &at) == 2)
			if (i >= first && i < first + count)
				assert_int_equal(0, extents_add(used, (ag * group + at) * block,
								block, NULL));
		assert_int_equal(0, pclose(f));
	}
}

static void expected(const struct place *p, uint64_t size, struct extents *ret)
{
	uint64_t group = super(p, "agblocks"), block = super(p, "blocksize"), ag, at, n;
	struct extents free_x = { 0 };
	char cmd[200];
	FILE *f;

	snprintf(cmd, sizeof(cmd),
		 "xfs_db -r -c 'freesp -d' %s | awk 'NF == 3 && $1 ~ /^[0-9]/'", p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	while (fscanf(f, "%" SCNu64 " %" SCNu64 " %" SCNu64, &ag, &at, &n) == 3)
		assert_int_equal(
			0, extents_add(&free_x, (ag * group + at) * block, n * block, NULL));
	assert_int_equal(0, pclose(f));
	assert_true(free_x.n > 0);
	extents_normalize(&free_x);
	assert_int_equal(0, extents_invert(&free_x, size, ret, NULL));
	extents_free(&free_x);
	add_lists(p, group, block, ret);
	extents_normalize(ret);
}

/* The number of ranges. */
static size_t compare(const struct place *p, const char *name)
{
	struct extents want = { 0 };
	struct fs_scan s;
	struct stat st;
	struct err e;
	size_t n;

	if (scan(p, &plain, &s, &e))
		fail_msg("%s: %s", name, e.msg);
	assert_int_equal(0, stat(p->image, &st));
	expected(p, (uint64_t)st.st_size, &want);
	for (size_t i = 0; i < want.n || i < s.used.n; i++) {
		struct extent a = i < want.n ? want.v[i] : (struct extent){ 0 };
		struct extent b = i < s.used.n ? s.used.v[i] : (struct extent){ 0 };

		if (a.off != b.off || a.len != b.len)
			fail_msg("%s: extent %zu is %" PRIu64 "+%" PRIu64 ", by xfs_db %" PRIu64
				 "+%" PRIu64,
				 name, i, b.off, b.len, a.off, a.len);
	}
	assert_ptr_equal(&fs_xfs, s.ops);
	assert_string_equal("fixture", s.label);
	assert_int_equal(super(p, "blocksize"), s.info.block);
	assert_int_equal(super(p, "dblocks") * s.info.block, s.info.size);
	assert_string_equal("", s.info.notice);
	n = s.used.n;
	extents_free(&want);
	fs_scan_free(&s);
	return n;
}

static void test_matrix(void **state)
{
	/* The last column: levels of the tree of group 0. */
	static const struct {
		const char *size, *options;
		unsigned levels;
	} kinds[] = {
		{ "40M", "-d agcount=1", 1 },
		{ "56M", "-d agsize=20m", 1 },
		{ "40M", "-d agcount=1 -b size=1024", 2 },
		{ "60M", "-b size=1024 -d agsize=19m -m rmapbt=1", 2 },
		{ "170M", "-b size=65536 -d agcount=3", 1 },
		{ "48M", "-s size=4096 -d agsize=16m", 1 },
		{ "40M",
		  "-d agcount=1 -m finobt=0,reflink=0,bigtime=0,inobtcount=0 -i sparse=0", 1 },
		{ "48M", "-i nrext64=1 -d agcount=2", 1 },
		{ "40M", V4 "-d agcount=1 -b size=512", 2 },
		{ "56M", V4 "-d agsize=20m", 1 },
		{ "40M", V4 "-d agcount=1 -l version=1,lazy-count=0 -i attr=1 -n ftype=0", 1 },
		{ "41M", V4 "-d agcount=1 -b size=8192 -s size=2048", 1 },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		mkfs_used(p, kinds[i].size, kinds[i].options);
		assert_in_range(compare(p, kinds[i].options), kinds[i].levels > 1 ? 200 : 3,
				2000);
		assert_int_equal(kinds[i].levels, field(p, "-c 'agf 0' -c 'p bnolevel'"));
	}
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 56 * MIB;
	struct fs_scan s, t;
	struct err e;

	mkfs_used(p, "56M", "-d agsize=20m");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, size, &plain, &t, &e));
	assert_extents(&t.used, s.used.n, s.used.v);
	fs_scan_free(&t);
	/* What follows the filesystem is used. */
	assert_int_equal(0, scan_at(p, off, size + MIB, &plain, &t, &e));
	assert_int_equal(extents_total(&s.used) + MIB, extents_total(&t.used));
	assert_true(extents_touch(&t.used, size, 1) &&
		    extents_touch(&t.used, size + MIB - 1, 1));
	fs_scan_free(&t);
	assert_int_equal(-ECANCELED, scan_at(p, off, size - 512, &plain, &t, &e));
	assert_text(e.msg, "larger than the device");
	fs_scan_free(&s);
}

/* ---- the superblock ---------------------------------------------------------- */

static void test_features(void **state)
{
	enum { V4_VERSION = 100, V4_MORE = 200, RO_COMPAT = 212, INCOMPAT = 216, LOG = 220 };
	struct place *p = *state;
	uint64_t incompat, ro_compat, version;

	mkfs(p, "40M", "-d agcount=1");
	incompat = super(p, "features_incompat");
	ro_compat = super(p, "features_ro_compat");
	poke_super(p, INCOMPAT, incompat | 0xc0, 4); /* exchanged ranges, parents */
	assert_fine(p, &plain, "");
	poke_super(p, INCOMPAT, incompat | 0x100, 4);
	assert_raw(p, "xfs", "newer than this program (incompat 0x100");
	poke_super(p, INCOMPAT, incompat | UINT32_C(1) << 31, 4);
	assert_raw(p, "xfs", "incompat 0x80000000");
	poke_super(p, INCOMPAT, incompat, 4);
	poke_super(p, RO_COMPAT, ro_compat | 0x10, 4);
	assert_raw(p, "xfs", "ro-compat 0x10)");
	poke_super(p, RO_COMPAT, ro_compat, 4);
	poke_super(p, LOG, 1, 4);
	assert_fine(p, &plain, "");
	poke_super(p, LOG, 2, 4);
	assert_raw(p, "xfs", "newer than this program (incompat 0x2,");
	poke_super(p, LOG, 0, 4);
	poke_super(p, V4_VERSION, super(p, "versionnum") + 1, 2);
	assert_says(p, -EOPNOTSUPP, "version 6 of XFS");

	mkfs(p, "40M", V4 "-d agcount=1");
	version = super(p, "versionnum");
	poke_be(p, V4_VERSION, version | 0x200, 2); /* shared */
	assert_says(p, -EOPNOTSUPP, "newer than this program");
	poke_be(p, V4_VERSION, version, 2);
	poke_be(p, V4_MORE, super(p, "features2") | 0x10, 4);
	assert_says(p, -EOPNOTSUPP, "newer than this program (incompat 0x10,");
	poke_be(p, V4_VERSION, 3, 2);
	assert_says(p, -EOPNOTSUPP, "version 3 of XFS");
	poke(p, 0, "YFSB", 4);
	assert_says(p, -EOPNOTSUPP, "no XFS superblock");
	assert_int_equal(0, truncate(p->image, 15 * (off_t)MIB));
	assert_says(p, -EOPNOTSUPP, "too small");
}

static void test_states(void **state)
{
	struct place *p = *state;
	uint64_t incompat;

	mkfs(p, "40M", "-d agcount=1");
	incompat = super(p, "features_incompat");
	poke_super(p, 216, incompat | 0x10, 4);
	assert_refused(p, &nocheck, "in need of repair: run xfs_repair");
	assert_fine(p, &force, "passed over: it is marked as in need");
	poke_super(p, 216, incompat, 4);
	poke_super(p, 126, 1, 1);
	assert_refused(p, &nocheck, "mkfs.xfs or xfs_copy has not finished");
	poke_super(p, 126, 0, 1);
	assert_fine(p, &plain, "");
	poke_super(p, 144, 5, 8);
	assert_refused(p, &plain, "superblock counts 5 free blocks");
	assert_fine(p, &nocheck, "superblock counts 5 free blocks");
}

/* The UUID that people see was changed, the one in the metadata was not. */
static void test_other_uuid(void **state)
{
	struct place *p = *state;
	uint8_t uuid[16];
	uint64_t log;

	mkfs_used(p, "40M", "-d agcount=1");
	assert_int_equal(0, sh("xfs_admin -U 12345678-1234-1234-1234-123456789abc %s"
			       " >/dev/null 2>&1",
			       p->image));
	assert_int_equal(4, super(p, "features_incompat") & 4);
	compare(p, "another UUID");
	log = super(p, "logstart") * 4096;
	peek(p, log + 304, uuid, 16);
	assert_int_equal(0x12, uuid[0]);
	poke_super(p, 248, 0, 8); /* the UUID in the metadata */
	assert_says(p, -EUCLEAN, "allocation group 0 has a bad header");
}

static void test_other_devices(void **state)
{
	struct place *p = *state;
	char options[300];

	assert_int_equal(0, sh("truncate -s 40M %s/log %s/rt", p->dir, p->dir));
	snprintf(options, sizeof(options), "-d agcount=1 -l logdev=%s/log,size=16m", p->dir);
	mkfs(p, "40M", options);
	assert_fine(p, &plain, "its log is on another device");
	snprintf(options, sizeof(options), "-d agcount=1 -r rtdev=%s/rt", p->dir);
	mkfs(p, "40M", options);
	assert_fine(p, &plain, "its realtime files are on another device");
	snprintf(options, sizeof(options),
		 "-d agcount=1 -l logdev=%s/log,size=16m -r rtdev=%s/rt", p->dir, p->dir);
	mkfs(p, "40M", options);
	assert_fine(p, &plain, "its log and its realtime files");
}

static void test_impossible(void **state)
{
	static const struct {
		uint8_t at, bytes;
		uint64_t v;
	} bad[] = {
		{ 4, 4, 256 },         { 4, 4, 5000 },        { 4, 4, 8192 },
		{ 4, 4, 131072 },      { 120, 1, 13 },        { 120, 1, 255 },
		{ 102, 2, 8192 },      { 102, 2, 0 },         { 121, 1, 10 },
		{ 84, 4, 0 },          { 84, 4, 1000 },       { 84, 4, 7700 },
		{ 84, 4, UINT32_MAX }, { 88, 4, 0 },          { 88, 4, 1 },
		{ 88, 4, 4 },          { 88, 4, UINT32_MAX }, { 124, 1, 12 },
		{ 124, 1, 14 },        { 124, 1, 32 },        { 124, 1, 255 },
		{ 8, 8, 0 },           { 8, 8, 10240 },       { 8, 8, 15361 },
		{ 8, 8, UINT64_MAX },  { 48, 8, 0x8000 },     { 48, 8, UINT64_MAX },
		{ 48, 8, 0x2000 },     { 96, 4, 0 },          { 96, 4, 5120 },
		{ 96, 4, UINT32_MAX },
	};
	struct place *p = *state;
	uint8_t sector[512];

	mkfs(p, "60M", V4 "-d agcount=3"); /* of 5120 blocks */
	assert_int_equal(5120, super(p, "agblocks"));
	peek(p, 0, sector, sizeof(sector));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		poke_be(p, bad[i].at, bad[i].v, bad[i].bytes);
		assert_says(p, -EUCLEAN, "impossible numbers");
		poke(p, 0, sector, sizeof(sector));
	}
	assert_fine(p, &plain, "");
	assert_int_equal(0, truncate(p->image, 60 * (off_t)MIB - 1));
	assert_says(p, -EUCLEAN, "larger than the device");
}

/* ---- the groups ---------------------------------------------------------------- */

static void test_checksums(void **state)
{
	struct place *p = *state;
	uint64_t group = 5120 * 4096, root;

	mkfs(p, "60M", "-d agcount=3");
	assert_int_equal(5120, super(p, "agblocks"));
	root = field(p, "-c 'agf 2' -c 'p bnoroot'");
	flip(p, 110); /* label */
	assert_refused(p, &force, "superblock has a wrong checksum");
	flip(p, 110);
	flip(p, group + 512 + 500);
	assert_refused(p, &force, "allocation group 1 has a bad header");
	flip(p, group + 512 + 500);
	flip(p, 2 * group + root * 4096 + 4000);
	assert_refused(p, &force,
		       "block 1 of allocation group 2, in its tree of free space by "
		       "block number, is bad");
	flip(p, 2 * group + root * 4096 + 4000);
	assert_fine(p, &plain, "");
	/* Of other parts the map has no need. */
	flip(p, group + 10);
	flip(p, 1024 + 20);
	assert_fine(p, &plain, "");
}

struct change {
	uint16_t at;
	uint8_t bytes;
	uint64_t v;
};

/* Each change at @off alone makes the reader say @text. */
static void assert_changes(const struct place *p, uint64_t off, size_t sealed, size_t crc,
			   const struct change *c, size_t n, const char *text)
{
	uint8_t old[8];

	for (size_t i = 0; i < n; i++) {
		peek(p, off + c[i].at, old, c[i].bytes);
		poke_be(p, off + c[i].at, c[i].v, c[i].bytes);
		if (sealed)
			seal(p, off, sealed, crc);
		assert_says(p, -EUCLEAN, text);
		poke(p, off + c[i].at, old, c[i].bytes);
		if (sealed)
			seal(p, off, sealed, crc);
	}
	assert_fine(p, &plain, "");
}

#define CHANGES(p, off, sealed, crc, c, text)                                                  \
	assert_changes(p, off, sealed, crc, c, sizeof(c) / sizeof((c)[0]), text)

static void test_bad_headers(void **state)
{
	static const struct change agf[] = {
		{ 0, 4, 0x58414749 },  { 4, 4, 2 },    { 8, 4, 0 },
		{ 12, 4, 5119 },       { 28, 4, 0 },   { 28, 4, 10 },
		{ 28, 4, UINT32_MAX }, { 48, 4, 129 }, { 64, 8, 0 },
	};
	struct place *p = *state;
	uint64_t off = 5120 * 4096 + 512;

	mkfs(p, "60M", "-d agcount=3");
	CHANGES(p, off, 512, AGF_CRC, agf, "allocation group 1 has a bad header");
}

/* Fields of a block of the tree that version 5 alone has, and those of both. */
static void test_bad_nodes(void **state)
{
	static const struct change v5[] = {
		{ 0, 4, 0x41425442 }, { 0, 4, 0x41423343 }, { 4, 2, 1 },  { 6, 2, 600 },
		{ 16, 8, 0 },         { 32, 8, 0 },         { 48, 4, 1 }, { 6, 2, 65535 },
	};
	static const struct change roots[] = {
		{ 16, 4, 0 }, { 16, 4, 10240 }, { 16, 4, UINT32_MAX }, { 16, 4, 0 }
	};
	struct place *p = *state;

	mkfs(p, "40M", "-d agcount=1");
	CHANGES(p, 4096 * field(p, "-c 'agf 0' -c 'p bnoroot'"), 4096, NODE_CRC, v5,
		"block 1 of allocation group 0");
	CHANGES(p, 512, 512, AGF_CRC, roots,
		"in its tree of free space by block number, is bad");
}

static void test_bad_records(void **state)
{
	struct place *p = *state;
	uint64_t root, n, first, last; /* the first two records */

	mkfs_used(p, "40M", V4 "-d agcount=1");
	root = field(p, "-c 'agf 0' -c 'p bnoroot'");
	n = field(p, "-c 'agf 0' -c 'addr bnoroot' -c 'p numrecs'");
	first = field(p, "-c 'agf 0' -c 'addr bnoroot' -c 'p recs[1].startblock'");
	last = field(p, "-c 'agf 0' -c 'addr bnoroot' -c 'p recs[2].startblock'");
	assert_true(n > 2 && n < 500 && first && last > first);
	const struct change bad[] = {
		{ 20, 4, 0 },          { 28, 4, 0 },          { 16, 4, 0 },
		{ 24, 4, first },      { 24, 4, first + 1 },  { 20, 4, last - first + 1 },
		{ 24, 4, 10240 },      { 24, 4, UINT32_MAX }, { 28, 4, 10240 - last + 1 },
		{ 28, 4, UINT32_MAX }, { 6, 2, n + 1 },       { 16, 4, last },
	};
	CHANGES(p, root * 4096, 0, 0, bad, "of allocation group 0");
}

/* A tree of two levels: pointers that go astray, blocks that come twice. */
static void test_bad_pointers(void **state)
{
	enum { ROOM = (1024 - 16) / 12, POINTERS = 16 + ROOM * 8 };
	struct place *p = *state;
	uint64_t root;
	uint8_t second[4];

	mkfs_used(p, "40M", V4 "-d agcount=1 -b size=1024");
	root = field(p, "-c 'agf 0' -c 'p bnoroot'");
	assert_int_equal(2, field(p, "-c 'agf 0' -c 'p bnolevel'"));
	peek(p, root * 1024 + POINTERS + 4, second, 4);
	const struct change bad[] = {
		{ 6, 2, 0 },
		{ 6, 2, ROOM + 1 },
		{ 6, 2, 65535 },
		{ POINTERS, 4, 0 },
		{ POINTERS, 4, root },
		{ POINTERS, 4, UINT32_MAX },
		{ POINTERS, 4,
		  (uint64_t)second[0] << 24 | second[1] << 16 | second[2] << 8 | second[3] },
	};
	CHANGES(p, root * 1024, 0, 0, bad, "in its tree of free space by block number, is bad");
	/* A leaf without records. */
	uint64_t leaf =
		(uint64_t)second[0] << 24 | second[1] << 16 | second[2] << 8 | second[3];
	const struct change empty[] = { { 6, 2, 0 } };
	CHANGES(p, leaf * 1024, 0, 0, empty,
		"in its tree of free space by block number, is bad");
}

static void test_counts(void **state)
{
	struct place *p = *state;

	mkfs(p, "60M", "-d agcount=3");
	for (unsigned at = 52; at <= 56; at += 4) { /* free, longest */
		uint64_t off = 2 * 5120 * 4096 + 512;
		uint8_t old[4];

		peek(p, off + at, old, 4);
		poke_be(p, off + at, 77, 4);
		seal(p, off, 512, AGF_CRC);
		assert_refused(p, &nocheck, "allocation group 2 counts");
		assert_fine(p, &force, "passed over: allocation group 2 counts");
		poke(p, off + at, old, 4);
		seal(p, off, 512, AGF_CRC);
	}
	assert_fine(p, &plain, "");
}

/* Without checksums a range that moved is found by the other tree. */
static void test_two_trees(void **state)
{
	struct place *p = *state;
	uint64_t root, at;

	mkfs_used(p, "40M", V4 "-d agcount=1");
	root = 4096 * field(p, "-c 'agf 0' -c 'p bnoroot'");
	at = field(p, "-c 'agf 0' -c 'addr bnoroot' -c 'p recs[2].startblock'");
	poke_be(p, root + 24, at - 1, 4);
	assert_refused(p, &nocheck, "the two trees of free space of allocation group 0");
	assert_fine(p, &force, "passed over: the two trees");
	poke_be(p, root + 24, at, 4);
	assert_fine(p, &plain, "");
	root = 4096 * field(p, "-c 'agf 0' -c 'p cntroot'");
	poke_be(p, root + 16, at + 100000, 4);
	assert_says(p, -EUCLEAN, "in its tree of free space by length, is bad");
}

/* ---- hostile ------------------------------------------------------------------- */

/* Where changes matter: headers, trees, the log's first blocks. */
static void mutate(const struct place *p, const char *options)
{
	struct extent where[] = { { 0, 32768 }, { 20 * MIB, 16384 }, { 40 * MIB, 16384 } };
	const struct extents meta = { where, 3, 3 };
	struct mutants t = { .ops = &fs_xfs, .path = p->image };

	mkfs_used(p, "60M", options);
	mutants_check(&t);
	t.meta = &meta;
	t.n = 400;
	mutants_check(&t);
}

static void test_mutants(void **state)
{
	mutate(*state, "-d agcount=3");
	mutate(*state, "-d agcount=3 -b size=1024 -m rmapbt=1");
	mutate(*state, "-d agcount=3 -s size=4096 -i nrext64=1");
	mutate(*state, V4 "-d agcount=3");
	mutate(*state, V4 "-d agcount=3 -b size=1024");
	mutate(*state, V4 "-d agcount=3 -b size=512 -l version=1,lazy-count=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),      cmocka_unit_test(test_offset),
		cmocka_unit_test(test_features),    cmocka_unit_test(test_states),
		cmocka_unit_test(test_other_uuid),  cmocka_unit_test(test_other_devices),
		cmocka_unit_test(test_impossible),  cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_bad_headers), cmocka_unit_test(test_bad_nodes),
		cmocka_unit_test(test_bad_records), cmocka_unit_test(test_bad_pointers),
		cmocka_unit_test(test_counts),      cmocka_unit_test(test_two_trees),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
