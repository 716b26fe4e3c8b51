// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the NTFS reader says of volumes from mkntfs, against $Bitmap as ntfscat
 * copies it out, and of dirty, hibernated, damaged and hostile ones.
 */
#include "imager/fs/ntfs_vol.h"
#include "tests/fuzz/ntfs_leak.h"
#include "tests/unit/mutants.h"

#include <ntfs-3g/device.h>

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

/* Where mkntfs puts $Bitmap in 20 MiB with clusters of 4096 bytes. */
#define BITMAP_PLACE 0x287000

/* ---- volumes ------------------------------------------------------------- */

static void make_volume(const struct place *p, unsigned mib, unsigned cluster, unsigned sector)
{
	assert_int_equal(0, sh("rm -f %s; truncate -s %uM %s; mkntfs -F -Q -q -p 0 -H 0 -S 0"
			       " -L fixture -c %u -s %u %s >/dev/null 2>&1",
			       p->image, mib, p->image, cluster, sector, p->image));
}

static void copy_in(const struct place *p, const char *from, const char *to)
{
	assert_int_equal(0, sh("ntfscp %s %s %s >/dev/null 2>&1", p->image, from, to));
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

static uint64_t cluster_size(const struct place *p)
{
	uint64_t code = number(p, 13, 1);

	return number(p, 11, 2) * (code > 128 ? UINT64_C(1) << (256 - code) : code);
}

static uint64_t record_size(const struct place *p)
{
	uint64_t code = number(p, 0x40, 1);

	return code > 128 ? UINT64_C(1) << (256 - code) : code * cluster_size(p);
}

enum { MFT, MIRROR, LOGFILE, VOLUME, ATTRDEF, ROOT, BITMAP, BOOT };

/* Where record @no of $MFT is, or with @mirror its copy. */
static uint64_t record_at(const struct place *p, unsigned no, bool mirror)
{
	return number(p, mirror ? 0x38 : 0x30, 8) * cluster_size(p) + no * record_size(p);
}

/* The attribute of that kind in a record. */
static uint64_t attribute_at(const struct place *p, uint64_t record, uint32_t type)
{
	uint64_t at = record + number(p, record + 20, 2);

	while (number(p, at, 4) != type) {
		assert_true(number(p, at, 4) < 0x1000);
		at += number(p, at + 4, 4);
	}
	return at;
}

/* The mapping pairs of a $DATA in one run, and where that run is in bytes. */
static uint64_t runs_at(const struct place *p, unsigned no, uint64_t *ret_place)
{
	uint64_t at = attribute_at(p, record_at(p, no, false), 0x80);
	uint64_t code;

	assert_int_equal(1, number(p, at + 8, 1));
	at += number(p, at + 32, 2);
	code = number(p, at, 1);
	if (ret_place)
		*ret_place = number(p, at + 1 + (code & 15), code >> 4) * cluster_size(p);
	return at;
}

/* In a record and in the mirror's copy, if that has one. */
static void poke_record(const struct place *p, unsigned no, uint64_t off, const void *b,
			size_t n)
{
	poke(p, record_at(p, no, false) + off, b, n);
	if (no < 4)
		poke(p, record_at(p, no, true) + off, b, n);
}

static void set_flags(const struct place *p, uint16_t flags)
{
	uint64_t record = record_at(p, VOLUME, false), at = attribute_at(p, record, 0x70);

	at += number(p, at + 20, 2) + 10;
	poke_record(p, VOLUME, at - record,
		    (uint8_t[]){ (uint8_t)flags, (uint8_t)(flags >> 8) }, 2);
}

/* ---- asking -------------------------------------------------------------- */

static void passes(const struct place *p, const struct fs_options *opt, const char *part)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_ntfs, s.ops);
	assert_string_equal("", s.info.problem);
	assert_text(s.info.notice, part);
	if (!*part)
		assert_string_equal("", s.info.notice);
	fs_scan_free(&s);
}

