// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of F2FS filesystems that are unclean, damaged, forged, or
 * have features that it does not know.
 */
#include "imager/fs/crc32.h"
#include "tests/unit/f2fs_place.h"
#include "tests/unit/mutants.h"

#define MAGIC   0xf2f52010u
#define FEATURE (1024 + 2180) /* in the superblock */
#define CP_BITS 192

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

static void put(uint8_t *buf, size_t off, size_t n, uint64_t v)
{
	struct wr w = wr_init(buf + off, n);

	wr_le_(&w, v, n);
}

/* ---- checkpoints --------------------------------------------------------- */

static void seal(uint8_t cp[BLOCK])
{
	put(cp, 4092, 4, crc32_seeded(MAGIC, cp, 4092));
}

/* Changes a number in the newest checkpoint, at its begin and at its end. */
static void change(const struct place *p, size_t off, size_t n, uint64_t v)
{
	uint64_t at = pack_at(p, 0), blocks = number(p, at + 136, 4);
	uint8_t cp[BLOCK];

	peek(p, at, cp, BLOCK);
	put(cp, off, n, v);
	seal(cp);
	poke(p, at, cp, BLOCK);
	poke(p, at + (blocks - 1) * BLOCK, cp, BLOCK);
}

static void test_flags(void **state)
{
	static const struct {
		uint32_t clear, set;
		const char *text;
		bool minor;
	} cases[] = {
		{ 1, 0, "not cleanly unmounted", false },
		{ 1, 0x10, "not cleanly unmounted", false },
		{ 0, 0x1000, "checkpoint=disable", false },
		{ 0, 0x4000, "change of its size", false },
		{ 0, 2, "deleted files", false },
		{ 0, 8, "found errors", true },
		{ 0, 0x10, "in need of a check", true },
		{ 0, 0x18, "found errors", true },
	};
	struct place *p = *state;
	uint64_t flags;

	mkfs(p, "");
	flags = number(p, pack_at(p, 0) + 132, 4);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		change(p, 132, 4, (flags & ~(uint64_t)cases[i].clear) | cases[i].set);
		assert_refused(p, &plain, cases[i].text);
		if (cases[i].minor)
			passes(p, &nocheck, cases[i].text);
		else
			assert_refused(p, &nocheck, cases[i].text);
		passes(p, &force, cases[i].text);
	}
	change(p, 132, 4, flags | 0x20 | 0x800); /* nothing that matters for the map */
	passes(p, &plain, "");
}

/* All blocks of all current segments are kept. */
static void assert_current_whole(const struct place *p)
{
	struct fs_scan s;
	struct err e;
	uint64_t at;

	assert_int_equal(0, scan(p, &force, &s, &e));
	for (unsigned i = 0; i < 6; i++) {
		at = number(p, pack_at(p, 0) + (i < 3 ? 36 : 84) + i % 3 * 4, 4);
		at = (number(p, 1024 + 92, 4) + at * SEG) * BLOCK;
		for (size_t k = 0;; k++) {
			assert_true(k < s.used.n);
			if (s.used.v[k].off <= at &&
			    s.used.v[k].off + s.used.v[k].len >= at + (uint64_t)SEG * BLOCK)
				break;
		}
	}
	fs_scan_free(&s);
}

/* What was written after the last checkpoint may be anywhere in current segments. */
static void test_forced(void **state)
{
	struct place *p = *state;

	mkfs(p, "");
	change(p, 132, 4, 4);
	assert_current_whole(p);
}

/* fsync() leaves nodes that the next mount takes over: not clean, whatever the flag says. */
static void test_later_nodes(void **state)
{
	struct place *p = *state;
	uint64_t pack, at, version, flags;
	uint8_t footer[8];

	mkfs(p, "");
	fill(p, "");
	pack = pack_at(p, 0);
	at = next_node(p) * BLOCK + BLOCK - 24 + 12;
	version = number(p, pack, 8);
	flags = number(p, pack + 132, 4);
	passes(p, &plain, "");
	put(footer, 0, 8, version);
	poke(p, at, footer, 8);
	assert_refused(p, &nocheck, "after its last checkpoint");
	passes(p, &force, "passed over: files were written");
	assert_current_whole(p);
	change(p, 132, 4, flags | 0x40);
	passes(p, &plain, "");
	put(footer, 4, 4, number(p, pack + 4092, 4));
	poke(p, at, footer, 8);
	assert_refused(p, &plain, "after its last checkpoint");
	change(p, 132, 4, flags | 0x240);
	put(footer, 4, 4, 12345);
	poke(p, at, footer, 8);
	assert_refused(p, &plain, "after its last checkpoint");
	put(footer, 0, 4, version - 1);
	poke(p, at, footer, 8);
	passes(p, &plain, "");
}

