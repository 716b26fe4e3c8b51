// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of UFS1 and UFS2 by makefs, in both byte orders, against
 * what The Sleuth Kit says, and of those that were changed by hand.
 */
#include "tests/unit/mutants.h"

#define SUPER   8192 /* where makefs puts it */
#define CLEAN   209
#define OLDFLAG 211
#define LOC     1000
#define CKHASH  1304
#define METACK  1308
#define FLAGS   1312
#define POSTBL  1356
#define MAGIC   1372

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

/* What a test needs to know of one. */
struct shape {
	bool big;
	unsigned version;
	uint32_t fsize, cgsize, fpg, groups, cblkno, dblkno, sbsize;
};

static uint8_t get8(const struct place *p, uint64_t at)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	uint8_t b;

	assert_true(fd >= 0);
	assert_int_equal(1, io_pread(fd, &b, 1, at));
	close(fd);
	return b;
}

static uint32_t get32(const struct place *p, bool big, uint64_t at)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	uint8_t b[4];
	struct rd r = rd_init(b, 4);

	assert_true(fd >= 0);
	assert_int_equal(4, io_pread(fd, b, 4, at));
	close(fd);
	return big ? rd_be32(&r) : rd_le32(&r);
}

static void put32(const struct place *p, bool big, uint64_t at, uint32_t v)
{
	uint8_t b[4];

	for (int i = 0; i < 4; i++)
		b[i] = (uint8_t)(v >> (big ? 24 - 8 * i : 8 * i));
	poke(p, at, b, 4);
}

static struct shape makefs(const struct place *p, unsigned version, bool big, const char *more)
{
	struct shape s = { .big = big, .version = version };

	assert_int_equal(0, sh("rm -f %s && makefs -t ffs -B %s -s 16m -o version=%u%s %s %s"
			       " >/dev/null",
			       p->image, big ? "be" : "le", version, more, p->image, p->files));
	s.fsize = get32(p, big, SUPER + 52);
	s.cgsize = get32(p, big, SUPER + 160);
	s.fpg = get32(p, big, SUPER + 188);
	s.groups = get32(p, big, SUPER + 44);
	s.cblkno = get32(p, big, SUPER + 12);
	s.dblkno = get32(p, big, SUPER + 20);
	s.sbsize = get32(p, big, SUPER + 104);
	return s;
}

/* The header of a cylinder group, and the map in it. */
static uint64_t head_of(const struct shape *s, unsigned group)
{
	return ((uint64_t)group * s->fpg + s->cblkno) * s->fsize;
}

static uint64_t map_of(const struct place *p, const struct shape *s, unsigned group)
{
	return head_of(s, group) + get32(p, s->big, head_of(s, group) + 96);
}

static void get_map(const struct place *p, struct extents *ret)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, &plain, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_ufs, s.ops);
	assert_string_equal("", s.info.notice);
	*ret = s.used;
	s.used = (struct extents){ 0 };
	fs_scan_free(&s);
}

static void assert_same(const struct extents *a, const struct extents *b)
{
	assert_extents(b, a->n, a->v);
}

static void passes(const struct place *p, const struct fs_options *opt, const char *notice)
{
	assert_passes_as(p, &fs_ufs, opt, notice);
}

/* ---- against The Sleuth Kit ----------------------------------------------- */

