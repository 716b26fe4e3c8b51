// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of NILFS2 filesystems: straight from mkfs.nilfs2, changed
 * by hand with all checksums made right again, and ones that a kernel has used
 * (in the fuzzer's corpus).
 */
#include "imager/fs/crc32.h"
#include "tests/unit/mutants.h"

#define SUPER 1024u

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

static void mkfs(const struct place *p, const char *options)
{
	assert_int_equal(0, sh("rm -f %s && truncate -s 160M %s &&"
			       " mkfs.nilfs2 -q -L fixture %s %s >/dev/null 2>&1",
			       p->image, p->image, options, p->image));
}

static void peek(const struct place *p, uint64_t off, void *buf, size_t n)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(n, io_pread(fd, buf, n, off));
	close(fd);
}

static uint64_t number(const struct place *p, uint64_t off, size_t n)
{
	uint8_t b[8] = { 0 };
	struct rd r = rd_init(b, sizeof(b));

	peek(p, off, b, n);
	return rd_le64(&r);
}

static void poke_number(const struct place *p, uint64_t off, size_t n, uint64_t v)
{
	uint8_t b[8];
	struct wr w = wr_init(b, sizeof(b));

	wr_le64(&w, v);
	poke(p, off, b, n);
}

static uint64_t size_of(const struct place *p)
{
	struct stat st;

	assert_int_equal(0, stat(p->image, &st));
	return (uint64_t)st.st_size;
}

static void passes(const struct place *p, const struct fs_options *opt, const char *part)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_nilfs2, s.ops);
	assert_string_equal("", s.info.problem);
	if (*part)
		assert_text(s.info.notice, part);
	else
		assert_string_equal("", s.info.notice);
	fs_scan_free(&s);
}

/* ---- changing it by hand ------------------------------------------------- */

static uint64_t second(const struct place *p)
{
	return (size_of(p) / 4096 - 1) * 4096;
}

static uint64_t block_size(const struct place *p)
{
	return UINT64_C(1024) << number(p, SUPER + 0x14, 4);
}

static uint64_t segment_bytes(const struct place *p)
{
	return number(p, SUPER + 0x30, 4) * block_size(p);
}

static uint32_t sum_of(const struct place *p, uint64_t off, size_t n, size_t skip)
{
	uint8_t *buf = malloc(n);
	uint32_t seed = (uint32_t)number(p, SUPER + 0x0c, 4), sum;

	assert_non_null(buf);
	peek(p, off, buf, n);
	sum = crc32_seeded(seed, buf + skip, n - skip);
	free(buf);
	return sum;
}

static void seal_super(const struct place *p, uint64_t at)
{
	poke_number(p, at + 16, 4, 0);
	poke_number(p, at + 16, 4, sum_of(p, at, number(p, at + 8, 2), 0));
}

/* A number in both superblocks. */
static void change(const struct place *p, uint64_t off, size_t n, uint64_t v)
{
	uint64_t at[] = { SUPER, second(p) };

	for (unsigned i = 0; i < 2; i++) {
		poke_number(p, at[i] + off, n, v);
		seal_super(p, at[i]);
	}
}

static uint64_t last_log(const struct place *p)
{
	return number(p, SUPER + 0x40, 8) * block_size(p);
}

static uint64_t log_bytes(const struct place *p, uint64_t log)
{
	return number(p, log + 40, 4) * block_size(p);
}

static uint64_t root_of(const struct place *p, uint64_t log)
{
	return log + log_bytes(p, log) - block_size(p);
}

static void seal_log(const struct place *p, uint64_t log)
{
	poke_number(p, log, 4, sum_of(p, log, log_bytes(p, log), 4));
}

static void seal(const struct place *p, uint64_t log)
{
	uint64_t root = root_of(p, log);

	poke_number(p, root, 4, sum_of(p, root, number(p, root + 4, 2), 4));
	seal_log(p, log);
}

/* Where number @i of the map of inode @no in the super root is: 0 DAT, 2 SUFILE. */
static uint64_t map_at(const struct place *p, uint64_t log, unsigned no, unsigned i)
{
	return root_of(p, log) + 16 + no * 128 + 56 + 8 + 8 * i;
}

/* mkfs.nilfs2 makes a DAT of three blocks, the last one with the entries. */
static uint64_t dat_entry(const struct place *p, uint64_t log, uint64_t virtual)
{
	return number(p, map_at(p, log, 0, 2), 8) * block_size(p) + virtual * 32;
}

/* The SUFILE has one block: 24 bytes of header in the place of two entries. */
static uint64_t sufile(const struct place *p, uint64_t log)
{
	return number(p, dat_entry(p, log, number(p, map_at(p, log, 2, 0), 8)), 8) *
	       block_size(p);
}

