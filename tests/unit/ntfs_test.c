// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the NTFS reader says of volumes from mkntfs, against $Bitmap as ntfscat
 * copies it out, and of dirty, hibernated and other states of them.
 */
#include "tests/fuzz/ntfs_leak.h"
#include "tests/unit/ntfs_place.h"

/* ---- the map ------------------------------------------------------------- */

/* By $Bitmap, of which @known bytes count, and what no cluster covers. */
static void expected(const struct place *p, uint64_t known, uint64_t size, struct extents *ret)
{
	uint64_t cluster = cluster_size(p), i;
	uint64_t clusters = number(p, 0x28, 8) * number(p, 11, 2) / cluster;
	char cmd[200];
	FILE *f;
	int c = 0;

	snprintf(cmd, sizeof(cmd), "ntfscat -i 6 %s 2>/dev/null", p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	for (i = 0; i < clusters; i++) {
		if (i % 8 == 0)
			c = i / 8 < known ? fgetc(f) : 0xff;
		assert_true(c >= 0);
		if (c >> i % 8 & 1)
			assert_int_equal(0, extents_add(ret, i * cluster, cluster, NULL));
	}
	while (fgetc(f) >= 0)
		continue;
	assert_int_equal(0, pclose(f));
	assert_int_equal(0, extents_add(ret, i * cluster, size - i * cluster, NULL));
	extents_normalize(ret);
}

static void compare(const struct place *p, uint64_t known)
{
	struct extents want = { 0 };
	struct fs_scan s;
	struct stat st;
	struct err e;

	if (scan(p, &plain, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_ntfs, s.ops);
	assert_string_equal("fixture", s.label);
	assert_int_equal(cluster_size(p), s.info.block);
	assert_int_equal(0, stat(p->image, &st));
	assert_int_equal(number(p, 11, 2) * (number(p, 0x28, 8) + 1), s.info.size);
	expected(p, known, (uint64_t)st.st_size, &want);
	assert_extents(&s.used, want.n, want.v);
	assert_true(extents_total(&s.used) < (uint64_t)st.st_size);
	extents_free(&want);
	fs_scan_free(&s);
}

static void test_geometries(void **state)
{
	static const struct {
		unsigned mib, cluster, sector;
	} g[] = {
		{ 20, 512, 512 },    { 20, 1024, 512 },      { 20, 4096, 512 },
		{ 20, 65536, 512 },  { 40, 131072, 512 },    { 100, 2097152, 512 },
		{ 20, 1024, 1024 },  { 20, 2048, 2048 },     { 20, 4096, 4096 },
		{ 40, 65536, 4096 }, { 100, 2097152, 4096 },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(g) / sizeof(g[0]); i++) {
		make_volume(p, g[i].mib, g[i].cluster, g[i].sector);
		compare(p, UINT64_MAX);
		for (unsigned k = 3; k < 40; k += 6) {
			char from[120], to[16];

			snprintf(from, sizeof(from), "%s/f%u", p->files, k);
			snprintf(to, sizeof(to), "f%u", k);
			copy_in(p, from, to);
		}
		compare(p, UINT64_MAX);
	}
}

/* More than one piece of $Bitmap: 2^23 clusters and some. */
static void test_pieces(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct err e;
	uint64_t map;

	make_volume(p, 5000, 512, 512);
	compare(p, UINT64_MAX);
	(void)runs_at(p, BITMAP, &map);
	poke(p, map + (1 << 20) - 1, "\x80", 1); /* the last of one, the first of the next */
	poke(p, map + (1 << 20), "\x01", 1);
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_true(extents_touch(&s.used, (UINT64_C(1) << 32) - 512, 512));
	assert_true(extents_touch(&s.used, UINT64_C(1) << 32, 512));
	assert_false(extents_touch(&s.used, (UINT64_C(1) << 32) + 512, 512));
	assert_false(extents_touch(&s.used, (UINT64_C(1) << 32) - 1024, 512));
	fs_scan_free(&s);
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 20 * MIB;
	struct fs_scan s, t;
	struct err e;

	make_volume(p, 20, 4096, 512);
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, size, &plain, &t, &e));
	assert_ptr_equal(&fs_ntfs, t.ops);
	assert_extents(&t.used, s.used.n, s.used.v);
	assert_string_equal(s.uuid, t.uuid);
	fs_scan_free(&t);
	/* All of what follows it in its area is used. */
	assert_int_equal(0, scan_at(p, off, size + MIB, &plain, &t, &e));
	assert_int_equal(extents_total(&t.used), extents_total(&s.used) + MIB);
	fs_scan_free(&t);
	/* Its backup boot sector may be missing, but nothing else. */
	assert_int_equal(0, scan_at(p, off, size - 512, &plain, &t, &e));
	assert_int_equal(size - 512, t.info.size);
	fs_scan_free(&t);
	assert_int_equal(-ECANCELED, scan_at(p, off, size - 1024, &force, &t, &e));
	assert_text(e.msg, "larger than the device");
	fs_scan_free(&s);
}

