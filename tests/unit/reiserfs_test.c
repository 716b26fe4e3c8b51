// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of ReiserFS: straight from its mkfs, against what
 * debugreiserfs says; as the kernel left them (tests/fixtures/reiserfs-*.img.xz);
 * and changed by hand.
 */
#include "tests/unit/mutants.h"

#define BLOCK   4096
#define SUPER   65536
#define JOURNAL (UINT64_C(18) * BLOCK) /* where mkfs puts it */

/* Offsets in the superblock. */
#define FREE     4
#define ROOT     8
#define J_FIRST  12
#define J_DEV    16
#define J_SIZE   20
#define BSIZE    44
#define UMOUNT   50
#define MAGIC    52
#define FS_STATE 62
#define MAPS     70
#define VERSION_ 72

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

static void mkfs(const struct place *p, const char *size, const char *options)
{
	assert_int_equal(0, sh("rm -f %s && truncate -s %s %s &&"
			       " mkfs.reiserfs -q -f -f %s %s >/dev/null 2>&1",
			       p->image, size, p->image, options, p->image));
}

static void fixture(const struct place *p, const char *name)
{
	assert_int_equal(0,
			 sh("xz -dc tests/fixtures/reiserfs-%s.img.xz > %s", name, p->image));
}

static void set32(const struct place *p, uint64_t off, uint32_t v)
{
	uint8_t b[4];
	struct wr w = wr_init(b, sizeof(b));

	wr_le32(&w, v);
	poke(p, off, b, sizeof(b));
}

static void set16(const struct place *p, uint64_t off, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

	poke(p, off, b, sizeof(b));
}

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
	assert_int_equal(want, fs_reiserfs.used(&a, true, &info, &used, &e));
	assert_text(e.msg, text);
	assert_int_equal(0, used.n);
	dev_close(&d);
}

static void assert_scan(const struct place *p, const struct fs_options *opt, const char *notice,
			uint64_t used)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_reiserfs, s.ops);
	assert_string_equal("", s.info.problem);
	if (*notice)
		assert_text(s.info.notice, notice);
	else
		assert_string_equal("", s.info.notice);
	if (used)
		assert_int_equal(used, extents_total(&s.used));
	fs_scan_free(&s);
}

/* ---- against debugreiserfs ------------------------------------------------- */