static void set_usage(const struct place *p, uint64_t log, uint64_t segment, uint64_t modified,
		      uint32_t blocks, uint32_t flags)
{
	uint64_t at = sufile(p, log), entry = at + (segment + 2) * 16;

	if (flags && !number(p, entry + 12, 4))
		poke_number(p, at, 8, number(p, at, 8) - 1);
	if (flags & 2 && !(number(p, entry + 12, 4) & 2))
		poke_number(p, at + 8, 8, number(p, at + 8, 8) + 1);
	poke_number(p, entry, 8, modified);
	poke_number(p, entry + 8, 4, blocks);
	poke_number(p, entry + 12, 4, flags);
	seal(p, log);
}

static struct extent segment(const struct place *p, uint64_t no)
{
	return (struct extent){ no * segment_bytes(p), segment_bytes(p) };
}

/* The first two segments, @n others (not next to each other), the second superblock. */
static void assert_used(const struct place *p, const struct fs_options *opt, size_t n,
			const uint64_t *segments)
{
	struct extent want[10] = { { 0, 2 * segment_bytes(p) } };
	struct fs_scan s;
	struct err e;

	for (size_t i = 0; i < n; i++)
		want[1 + i] = segment(p, segments[i]);
	want[1 + n] = (struct extent){ second(p), size_of(p) - second(p) };
	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_extents(&s.used, n + 2, want);
	fs_scan_free(&s);
}

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

/* ---- the log ------------------------------------------------------------- */

static void test_damaged_log(void **state)
{
	struct place *p = *state;
	uint64_t log, root;

	mkfs(p, "");
	log = last_log(p);
	root = root_of(p, log);
	flip(p, log + 4000);
	assert_refused(p, &force, "no checkpoint where its superblock says");
	flip(p, log + 4000);
	passes(p, &plain, "");
	flip(p, root + 399); /* its own checksum, but not that of the log */
	seal_log(p, log);
	assert_refused(p, &force, "last checkpoint is damaged");
	flip(p, root + 399);
	poke_number(p, root + 4, 2, 5000); /* bytes */
	seal_log(p, log);
	assert_refused(p, &force, "last checkpoint is damaged");
	poke_number(p, root + 4, 2, 400);
	poke_number(p, log + 14, 1, 0); /* bit 2 of the second byte: no super root */
	poke_number(p, log + 14, 2, 3);
	seal_log(p, log);
	assert_refused(p, &force, "no checkpoint where its superblock says");
	mkfs(p, "");
	change(p, 0x48, 8, 77); /* another sequence number */
	assert_refused(p, &force, "no checkpoint where its superblock says");
	mkfs(p, "");
	change(p, 0x40, 8, UINT64_MAX);
	assert_refused(p, &force, "which is in no segment");
}

static void test_damaged_translation(void **state)
{
	struct place *p = *state;
	uint64_t log, entry, was;

	mkfs(p, "");
	log = last_log(p);
	entry = dat_entry(p, log, number(p, map_at(p, log, 2, 0), 8));
	was = number(p, entry, 8);
	poke_number(p, entry, 8, 0);
	seal(p, log);
	assert_refused(p, &force, "tree of the block translation is damaged");
	poke_number(p, entry, 8, 1000000);
	seal(p, log);
	assert_refused(p, &force, "block 1000000, which is in no segment");
	poke_number(p, entry, 8, was);
	poke_number(p, entry + 16, 8, 5); /* no longer in use since checkpoint 5 */
	seal(p, log);
	assert_refused(p, &force, "tree of the block translation is damaged");
	poke_number(p, entry + 16, 8, UINT64_MAX);
	seal(p, log);
	passes(p, &plain, "");
	poke_number(p, map_at(p, log, 2, 0), 8, UINT64_C(1) << 40); /* no such entry */
	seal(p, log);
	assert_refused(p, &force, "tree of the block translation is damaged");
}

/*
 * Entry numbers far down in the DAT.  With blocks of 1 KiB these hold 32 entries,
 * a group has 8192 in 256 of them and one of bits before, and there is one block
 * of counts before 256 groups.
 */
