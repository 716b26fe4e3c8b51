// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of NILFS2 filesystems: new ones, changed ones, and ones that
 * a kernel has used (in the fuzzer's corpus).  For the way through the log:
 * nilfs2_log_test.c.
 */
#include "tests/unit/nilfs2_place.h"

/* ---- maps ---------------------------------------------------------------- */

static void test_new(void **state)
{
	static const char *const options[] = { "",
					       "-b 1024 -B 16",
					       "-b 1024",
					       "-b 2048 -B 1024",
					       "-b 4096 -B 16",
					       "-O block_count",
					       "-B 512" };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		mkfs(p, options[i]);
		assert_used(p, &plain, 0, NULL);
		passes(p, &plain, "");
	}
}

static void test_segments(void **state)
{
	static const uint64_t used[] = { 3, 5, 7, 9 };
	struct place *p = *state;
	uint64_t log;

	mkfs(p, "-B 256"); /* 1 MiB each */
	log = last_log(p);
	set_usage(p, log, 3, 1700000000, 100, 2);
	assert_used(p, &plain, 1, used);
	set_usage(p, log, 5, 0, 0, 4); /* the kernel could not write there */
	set_usage(p, log, 7, 1, 0, 0); /* not flagged, but not empty either */
	set_usage(p, log, 9, 0, 1, 0);
	assert_used(p, &plain, 4, used);
}

static void test_counts(void **state)
{
	struct place *p = *state;
	uint64_t log, at, free_blocks;

	mkfs(p, "-B 256");
	log = last_log(p);
	at = sufile(p, log);
	free_blocks = number(p, at, 8) * 256;
	change(p, 0x50, 8, free_blocks);
	passes(p, &plain, "");
	change(p, 0x50, 8, free_blocks - 256);
	assert_refused(p, &plain, "free blocks, its list of segments");
	passes(p, &nocheck, "passed over: its superblock counts");
	change(p, 0x50, 8, free_blocks);
	for (unsigned i = 0; i < 16; i += 8) {
		uint64_t was = number(p, at + i, 8);

		poke_number(p, at + i, 8, was + 1);
		seal(p, log);
		assert_refused(p, &force, "list of segments is damaged");
		poke_number(p, at + i, 8, was);
	}
	seal(p, log);
	passes(p, &plain, "");
	poke_number(p, map_at(p, log, 2, 0), 8, 0);
	seal(p, log);
	assert_refused(p, &force, "list of segments is missing");
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512;
	struct fs_scan s, t;
	struct err e;

	mkfs(p, "");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, 160 * MIB, &plain, &t, &e));
	assert_extents(&t.used, s.used.n, s.used.v);
	fs_scan_free(&t);
	/* The kernel looks for the second superblock at the end of the device. */
	assert_int_equal(0, scan_at(p, off, 161 * MIB, &plain, &t, &e));
	assert_int_equal(extents_total(&s.used) + MIB, extents_total(&t.used));
	fs_scan_free(&t);
	assert_int_equal(-ECANCELED, scan_at(p, off, 160 * MIB - 1, &plain, &t, &e));
	assert_text(e.msg, "larger than the device");
	fs_scan_free(&s);
}

/* ---- fixtures that a kernel has used ------------------------------------- */

/*
 * A kernel has filled and emptied these, a snapshot was made, and the cleaner ran
 * in between; lssu told which segments are in use then.  Only what a reader of
 * the map needs is in the files, so they are seeds for the fuzzer, too.
 */
static const struct aged {
	const char *pieces;
	size_t n;
	struct extent runs[32]; /* in segments */
} ageds[] = {
	{ "tests/fuzz/corpus/nilfs2/aged-1k",
	  23,
	  { { 337, 55 }, { 395, 6 },  { 404, 81 }, { 488, 13 }, { 502, 12 }, { 515, 8 },
	    { 524, 14 }, { 539, 14 }, { 554, 7 },  { 562, 5 },  { 568, 3 },  { 572, 14 },
	    { 587, 7 },  { 595, 14 }, { 610, 7 },  { 618, 14 }, { 633, 6 },  { 640, 4 },
	    { 645, 9 },  { 655, 7 },  { 663, 7 },  { 671, 37 }, { 709, 7 } } },
	{ "tests/fuzz/corpus/nilfs2/aged-4k",
	  4,
	  { { 113, 2 }, { 116, 23 }, { 140, 33 }, { 174, 33 } } },
};