/* "Free(12-34)": all but those, and what follows the filesystem. */
static void expected(const struct place *p, uint64_t block, uint64_t size, struct extents *ret)
{
	struct extents free_x = { 0 };
	char cmd[240];
	uint64_t a, b;
	FILE *f;

	snprintf(cmd, sizeof(cmd),
		 "debugreiserfs -m %s 2>&1 | grep -o 'Free *([0-9]*-[0-9]*' |"
		 " tr -c '0-9\\n' ' '",
		 p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	while (fscanf(f, "%" SCNu64 " %" SCNu64, &a, &b) == 2)
		assert_int_equal(0, extents_add(&free_x, a * block, (b - a + 1) * block, NULL));
	assert_int_equal(0, pclose(f));
	assert_true(free_x.n > 0);
	extents_normalize(&free_x);
	assert_int_equal(0, extents_invert(&free_x, size, ret, NULL));
	extents_free(&free_x);
}

static void compare(const struct place *p, uint32_t block, const char *what)
{
	struct extents want = { 0 };
	struct fs_scan s;
	struct stat st;
	struct err e;

	if (scan(p, &plain, &s, &e))
		fail_msg("%s: %s", what, e.msg);
	assert_ptr_equal(&fs_reiserfs, s.ops);
	assert_int_equal(0, stat(p->image, &st));
	assert_int_equal(block, s.info.block);
	assert_int_equal((uint64_t)st.st_size / block * block, s.info.size);
	assert_string_equal("", s.info.notice);
	expected(p, block, (uint64_t)st.st_size, &want);
	assert_extents(&s.used, want.n, want.v);
	extents_free(&want);
	fs_scan_free(&s);
}

static void test_mkfs(void **state)
{
	static const struct {
		const char *size, *options;
		uint32_t block;
	} kinds[] = {
		{ "100M", "", 4096 },
		{ "140001K", "--format 3.5", 4096 },
		{ "40M", "-b 512 -s 600", 512 },
		{ "50M", "-b 1024", 1024 },
		{ "64M", "-b 2048 -l label -h tea", 2048 },
		{ "300M", "-b 8192", 8192 },
		{ "30M", "-s 513 -t 256", 4096 },
		{ "300M", "-s 30000", 4096 },
		{ "300M", "--format 3.5 -s 700 -o 1000 -b 1024", 1024 },
		{ "5G", "", 4096 },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		mkfs(p, kinds[i].size, kinds[i].options);
		compare(p, kinds[i].block, kinds[i].options);
	}
}

static void test_aged(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct err e;

	fixture(p, "aged");
	compare(p, BLOCK, "aged");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_string_equal("fixture", s.label);
	assert_true(s.used.n > 10);
	fs_scan_free(&s);
}

static void test_resized(void **state)
{
	struct place *p = *state;

	mkfs(p, "100M", "");
	assert_int_equal(0,
			 sh("truncate -s 600M %s && resize_reiserfs -f -q %s >/dev/null 2>&1",
			    p->image, p->image));
	compare(p, BLOCK, "grown");
	assert_int_equal(
		0, sh("echo y | resize_reiserfs -f -q -s 200M %s >/dev/null 2>&1", p->image));
	struct fs_scan s;
	struct err e;

	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(200 * MIB, s.info.size);
	/* What follows it counts as used. */
	assert_true(extents_total(&s.used) > 400 * MIB);
	fs_scan_free(&s);
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 24 * MIB;
	struct fs_scan s, t;
	struct err e;

	fixture(p, "aged");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, size, &plain, &t, &e));
	assert_ptr_equal(&fs_reiserfs, t.ops);
	assert_extents(&t.used, s.used.n, s.used.v);
	fs_scan_free(&t);
	fs_scan_free(&s);
	fixture(p, "crashed");
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/zero >head &&"
			       "cat head image >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(-ECANCELED, scan_at(p, off, size, &plain, &t, &e));
	assert_text(e.msg, "journal holds changes");
}

/*
 * From before 3.5.12: the superblock at 8 KiB, then all of the bitmap, then the
 * journal.  No mkfs of today makes one.
 */
static void make_old(const struct place *p, unsigned maps)
{
	uint8_t bits[BLOCK];
	uint8_t super[512] = { 0 };
	struct wr w = wr_init(super, sizeof(super));
	uint32_t used = 2 + 1 + maps + 513 + 1;

	assert_int_equal(0,
			 sh("rm -f %s && truncate -s %uM %s", p->image, maps * 128, p->image));
	wr_le32(&w, maps * 32768);
	wr_le32(&w, maps * 32768 - used - 1); /* and the last block */
	wr_le32(&w, used - 1);
	wr_le32(&w, 3 + maps);
	wr_le32(&w, 0);
	wr_le32(&w, 512);
	wr_zero(&w, BSIZE - w.pos);
	wr_le16(&w, BLOCK);
	wr_zero(&w, UMOUNT - w.pos);
	wr_le16(&w, 1);
	wr_bytes(&w, "ReIsErFs\0\0", 10);
	wr_zero(&w, MAPS - w.pos);
	wr_le16(&w, (uint16_t)maps);
	assert_true(wr_ok(&w));
	poke(p, 8192, super, sizeof(super));
	for (unsigned i = 0; i < maps; i++) {
		memset(bits, 0, sizeof(bits));
		for (uint32_t b = 0; !i && b < used; b++)
			bits[b / 8] |= (uint8_t)(1U << b % 8);
		if (i == maps - 1)
			bits[BLOCK - 1] |= 0x80;
		poke(p, 8192 + BLOCK * (1 + i), bits, sizeof(bits));
	}
}

