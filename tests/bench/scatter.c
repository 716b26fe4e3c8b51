// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * scatter.c - marks clusters as used all over a filesystem that is empty, for
 * filesystems that the kernel at hand may not be able to mount.
 *
 *   scatter ntfs|exfat|fat|f2fs FILE RANGES
 *
 * Prints the bytes that it marked: RANGES times one cluster or block, at equal
 * distances from begin to end.  fat: they are the chain of one file
 * SCATTER.BIN, and fsck.fat finds nothing wrong.  ntfs, exfat, f2fs: they are
 * used in the map ($Bitmap, allocation bitmap, SIT with the checkpoint's counts
 * and sums), but belong to no file, which a check of all files would tell.
 * FILE must be fresh from mkfs: nothing is looked for that mkfs does not write.
 */
#include "common/bytes.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define F2FS_MAGIC 0xf2f52010u
#define BLOCK      4096u /* of F2FS */
#define PACK       512u  /* blocks of one of its segments */
#define SIT_ENTRY  74u
#define SIT_BLOCK  55u /* entries in a block of the SIT */

struct disk {
	const char *path;
	int fd;
	uint64_t ranges;
};

/* ---- bytes -------------------------------------------------------------- */

static void get(const struct disk *d, void *buf, size_t n, uint64_t at)
{
	if (pread(d->fd, buf, n, (off_t)at) != (ssize_t)n)
		err(1, "cannot read %s at %" PRIu64, d->path, at);
}

static void put(const struct disk *d, const void *buf, size_t n, uint64_t at)
{
	if (pwrite(d->fd, buf, n, (off_t)at) != (ssize_t)n)
		err(1, "cannot write %s at %" PRIu64, d->path, at);
}

/* A number of @n bytes. */
static uint64_t number(const void *buf, size_t len, size_t at, size_t n)
{
	struct rd r = rd_init(buf, len);
	uint64_t v;

	rd_seek(&r, at);
	v = rd_le_(&r, n);
	if (!rd_ok(&r))
		errx(1, "byte %zu: not what mkfs writes", at);
	return v;
}

static void set_number(void *buf, size_t at, size_t n, uint64_t v)
{
	struct wr w = wr_init((uint8_t *)buf + at, n);

	wr_le_(&w, v, n);
}

static uint64_t number_at(const struct disk *d, uint64_t at, size_t n)
{
	uint8_t buf[8];

	get(d, buf, n, at);
	return number(buf, n, 0, n);
}

static void set_number_at(const struct disk *d, uint64_t at, size_t n, uint64_t v)
{
	uint8_t buf[8];

	set_number(buf, 0, n, v);
	put(d, buf, n, at);
}

/* ---- what has a bitmap -------------------------------------------------- */

/* Bits of the bitmap at byte @at; those that are set already are passed by. */
static void set_bits(const struct disk *d, uint64_t at, uint64_t bits)
{
	uint64_t step = bits / d->ranges;

	if (step < 2)
		errx(1, "%s has no room for %" PRIu64 " ranges", d->path, d->ranges);
	for (uint64_t i = 0; i < d->ranges; i++) {
		uint64_t k = i * step;
		uint64_t byte = number_at(d, at + k / 8, 1);

		while (byte >> k % 8 & 1 && k + 2 < (i + 1) * step) {
			k++;
			byte = number_at(d, at + k / 8, 1);
		}
		set_number_at(d, at + k / 8, 1, byte | UINT64_C(1) << k % 8);
	}
}

/* Returns bytes of a cluster, as all of these. */
static uint64_t scatter_ntfs(const struct disk *d)
{
	uint64_t sector = number_at(d, 11, 2), cluster = number_at(d, 13, 1) * sector;
	uint64_t clusters = number_at(d, 40, 8) * sector / cluster;
	uint64_t run, n;
	uint8_t record[1024];
	size_t at;

	/* The sixth record, of 1024 bytes as mkntfs makes them. */
	if (number_at(d, 64, 1) != 0xf6)
		errx(1, "%s has other records than mkntfs makes", d->path);
	get(d, record, sizeof(record), number_at(d, 48, 8) * cluster + 6 * sizeof(record));
	at = number(record, sizeof(record), 20, 2);
	while (number(record, sizeof(record), at, 4) != 0x80) /* $DATA */
		at += number(record, sizeof(record), at + 4, 4);
	at += number(record, sizeof(record), at + 32, 2);
	n = number(record, sizeof(record), at, 1);
	run = number(record, sizeof(record), at + 1, n & 15) * cluster;
	if (run < clusters / 8)
		errx(1, "$Bitmap of %s is in pieces", d->path);
	set_bits(d, number(record, sizeof(record), at + 1 + (n & 15), n >> 4) * cluster,
		 clusters);
	return cluster;
}

static uint64_t scatter_exfat(const struct disk *d)
{
	unsigned shift = (unsigned)number_at(d, 108, 1);
	uint64_t cluster = UINT64_C(1) << (shift + number_at(d, 109, 1));
	uint64_t heap = number_at(d, 88, 4) << shift;
	uint64_t entry = heap + (number_at(d, 96, 4) - 2) * cluster;

	while (number_at(d, entry, 1) != 0x81) /* the allocation bitmap */
		entry += 32;
	set_bits(d, heap + (number_at(d, entry + 20, 4) - 2) * cluster, number_at(d, 92, 4));
	return cluster;
}

/* ---- FAT32 -------------------------------------------------------------- */

struct fat {
	uint64_t sector, cluster, tables_at, table, tables, clusters, root;
};