#define AGED_SIZE (48 * MIB)

/* As tests/fuzz/pieces.sh has written it. */
static void load(const struct place *p, const char *path)
{
	uint8_t *buf = malloc(65536);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct rd r;
	ssize_t n;

	assert_non_null(buf);
	assert_true(fd >= 0);
	n = io_pread(fd, buf, 65536, 0);
	assert_in_range(n, 1, 65535);
	close(fd);
	assert_int_equal(
		0, sh("rm -f %s && truncate -s %" PRIu64 " %s", p->image, AGED_SIZE, p->image));
	r = rd_init(buf, (size_t)n);
	while (rd_left(&r)) {
		uint64_t off = (uint64_t)rd_le32(&r) * 512;
		size_t len = (size_t)rd_le32(&r) * 512;
		const uint8_t *bytes = rd_bytes(&r, len);

		assert_true(bytes != NULL);
		poke(p, off, bytes, len);
	}
	free(buf);
}

static void test_aged(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(ageds) / sizeof(ageds[0]); i++) {
		struct extents want = { 0 };
		struct fs_scan s;
		struct err e;
		uint64_t each;

		load(p, ageds[i].pieces);
		each = segment_bytes(p);
		for (size_t k = 0; k < ageds[i].n; k++)
			assert_int_equal(0, extents_add(&want, ageds[i].runs[k].off * each,
							ageds[i].runs[k].len * each, NULL));
		each = number(p, SUPER + 0x28, 8) * block_size(p);
		assert_int_equal(0, extents_add(&want, 0, each, NULL));
		assert_int_equal(0, extents_add(&want, second(p), 4096, NULL));
		extents_normalize(&want);
		if (scan(p, &plain, &s, &e))
			fail_msg("%s: %s", ageds[i].pieces, e.msg);
		assert_extents(&s.used, want.n, want.v);
		assert_string_equal("aged", s.label);
		fs_scan_free(&s);
		extents_free(&want);
	}
}

/* ---- states -------------------------------------------------------------- */

static void test_states(void **state)
{
	struct place *p = *state;

	mkfs(p, "");
	change(p, 0x74, 2, 0);
	assert_refused(p, &nocheck, "not cleanly unmounted");
	passes(p, &force, "passed over: it was not cleanly unmounted");
	change(p, 0x74, 2, 3);
	assert_refused(p, &plain, "found errors");
	passes(p, &nocheck, "passed over: the kernel has found errors");
}

static void test_features(void **state)
{
	static const struct {
		uint64_t off, v;
		size_t n;
	} cases[] = { { 0, 3, 4 }, { 0x108, 2, 8 }, { 0x110, 1, 8 } };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mkfs(p, "");
		change(p, cases[i].off, cases[i].n, cases[i].v);
		assert_raw(p, "nilfs2", "newer than this program");
	}
}

static void test_superblocks(void **state)
{
	struct place *p = *state;
	uint64_t cno;

	mkfs(p, "");
	cno = number(p, SUPER + 0x38, 8);
	flip(p, SUPER + 0x60);
	passes(p, &plain, ""); /* by the second one */
	flip(p, SUPER + 0x60);
	flip(p, second(p) + 0x60);
	passes(p, &plain, "");
	mkfs(p, "");
	poke_number(p, second(p) + 0x74, 2, 0);
	seal_super(p, second(p));
	passes(p, &plain, ""); /* the same checkpoint: the first one counts */
	poke_number(p, second(p) + 0x38, 8, cno + 1);
	seal_super(p, second(p));
	assert_refused(p, &plain, "not cleanly unmounted");
	poke_number(p, second(p) + 0x18, 8, 20); /* segments: it is of another filesystem */
	seal_super(p, second(p));
	passes(p, &plain, "");
	poke(p, second(p) + 0x60, "dam", 3);
	passes(p, &plain, "");
}