/* "123|a": fragment 123 is allocated. */
static void blkls(const struct place *p, uint32_t fsize, unsigned version, struct extents *ret)
{
	char cmd[160], *line = NULL;
	size_t cap = 0;
	FILE *f;

	snprintf(cmd, sizeof(cmd), "blkls -f ufs%u -l -e %s", version, p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	while (getline(&line, &cap, f) > 0) {
		char *end;
		uint64_t no = strtoull(line, &end, 10);

		if (end > line && end[0] == '|' && end[1] == 'a')
			assert_int_equal(0, extents_add(ret, no * fsize, fsize, NULL));
	}
	assert_int_equal(0, pclose(f));
	free(line);
}

/* The Sleuth Kit looks for UFS2 only where FreeBSD puts it. */
static void move_super(const struct place *p, const struct shape *s, uint64_t to)
{
	static const uint64_t places[] = { 0, 8192, 16384, 65536, 262144 };
	uint8_t buf[2048];
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(sizeof(buf), io_pread(fd, buf, sizeof(buf), SUPER));
	close(fd);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		poke(p, places[i] + MAGIC, "\0\0\0\0", 4);
	poke(p, to, buf, sizeof(buf));
	put32(p, s->big, to + LOC + (s->big ? 4 : 0), (uint32_t)to);
}

static void test_matrix(void **state)
{
	static const char *const options[] = {
		"",
		",bsize=4096,fsize=512",
		",bsize=8192,fsize=8192",
		",bsize=16384,fsize=2048,maxbpcg=100,density=8192",
		",bsize=65536,fsize=8192",
		",bsize=4096,fsize=4096,maxbpcg=256,density=8192",
		",density=2048,minfree=0",
	};
	struct place *p = *state;

	if (sh("command -v blkls >/dev/null")) {
		print_message("skipped: needs sleuthkit\n");
		skip();
	}
	for (unsigned i = 0; i < 4 * sizeof(options) / sizeof(options[0]); i++) {
		struct shape s = makefs(p, 1 + i % 2, i / 2 % 2, options[i / 4]);
		struct extents ours = { 0 }, theirs = { 0 };

		get_map(p, &ours);
		if (s.version == 2)
			move_super(p, &s, 65536);
		blkls(p, s.fsize, s.version, &theirs);
		assert_true(theirs.n > 0 && extents_total(&theirs) < 16 * MIB);
		assert_same(&theirs, &ours);
		extents_free(&ours);
		extents_free(&theirs);
	}
}

/* ---- where things can be ---------------------------------------------------- */

static void test_places(void **state)
{
	static const uint64_t places[] = { 0, 65536, 262144 };
	struct place *p = *state;

	for (unsigned i = 0; i < 6; i++) {
		struct shape s = makefs(p, 2, i % 2, "");
		struct extents before = { 0 }, after = { 0 };

		get_map(p, &before);
		move_super(p, &s, places[i / 2]);
		get_map(p, &after);
		assert_same(&before, &after);
		extents_free(&before);
		extents_free(&after);
		put32(p, s.big, places[i / 2] + LOC + (s.big ? 4 : 0), 1234);
		assert_raw(p, "ufs", "no superblock of UFS1 or UFS2 as BSD makes it");
	}
	/* UFS1 is never at 64 KiB: that is a copy. */
	struct shape s = makefs(p, 1, false, "");

	move_super(p, &s, 65536);
	assert_raw(p, "ufs", "no superblock");
}

/* The first at 64 KiB, then 8 KiB: one that is left over does not matter. */
static void test_two_superblocks(void **state)
{
	struct place *p = *state;
	struct shape s = makefs(p, 1, false, "");
	struct extents before = { 0 }, after = { 0 };

	get_map(p, &before);
	put32(p, s.big, 262144 + MAGIC, 0x19540119);
	put32(p, s.big, 262144 + LOC, 262144);
	put32(p, s.big, 262144 + LOC + 4, 0);
	get_map(p, &after);
	assert_same(&before, &after);
	extents_free(&before);
	extents_free(&after);
	put32(p, s.big, 65536 + MAGIC, 0x19540119);
	put32(p, s.big, 65536 + LOC, 65536);
	put32(p, s.big, 65536 + LOC + 4, 0);
	put32(p, s.big, 65536 + FLAGS, 0); /* what is a file's content has no checksums */
	assert_refused(p, &plain, "impossible numbers");
}

static void test_offset(void **state)
{
	struct place *p = *state;
	struct extents want = { 0 };
	struct fs_scan s;
	struct err e;

	makefs(p, 2, true, ",maxbpcg=400,density=8192");
	get_map(p, &want);
	assert_int_equal(0, extents_add(&want, 16 * MIB, 777, NULL));
	assert_int_equal(0, sh("cd %s && head -c 1049088 /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir));
	if (scan_at(p, 1049088, 16 * MIB + 777, &plain, &s, &e))
		fail_msg("refused: %s", e.msg);
	extents_normalize(&want);
	assert_same(&want, &s.used);
	extents_free(&want);
	fs_scan_free(&s);
}

/* Flips bit @frag of the map of @group; @count: with the group's free fragments. */
static void flip_frag(const struct place *p, const struct shape *s, unsigned group,
		      uint32_t frag, int count)
{
	uint64_t at = map_of(p, s, group) + frag / 8, nffree = head_of(s, group) + 36;
	int fd = open(p->image, O_RDWR | O_CLOEXEC);
	uint8_t b;

	assert_true(fd >= 0);
	assert_int_equal(1, io_pread(fd, &b, 1, at));
	b ^= (uint8_t)(1U << frag % 8);
	assert_int_equal(0, io_pwrite(fd, &b, 1, at));
	close(fd);
	put32(p, s->big, nffree, get32(p, s->big, nffree) + (uint32_t)count);
}

/* In UFS1 what a group has for itself can begin later in each. */
static void test_rotated_groups(void **state)
{
	struct place with_little = *(struct place *)*state, *p = &with_little;

	snprintf(p->files, sizeof(p->files), "%.64s/files/sub", p->dir);
	for (int big = 0; big < 2; big++) {
		struct shape s =
			makefs(p, 1, big, ",bsize=8192,fsize=1024,maxbpcg=400,density=8192");
		struct extents before = { 0 }, after = { 0 };
		uint32_t sblkno = get32(p, big, SUPER + 8);

		assert_true(s.groups >= 2);
		get_map(p, &before);
		put32(p, big, SUPER + 24, 8);
		put32(p, big, SUPER + 28, 0xfffffffe); /* the odd ones */
		assert_refused(p, &force, "cylinder group 1 has a bad header");
		for (unsigned g = 1; g < s.groups; g += 2) {
			for (uint32_t i = 0; i < 8; i++) {
				flip_frag(p, &s, g, sblkno + i, 0);
				flip_frag(p, &s, g, s.dblkno + i, 0);
			}
			assert_int_equal(0, sh("dd if=%s of=%s.t bs=1024 skip=%u count=%u"
					       " status=none && dd if=%s.t of=%s bs=1024"
					       " seek=%u conv=notrunc status=none",
					       p->image, p->image, g * s.fpg + sblkno,
					       s.dblkno - sblkno, p->image, p->image,
					       g * s.fpg + sblkno + 8));
		}
		get_map(p, &after);
		assert_int_equal(extents_total(&before), extents_total(&after));
		assert_false(extents_touch(&after, ((uint64_t)s.fpg + sblkno) * 1024, 8192));
		assert_true(extents_touch(&after, ((uint64_t)s.fpg + s.dblkno) * 1024, 8192));
		extents_free(&before);
		extents_free(&after);
		put32(p, big, SUPER + 24, s.fpg);
		assert_refused(p, &force, "impossible numbers");
	}
}

/* ---- states ------------------------------------------------------------------ */

static void test_state(void **state)
{
	struct place *p = *state;

	for (unsigned i = 0; i < 4; i++) {
		struct shape s = makefs(p, 1 + i % 2, i / 2, "");

		poke(p, SUPER + CLEAN, "\0", 1);
		assert_refused(p, &plain, "not cleanly unmounted");
		assert_refused(p, &nocheck, "run fsck_ffs on it");
		passes(p, &force, "passed over: it was not cleanly");
		poke(p, SUPER + CLEAN, "\2", 1); /* FS_WASCLEAN of NetBSD: mounted */
		assert_refused(p, &nocheck, "its clean flag is 2");
		poke(p, SUPER + CLEAN, "\1", 1);
		put32(p, s.big, SUPER + FLAGS, 0x40);
		passes(p, &plain, "gjournal");
		poke(p, SUPER + OLDFLAG, "\0", 1); /* then there is no such field */
		put32(p, s.big, SUPER + FLAGS, 0x240);
		passes(p, &plain, "");
	}
}

static void test_counts(void **state)
{
	struct place *p = *state;

	for (unsigned i = 0; i < 4; i++) {
		struct shape s = makefs(p, 1 + i % 2, i / 2, ",maxbpcg=400,density=8192");
		uint64_t total = s.version == 2 ? SUPER + 1032 + (s.big ? 4 : 0) : SUPER + 204;
		uint64_t head = head_of(&s, s.groups - 1);
		uint32_t n = get32(p, s.big, total), frag = s.fpg / 2;
		bool was_free = get8(p, map_of(p, &s, s.groups - 1) + frag / 8) >> frag % 8 & 1;

		put32(p, s.big, total, n + 1);
		assert_refused(p, &plain, "its superblock counts");
		passes(p, &nocheck, "passed over: its superblock counts");
		put32(p, s.big, total, n);
		flip_frag(p, &s, s.groups - 1, frag, 0);
		assert_refused(p, &nocheck, "do not have as many free fragments");
		passes(p, &force, "passed over: the maps of its cylinder groups");
		/* One block of 8 fragments less and 7 fragments more, or one fragment more. */
		if (was_free)
			put32(p, s.big, head + 28, get32(p, s.big, head + 28) - 1);
		put32(p, s.big, head + 36, get32(p, s.big, head + 36) + (was_free ? 7 : 1));
		assert_refused(p, &plain, "its superblock counts");
		put32(p, s.big, total, was_free ? n - 1 : n + 1);
		passes(p, &plain, "");
	}
}

/* ---- check hashes -------------------------------------------------------------- */

/* CRC-32C bit by bit, as another witness than common/crc32c.c; @at counts as zero. */
static uint32_t hash(const struct place *p, uint64_t off, size_t n, size_t at)
{
	uint8_t *buf = malloc(n);
	uint32_t crc = UINT32_MAX;
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);

	assert_non_null(buf);
	assert_true(fd >= 0);
	assert_int_equal(n, io_pread(fd, buf, n, off));
	close(fd);
	memset(buf + at, 0, 4);
	for (size_t i = 0; i < n; i++) {
		crc ^= buf[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	free(buf);
	return crc;
}

static void test_hashes(void **state)
{
	struct place *p = *state;

	for (int big = 0; big < 2; big++) {
		struct shape s = makefs(p, 2, big, ",maxbpcg=400,density=8192");
		uint64_t last = head_of(&s, s.groups - 1);

		put32(p, big, SUPER + FLAGS, 0x280);
		put32(p, big, SUPER + METACK, 7);
		put32(p, big, SUPER + CKHASH, hash(p, SUPER, s.sbsize, CKHASH));
		assert_refused(p, &force, "cylinder group 0 has a bad header");
		for (unsigned g = 0; g < s.groups; g++)
			put32(p, big, head_of(&s, g) + 132,
			      hash(p, head_of(&s, g), s.cgsize, 132));
		passes(p, &plain, "");
		flip(p, last + s.cgsize - 1);
		assert_refused(p, &force, "has a bad header");
		flip(p, last + s.cgsize - 1);
		flip(p, SUPER + 680); /* in the name */
		assert_refused(p, &force, "superblock has a wrong checksum");
		flip(p, SUPER + 680);
		put32(p, big, SUPER + 104, 100000);
		assert_refused(p, &force, "superblock has a wrong checksum");
		put32(p, big, SUPER + 104, 1375);
		assert_refused(p, &force, "superblock has a wrong checksum");
		/* A kernel that knows no hashes clears the flag. */
		put32(p, big, SUPER + FLAGS, 0x80);
		flip(p, last + 140);
		passes(p, &plain, "");
	}
}

/* ---- damage --------------------------------------------------------------------- */

static void test_damaged(void **state)
{
	struct place *p = *state;

	for (unsigned i = 0; i < 4; i++) {
		struct shape s = makefs(p, 1 + i % 2, i / 2, ",maxbpcg=400,density=8192");
		const struct {
			uint64_t at;
			const char *text;
		} hits[] = {
			{ head_of(&s, 1) + 4, "cylinder group 1 has a bad header" },
			{ head_of(&s, 2) + 12, "cylinder group 2 has a bad header" },
			{ head_of(&s, 2) + 20, "cylinder group 2 has a bad header" },
			{ head_of(&s, 0) + 96, "cylinder group 0 has a bad header" },
			{ SUPER + 8, "impossible numbers" },   /* sblkno */
			{ SUPER + 20, "impossible numbers" },  /* dblkno */
			{ SUPER + 44, "impossible numbers" },  /* groups */
			{ SUPER + 48, "impossible numbers" },  /* bsize */
			{ SUPER + 52, "impossible numbers" },  /* fsize */
			{ SUPER + 56, "impossible numbers" },  /* frag */
			{ SUPER + 156, "impossible numbers" }, /* cssize */
			{ SUPER + 160, "impossible numbers" }, /* cgsize */
			{ SUPER + 188, "impossible numbers" }, /* fpg */
		};

		for (size_t k = 0; k < sizeof(hits) / sizeof(hits[0]); k++) {
			uint32_t was = get32(p, s.big, hits[k].at);

			put32(p, s.big, hits[k].at, 0x40000001);
			assert_refused(p, &force, hits[k].text);
			put32(p, s.big, hits[k].at, was);
		}
		passes(p, &plain, "");
		flip_frag(p, &s, 1, s.cblkno, 1);
		assert_refused(p, &force, "cylinder group 1 has its own metadata marked free");
		flip_frag(p, &s, 1, s.cblkno, -1);
		flip_frag(p, &s, 0, 3, 1); /* the boot blocks */
		assert_refused(p, &force, "cylinder group 0 has its own metadata marked free");
		flip_frag(p, &s, 0, 3, -1);
		flip_frag(p, &s, 0, s.dblkno, 1); /* the table of summaries */
		assert_refused(p, &force, "cylinder group 0 has its own metadata marked free");
		flip_frag(p, &s, 0, s.dblkno, -1);
		passes(p, &plain, "");
		assert_int_equal(0, truncate(p->image, 16 * (off_t)MIB - 512));
		assert_refused(p, &force, "larger than the device");
	}
}

static void test_not_ours(void **state)
{
	struct place *p = *state;
	struct shape s = makefs(p, 1, false, "");

	put32(p, s.big, SUPER + POSTBL, UINT32_MAX);
	assert_raw(p, "ufs", "4.2BSD");
	put32(p, s.big, SUPER + POSTBL, 1);
	put32(p, s.big, SUPER + MAGIC, 0x00195612); /* HP-UX */
	assert_raw(p, "ufs", "as BSD makes it");
}

static void test_mutants(void **state)
{
	struct place *p = *state;

	for (unsigned i = 0; i < 4; i++) {
		struct shape s = makefs(p, 1 + i % 2, i / 2, ",maxbpcg=400,density=8192");
		struct extent places[] = { { SUPER, MAGIC + 4 },
					   { head_of(&s, 0), s.cgsize },
					   { head_of(&s, 1), s.cgsize } };
		struct extents meta = { places, 3, 3 };
		struct mutants t = { &fs_ufs, p->image, &meta, 200, NULL };

		mutants_check(&t);
		meta.n = 1;
		t.n = 100;
		mutants_check(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),          cmocka_unit_test(test_places),
		cmocka_unit_test(test_two_superblocks), cmocka_unit_test(test_offset),
		cmocka_unit_test(test_rotated_groups),  cmocka_unit_test(test_state),
		cmocka_unit_test(test_counts),          cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_damaged),         cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