/* A newer checkpoint, which says that the filesystem is mounted. */
static void test_newest(void **state)
{
	struct place *p = *state;
	uint64_t old, cp;
	uint8_t pack[8 * BLOCK];

	mkfs(p, "");
	old = pack_at(p, 0);
	cp = pack_at(p, 1);
	peek(p, old, pack, sizeof(pack));
	put(pack, 0, 8, number(p, old, 8) + 1);
	put(pack, 132, 4, 4);
	seal(pack);
	memcpy(pack + (number(p, old + 136, 4) - 1) * BLOCK, pack, BLOCK);
	poke(p, cp, pack, sizeof(pack));
	assert_refused(p, &plain, "not cleanly unmounted");
	flip(p, cp + 5 * BLOCK + 300); /* its end */
	assert_refused(p, &nocheck, cp < old ? "checkpoint 1 of 2" : "checkpoint 2 of 2");
	passes(p, &force, "passed over: checkpoint");
	flip(p, cp + 5 * BLOCK + 300);
	flip(p, cp + 300); /* its begin */
	assert_refused(p, &nocheck, "was only half written");
	flip(p, old + 4094);
	assert_refused(p, &force, "both checkpoints are damaged");
}

/* The same journal in the summary of the current segment for cold data. */
static void test_whole_summaries(void **state)
{
	struct place *p = *state;
	uint8_t pack[8 * BLOCK], journal[507];
	struct fs_scan s, t;
	struct err e;
	uint64_t at;

	mkfs(p, "");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	at = pack_at(p, 0);
	peek(p, at, pack, sizeof(pack));
	memcpy(journal, pack + BLOCK + 507, sizeof(journal));
	assert_true(journal[0] > 0); /* mkfs.f2fs puts entries there */
	for (uint32_t flag = 1; flag <= 0x40; flag *= 2) {
		uint32_t behind = flag & 0x21 ? 7 : 4;

		memset(pack + BLOCK, 0xff, 7 * BLOCK);
		put(pack, 132, 4, flag);
		put(pack, 136, 4, 8);
		seal(pack);
		memcpy(pack + 7 * BLOCK, pack, BLOCK);
		memcpy(pack + (8 - behind + 2) * BLOCK + 3584, journal, sizeof(journal));
		if (flag == 4) /* compacted */
			memcpy(pack + BLOCK + 507, journal, sizeof(journal));
		poke(p, at, pack, sizeof(pack));
		if (scan(p, flag == 1 ? &plain : &force, &t, &e))
			fail_msg("flag %#x: %s", flag, e.msg);
		if (flag == 1)
			assert_extents(&t.used, s.used.n, s.used.v);
		fs_scan_free(&t);
	}
	fs_scan_free(&s);
}

static void test_counts(void **state)
{
	struct place *p = *state;
	uint64_t blocks, nodes, empty;

	mkfs(p, "");
	fill(p, "");
	blocks = number(p, pack_at(p, 0) + 16, 8);
	nodes = number(p, pack_at(p, 0) + 144, 4);
	empty = number(p, pack_at(p, 0) + 32, 4);
	change(p, 16, 8, blocks + 100); /* promised to files, not written yet */
	passes(p, &plain, "");
	change(p, 16, 8, blocks - 1);
	assert_refused(p, &plain, "its checkpoint counts");
	passes(p, &nocheck, "passed over: its checkpoint counts");
	change(p, 16, 8, blocks);
	change(p, 144, 4, nodes + 1);
	assert_refused(p, &plain, "its checkpoint counts");
	change(p, 144, 4, nodes);
	change(p, 32, 4, empty - 1);
	assert_refused(p, &plain, "its checkpoint counts");
}

static void test_impossible_checkpoints(void **state)
{
	static const struct {
		size_t off, n;
		uint64_t v;
	} cases[] = {
		{ 36, 4, 100000 },                     /* current segment of nodes */
		{ 84 + 8, 4, 100000 },                 /* of data */
		{ 68 + 2, 2, 512 },                    /* next block in it */
		{ 140, 4, 0 },                         /* begin of the summaries */
		{ 140, 4, 6 },         { 156, 4, 32 }, /* size of the SIT's bitmap */
		{ 160, 4, 4000 },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mkfs(p, "");
		change(p, cases[i].off, cases[i].n, cases[i].v);
		assert_refused(p, &force, "the checkpoint has impossible numbers");
	}
	mkfs(p, "");
	change(p, 132, 4, 1); /* whole summaries, but too few */
	assert_refused(p, &force, "the checkpoint has impossible numbers");
}