/* SCATTER.BIN in the first entry of the root directory that is free. */
static void add_file(const struct disk *d, const struct fat *f, uint64_t first)
{
	uint64_t at = f->tables_at + f->tables * f->table + (f->root - 2) * f->cluster;
	uint8_t entry[32] = "SCATTER BIN\x20";

	while (number_at(d, at, 1))
		at += sizeof(entry);
	set_number(entry, 20, 2, first >> 16);
	set_number(entry, 24, 2, 0x2021); /* 1 January 1996 */
	set_number(entry, 26, 2, first & 0xffff);
	set_number(entry, 28, 4, d->ranges * f->cluster);
	put(d, entry, sizeof(entry), at);
}

static uint64_t scatter_fat(const struct disk *d)
{
	struct fat f = { .sector = number_at(d, 11, 2), .tables = number_at(d, 16, 1) };
	uint64_t info = number_at(d, 48, 2) * f.sector + 488, step, first;

	f.cluster = number_at(d, 13, 1) * f.sector;
	f.tables_at = number_at(d, 14, 2) * f.sector;
	f.table = number_at(d, 36, 4) * f.sector;
	f.root = number_at(d, 44, 4);
	f.clusters =
		(number_at(d, 32, 4) * f.sector - f.tables_at - f.tables * f.table) / f.cluster;
	step = f.clusters / d->ranges;
	first = f.root + 1;
	if (step < 2 || d->ranges * f.cluster > UINT32_MAX)
		errx(1, "no file of %s can have %" PRIu64 " pieces", d->path, d->ranges);
	for (uint64_t t = 0; t < f.tables; t++)
		for (uint64_t i = 0; i < d->ranges; i++) {
			uint64_t k = first + i * step;

			set_number_at(d, f.tables_at + t * f.table + k * 4, 4,
				      i + 1 < d->ranges ? k + step : 0x0fffffff);
		}
	add_file(d, &f, first);
	set_number_at(d, info, 4, number_at(d, info, 4) - d->ranges);
	return f.cluster;
}

/* ---- F2FS --------------------------------------------------------------- */

static uint32_t sum(const uint8_t *p, size_t n)
{
	uint32_t c = F2FS_MAGIC;

	for (size_t i = 0; i < n; i++) {
		c ^= p[i];
		for (int k = 0; k < 8; k++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
	}
	return c;
}

/* The checkpoint pack at @at, first and last block; those without one stay so. */
static void count_in_pack(const struct disk *d, uint64_t at)
{
	uint8_t cp[BLOCK];
	size_t sum_at;

	get(d, cp, BLOCK, at);
	sum_at = number(cp, BLOCK, 164, 4);
	if (!number(cp, BLOCK, 0, 8) || sum_at != BLOCK - 4)
		return;
	set_number(cp, 16, 8, number(cp, BLOCK, 16, 8) + d->ranges); /* blocks in use */
	set_number(cp, 32, 4, number(cp, BLOCK, 32, 4) - d->ranges); /* empty segments */
	set_number(cp, sum_at, 4, sum(cp, sum_at));
	put(d, cp, BLOCK, at);
	put(d, cp, BLOCK, at + (number(cp, BLOCK, 136, 4) - 1) * BLOCK);
}

/* A segment that is written to has its entry in the journal, too. */
static bool is_current(const uint8_t *cp, uint64_t segment)
{
	for (size_t i = 0; i < 8; i++)
		if (number(cp, BLOCK, 36 + 4 * i, 4) == segment ||
		    number(cp, BLOCK, 84 + 4 * i, 4) == segment)
			return true;
	return false;
}

static uint64_t scatter_f2fs(const struct disk *d)
{
	uint64_t segments = number_at(d, 1024 + 68, 4), step = segments / d->ranges;
	uint64_t cp_at = number_at(d, 1024 + 76, 4) * BLOCK;
	uint64_t sit = number_at(d, 1024 + 80, 4) * BLOCK;
	uint8_t cp[BLOCK];

	if (step < 2)
		errx(1, "%s has no room for %" PRIu64 " ranges", d->path, d->ranges);
	get(d, cp, BLOCK, cp_at);
	for (uint64_t i = 0; i < d->ranges; i++) {
		uint64_t s = i * step, at;

		while (is_current(cp, s))
			s++;
		at = sit + s / SIT_BLOCK * BLOCK + s % SIT_BLOCK * SIT_ENTRY;
		if (number_at(d, at, 2) || s >= (i + 1) * step)
			errx(1, "segment %" PRIu64 " of %s is in use", s, d->path);
		set_number_at(d, at, 2, 1);        /* one block of hot data, */
		set_number_at(d, at + 2, 1, 0x80); /* the first one */
	}
	count_in_pack(d, cp_at);
	count_in_pack(d, cp_at + (uint64_t)PACK * BLOCK);
	return BLOCK;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t (*scatter)(const struct disk *d);
	} kinds[] = {
		{ "ntfs", scatter_ntfs },
		{ "exfat", scatter_exfat },
		{ "fat", scatter_fat },
		{ "f2fs", scatter_f2fs },
	};
	struct disk d = { .ranges = argc == 4 ? strtoull(argv[3], NULL, 10) : 0 };
	uint64_t unit = 0;

	if (!d.ranges)
		errx(2, "usage: scatter ntfs|exfat|fat|f2fs FILE RANGES");
	d.path = argv[2];
	d.fd = open(d.path, O_RDWR | O_CLOEXEC);
	if (d.fd < 0)
		err(1, "cannot open %s", d.path);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].name))
			unit = kinds[i].scatter(&d);
	if (!unit)
		errx(2, "no such filesystem: %s", argv[1]);
	if (close(d.fd))
		err(1, "cannot write %s", d.path);
	printf("%" PRIu64 "\n", d.ranges * unit);
	return 0;
}