/* Without libblkid, which looks at some things, too. */
static int ask(const struct place *p, struct fs_info *ret, struct extents *used, struct err *e)
{
	struct dev d;
	struct area a = { &d, 0, 0 };
	int r;

	*e = (struct err){ 0 };
	*ret = (struct fs_info){ 0 };
	assert_int_equal(0, dev_open_source(&d, p->image, e));
	a.size = d.size;
	r = fs_ntfs.used(&a, true, ret, used, e);
	dev_close(&d);
	return r;
}

static void damaged(const struct place *p, const char *part)
{
	struct extents used = { 0 };
	struct fs_info info;
	struct err e;
	int r = ask(p, &info, &used, &e);

	if (r != -EUCLEAN)
		fail_msg("result %d instead of \"%s\": %s", r, part, e.msg);
	assert_text(e.msg, part);
	assert_text(e.msg, "--raw");
	extents_free(&used);
}

static void unsupported(const struct place *p, const char *part)
{
	struct extents used = { 0 };
	struct fs_info info;
	struct err e;

	assert_int_equal(-EOPNOTSUPP, ask(p, &info, &used, &e));
	assert_text(e.msg, part);
	extents_free(&used);
}

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

static void hiberfile(const struct place *p, const char *head, unsigned size)
{
	char from[120];

	snprintf(from, sizeof(from), "%s/hiberfil", p->dir);
	make_volume(p, 20, 4096, 512);
	assert_int_equal(0, sh("printf '%s' >%s; truncate -s %u %s", head, from, size, from));
	copy_in(p, from, "hiberfil.sys");
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

/* Two restart pages of $LogFile, of version @major, open, perhaps clean. */
static void write_log(const struct place *p, unsigned major, bool in_use, bool clean)
{
	uint8_t page[4096] = { 0 };
	struct wr w = wr_init(page, sizeof(page));
	uint64_t at;

	wr_bytes(&w, "RSTR", 4);
	wr_le16(&w, 30); /* update sequence array: at, number */
	wr_le16(&w, 9);
	wr_le64(&w, 0);
	wr_le32(&w, 4096);
	wr_le32(&w, 4096);
	wr_le16(&w, 48); /* restart area */
	wr_le16(&w, major == 1 ? 1 : 0);
	wr_le16(&w, (uint16_t)major);
	wr_le16(&w, 7); /* update sequence number */
	w.pos = 48;
	wr_le64(&w, 0x100000);
	wr_le16(&w, 1); /* clients: number, first free, first in use */
	wr_le16(&w, in_use ? 0xffff : 0);
	wr_le16(&w, in_use ? 0 : 0xffff);
	wr_le16(&w, clean ? 2 : 0);
	wr_le32(&w, 67 - 22); /* bits of a size of 2 MiB: 22 */
	wr_le16(&w, 0x40 + 160);
	wr_le16(&w, 0x40);
	wr_le64(&w, 2 << 20);
	w.pos = 48 + 0x40 + 16; /* the client: previous and next of it */
	wr_le32(&w, 0xffffffff);
	for (size_t i = 510; i < sizeof(page); i += 512)
		page[i] = 7;
	(void)runs_at(p, LOGFILE, &at);
	poke(p, at, page, sizeof(page));
	poke(p, at + sizeof(page), page, sizeof(page));
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

/* ---- damage -------------------------------------------------------------- */

static void test_boot_sector(void **state)
{
	static const struct {
		uint64_t off;
		size_t n;
		uint64_t value;
	} bad[] = {
		{ 11, 2, 0 },
		{ 11, 2, 256 },
		{ 11, 2, 513 },
		{ 11, 2, 8192 },
		{ 13, 1, 0 },
		{ 13, 1, 3 },
		{ 13, 1, 0xc0 },
		{ 13, 1, 0xa0 },
		{ 14, 2, 1 },
		{ 16, 1, 2 },
		{ 17, 2, 512 },
		{ 19, 2, 9 },
		{ 22, 2, 32 },
		{ 32, 4, 9 },
		{ 0x28, 8, 0 },
		{ 0x28, 8, 8 },
		{ 0x30, 8, 0 },
		{ 0x30, 8, 5119 },
		{ 0x30, 8, UINT64_MAX },
		{ 0x38, 8, 0 },
		{ 0x38, 8, 5119 },
		{ 0x38, 8, UINT64_C(1) << 63 },
		{ 0x40, 1, 0 },
		{ 0x40, 1, 3 },
		{ 0x40, 1, 0x7f },
		{ 0x40, 1, 0xe1 },
		{ 0x40, 1, 0xf8 },
		{ 0x40, 1, 0xef },
		{ 0x40, 1, 32 },
		{ 0x44, 1, 0 },
		{ 0x44, 1, 0xe1 },
		{ 0x44, 1, 5 },
	};
	struct place *p = *state;
	uint64_t old;

	make_volume(p, 20, 4096, 512);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		old = number(p, bad[i].off, bad[i].n);
		poke_number(p, bad[i].off, bad[i].n, bad[i].value);
		damaged(p, "boot sector has impossible numbers");
		poke_number(p, bad[i].off, bad[i].n, old);
	}
	old = number(p, 0x38, 8);
	poke_number(p, 0x38, 8, number(p, 0x30, 8));
	damaged(p, "impossible numbers");
	poke_number(p, 0x38, 8, old);
	poke_number(p, 0x28, 8, 40961);
	damaged(p, "larger than the device: it has 40961 sectors");
	poke_number(p, 0x28, 8, UINT64_C(1) << 62);
	damaged(p, "larger than the device");
	poke_number(p, 0x28, 8, 40959);
	poke_number(p, 13, 1, 0xf3);
	unsupported(p, "clusters of 4194304 bytes");
	poke_number(p, 13, 1, 8);
	passes(p, &plain, "");
	poke(p, 3, "MSDOS5.0", 8);
	unsupported(p, "no NTFS boot sector");
	assert_int_equal(0, truncate(p->image, 511));
	unsupported(p, "too small");
}

/* With no checksum to tell, a $Bitmap that was lost must not look like free space. */
static void test_lost_bitmap(void **state)
{
	static const unsigned system_file[] = { MFT, MIRROR, LOGFILE, BITMAP, BOOT };
	struct place *p = *state;
	uint64_t map, at;
	uint8_t b;

	make_volume(p, 20, 4096, 512);
	(void)runs_at(p, BITMAP, &map);
	for (size_t i = 0; i < sizeof(system_file) / sizeof(system_file[0]); i++) {
		uint64_t runs = runs_at(p, system_file[i], &at);

		/* First and last cluster of it. */
		for (int k = 0; k < 2; k++) {
			uint64_t bit =
				at / 4096 +
				(k ? number(p, runs + 1, number(p, runs, 1) & 15) - 1 : 0);

			b = (uint8_t)number(p, map + bit / 8, 1);
			poke_number(p, map + bit / 8, 1, b & ~(1U << bit % 8));
			damaged(p, "takes clusters of system files for free");
			poke_number(p, map + bit / 8, 1, b);
		}
	}
	at = attribute_at(p, record_at(p, MFT, false), 0xb0); /* the bitmap of $MFT */
	at += number(p, at + 32, 2);
	at = number(p, at + 2, number(p, at, 1) >> 4);
	b = (uint8_t)number(p, map + at / 8, 1);
	poke_number(p, map + at / 8, 1, b & ~(1U << at % 8));
	damaged(p, "takes clusters of system files for free");
	poke_number(p, map + at / 8, 1, b);
	passes(p, &plain, "");
}

static void test_bad_runs(void **state)
{
	static const struct {
		unsigned no;
		const char *text;
	} files[] = {
		{ LOGFILE, "its $LogFile is broken" },
		{ BITMAP, "its $Bitmap is broken" },
		{ BOOT, "its $Boot is broken" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		uint64_t runs, code, n;

		make_volume(p, 20, 4096, 512);
		/* Beyond the end, by one cluster. */
		runs = runs_at(p, files[i].no, NULL);
		code = number(p, runs, 1);
		n = number(p, runs + 1, code & 15);
		poke_number(p, runs, 1, (code & 15) | 0x20);
		poke_number(p, runs + 1 + (code & 15), 2, 5119 - n + 1);
		poke(p, runs + 3 + (code & 15), "", 1);
		poke_record(p, files[i].no, runs - record_at(p, files[i].no, false), "", 0);
		damaged(p, files[i].text);
		/* The last that would do. */
		poke_number(p, runs + 1 + (code & 15), 2, 5119 - n);
		damaged(p, files[i].no == BOOT     ? "its $Boot is broken"
			   : files[i].no == BITMAP ? "system files for free"
						   : "system files for free");
	}
	make_volume(p, 20, 4096, 512);
	uint64_t log_place, runs = runs_at(p, BITMAP, NULL);
	(void)runs_at(p, LOGFILE, &log_place);
	poke(p, runs, "\x21\x01", 2);
	poke_number(p, runs + 2, 2, log_place / 4096);
	poke(p, runs + 4, "", 1);
	damaged(p, "its system files overlap");
}

static void test_lost_records(void **state)
{
	static const unsigned files[] = { MFT, MIRROR, LOGFILE, VOLUME, ROOT, BITMAP, BOOT };
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		make_volume(p, 20, 4096, 512);
		poke(p, record_at(p, files[i], false), "BAAD", 4);
		damaged(p, i < 2                ? "its $MFT or the copy $MFTMirr"
			   : files[i] >= BITMAP ? "is broken"
						: "cannot be read");
		poke(p, record_at(p, files[i], false), "FILE", 4);
		flip(p, record_at(p, files[i], false) + 510); /* half written */
		damaged(p, "the map of used blocks is damaged");
	}
}

/* ---- nothing is written, hostile volumes --------------------------------- */

static void test_never_writes(void **state)
{
	struct place *p = *state;
	struct dev d = { .fd = -1, .direct_fd = -1 };
	struct area a = { &d, 0, 0 };
	struct ntfs_vol v;
	struct err e = { 0 };
	uint8_t before[512], buf[512] = { 0 };

	make_volume(p, 20, 4096, 512);
	peek(p, 0, before, sizeof(before));
	assert_int_equal(0, dev_open_target(&d, p->image, 0, &e)); /* it could be written */
	a.size = d.size;
	assert_int_equal(0, ntfs_vol_open(&a, &v, &e));
	assert_int_equal(-1, ntfs_pwrite(v.dev, 0, sizeof(buf), buf));
	assert_int_equal(EROFS, errno);
	assert_int_equal(-1, v.dev->d_ops->write(v.dev, buf, sizeof(buf)));
	assert_int_equal(EROFS, errno);
	assert_int_equal(-1, v.dev->d_ops->ioctl(v.dev, 0, buf));
	assert_int_equal(-1, v.dev->d_ops->open(v.dev, O_RDWR));
	ntfs_vol_close(&v);
	dev_close(&d);
	peek(p, 0, buf, sizeof(buf));
	assert_memory_equal(before, buf, sizeof(buf));
}

static void test_device(void **state)
{
	struct place *p = *state;
	struct dev d;
	struct area a = { &d, 0, 0 };
	struct ntfs_vol v;
	struct err e = { 0 };
	struct stat st;
	uint8_t buf[1024];

	make_volume(p, 20, 4096, 512);
	assert_int_equal(0, dev_open_source(&d, p->image, &e));
	a.size = d.size;
	assert_int_equal(0, ntfs_vol_open(&a, &v, &e));
	struct ntfs_device_operations *ops = v.dev->d_ops;
	assert_int_equal(512, ops->seek(v.dev, 512, SEEK_SET));
	assert_int_equal(100, ops->read(v.dev, buf, 100));
	assert_int_equal(600, ops->seek(v.dev, -12, SEEK_CUR));
	assert_int_equal(a.size - 10, ops->seek(v.dev, -10, SEEK_END));
	assert_int_equal(10, ops->read(v.dev, buf, sizeof(buf)));
	assert_int_equal(0, ops->read(v.dev, buf, sizeof(buf)));
	assert_int_equal(-1, ops->seek(v.dev, 1, SEEK_END));
	assert_int_equal(-1, ops->seek(v.dev, -1, SEEK_SET));
	assert_int_equal(-1, ops->pread(v.dev, buf, -1, 0));
	assert_int_equal(-1, ops->pread(v.dev, buf, 1, -1));
	assert_int_equal(0, ops->pread(v.dev, buf, 1, (s64)a.size));
	assert_int_equal(0, ops->stat(v.dev, &st));
	assert_int_equal(a.size, st.st_size);
	assert_int_equal(0, ops->sync(v.dev));
	/* There is an end to what may be read, and no way back. */
	assert_true(v.left > 100000);
	v.left = 1000;
	assert_int_equal(600, ops->pread(v.dev, buf, 600, 0));
	assert_int_equal(-1, ops->pread(v.dev, buf, 600, 0));
	assert_int_equal(-1, ops->pread(v.dev, buf, 1, 0));
	assert_int_equal(-EUCLEAN, ntfs_vol_error(&v, "this", &e));
	assert_text(e.msg, "more pieces than makes sense");
	ntfs_vol_close(&v);
	dev_close(&d);
}

/*
 * A volume is as good as its $Bitmap: no checksum and no count tells of a bit
 * that got lost, but for those of system files.  What is lost must be what the
 * changed bytes tell of, and no more.
 */
static bool in_bitmap(const struct mutation *m, const struct extents *lost)
{
	const struct extent *last = &lost->v[lost->n - 1];
	uint64_t byte = 8 * 4096; /* what one of $Bitmap tells of */

	return m->len && m->off >= BITMAP_PLACE && m->off < BITMAP_PLACE + 640 &&
	       lost->v[0].off >= (m->off - BITMAP_PLACE) * byte &&
	       last->off + last->len <= (m->off - BITMAP_PLACE + m->len) * byte;
}

/* @may_lose: $Bitmap is among what gets damaged. */
static void mutate(const struct place *p,
		   bool (*may_lose)(const struct mutation *m, const struct extents *lost))
{
	struct mutants m = { .ops = &fs_ntfs, .path = p->image, .may_lose = may_lose };
	struct extents meta = { 0 };
	uint64_t at;

	assert_int_equal(0, extents_add(&meta, 0, 512, NULL));
	assert_int_equal(0,
			 extents_add(&meta, record_at(p, 0, false), 8 * record_size(p), NULL));
	assert_int_equal(0,
			 extents_add(&meta, record_at(p, 0, true), 4 * record_size(p), NULL));
	(void)runs_at(p, LOGFILE, &at);
	assert_int_equal(0, extents_add(&meta, at, 1024, NULL));
	if (may_lose)
		assert_int_equal(0, extents_add(&meta, BITMAP_PLACE, 640, NULL));
	extents_normalize(&meta);
	m.meta = &meta;
	mutants_check(&m);
	extents_free(&meta);
}

static void test_mutants(void **state)
{
	struct place *p = *state;
	uint64_t at;

	hiberfile(p, "wake", 5000);
	mutate(p, NULL);
	(void)runs_at(p, BITMAP, &at);
	assert_int_equal(BITMAP_PLACE, at);
	mutate(p, in_bitmap);
	make_volume(p, 20, 512, 512);
	write_log(p, 1, true, true);
	mutate(p, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_geometries),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_short_bitmap),
		cmocka_unit_test(test_fragmented_bitmap),
		cmocka_unit_test(test_dirty),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_hibernated),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_mirror),
		cmocka_unit_test(test_boot_sector),
		cmocka_unit_test(test_lost_bitmap),
		cmocka_unit_test(test_bad_runs),
		cmocka_unit_test(test_lost_records),
		cmocka_unit_test(test_never_writes),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