/* What $Bitmap does not say is used: its end, and a hole in it. */
static void test_short_bitmap(void **state)
{
	struct place *p = *state;
	uint64_t at, place, runs;
	uint8_t b[8] = { 0 };

	make_volume(p, 40, 512, 512);
	at = attribute_at(p, record_at(p, BITMAP, false), 0x80);
	runs = runs_at(p, BITMAP, &place);
	assert_int_equal(10240, number(p, at + 56, 8)); /* initialized size */
	poke_number(p, at + 56, 8, 9000);
	compare(p, 9000);
	passes(p, &plain, "says nothing of");
	poke_number(p, at + 56, 8, 10240);
	poke_number(p, at + 48, 8, 10000); /* size */
	compare(p, 10000);
	poke_number(p, at + 48, 8, 0);
	passes(p, &plain, "says nothing of 81919 clusters");
	poke_number(p, at + 48, 8, 10240);
	passes(p, &plain, "");

	/* Its 20 clusters in two runs, the second of them then a hole. */
	peek(p, runs, b, 5);
	assert_true(b[0] <= 0x21 && b[1] == 20);
	unsigned n = 2 + (b[0] >> 4);
	b[1] = 10;
	memcpy(b + n, "\x11\x0a\x0a\0", 4);
	poke(p, runs, b, n + 4);
	compare(p, UINT64_MAX);
	passes(p, &plain, "");
	memcpy(b + n, "\x01\x0a\0", 3);
	poke(p, runs, b, n + 3);
	compare(p, 5120);
	passes(p, &plain, "says nothing of 40959 clusters");
}

/* What it says of clusters beyond the end of the volume means nothing. */
static void test_long_bitmap(void **state)
{
	struct place *p = *state;
	uint8_t beyond[4096 - 640];
	uint64_t at, place;

	make_volume(p, 20, 4096, 512); /* 5119 clusters */
	at = attribute_at(p, record_at(p, BITMAP, false), 0x80);
	(void)runs_at(p, BITMAP, &place);
	assert_int_equal(640, number(p, at + 48, 8));
	assert_int_equal(0x80, number(p, place + 639, 1) & 0x80);
	compare(p, UINT64_MAX);
	poke_number(p, place + 639, 1, number(p, place + 639, 1) & 0x7f);
	compare(p, UINT64_MAX);
	poke_number(p, at + 48, 8, 4096); /* size */
	poke_number(p, at + 56, 8, 4096); /* initialized size */
	for (int fill = 0; fill <= 0xff; fill += 0x55) {
		memset(beyond, fill, sizeof(beyond));
		poke(p, place + 640, beyond, sizeof(beyond));
		compare(p, UINT64_MAX);
		passes(p, &plain, "");
	}
}

/* $Bitmap in two pieces: the second half of it moves to the end of the volume. */
static void test_fragmented_bitmap(void **state)
{
	static const uint8_t end[] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0 };
	struct place *p = *state;
	uint64_t record, at, runs, place, to = 81900;
	uint8_t half[5120];

	make_volume(p, 40, 512, 512);
	record = record_at(p, BITMAP, false);
	at = attribute_at(p, record, 0x80);
	runs = runs_at(p, BITMAP, &place);
	peek(p, place + sizeof(half), half, sizeof(half));
	poke(p, place + sizeof(half), "\0\0", 2); /* what was there is of no use */
	for (unsigned i = 0; i < 10; i++)
		half[(to + i) / 8 - sizeof(half)] |= (uint8_t)(1U << (to + i) % 8);
	poke(p, to * 512, half, sizeof(half));
	assert_int_equal(20, number(p, runs + 1, 1));
	poke_number(p, runs, 2, 0x0a31);
	poke_number(p, runs + 2, 3, place / 512);
	poke_number(p, runs + 5, 2, 0x0a31);
	poke_number(p, runs + 7, 3, to - place / 512);
	poke_number(p, runs + 10, 1, 0);
	poke(p, runs + 16, end, sizeof(end));
	poke_number(p, at + 4, 4, runs + 16 - at);
	poke_number(p, record + 24, 4, runs + 24 - record);
	compare(p, UINT64_MAX);
	passes(p, &plain, "");
	half[to / 8 - sizeof(half)] = 0; /* it must know of itself there, too */
	poke(p, to * 512, half, sizeof(half));
	damaged(p, "takes clusters of system files for free");
}

