// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the NTFS reader says of damaged and hostile volumes, and that nothing
 * can write to one.
 */
#include "imager/fs/ntfs_vol.h"
#include "tests/fuzz/ntfs_leak.h"
#include "tests/unit/mutants.h"
#include "tests/unit/ntfs_place.h"

#include <malloc.h>
#include <ntfs-3g/device.h>

/* Where mkntfs puts $Bitmap in 20 MiB with clusters of 4096 bytes. */
#define BITMAP_PLACE 0x287000

/* ---- damage -------------------------------------------------------------- */

static const struct {
	uint64_t off;
	size_t n;
	uint64_t value;
} bad_boots[] = {
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

static void test_boot_sector(void **state)
{
	struct place *p = *state;
	uint64_t old;

	make_volume(p, 20, 4096, 512);
	for (size_t i = 0; i < sizeof(bad_boots) / sizeof(bad_boots[0]); i++) {
		old = number(p, bad_boots[i].off, bad_boots[i].n);
		poke_number(p, bad_boots[i].off, bad_boots[i].n, bad_boots[i].value);
		damaged(p, "boot sector has impossible numbers");
		poke_number(p, bad_boots[i].off, bad_boots[i].n, old);
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

/* ntfs_leak.h keeps LeakSanitizer from telling, so this is counted. */
static void assert_no_leak(const struct place *p, int want)
{
	struct fs_info info;
	struct err e;
	size_t before = 0;

	for (int i = 0; i < 20; i++) {
		struct extents used = { 0 };

		assert_int_equal(want, ask(p, &info, &used, &e));
		extents_free(&used);
		if (i == 4) /* what is kept for the next time is there now */
			before = mallinfo2().uordblks;
	}
	assert_int_equal(before, mallinfo2().uordblks);
}

static void test_no_leaks(void **state)
{
	struct place *p = *state;
	uint64_t map;

	make_volume(p, 20, 4096, 512);
	assert_no_leak(p, 0);
	write_log(p, 1, true, false);
	set_flags(p, 0x0001);
	assert_no_leak(p, 0);
	(void)runs_at(p, BITMAP, &map);
	poke(p, map, "", 1);
	assert_no_leak(p, -EUCLEAN);
	poke(p, record_at(p, BITMAP, false), "BAAD", 4);
	assert_no_leak(p, -EUCLEAN);
	poke(p, record_at(p, VOLUME, false), "BAAD", 4);
	assert_no_leak(p, -EUCLEAN);
	poke(p, record_at(p, MFT, false), "BAAD", 4);
	assert_no_leak(p, -EUCLEAN);
	hiberfile(p, "hibr", 100000);
	assert_no_leak(p, 0);
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
		cmocka_unit_test(test_boot_sector),  cmocka_unit_test(test_lost_bitmap),
		cmocka_unit_test(test_bad_runs),     cmocka_unit_test(test_lost_records),
		cmocka_unit_test(test_never_writes), cmocka_unit_test(test_device),
		cmocka_unit_test(test_no_leaks),     cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