/* ---- superblocks --------------------------------------------------------- */

static void both(const struct place *p, uint64_t off, const void *bytes, size_t n)
{
	poke(p, off, bytes, n);
	poke(p, off + BLOCK, bytes, n);
}

static void test_superblocks(void **state)
{
	struct place *p = *state;

	mkfs(p, "");
	fill(p, "");
	poke(p, 1024 + 80, "\1\2\3\4", 4); /* where the SIT is */
	passes(p, &plain, "superblock 1 of 2 is damaged");
	poke(p, BLOCK + 1024 + 80, "\1\2\3\4", 4);
	assert_refused(p, &force, "both superblocks are damaged");
	mkfs(p, "");
	poke(p, BLOCK + 1024, "\0", 1);
	passes(p, &plain, "superblock 2 of 2 is damaged");
	mkfs(p, "");
	flip(p, 1024 + 36); /* blocks */
	assert_refused(p, &force, "say different things");
	mkfs(p, "-O extra_attr,sb_checksum");
	flip(p, 1024 + 300);
	passes(p, &plain, "superblock 1 of 2 is damaged");
	flip(p, BLOCK + 1024 + 300);
	assert_refused(p, &force, "superblock");
}

static void test_features(void **state)
{
	struct place *p = *state;

	mkfs(p, "");
	both(p, FEATURE, "\x02", 1);
	assert_raw(p, "f2fs", "zoned devices");
	both(p, FEATURE, "\0\x80", 2);
	assert_raw(p, "f2fs", "newer than this program (0x8000)");
	both(p, FEATURE, "\0\0\0", 3);
	passes(p, &plain, "");
	both(p, 1024 + 2201, "/dev/a", 6);
	passes(p, &plain, "");
	both(p, 1024 + 2201 + 68, "/dev/b", 6);
	assert_refused(p, &force, "spans 2 devices");
	mkfs(p, "");
	both(p, 1024 + 16, "\x0e", 1);
	assert_raw(p, "f2fs", "blocks of 16384 bytes");
}

/* ---- damage -------------------------------------------------------------- */

static void test_sit(void **state)
{
	struct place *p = *state;
	uint64_t sit, journal;

	mkfs(p, "");
	fill(p, "");
	sit = number(p, 1024 + 80, 4) * BLOCK;
	if (number(p, pack_at(p, 0) + CP_BITS, 1) & 0x80)
		sit += (uint64_t)SEG * BLOCK;
	flip(p, sit + 3 * 74 + 40); /* a block more or less in segment 3 */
	assert_refused(p, &force, "entry of segment 3 is damaged");
	flip(p, sit + 3 * 74 + 40);
	poke(p, sit + 4 * 74 + 1, "\x1c", 1); /* a type that is none */
	assert_refused(p, &plain, "entry of segment 4 is damaged");
	mkfs(p, "");
	journal = pack_at(p, 0) + BLOCK + 507;
	poke(p, journal, "\7", 1);
	assert_refused(p, &force, "SIT journal is damaged");
	poke(p, journal, "\1\0\xff\xff", 4);
	assert_refused(p, &force, "SIT journal is damaged");
}

static void test_mutants(void **state)
{
	struct place *p = *state;
	struct extents meta = { 0 };
	uint64_t segs;

	mkfs(p, "");
	fill(p, "-t /");
	fill(p, "-t /again");
	segs = number(p, 1024 + 68, 4);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t sit = number(p, 1024 + 80, 4) + i * SEG;

		assert_int_equal(0, extents_add(&meta, i * BLOCK, BLOCK, NULL));
		assert_int_equal(0, extents_add(&meta, pack_at(p, i), 8 * BLOCK, NULL));
		assert_int_equal(0, extents_add(&meta, sit * BLOCK, segs * 74, NULL));
	}
	extents_normalize(&meta);
	mutants_check(&(struct mutants){
		.ops = &fs_f2fs, .path = p->image, .meta = &meta, .n = 400 });
	extents_free(&meta);
	for (size_t i = 0; i < sizeof(option_sets) / sizeof(option_sets[0]); i++) {
		mkfs(p, option_sets[i]);
		fill(p, "-t /");
		mutants_check(&(struct mutants){ .ops = &fs_f2fs, .path = p->image });
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_forced),
		cmocka_unit_test(test_later_nodes),
		cmocka_unit_test(test_newest),
		cmocka_unit_test(test_whole_summaries),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_impossible_checkpoints),
		cmocka_unit_test(test_superblocks),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_sit),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
