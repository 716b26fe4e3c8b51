// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/gpt.h"

#include "common/bytes.h"
#include "common/io.h"
#include "imager/disk/mbr.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define HEADER_MIN 92
#define ENTRY      128        /* the only size that Linux reads */
#define TABLE_MAX  (1u << 20) /* the usual 128 entries are 16 KiB */
#define ATTR_BOOT  (1u << 2)
#define TAIL_MAX   (16u << 20) /* bytes; more is a table from another disk */

/* Offsets in the header. */
enum {
	H_CRC = 16,
	H_MY = 24,
	H_OTHER = 32,
	H_LAST = 48,
	H_GUID = 56,
	H_ENTRIES = 72,
	H_TABLE_CRC = 88,
};

struct header {
	uint32_t size, crc, table_crc, n, entry_size;
	uint64_t my, other, first, last, entries;
};

static bool decode(const uint8_t *sector, size_t len, struct header *h)
{
	struct rd r = rd_init(sector, len);
	const uint8_t *magic = rd_bytes(&r, 8);

	if (!magic || memcmp(magic, "EFI PART", 8) != 0)
		return false;
	rd_skip(&r, 4); /* revision */
	h->size = rd_le32(&r);
	h->crc = rd_le32(&r);
	rd_skip(&r, 4);
	h->my = rd_le64(&r);
	h->other = rd_le64(&r);
	h->first = rd_le64(&r);
	h->last = rd_le64(&r);
	rd_skip(&r, 16); /* GUID */
	h->entries = rd_le64(&r);
	h->n = rd_le32(&r);
	h->entry_size = rd_le32(&r);
	h->table_crc = rd_le32(&r);
	return rd_ok(&r) && h->size >= HEADER_MIN && h->size <= len;
}

static void put(uint8_t *p, uint64_t v, size_t n)
{
	struct wr w = wr_init(p, n);

	wr_le_(&w, v, n);
}

static uint64_t get64(const uint8_t *p)
{
	struct rd r = rd_init(p, 8);

	return rd_le64(&r);
}

/* The header's checksum is made with its own field at zero. */
static uint32_t header_crc(uint8_t *header, uint32_t size)
{
	uint8_t kept[4];
	uint32_t crc;

	memcpy(kept, header + H_CRC, 4);
	memset(header + H_CRC, 0, 4);
	crc = libdeflate_crc32(0, header, size);
	memcpy(header + H_CRC, kept, 4);
	return crc;
}

static uint64_t table_sectors(uint32_t n, uint32_t sector)
{
	return ((uint64_t)n * ENTRY + sector - 1) / sector;
}

/* Whether the header's numbers fit each other and a disk of @total sectors. */
static bool sane(const struct header *h, uint64_t lba, bool front, uint32_t sector,
		 uint64_t total)
{
	uint64_t sectors;

	if (h->my != lba || h->entry_size != ENTRY || !h->n || h->n > TABLE_MAX / ENTRY)
		return false;
	sectors = table_sectors(h->n, sector);
	if (h->first > h->last || h->last >= total || h->entries >= total ||
	    sectors > total - h->entries)
		return false;
	if (front)
		return h->entries > lba && h->entries + sectors <= h->first;
	/* Also the first copy must have room, to be made again. */
	return h->first >= 2 + sectors && h->entries > h->last && h->entries + sectors <= lba;
}

/* 0 also when the copy is not good; only a lack of memory is a failure. */
static int read_copy(const struct dev *d, struct gpt *g, size_t i, uint64_t lba,
		     struct header *h, struct err *e)
{
	struct gpt_copy *c = &g->copy[i];
	size_t len;

	c->lba = lba;
	if (lba < 1 || lba >= g->total)
		return 0;
	c->header = malloc(g->sector);
	if (!c->header)
		return err_nomem(e);
	if (dev_read(d, c->header, g->sector, lba * g->sector, NULL) ||
	    !decode(c->header, g->sector, h) || header_crc(c->header, h->size) != h->crc ||
	    !sane(h, lba, i == 0, g->sector, g->total))
		return 0;
	len = (size_t)table_sectors(h->n, g->sector) * g->sector;
	c->entries = h->entries;
	c->table = malloc(len);
	if (!c->table)
		return err_nomem(e);
	c->good = !dev_read(d, c->table, len, h->entries * g->sector, NULL) &&
		  libdeflate_crc32(0, c->table, (size_t)h->n * ENTRY) == h->table_crc;
	return 0;
}

