// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of HFS Plus volumes, made by hfsplus_image.h and, for one
 * of another maker, by xorriso.
 */
#include "tests/unit/hfsplus_image.h"

#define HEADER 1024

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

static void assert_map(const struct place *p, const struct volume *v, uint64_t off,
		       uint64_t size, const struct fs_options *opt, const char *notice)
{
	struct extents want = { 0 };
	struct fs_scan s;
	struct err e;

	if (scan_at(p, off, size, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_hfsplus, s.ops);
	assert_int_equal(v->block, s.info.block);
	if (*notice)
		assert_text(s.info.notice, notice);
	else
		assert_string_equal("", s.info.notice);
	hp_expected(v, &want);
	assert_extents(&s.used, want.n, want.v);
	extents_free(&want);
	fs_scan_free(&s);
}

static void assert_good(const struct place *p, const struct volume *v)
{
	hp_write(p, v);
	assert_map(p, v, 0, 0, &plain, "");
}

/* Refused, whatever the options are, when these bytes are changed; not for good. */
static void assert_damaged(const struct place *p, uint64_t at, const void *bytes, size_t n,
			   const char *text)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	uint8_t old[8];

	assert_true(fd >= 0 && n <= sizeof(old));
	assert_int_equal(n, io_pread(fd, old, n, at));
	close(fd);
	poke(p, at, bytes, n);
	assert_refused(p, &force, text);
	poke(p, at, old, n);
}

static void write_with(const struct place *p, const struct volume *v, uint64_t at,
		       const char *bytes, size_t n)
{
	hp_write(p, v);
	poke(p, at, bytes, n);
}

static void test_sizes(void **state)
{
	static const uint32_t sizes[][2] = { { 4096, 2048 }, { 512, 16384 },  { 1024, 8191 },
					     { 2048, 4093 }, { 65536, 300 },  { 4096, 2049 },
					     { 512, 16385 }, { 4096, 40000 }, { 32768, 257 } };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct volume v = hp_defaults(sizes[i][0], sizes[i][1]);

		assert_good(p, &v);
		hp_use(&v, v.blocks - 20, 3);
		hp_use(&v, v.blocks / 2 + 30, 1);
		v.tail = 1000;
		assert_good(p, &v);
		v.signature = 0x4858; /* HFSX */
		assert_good(p, &v);
		free(v.used);
	}
}

/* The map of a volume of 4 GiB: more than is read at once. */
static void test_pieces(void **state)
{
	struct place *p = *state;
	struct volume v = hp_defaults(512, 9000000);
	uint8_t *used = v.used;
	struct fs_scan s;
	struct err e;
	struct extents want = { 0 };
	uint8_t bits[64] = { 0 };

	/* A sparse file: only headers, tree and map are written. */
	assert_int_equal(
		0, sh("rm -f %s && truncate -s %llu %s", p->image, 512 * 9000000ULL, p->image));
	for (uint32_t i = 9000; i < v.blocks; i += 70001)
		hp_use(&v, i, 1);
	uint8_t header[512], tree[TREE_SIZE] = { 0 };

	hp_header(&v, header);
	hp_tree(&v, tree);
	poke(p, 1024, header, sizeof(header));
	poke(p, 512ULL * v.blocks - 1024, header, sizeof(header));
	poke(p, (uint64_t)v.tree * 512, tree, sizeof(tree));
	for (uint32_t i = 0; i < v.blocks; i += 512) {
		bool any = false;

		memset(bits, 0, sizeof(bits));
		for (uint32_t k = i; k < i + 512 && k < v.blocks; k++)
			if (used[k]) {
				bits[(k - i) / 8] |= 0x80 >> k % 8;
				any = true;
			}
		if (any)
			poke(p, v.map[0].off * 512 + i / 8, bits, sizeof(bits));
	}
	if (scan(p, &plain, &s, &e))
		fail_msg("refused: %s", e.msg);
	hp_expected(&v, &want);
	assert_extents(&s.used, want.n, want.v);
	extents_free(&want);
	fs_scan_free(&s);
	free(used);
}