static void test_old_place(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct err e;

	make_old(p, 3);
	compare(p, BLOCK, "3.5.11");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	const struct extent want[] = { { 0, 520 * BLOCK }, { 384 * MIB - BLOCK, BLOCK } };
	assert_extents(&s.used, 2, want);
	fs_scan_free(&s);
	flip(p, 8192 + BLOCK); /* block 4, its own bitmap */
	assert_refused(p, &force, "block 0 of the bitmap is bad");
	make_old(p, 3);
	set16(p, 8192 + BSIZE, 8192);
	set16(p, 8192 + MAPS, 1);
	set32(p, 8192, 3 * 16384);
	set32(p, 8192 + FREE, 0);
	assert_refused(p, &force, "impossible numbers");
	make_old(p, 3);
	set16(p, 8192 + MAPS, 2);
	assert_refused(p, &force, "impossible numbers");
}

/* ---- states that make the map doubtful ------------------------------------- */

static void test_states(void **state)
{
	struct place *p = *state;

	mkfs(p, "40M", "-s 513");
	set16(p, SUPER + UMOUNT, 2);
	assert_refused(p, &plain, "not cleanly unmounted");
	assert_refused(p, &nocheck, "reiserfsck --check");
	assert_scan(p, &force, "passed over: it was not cleanly", 0);
	set16(p, SUPER + UMOUNT, 1);
	set16(p, SUPER + FS_STATE, 1);
	assert_refused(p, &plain, "found errors");
	assert_scan(p, &nocheck, "passed over: the kernel has found errors", 0);
	set16(p, SUPER + FS_STATE, 0xfa02); /* in the middle of reiserfsck */
	assert_refused(p, &nocheck, "--rebuild-tree");
	set16(p, SUPER + FS_STATE, 0);
	set32(p, SUPER + ROOT, UINT32_MAX);
	assert_refused(p, &nocheck, "--rebuild-tree");
	assert_scan(p, &force, "did not finish", 0);
}

static void test_free_count(void **state)
{
	struct place *p = *state;

	mkfs(p, "40M", "-s 513");
	set32(p, SUPER + FREE, 77);
	assert_refused(p, &plain, "counts 77 free blocks");
	assert_scan(p, &nocheck, "counts 77 free blocks", 0);
}

/* A description at @at, counted in blocks from the journal's begin, and its commit block. */
static void put_lengths(const struct place *p, uint32_t at, uint32_t id, uint32_t mount,
			uint32_t commit_id, uint32_t len, uint32_t commit_len)
{
	uint8_t block[BLOCK] = { 0 };
	struct wr w = wr_init(block, sizeof(block));

	wr_le32(&w, id);
	wr_le32(&w, len);
	wr_le32(&w, mount);
	memcpy(block + BLOCK - 12, "ReIsErLB", 8);
	poke(p, JOURNAL + (uint64_t)at * BLOCK, block, sizeof(block));
	memset(block, 0, sizeof(block));
	w = wr_init(block, sizeof(block));
	wr_le32(&w, commit_id);
	wr_le32(&w, commit_len);
	poke(p, JOURNAL + (uint64_t)((at + len + 1) % 512) * BLOCK, block, sizeof(block));
}

static void put_transaction(const struct place *p, uint32_t at, uint32_t id, uint32_t mount,
			    uint32_t commit_id)
{
	put_lengths(p, at, id, mount, commit_id, 3, 3);
}

static void put_header(const struct place *p, uint32_t last, uint32_t next, uint32_t mount)
{
	uint64_t at = JOURNAL + UINT64_C(512) * BLOCK;

	set32(p, at, last);
	set32(p, at + 4, next);
	set32(p, at + 8, mount);
}