/* ---- states that make the map doubtful ----------------------------------- */

static void test_dirty(void **state)
{
	struct place *p = *state;

	make_volume(p, 20, 4096, 512);
	set_flags(p, 0x8082);
	passes(p, &plain, ""); /* changed by chkdsk once, and other things that do not matter */
	set_flags(p, 0x0001);
	assert_refused(p, &plain, "marked dirty: run chkdsk /f");
	assert_refused(p, &nocheck, "--force");
	passes(p, &force, "passed over: it is marked dirty");
	set_flags(p, 0x4000);
	assert_refused(p, &plain, "marked dirty");
}

static void test_version(void **state)
{
	struct place *p = *state;
	uint64_t at, record;

	make_volume(p, 20, 4096, 512);
	record = record_at(p, VOLUME, false);
	at = attribute_at(p, record, 0x70);
	at += number(p, at + 20, 2) + 8 - record;
	poke_record(p, VOLUME, at, "\x01\x02", 2);
	passes(p, &plain, "");
	poke_record(p, VOLUME, at, "\x04\x00", 2);
	assert_raw(p, "ntfs", "its version is 4.0");
	poke_record(p, VOLUME, at, "\x01\x03", 2);
	assert_raw(p, "ntfs", "its version is 1.3");
}

static void test_hibernated(void **state)
{
	static const char *const asleep[] = { "hibr", "HIBR", "rstr", "RSTR", "link", "\\001" };
	static const char *const awake[] = { "", "wake", "WAKE" };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(asleep) / sizeof(asleep[0]); i++) {
		hiberfile(p, asleep[i], 100000);
		assert_refused(p, &nocheck, "Windows is hibernated");
	}
	assert_refused(p, &plain, "shutdown /s /t 0");
	passes(p, &force, "passed over: Windows is hibernated");
	for (size_t i = 0; i < sizeof(awake) / sizeof(awake[0]); i++) {
		hiberfile(p, awake[i], 100000);
		passes(p, &plain, "");
	}
	hiberfile(p, "wake", 4096);
	passes(p, &plain, "");
	hiberfile(p, "", 4095); /* no Windows on this volume, but it was mounted */
	assert_refused(p, &plain, "Windows is hibernated");
	hiberfile(p, "", 0);
	assert_refused(p, &plain, "Windows is hibernated");
}

static void test_log(void **state)
{
	struct place *p = *state;

	make_volume(p, 20, 4096, 512);
	write_log(p, 1, true, true);
	passes(p, &plain, "");
	write_log(p, 1, false, false);
	passes(p, &plain, "");
	write_log(p, 1, true, false);
	assert_refused(p, &nocheck, "$LogFile holds changes");
	assert_refused(p, &plain, "chkdsk /f");
	passes(p, &force, "passed over: its $LogFile");
	write_log(p, 2, true, true);
	assert_refused(p, &nocheck, "Windows keeps changes to it in memory");
	assert_refused(p, &plain, "shutdown /s /t 0");
	write_log(p, 2, true, false);
	assert_refused(p, &plain, "Windows keeps changes to it in memory");
	write_log(p, 3, true, true);
	assert_refused(p, &plain, "$LogFile holds changes");
}

static void test_mirror(void **state)
{
	struct place *p = *state;

	make_volume(p, 20, 4096, 512);
	flip(p, record_at(p, VOLUME, true) + 0x100);
	assert_refused(p, &nocheck, "$MFTMirr differ");
	passes(p, &force, "passed over: its $MFT");
	flip(p, record_at(p, VOLUME, true) + 0x100);
	passes(p, &plain, "");
	flip(p, record_at(p, LOGFILE, true) + 510); /* half written */
	assert_refused(p, &plain, "$MFTMirr differ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_geometries),  cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_offset),      cmocka_unit_test(test_short_bitmap),
		cmocka_unit_test(test_long_bitmap), cmocka_unit_test(test_fragmented_bitmap),
		cmocka_unit_test(test_dirty),       cmocka_unit_test(test_version),
		cmocka_unit_test(test_hibernated),  cmocka_unit_test(test_log),
		cmocka_unit_test(test_mirror),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