static void test_places_in_translation(void **state)
{
	static const struct {
		uint64_t virtual, block, entry;
	} cases[] = {
		{ 3 * 8192 + 5, 1 + 3 * 257 + 1, 5 },
		{ (256 + 2) * 8192 + 33, 1 + 256 * 257 + 1 + 2 * 257 + 1 + 1, 1 },
		{ 256 * 8192 - 1, 1 + 255 * 257 + 1 + 255, 31 },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t log, map, at, sufile_at;
		uint8_t entry[32], tree[56] = { 1, 1, 1 }; /* the root, level 1, one child */
		struct wr w = wr_init(tree, sizeof(tree));

		mkfs(p, "-b 1024 -B 16");
		log = last_log(p);
		sufile_at = number(p, map_at(p, log, 2, 0), 8);
		at = dat_entry(p, log, 0);
		peek(p, at + sufile_at * 32, entry, sizeof(entry));
		poke(p, at + cases[i].entry * 32, entry, sizeof(entry));
		poke_number(p, map_at(p, log, 2, 0), 8, cases[i].virtual);
		map = map_at(p, log, 0, 0) - 8;
		w.pos = 8;
		wr_le64(&w, cases[i].block);
		w.pos = 32;
		wr_le64(&w, at / 1024);
		poke(p, map, tree, sizeof(tree));
		seal(p, log);
		assert_used(p, &plain, 0, NULL);
		poke_number(p, map + 1, 1, 0); /* levels that cannot be */
		seal(p, log);
		assert_refused(p, &force, "tree of the block translation is damaged");
		poke_number(p, map + 1, 1, 14);
		seal(p, log);
		assert_refused(p, &force, "tree of the block translation is damaged");
		poke_number(p, map + 1, 1, 1);
		poke_number(p, map + 2, 2, 4); /* more children than have room */
		seal(p, log);
		assert_refused(p, &force, "tree of the block translation is damaged");
		poke_number(p, map + 2, 2, 1);
		poke_number(p, map + 8, 8, cases[i].block - 1); /* not just that block */
		seal(p, log);
		assert_refused(p, &force, "tree of the block translation is damaged");
	}
}

/* A copy of the last log at @to, which knows only of itself and has a segment more. */
static void write_log(const struct place *p, uint64_t to, uint64_t seq, uint64_t more)
{
	uint64_t log = last_log(p), n = log_bytes(p, log), block = block_size(p);
	uint64_t by = (to - log) / block, at;
	uint8_t *buf = malloc(n);

	assert_non_null(buf);
	peek(p, log, buf, n);
	poke(p, to, buf, n);
	free(buf);
	poke_number(p, to + 16, 8, seq);
	for (unsigned i = 0; i < 3; i++) {
		at = map_at(p, to, 0, i);
		poke_number(p, at, 8, number(p, at, 8) + by);
	}
	for (unsigned i = 0; i < 20; i++) {
		at = dat_entry(p, to, i);
		if (number(p, at, 8))
			poke_number(p, at, 8, number(p, at, 8) + by);
	}
	set_usage(p, to, more, 1, 1, 2);
}

/* After a crash there are logs that no superblock knows. */
static void test_later_logs(void **state)
{
	static const uint64_t behind[] = { 5 }, next[] = { 7 }, far[] = { 9, 11 };
	struct place *p = *state;
	uint64_t log, n, seq;

	mkfs(p, "-B 256");
	log = last_log(p);
	n = log_bytes(p, log);
	seq = number(p, log + 16, 8);
	write_log(p, log + n, seq, 5);
	assert_used(p, &plain, 0, NULL); /* it is said to be clean */
	change(p, 0x74, 2, 0);
	assert_used(p, &force, 1, behind);
	poke_number(p, log + n + 16, 8, seq + 3); /* of an older life of that segment */
	seal(p, log + n);
	assert_used(p, &force, 0, NULL);
	write_log(p, segment_bytes(p), seq + 1, 7); /* the segment that comes next */
	assert_used(p, &force, 1, next);
	write_log(p, log + n, seq, 5); /* both: the last one counts */
	assert_used(p, &force, 1, next);
	poke_number(p, segment_bytes(p) + 32, 8, 9 * 256); /* and from there to the ninth */
	seal(p, segment_bytes(p));
	write_log(p, 9 * segment_bytes(p), seq + 2, 11);
	assert_used(p, &force, 2, far);
	poke_number(p, 9 * segment_bytes(p) + 32, 8, 9 * 256); /* in circles */
	seal(p, 9 * segment_bytes(p));
	assert_used(p, &force, 2, far);
	poke_number(p, 9 * segment_bytes(p) + 32, 8, UINT64_MAX);
	seal(p, 9 * segment_bytes(p));
	assert_used(p, &force, 2, far);
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
		cmocka_unit_test(test_damaged_log),
		cmocka_unit_test(test_damaged_translation),
		cmocka_unit_test(test_places_in_translation),
		cmocka_unit_test(test_later_logs),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