/* 20 extents: 8 in the header, 12 in two records of the extents tree. */
static struct volume scattered(void)
{
	struct volume v = hp_defaults(512, 81920 - 3);

	v.n_map = 20;
	memset(v.used + v.map[0].off, 0, v.map[0].len);
	for (unsigned i = 0; i < v.n_map; i++) {
		v.map[i] = (struct extent){ 1000 + 70 * ((i * 7) % 20), 1 };
		hp_use(&v, v.map[i].off, 1);
	}
	hp_use(&v, 81920 - 300, 30);
	return v;
}

static void test_scattered_map(void **state)
{
	struct place *p = *state;
	struct volume v = scattered();
	uint64_t leaf = (uint64_t)v.tree * 512 + NODE;
	static const struct {
		uint64_t at;
		const char *bytes;
		const char *text;
	} hits[] = {
		{ 8, "\0", "extents file is damaged" },          /* no leaf */
		{ 11, "\0", "extents file is damaged" },         /* no records */
		{ 14 + 11, "\x09", "extents file is damaged" },  /* not the next block */
		{ 14 + 7, "\x05", "extents file is damaged" },   /* not in order */
		{ 14 + 2, "\xff", "extents file is damaged" },   /* of the other fork */
		{ 14 + 12, "\xff", "behind the end" },           /* where it begins */
		{ 14 + 19, "\0", "extents file is damaged" },    /* nothing in it */
		{ NODE - 2, "\x01", "extents file is damaged" }, /* where the record is */
		{ NODE - 4, "\xff\xff", "extents file is damaged" },
	};

	assert_good(p, &v);
	for (size_t i = 0; i < sizeof(hits) / sizeof(hits[0]); i++) {
		assert_damaged(p, leaf + hits[i].at, hits[i].bytes, 1, hits[i].text);
	}
	/* The tree ends too early, has no leaves, runs in circles or out of its file. */
	assert_damaged(p, leaf + NODE, "\0\0\0\0", 4, "map is too short");
	assert_damaged(p, leaf + NODE, "\0\0\0\2", 4, "extents file is damaged");
	assert_damaged(p, leaf + NODE, "\0\1\0\2", 4, "has no node 65538");
	assert_damaged(p, leaf - NODE + 14 + 10, "\0\0\0\0", 4, "map is too short");
	assert_damaged(p, leaf - NODE + 14 + 18, "\0\0", 2, "extents file is damaged");
	assert_damaged(p, leaf - NODE + 8, "\0", 1, "extents file is damaged");
	free(v.used);
}

static void test_wrapper(void **state)
{
	struct place *p = *state;
	struct volume v = hp_defaults(4096, 2000);

	v.wrapper = 8192 + 5 * 4096;
	v.tail = 5000;
	assert_good(p, &v);
	v.journal_info = 900;
	v.journal = 901 * 4096;
	v.attributes |= 0x2000;
	hp_use(&v, 900, 3);
	assert_good(p, &v);
	write_with(p, &v, 1024 + 128, "\x7f\0", 2);
	assert_refused(p, &force, "HFS wrapper says that it is at 28672+133169152");
	write_with(p, &v, 1024 + 128, "\x07\0", 2); /* blocks, fewer than it has */
	assert_refused(p, &force, "larger than the device: it has 2000 blocks");
	free(v.used);
}

