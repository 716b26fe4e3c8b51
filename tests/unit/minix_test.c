// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of Minix filesystems of all three versions, straight from
 * mkfs.minix and changed by hand.
 */
#include "tests/unit/mutants.h"

#define SUPER 1024

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

/* First zones for data of a filesystem of 4 MiB, versions 1 to 3. */
static const unsigned first_zone[] = { 0, 47, 90, 90 };

static void mkfs(const struct place *p, unsigned version)
{
	assert_int_equal(0, sh("rm -f %s && truncate -s 4M %s && mkfs.minix -%u %s >/dev/null",
			       p->image, p->image, version, p->image));
}

static void assert_map(const struct place *p, uint64_t off, uint64_t size, const char *notice,
		       const struct fs_options *opt, size_t n, const struct extent *want)
{
	struct fs_scan s;
	struct err e;

	if (scan_at(p, off, size, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_minix, s.ops);
	assert_string_equal("", s.info.problem);
	assert_text(s.info.notice, notice);
	assert_extents(&s.used, n, want);
	fs_scan_free(&s);
}

/* Without libblkid, which does not take every superblock that is one for Minix. */
static int ask(const struct place *p, struct extents *used, struct err *e)
{
	struct fs_info info = { 0 };
	struct dev d;
	struct area a = { .dev = &d };
	int r;

	assert_int_equal(0, dev_open_source(&d, p->image, e));
	a.size = d.size;
	r = fs_minix.used(&a, true, &info, used, e);
	dev_close(&d);
	extents_normalize(used);
	return r;
}

static void assert_impossible(const struct place *p)
{
	struct extents used = { 0 };
	struct err e;

	assert_int_equal(-EUCLEAN, ask(p, &used, &e));
	assert_text(e.msg, "impossible numbers");
	assert_int_equal(0, used.n);
}

/* Only the metadata and the root directory are used, and what is in @more. */
static void assert_simple(const struct place *p, uint64_t first, const char *notice,
			  const struct fs_options *opt)
{
	const struct extent want = { 0, (first + 1) * 1024 };

	assert_map(p, 0, 0, notice, opt, 1, &want);
}

static void test_versions(void **state)
{
	struct place *p = *state;

	for (unsigned v = 1; v <= 3; v++) {
		mkfs(p, v);
		assert_simple(p, first_zone[v], "", &plain);
		/* Names of 14 bytes: another magic number; 60 are for version 3 alone. */
		assert_int_equal(0, sh("mkfs.minix -%u -n %u %s >/dev/null", v,
				       v == 3 ? 60 : 14, p->image));
		assert_simple(p, first_zone[v], "", &plain);
	}
}

/* Bits of the map, one by one: the last zone, and the one beside the root. */
static void test_bits(void **state)
{
	struct place *p = *state;

	for (unsigned v = 1; v <= 3; v++) {
		unsigned first = first_zone[v], last = 4096 - first; /* bit of the last zone */
		struct extent want[] = { { 0, (first + 1) * 1024 },
					 { (first + 99) * 1024, 2048 },
					 { 4095 * 1024, 1024 } };

		mkfs(p, v);
		assert_map(p, 0, 0, "", &plain, 1, want);
		poke(p, 3 * 1024 + 100 / 8, "\x30", 1); /* bits 100 and 101 */
		want[1].off = (first + 99) * 1024;
		assert_map(p, 0, 0, "", &plain, 2, want);
		flip(p, 0); /* nothing of ours */
		poke(p, 3 * 1024 + last / 8,
		     (const uint8_t[]){ (uint8_t)((0xff << (last % 8)) & 0xff) }, 1);
		assert_map(p, 0, 0, "", &plain, 3, want);
	}
}

static void test_bad_blocks(void **state)
{
	struct place *p = *state;
	const struct extent want[] = { { 0, 48 * 1024 },
				       { 1000 * 1024, 1024 },
				       { 2000 * 1024, 2048 } };

	assert_int_equal(0, sh("cd %s && rm -f image && truncate -s 4M image &&"
			       "printf '1000\\n2000\\n2001\\n' >bad &&"
			       "mkfs.minix -1 -l bad image >/dev/null",
			       p->dir));
	assert_map(p, 0, 0, "", &plain, 3, want);
}

static void test_offset_and_tail(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 4 * MIB + 700;
	struct extent want[] = { { 0, 91 * 1024 }, { 4 * MIB, 700 } };

	mkfs(p, 2);
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head && head -c 700"
			       " /dev/urandom >tail && cat head image tail head >big &&"
			       "mv big image && rm head tail",
			       p->dir, off));
	assert_map(p, off, size, "", &plain, 2, want);
}