static void test_journal(void **state)
{
	static const char pending[] = "journal holds changes";
	struct place *p = *state;

	mkfs(p, "40M", "-s 513");
	put_header(p, 20, 100, 10);
	put_transaction(p, 100, 21, 10, 21);
	assert_refused(p, &nocheck, pending);
	assert_scan(p, &force, "passed over: its journal holds", 0);
	put_transaction(p, 100, 20, 10, 20); /* done already */
	assert_scan(p, &plain, "", 0);
	put_transaction(p, 100, 21, 9, 21); /* of an older mount */
	assert_scan(p, &plain, "", 0);
	put_transaction(p, 100, 21, 10, 22); /* no commit */
	assert_scan(p, &plain, "", 0);
	put_lengths(p, 100, 21, 10, 21, 3, 4);
	assert_scan(p, &plain, "", 0);
	put_lengths(p, 100, 21, 10, 21, 0, 0);
	assert_scan(p, &plain, "", 0);
	put_lengths(p, 100, 21, 10, 21, 512, 512);
	assert_scan(p, &plain, "", 0);
	put_transaction(p, 101, 21, 10, 21); /* not where the next would be */
	assert_scan(p, &plain, "", 0);
	put_header(p, 20, 510, 10);
	put_transaction(p, 510, 21, 10, 21); /* over the end of the ring */
	assert_refused(p, &plain, pending);
}

/* Without a header that tells where to begin, all of the journal is read. */
static void test_journal_without_header(void **state)
{
	struct place *p = *state;

	mkfs(p, "40M", "-s 513");
	put_header(p, 20, 512, 10);
	assert_scan(p, &plain, "", 0);
	put_transaction(p, 511, 5, 1, 6);
	assert_scan(p, &plain, "", 0);
	put_transaction(p, 511, 5, 1, 5);
	assert_refused(p, &plain, "journal holds changes");
	put_header(p, 0, 0, 0);
	assert_refused(p, &plain, "journal holds changes");
}

static void test_crashed(void **state)
{
	struct place *p = *state;

	fixture(p, "crashed");
	assert_refused(p, &nocheck, "journal holds changes");
	assert_int_equal(0, sh("reiserfsck --check -q -y %s >/dev/null 2>&1", p->image));
	compare(p, BLOCK, "after reiserfsck");
}

/*
 * libblkid knows it only when the journal begins behind block 16 of its device:
 * otherwise it looks like a superblock inside of a journal.
 */
static void test_external_journal(void **state)
{
	struct place *p = *state;

	mkfs(p, "40M", "-s 513");
	set32(p, SUPER + J_DEV, 0x801);
	set32(p, SUPER + J_SIZE, UINT32_MAX);
	assert_scan(p, &plain, "journal is on another device", 0);
}

/* ---- not ours, or damaged -------------------------------------------------- */

static void test_unknown(void **state)
{
	struct place *p = *state;

	mkfs(p, "40M", "-s 513");
	set16(p, SUPER + VERSION_, 3);
	assert_raw(p, "reiserfs", "version 3 is newer");
	for (uint64_t size = 4096; size < SUPER + 76; size += 4096)
		assert_answer(p, size, -EOPNOTSUPP, "no superblock");
	assert_answer(p, SUPER + 75, -EOPNOTSUPP, "no superblock");
	poke(p, SUPER + MAGIC, "\0\0\0\0\0\0\0\0\0", 9);
	poke(p, 8192 + 20, "ReIsErFs", 9); /* of 1999, without a journal */
	assert_answer(p, 0, -EOPNOTSUPP, "older ones are not known");
}