int gpt_read(const struct dev *d, uint32_t sector, struct gpt *ret, struct err *e)
{
	struct header h[2] = { 0 }, *best;
	uint64_t at, min_tail;
	int r;

	*ret = (struct gpt){ .sector = sector, .total = d->size / sector };
	r = read_copy(d, ret, 0, 1, &h[0], e);
	/* The other copy is where this one says, which need not be the end. */
	at = ret->copy[0].good ? h[0].other : ret->total - 1;
	if (!r && ret->total)
		r = read_copy(d, ret, 1, at, &h[1], e);
	if (r || (!ret->copy[0].good && !ret->copy[1].good))
		return r;
	ret->best = &ret->copy[ret->copy[0].good ? 0 : 1];
	best = &h[ret->copy[0].good ? 0 : 1];
	ret->first = best->first;
	ret->last = best->last;
	ret->n = best->n;
	ret->table_sectors = table_sectors(best->n, sector);
	min_tail = ret->table_sectors + 1;
	ret->tail = at > best->last ? at - best->last : 0;
	if (ret->tail < min_tail || ret->tail > TAIL_MAX / sector)
		ret->tail = min_tail;
	return 1;
}

void gpt_free(struct gpt *g)
{
	for (size_t i = 0; i < 2; i++) {
		free(g->copy[i].header);
		free(g->copy[i].table);
	}
	*g = (struct gpt){ 0 };
}

static bool entry_used(const uint8_t *entry)
{
	static const uint8_t none[16] = { 0 };

	return memcmp(entry, none, sizeof(none)) != 0;
}

static int list_parts(const struct gpt *g, struct ptable *ret, struct err *e)
{
	ret->v = calloc(g->n, sizeof(*ret->v));
	if (!ret->v)
		return err_nomem(e);
	for (uint32_t i = 0; i < g->n; i++) {
		const uint8_t *entry = g->best->table + (size_t)i * ENTRY;
		uint64_t start = get64(entry + 32), end = get64(entry + 40);

		if (!entry_used(entry))
			continue;
		if (start < g->first || end > g->last || start > end)
			return err_set(e, -EUCLEAN,
				       "partition %u lies outside of the disk's usable space "
				       "(sectors %llu to %llu of %llu to %llu)",
				       i + 1, (unsigned long long)start,
				       (unsigned long long)end, (unsigned long long)g->first,
				       (unsigned long long)g->last);
		ret->v[ret->n++] = (struct part){
			.number = i + 1,
			.off = start * g->sector,
			.size = (end - start + 1) * g->sector,
			.boot = entry[48] & ATTR_BOOT,
		};
	}
	return 0;
}

static int list_own(const struct gpt *g, struct ptable *ret, struct err *e)
{
	int r = extents_add(&ret->own, 0, g->sector, e);

	for (size_t i = 0; i < 2 && !r; i++) {
		const struct gpt_copy *c = &g->copy[i];

		if (!c->good)
			continue;
		r = extents_add(&ret->own, c->lba * g->sector, g->sector, e);
		if (!r)
			r = extents_add(&ret->own, c->entries * g->sector,
					g->table_sectors * g->sector, e);
	}
	extents_normalize(&ret->own);
	return r;
}

static bool copies_differ(const struct gpt *g)
{
	const uint8_t *a = g->copy[0].header, *b = g->copy[1].header;

	/* Disk GUID; number and size of the entries and their checksum. */
	return memcmp(a + H_GUID, b + H_GUID, 16) != 0 ||
	       memcmp(a + H_ENTRIES + 8, b + H_ENTRIES + 8, 12) != 0;
}

static const char *notice(const struct gpt *g)
{
	if (!g->copy[0].good)
		return "the first copy of the partition table (GPT) is damaged, the one at "
		       "the end of the disk is good; gdisk can mend that";
	if (!g->copy[1].good)
		return "the copy of the partition table (GPT) that belongs at the end of the "
		       "disk is missing or damaged; sgdisk -e makes it again";
	if (copies_differ(g))
		return "the two copies of the partition table (GPT) differ; the first one is "
		       "used";
	if (g->copy[1].lba != g->total - 1)
		return "the second copy of the partition table (GPT) is not at the end of the "
		       "disk, as the disk was copied from a smaller one; sgdisk -e moves it";
	return "";
}

int gpt_list(const struct gpt *g, struct ptable *ret, struct err *e)
{
	int r = list_parts(g, ret, e);

	ret->front = g->first * g->sector;
	ret->tail = g->tail * g->sector;
	snprintf(ret->notice, sizeof(ret->notice), "%s", notice(g));
	return r ? r : list_own(g, ret, e);
}