/* Zones of four blocks: what belongs together is moved by hand. */
static void test_large_zones(void **state)
{
	struct place *p = *state;
	const struct extent want[] = { { 0, 23 * 4096 + 4096 }, { 1023 * 4096, 4096 } };
	struct extents used = { 0 };
	uint8_t map[1024];
	struct err e;

	mkfs(p, 2);
	memset(map, 0, sizeof(map));
	map[0] = 3;
	map[1001 / 8] = 1 << 1001 % 8;
	poke(p, SUPER + 8, "\x17\0\x02\0", 4); /* first zone 23, zones of 4 blocks */
	poke(p, SUPER + 20, "\0\x04\0\0", 4);  /* 1024 of them */
	poke(p, 3 * 1024, map, sizeof(map));
	poke(p, 4 * 1024 + 24, "\x17\0\0\0", 4); /* the root directory */
	if (ask(p, &used, &e))
		fail_msg("refused: %s", e.msg);
	assert_extents(&used, 2, want);
	extents_free(&used);
	poke(p, SUPER + 8, "\x16", 1);
	assert_impossible(p);
	poke(p, SUPER + 8, "\x17\0\x05\0", 4);
	assert_impossible(p);
}

/* As MINIX 3 makes it: blocks of 4 KiB, and the first zone is to be computed. */
static void make_blocks_of_4k(const struct place *p)
{
	uint8_t super[32] = { 64, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0 };
	const uint8_t end[] = { 0xff, 0xff, 0xff, 0x7f, 0, 4, 0, 0, 0x5a, 0x4d, 0, 0, 0, 0x10 };

	memcpy(super + 16, end, sizeof(end));
	assert_int_equal(0, sh("rm -f %s && truncate -s 4M %s", p->image, p->image));
	poke(p, SUPER, super, sizeof(super));
	poke(p, 2 * 4096, "\3", 1);
	poke(p, 3 * 4096, "\7", 1);
	poke(p, 4 * 4096, "\xed\x41\2", 3);
	poke(p, 4 * 4096 + 24, "\5", 1); /* zone 5 is the first: 2 + 1 + 1 + 1 */
}

static void test_large_blocks(void **state)
{
	struct place *p = *state;
	const struct extent want = { 0, 7 * 4096 };

	make_blocks_of_4k(p);
	assert_map(p, 0, 0, "", &plain, 1, &want);
	poke(p, SUPER + 14, "\0\1", 2); /* a flag that must be known */
	assert_raw(p, "minix", "newer than this program (flags 0x100");
	poke(p, SUPER + 14, "\0\0", 2); /* what Linux makes, or a dirty one of MINIX 3 */
	assert_map(p, 0, 0, "", &plain, 1, &want);
	poke(p, SUPER + 28, "\0\x0c", 2);
	assert_impossible(p);
}