/* The segment to fall back on is kept, too. */
static void test_older_superblock(void **state)
{
	static const uint64_t used[] = { 12 };
	struct place *p = *state;

	mkfs(p, "");
	poke_number(p, second(p) + 0x38, 8, 0);
	poke_number(p, second(p) + 0x40, 8, 12 * 2048 + 5);
	seal_super(p, second(p));
	assert_used(p, &plain, 1, used);
}

static void test_impossible_superblocks(void **state)
{
	static const struct {
		uint64_t off, v;
		size_t n;
	} cases[] = {
		{ 0x14, 7, 4 },          /* block size */
		{ 0x14, 0xffffffff, 4 }, /* a shift that wraps */
		{ 0x18, 0, 8 },          /* segments */
		{ 0x18, 0x2000000000000000, 8 },
		{ 0x28, 0, 8 }, /* first data block */
		{ 0x28, 2048, 8 },
		{ 0x30, 15, 4 },   /* blocks a segment */
		{ 0x90, 127, 2 },  /* size of an inode */
		{ 0x90, 1361, 2 }, /* three of them, and the super root's header */
		{ 0x92, 31, 2 },   /* of a DAT entry */
		{ 0x92, 5000, 2 },
		{ 0x96, 15, 2 }, /* of a segment usage */
		{ 0x96, 65, 2 },
	};
	struct place *p = *state;

	mkfs(p, "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t was = number(p, SUPER + cases[i].off, cases[i].n);
		struct fs_info info = { 0 };
		struct extents used = { 0 };
		struct err e = { 0 };
		struct dev d;
		struct area a = { &d, 0, 160 * MIB };

		poke(p, second(p), "\0\0\0\0\0\0\0\0", 8);
		poke_number(p, SUPER + cases[i].off, cases[i].n, cases[i].v);
		seal_super(p, SUPER);
		assert_int_equal(0, dev_open_source(&d, p->image, &e));
		assert_int_equal(-EUCLEAN, fs_nilfs2.used(&a, true, &info, &used, &e));
		assert_text(e.msg, "impossible numbers");
		extents_free(&used);
		dev_close(&d);
		poke_number(p, SUPER + cases[i].off, cases[i].n, was);
	}
	seal_super(p, SUPER);
	passes(p, &plain, "");
	flip(p, SUPER + 0x60); /* both */
	assert_int_equal(0, sh("blkid -p %s >/dev/null; test $? = 2", p->image));
}

/* ---- hostile ------------------------------------------------------------- */

static bool is_zero(const struct place *p, uint64_t off)
{
	uint8_t buf[512];

	peek(p, off, buf, sizeof(buf));
	return !*buf && !memcmp(buf, buf + 1, sizeof(buf) - 1);
}

static void test_mutants(void **state)
{
	struct place *p = *state;
	struct extents meta = { 0 };

	mkfs(p, "-B 256");
	assert_int_equal(0, extents_add(&meta, SUPER, 300, NULL));
	assert_int_equal(0, extents_add(&meta, last_log(p), log_bytes(p, last_log(p)), NULL));
	assert_int_equal(0, extents_add(&meta, second(p), 300, NULL));
	mutants_check(&(struct mutants){ .ops = &fs_nilfs2, .path = p->image, .meta = &meta });
	extents_free(&meta);
	for (size_t i = 0; i < sizeof(ageds) / sizeof(ageds[0]); i++) {
		uint64_t size = AGED_SIZE;

		load(p, ageds[i].pieces);
		/* Only where there is something: the rest is data, which nobody reads. */
		for (uint64_t at = 0; at < size; at += 512)
			if (!is_zero(p, at))
				assert_int_equal(0, extents_add(&meta, at, 512, NULL));
		mutants_check(&(struct mutants){
			.ops = &fs_nilfs2, .path = p->image, .meta = &meta, .n = 400 });
		extents_free(&meta);
		meta = (struct extents){ 0 };
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_aged),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_superblocks),
		cmocka_unit_test(test_older_superblock),
		cmocka_unit_test(test_impossible_superblocks),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