static void test_offset(void **state)
{
	struct place *p = *state;
	struct volume v = hp_defaults(1024, 8000);

	v.tail = 512;
	hp_write(p, &v);
	assert_int_equal(0, sh("cd %s && head -c 1049088 /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir));
	assert_map(p, &v, 1049088, 8000 * 1024 + 512, &plain, "");
	free(v.used);
}

static void test_attributes(void **state)
{
	struct place *p = *state;
	struct volume v = hp_defaults(4096, 1000);

	v.attributes = 0;
	hp_write(p, &v);
	assert_refused(p, &plain, "not cleanly unmounted");
	assert_refused(p, &nocheck, "fsck_hfs");
	assert_map(p, &v, 0, 0, &force, "passed over: it was not cleanly unmounted");
	v.attributes = 0x900;
	hp_write(p, &v);
	assert_refused(p, &nocheck, "not cleanly unmounted");
	v.attributes = 0x4100;
	hp_write(p, &v);
	assert_refused(p, &nocheck, "errors were found in it");
	v.attributes = 0x300;
	hp_write(p, &v);
	assert_map(p, &v, 0, 0, &plain, "marked bad");
	v.attributes = 0x80009580; /* the others do not matter */
	assert_good(p, &v);
	free(v.used);
}

static void test_journal(void **state)
{
	struct place *p = *state;
	struct volume v = hp_defaults(4096, 1000);

	v.journal_info = 700;
	v.journal = 701 * 4096 + 512;
	v.attributes |= 0x2000;
	hp_use(&v, 700, 4); /* not whole blocks: one more */
	for (int little = 0; little < 2; little++) {
		v.little = little;
		v.end = v.start;
		assert_good(p, &v);
		v.end += 512;
		hp_write(p, &v);
		assert_refused(p, &nocheck, "journal holds changes");
		assert_map(p, &v, 0, 0, &force, "passed over: its journal holds changes");
		v.end = v.start;
		write_with(p, &v, v.journal + 8 + 3, "\1", 1); /* in both numbers */
		poke(p, v.journal + 16 + 3, "\1", 1);
		assert_refused(p, &nocheck, "journal is damaged");
		write_with(p, &v, v.journal, "\0", 1);
		assert_refused(p, &nocheck, "journal is damaged");
	}
	v.end += 512;
	v.journal_flags = 5; /* never used so far */
	assert_good(p, &v);
	v.journal_flags = 2;
	hp_write(p, &v);
	assert_map(p, &v, 0, 0, &plain, "journal is on another device");
	v.journal_flags = 1;
	v.end = v.start;
	v.attributes &= ~0x2000U; /* then it does not matter what is there */
	v.journal_info = 0;
	assert_good(p, &v);
	free(v.used);
}

static void test_damaged_journal(void **state)
{
	struct place *p = *state;
	struct volume v = hp_defaults(4096, 1000);

	v.journal_info = 700;
	v.journal = 701 * 4096;
	v.attributes |= 0x2000;
	hp_use(&v, 700, 3);
	write_with(p, &v, HEADER + 12, "\x7f", 1);
	assert_refused(p, &force, "behind the end");
	write_with(p, &v, 700 * 4096 + 36, "\x7f", 1);
	assert_refused(p, &force, "journal is behind the end");
	write_with(p, &v, 700 * 4096 + 44, "\xff", 1);
	assert_refused(p, &force, "journal is behind the end");
	v.used[702] = 0;
	hp_write(p, &v);
	assert_refused(p, &force, "own files are marked free");
	v.used[702] = 1;
	v.used[700] = 0;
	hp_write(p, &v);
	assert_refused(p, &force, "own files are marked free");
	free(v.used);
}

static void test_not_ours(void **state)
{
	struct place *p = *state;
	struct volume v = hp_defaults(4096, 1000);

	write_with(p, &v, HEADER + 2, "\0\6", 2);
	assert_raw(p, "hfsplus", "version 6 is newer");
	free(v.used);
}

static void test_damaged(void **state)
{
	static const struct {
		uint64_t at;
		const char *bytes, *text;
	} hits[] = {
		{ 40, "\0\0\x0f\0", "impossible numbers" }, /* block size */
		{ 44, "\0\0\0\0", "impossible numbers" },   /* no blocks */
		{ 48, "\0\1\0\0", "impossible numbers" },   /* free blocks */
		{ 44, "\0\0\x04\0", "larger than the device" },
		{ 112 + 4, "\0\0\0\1", "map is too short" },      /* bytes in the map */
		{ 112 + 16, "\x7f\0\0\0", "are behind the end" }, /* where it is */
		{ 112 + 20, "\x7f\0\0\0", "are behind the end" },
		{ 192 + 16, "\x7f\0\0\0", "are behind the end" },      /* the extents file */
		{ 272 + 20, "\0\0\2\0", "own files are marked free" }, /* the catalog */
		{ 352 + 20, "\0\0\2\0", "own files are marked free" }, /* attributes */
		{ 432 + 20, "\0\0\2\0", "own files are marked free" }, /* startup file */
	};
	struct place *p = *state;
	struct volume v = hp_defaults(4096, 1000);

	hp_write(p, &v);
	for (size_t i = 0; i < sizeof(hits) / sizeof(hits[0]); i++) {
		assert_damaged(p, HEADER + hits[i].at, hits[i].bytes, 4, hits[i].text);
	}
	v.used[0] = 0;
	hp_write(p, &v);
	assert_refused(p, &force, "own files are marked free; the map of used blocks");
	v.used[0] = 1;
	v.used[v.map[0].off] = 0;
	hp_write(p, &v);
	assert_refused(p, &force, "own files are marked free");
	v.used[v.map[0].off] = 1;
	write_with(p, &v, HEADER + 48, "\0\0\0\5", 4);
	assert_refused(p, &plain, "counts 5 free blocks, its map 9");
	assert_map(p, &v, 0, 0, &nocheck, "passed over: its volume header counts 5");
	hp_write(p, &v);
	assert_int_equal(0, truncate(p->image, 999 * 4096));
	assert_refused(p, &force, "larger than the device: it has 1000 blocks of 4096");
	free(v.used);
}

/* Of another maker: what xorriso puts into an ISO image.  It uses every block. */
static void test_xorriso(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct err e;

	if (sh("cd %s && xorriso -as mkisofs -quiet -hfsplus -o iso files 2>/dev/null",
	       p->dir)) {
		print_message("skipped: no xorriso\n");
		skip();
	}
	/* The third entry of the Apple partition map. */
	assert_int_equal(0, sh("cd %s && set -- $(od -An -tu1 -j 1544 -N 8 iso) &&"
			       "at=$(($3 * 256 + $4)) n=$(($7 * 256 + $8)) &&"
			       "tail -c +$((at * 512 + 1)) iso | head -c $((n * 512)) >image",
			       p->dir));
	if (scan(p, &plain, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_hfsplus, s.ops);
	assert_string_equal("", s.info.notice);
	assert_int_equal(1, s.used.n);
	assert_true(s.used.v[0].len >= MIB);
	fs_scan_free(&s);
}

static void test_mutants(void **state)
{
	struct place *p = *state;
	struct volume v = hp_defaults(4096, 1000), s = scattered();
	struct extent places[6] = { { HEADER, 512 } };
	struct extents meta = { places, 1, 6 };
	struct mutants t = { &fs_hfsplus, p->image, &meta, 200, NULL };

	v.journal_info = 700;
	v.journal = 701 * 4096;
	v.attributes |= 0x2000;
	hp_use(&v, 700, 3);
	hp_write(p, &v);
	mutants_check(&t);
	places[1] = (struct extent){ v.map[0].off * 4096, 125 };
	places[2] = (struct extent){ 700 * 4096, 52 };
	places[3] = (struct extent){ v.journal, 44 };
	meta.n = 4;
	mutants_check(&t);
	hp_write(p, &s);
	places[1] = (struct extent){ (uint64_t)s.tree * 512, (uint64_t)3 * NODE };
	for (unsigned i = 2; i < 6; i++)
		places[i] = (struct extent){ s.map[4 * i].off * 512, 512 };
	meta.n = 2;
	mutants_check(&t);
	meta.n = 6;
	mutants_check(&t);
	free(v.used);
	free(s.used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),         cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_scattered_map), cmocka_unit_test(test_wrapper),
		cmocka_unit_test(test_offset),        cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_journal),       cmocka_unit_test(test_damaged_journal),
		cmocka_unit_test(test_not_ours),      cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_xorriso),       cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