static void test_impossible(void **state)
{
	static const struct {
		unsigned off, len;
		uint32_t value;
		const char *text;
	} bad[] = {
		{ 0, 4, 17, "impossible" },
		{ 0, 4, 0, "impossible" },
		{ 0, 4, UINT32_MAX, "impossible" }, /* does not go with s_bmap_nr */
		{ 0, 4, 32768, "larger than the device" },
		{ FREE, 4, 10241, "impossible" },
		{ ROOT, 4, 10240, "impossible" },
		{ BSIZE, 2, 0, "impossible" },
		{ BSIZE, 2, 256, "impossible" },
		{ BSIZE, 2, 16384, "impossible" },
		{ BSIZE, 2, 4097, "impossible" },
		{ MAPS, 2, 0, "impossible" },
		{ MAPS, 2, 2, "impossible" },
		{ J_FIRST, 4, 17, "place for the journal" },
		{ J_FIRST, 4, 9728, "place for the journal" },
		{ J_SIZE, 4, 0, "place for the journal" },
		{ J_SIZE, 4, UINT32_MAX, "place for the journal" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mkfs(p, "40M", "-s 513");
		if (bad[i].len == 4)
			set32(p, SUPER + bad[i].off, bad[i].value);
		else
			set16(p, SUPER + bad[i].off, (uint16_t)bad[i].value);
		assert_answer(p, 0, -EUCLEAN, bad[i].text);
	}
}

/* Numbers that go together and still cannot be. */
static void test_too_small_or_large(void **state)
{
	struct place *p = *state;

	mkfs(p, "40M", "-s 513");
	set32(p, SUPER, 17); /* not even the bitmap */
	set32(p, SUPER + FREE, 0);
	set32(p, SUPER + ROOT, UINT32_MAX);
	set32(p, SUPER + J_DEV, 1);
	assert_answer(p, 0, -EUCLEAN, "impossible");
	mkfs(p, "300M", "-s 513");
	set32(p, SUPER + J_FIRST, 32768 - 512);
	assert_answer(p, 0, -EUCLEAN, "place for the journal");
	make_old(p, 1);
	assert_int_equal(0, truncate(p->image, (off_t)32767 << 27));
	set32(p, 8192, 32767U << 15);
	set16(p, 8192 + MAPS, 32767);
	assert_answer(p, 0, -EUCLEAN, "impossible");
}

static void test_truncated(void **state)
{
	struct place *p = *state;

	fixture(p, "aged");
	assert_int_equal(0, truncate(p->image, 24 * (off_t)MIB - 1));
	assert_refused(p, &force, "larger than the device");
}

/* A bitmap that was lost must not look like free space. */
static void test_lost_bitmap(void **state)
{
	static const uint8_t zero[BLOCK];
	struct place *p = *state;
	uint64_t second = 128 * MIB;

	mkfs(p, "300M", "");
	poke(p, second, zero, sizeof(zero));
	assert_refused(p, &force, "block 1 of the bitmap is bad");
	mkfs(p, "300M", "");
	poke(p, SUPER + BLOCK, zero, sizeof(zero));
	assert_refused(p, &force, "block 0 of the bitmap is bad");
	mkfs(p, "300M", "");
	flip(p, SUPER + BLOCK + 8000 / 8); /* in the journal */
	assert_refused(p, &force, "block 0 of the bitmap is bad");
	mkfs(p, "300M", "");
	poke(p, SUPER + BLOCK + 8211 / 8, "\x07", 1); /* the root */
	assert_refused(p, &force, "block 0 of the bitmap is bad");
	mkfs(p, "300M", "");
	poke(p, second + 100, "\x01", 1);
	assert_refused(p, &plain, "counts 68586 free blocks, its bitmap 68585");
}

/*
 * Nothing tells of a change in a bitmap that leaves as many bits set as before.
 */
static bool may_lose(const struct mutation *m, const struct extents *lost)
{
	(void)lost;
	return m->len <= 8 && m->off >= SUPER + BLOCK && m->off < SUPER + 2 * BLOCK;
}

static void test_mutants(void **state)
{
	static struct extent where[] = { { 0, SUPER + 2 * BLOCK },
					 { JOURNAL + 512 * BLOCK, 512 } };
	static struct extent super[] = { { SUPER, 512 }, { SUPER + BLOCK, 768 } };
	struct place *p = *state;
	struct extents meta = { where, 2, 2 };

	fixture(p, "aged");
	mutants_check(&(struct mutants){
		.ops = &fs_reiserfs, .path = p->image, .meta = &meta, .may_lose = may_lose });
	meta.v = super;
	mutants_check(&(struct mutants){ .ops = &fs_reiserfs,
					 .path = p->image,
					 .meta = &meta,
					 .n = 1000,
					 .may_lose = may_lose });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mkfs),
		cmocka_unit_test(test_aged),
		cmocka_unit_test(test_resized),
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_old_place),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_free_count),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_journal_without_header),
		cmocka_unit_test(test_crashed),
		cmocka_unit_test(test_external_journal),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_too_small_or_large),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_lost_bitmap),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