bool gpt_hybrid(const uint8_t *mbr)
{
	for (unsigned i = 0; i < 4; i++) {
		struct mbr_entry x = mbr_entry_get(mbr, i, 0, MBR_SIZE);

		if (x.type && x.type != MBR_GPT)
			return true;
	}
	return false;
}

/* A random (version 4) GUID, in GPT's mixed byte order. */
static int new_guid(uint8_t *guid, struct err *e)
{
	if (getrandom(guid, 16, 0) != 16)
		return err_sys(e, "cannot get random bytes");
	guid[7] = (uint8_t)((guid[7] & 0x0f) | 0x40);
	guid[8] = (uint8_t)((guid[8] & 0x3f) | 0x80);
	return 0;
}

static int change_entries(const struct gpt *g, const struct ptable_change *c, uint8_t *table,
			  struct err *e)
{
	for (uint32_t i = 0; i < g->n; i++) {
		uint8_t *entry = table + (size_t)i * ENTRY;
		uint64_t start = get64(entry + 32);

		if (!entry_used(entry))
			continue;
		if (i + 1 == c->part)
			put(entry + 40, start + c->part_size / g->sector - 1, 8);
		if (c->new_ids && new_guid(entry + 16, e))
			return -EIO;
	}
	return 0;
}

/*
 * The record that protects the GPT from programs that know only MBRs spans the
 * disk.  The one of a hybrid MBR does not: it ends before the first of the
 * other records, each of which stands for a partition and changes with it.
 */
static void change_mbr(const struct gpt *g, const struct ptable_change *c, uint8_t *mbr)
{
	uint64_t spans = c->disk_size / g->sector - 1, start = 0, size = 0;
	bool hybrid = gpt_hybrid(mbr);

	if (c->part) {
		const uint8_t *entry = g->best->table + (size_t)(c->part - 1) * ENTRY;

		start = get64(entry + 32);
		size = get64(entry + 40) - start + 1;
	}
	for (unsigned i = 0; i < 4; i++) {
		struct mbr_entry x = mbr_entry_get(mbr, i, 0, g->sector);
		uint8_t *bytes = mbr + MBR_ENTRIES + (size_t)i * MBR_ENTRY;

		/* Some programs write the largest number whatever the disk. */
		if (x.type == MBR_GPT && x.size != UINT32_MAX && !hybrid)
			put(bytes + 12, spans < UINT32_MAX ? spans : UINT32_MAX, 4);
		else if (x.type != MBR_GPT && size && x.start == start && x.size == size)
			mbr_entry_resize(bytes, start, c->part_size / g->sector);
	}
}

static int write_copy(const struct gpt *g, int fd, uint64_t lba, uint64_t entries,
		      uint64_t other, uint64_t last, uint8_t *header, const uint8_t *table,
		      struct err *e)
{
	struct header h = { 0 };
	int r;

	put(header + H_MY, lba, 8);
	put(header + H_OTHER, other, 8);
	put(header + H_LAST, last, 8);
	put(header + H_ENTRIES, entries, 8);
	put(header + H_TABLE_CRC, libdeflate_crc32(0, table, (size_t)g->n * ENTRY), 4);
	(void)decode(header, g->sector, &h); /* it was good before */
	put(header + H_CRC, header_crc(header, h.size), 4);
	r = io_pwrite(fd, header, g->sector, lba * g->sector);
	if (!r)
		r = io_pwrite(fd, table, (size_t)g->table_sectors * g->sector,
			      entries * g->sector);
	return r ? err_set(e, r, "cannot write the new partition table") : 0;
}

int gpt_write(const struct gpt *g, const struct ptable_change *c, uint8_t *mbr, int fd,
	      struct err *e)
{
	uint64_t total = c->disk_size / g->sector, entries, last;
	size_t len = (size_t)g->table_sectors * g->sector;
	uint8_t *header = malloc(g->sector), *table = malloc(len);
	int r = 0;

	if (!header || !table) {
		r = err_nomem(e);
		goto out;
	}
	last = total - 1 - g->tail;
	entries = g->copy[0].good ? g->copy[0].entries : 2;
	memcpy(header, g->best->header, g->sector);
	memcpy(table, g->best->table, len);
	if (c->new_ids)
		r = new_guid(header + H_GUID, e);
	if (!r)
		r = change_entries(g, c, table, e);
	if (!r)
		r = write_copy(g, fd, 1, entries, total - 1, last, header, table, e);
	if (!r)
		r = write_copy(g, fd, total - 1, total - 1 - g->table_sectors, 1, last, header,
			       table, e);
	change_mbr(g, c, mbr);
out:
	free(header);
	free(table);
	return r;
}