static void test_foreign_byte_order(void **state)
{
	struct place *p = *state;
	uint8_t buf[24];
	int fd;

	mkfs(p, 1);
	fd = open(p->image, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(sizeof(buf), io_pread(fd, buf, sizeof(buf), SUPER));
	close(fd);
	for (size_t i = 0; i < sizeof(buf); i += 2) {
		uint8_t b = buf[i];

		buf[i] = buf[i + 1];
		buf[i + 1] = b;
	}
	poke(p, SUPER, buf, sizeof(buf));
	assert_raw(p, "minix", "big-endian");
}

static void test_state(void **state)
{
	struct place *p = *state;

	for (unsigned v = 1; v <= 2; v++) {
		mkfs(p, v);
		poke(p, SUPER + 18, "\0", 1);
		assert_refused(p, &plain, "not cleanly unmounted");
		assert_refused(p, &nocheck, "fsck.minix -f");
		assert_simple(p, first_zone[v], "passed over: it was not cleanly", &force);
		poke(p, SUPER + 18, "\2", 1);
		assert_refused(p, &nocheck, "not cleanly unmounted");
		poke(p, SUPER + 18, "\3", 1);
		assert_refused(p, &plain, "found errors");
		assert_simple(p, first_zone[v], "passed over: the kernel has found errors",
			      &nocheck);
	}
}

static void test_impossible(void **state)
{
	static const struct {
		unsigned at, n;
		const char *bytes;
	} hits[] = {
		{ 0, 2, "\0\0" },          /* no inodes */
		{ 0, 2, "\xff\xff" },      /* more than the metadata has room for */
		{ 2, 2, "\1\0" },          /* more than there are bits */
		{ 6, 2, "\2\0" },          /* a larger map before the other */
		{ 10, 2, "\x59\0" },       /* data begins among the inodes */
		{ 12, 2, "\5\0" },         /* zones of 32 blocks */
		{ 20, 4, "\x5a\0\0\0" },   /* no zones for data */
		{ 20, 4, "\xff\xff\0\0" }, /* more than there are bits */
		{ 28, 2, "\0\1" },         /* blocks of 256 bytes */
		{ 28, 2, "\0\5" },         /* and of 1280 */
		{ 28, 2, "\0\0" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(hits) / sizeof(hits[0]); i++) {
		mkfs(p, 3);
		poke(p, SUPER + hits[i].at, hits[i].bytes, hits[i].n);
		assert_impossible(p);
	}
}

static void test_damaged(void **state)
{
	static const uint8_t zero[1024];
	struct place *p = *state;

	for (unsigned v = 1; v <= 3; v++) {
		mkfs(p, v);
		poke(p, 3 * 1024, zero, sizeof(zero));
		assert_refused(p, &force, "map of used zones is damaged: run fsck.minix");
		poke(p, 3 * 1024, "\1", 1); /* bit 0 alone: the root directory is free */
		assert_refused(p, &force, "map of used zones is damaged");
		poke(p, 3 * 1024, "\2", 1); /* without bit 0 */
		assert_refused(p, &force, "map of used zones is damaged");
		poke(p, 3 * 1024, "\3", 1);
		assert_simple(p, first_zone[v], "", &plain);
		poke(p, 4 * 1024 + (v == 1 ? 14 : 24), "\1\0", 2); /* root among metadata */
		assert_refused(p, &force, "map of used zones is damaged");
		mkfs(p, v);
		assert_int_equal(0, truncate(p->image, 4095 * 1024));
		assert_refused(p, &force, "larger than the device: it has 4096 zones of 1024");
	}
}

/* ---- the files ----------------------------------------------------------- */

/* With files up to double indirect zones, zones of 1 KiB, @size a word of truncate's. */
static void fill(const struct place *p, unsigned version, const char *size)
{
	assert_int_equal(0, sh("cd %s && rm -rf image files && mkdir files &&"
			       "truncate -s %s image && mkfs.minix -%u image >/dev/null &&"
			       "for i in 1 2 3 4 5 6 7 8; do"
			       "  head -c $((i * i * i * 1300)) /dev/urandom >files/$i; done",
			       p->dir, size, version));
	assert_int_equal(0, sh("tests/fixtures/minix-fill.pl %s %s/files", p->image, p->dir));
}

/* Each single zone but those for metadata marked free: one of a file is missed. */
static void test_lost_zones(void **state)
{
	struct place *p = *state;

	for (unsigned v = 1; v <= 3; v++) {
		struct fs_scan s;
		struct err e;
		unsigned n = 0;

		fill(p, v, "4M");
		assert_int_equal(0, scan(p, &plain, &s, &e));
		assert_in_range(s.used.n, 100, 4000);
		for (size_t i = 1; i < s.used.n && n < 60; i += 7, n++) {
			uint64_t bit = s.used.v[i].off / 1024 - first_zone[v] + 1;
			uint64_t at = 3 * 1024 + bit / 8;
			uint8_t was = 0, now;
			int fd = open(p->image, O_RDONLY | O_CLOEXEC);

			assert_int_equal(1, io_pread(fd, &was, 1, at));
			close(fd);
			now = (uint8_t)(was & ~(1U << bit % 8));
			assert_int_not_equal(was, now);
			poke(p, at, &now, 1);
			assert_refused(p, &force, "of a file is marked free; the map of used");
			poke(p, at, &was, 1);
		}
		assert_in_range(n, 20, 60);
		fs_scan_free(&s);
	}
}

static void assert_taken(const struct place *p)
{
	struct extents used = { 0 };
	struct err e = { 0 };

	if (ask(p, &used, &e))
		fail_msg("refused: %s", e.msg);
	extents_free(&used);
}

/* Blocks of numbers that are their own: more of them than there are zones. */
static void test_loops(void **state)
{
	struct place *p = *state;
	uint8_t own[1024], inode[64] = { 0xa4, 0x81, 1 };
	struct wr w = wr_init(own, sizeof(own));

	mkfs(p, 2);
	for (unsigned i = 0; i < sizeof(own) / 4; i++)
		wr_le32(&w, 1000);
	poke(p, 1000 * 1024, own, sizeof(own));
	w = wr_init(inode, sizeof(inode));
	w.pos = 24 + 9 * 4; /* three levels */
	wr_le32(&w, 1000);
	poke(p, 4 * 1024 + 64, inode, sizeof(inode));
	poke(p, 2 * 1024, "\7", 1);
	assert_refused(p, &force, "zone 1000 of a file is marked free");
	poke(p, 3 * 1024 + (1000 - 90 + 1) / 8, "\377", 1);
	assert_refused(p, &force, "files use zones more than once");
	poke(p, 4 * 1024 + 64, "\xb0\x61", 2); /* a device: its number is no zone */
	poke(p, 4 * 1024 + 64 + 60, "\xff\xff\xff\xff", 4);
	assert_taken(p);
	poke(p, 4 * 1024 + 64, "\xa4\x81\0", 3); /* a file that is in no folder */
	assert_taken(p);
}

static void test_mutants(void **state)
{
	struct place *p = *state;
	const struct extent places[] = { { SUPER, 32 }, { 2 * 1024, 2 * 1024 + 640 } };
	struct extents meta = { (struct extent *)places, 2, 2 };
	struct mutants t = { &fs_minix, p->image, &meta, 200, NULL };

	for (unsigned v = 1; v <= 3; v++) {
		fill(p, v, "4M");
		mutants_check(&t);
	}
	make_blocks_of_4k(p);
	t.meta = NULL; /* most of what is used is empty inodes */
	t.n = 60;
	mutants_check(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_bad_blocks),
		cmocka_unit_test(test_offset_and_tail),
		cmocka_unit_test(test_large_zones),
		cmocka_unit_test(test_large_blocks),
		cmocka_unit_test(test_foreign_byte_order),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_lost_zones),
		cmocka_unit_test(test_loops),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
