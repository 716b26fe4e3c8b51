// SPDX-License-Identifier: GPL-3.0-or-later
/* header.c - docs/FORMAT.md, "Header". */
#include "imager/image/format.h"

#include "imager/codec/codec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define HEADER_FIXED    128
#define REGION_SIZE     64
#define HEADER_RESERVED 48
#define REGION_RESERVED 4
#define FS_NAME_SIZE    16

size_t header_size(const struct header *h)
{
	return HEADER_FIXED + (size_t)REGION_SIZE * h->n_regions + h->json_len + HASH_SIZE;
}

static void region_render(struct wr *w, const struct region *g)
{
	wr_le64(w, g->off);
	wr_le64(w, g->size);
	wr_le64(w, g->used_bytes);
	wr_le32(w, g->kind);
	wr_le32(w, g->flags);
	wr_le32(w, g->block);
	wr_le32(w, g->n_extents);
	wr_bytes(w, g->fs, FS_NAME_SIZE);
	wr_le32(w, g->part);
	wr_zero(w, REGION_RESERVED);
}

int header_render(const struct header *h, void *buf, size_t n, struct hash *hash)
{
	struct wr w = wr_init(buf, n);

	frame_begin(&w, FRAME_HEADER);
	wr_le16(&w, FORMAT_VERSION);
	wr_u8(&w, h->chunk_shift);
	wr_u8(&w, h->codec);
	wr_le32(&w, h->compat);
	wr_le32(&w, h->ro_compat);
	wr_le32(&w, h->incompat);
	wr_bytes(&w, h->id, IMAGE_ID_SIZE);
	wr_le64(&w, h->device_size);
	wr_le32(&w, h->sector);
	wr_le32(&w, h->physical);
	wr_le32(&w, h->n_regions);
	wr_le32(&w, h->json_len);
	wr_le64(&w, h->used_bytes);
	wr_zero(&w, HEADER_RESERVED);
	for (uint32_t i = 0; i < h->n_regions; i++)
		region_render(&w, &h->regions[i]);
	wr_bytes(&w, h->json, h->json_len);
	return frame_seal(&w, 0, HASH_SIZE, hash);
}

/* Version and features first: another version may have another layout. */
static int parse_features(struct rd *r, struct header *h, struct err *e)
{
	unsigned version = rd_le16(r);

	h->chunk_shift = rd_u8(r);
	h->codec = rd_u8(r);
	h->compat = rd_le32(r);
	h->ro_compat = rd_le32(r);
	h->incompat = rd_le32(r);
	if (!rd_ok(r))
		return err_set(e, -EBADMSG, "header: cut short");
	if (version != FORMAT_VERSION)
		return err_set(e, -EBADMSG,
			       "header: the image has format version %u, this program knows "
			       "version %d; use a newer slate",
			       version, FORMAT_VERSION);
	if (h->incompat & ~INCOMPAT_KNOWN)
		return err_set(e, -EBADMSG,
			       "header: the image needs features (incompat 0x%" PRIx32
			       ") that this program does not know; use a newer slate",
			       h->incompat & ~INCOMPAT_KNOWN);
	return 0;
}

static int region_parse(struct rd *r, const struct header *h, struct region *g)
{
	const uint8_t *name;
	uint64_t end;

	g->off = rd_le64(r);
	g->size = rd_le64(r);
	g->used_bytes = rd_le64(r);
	g->kind = rd_le32(r);
	g->flags = rd_le32(r);
	g->block = rd_le32(r);
	g->n_extents = rd_le32(r);
	name = rd_bytes(r, FS_NAME_SIZE);
	g->part = rd_le32(r);
	rd_skip(r, REGION_RESERVED);
	if (!name || !add_u64(g->off, g->size, &end) || end > h->device_size || !g->size ||
	    g->used_bytes > g->size || g->n_extents > MAP_EXTENTS_MAX ||
	    (g->kind != REGION_AREA && g->kind != REGION_TABLE))
		return -EBADMSG;
	memcpy(g->fs, name, FS_NAME_SIZE);
	for (const char *c = g->fs; *c; c++)
		if (*c < 0x21 || *c > 0x7e)
			return -EBADMSG;
	return 0;
}

static int parse_regions(struct rd *r, struct header *h, struct err *e)
{
	uint64_t used = 0, end = 0;

	h->regions = calloc(h->n_regions, sizeof(*h->regions));
	if (!h->regions)
		return err_nomem(e);
	for (uint32_t i = 0; i < h->n_regions; i++) {
		struct region *g = &h->regions[i];

		if (region_parse(r, h, g) < 0 || g->off < end)
			return err_set(e, -EBADMSG, "header: region %" PRIu32 " is impossible",
				       i);
		end = g->off + g->size;
		used += g->used_bytes;
	}
	if (used != h->used_bytes)
		return err_set(e, -EBADMSG, "header: the regions' used bytes do not add up");
	return 0;
}

/* Partition tables are read and made in units of it. */
static bool is_sector(uint32_t n)
{
	return n >= SECTOR_MIN && n <= SECTOR_MAX && !(n & (n - 1));
}

static int parse_body(struct rd *r, struct header *h, struct err *e)
{
	const uint8_t *p;
	int ret;

	if (!codec_by_id(h->codec))
		return err_set(e, -EBADMSG,
			       "header: the image is compressed in a way (codec %u) that this "
			       "program does not know; use a newer slate",
			       h->codec);
	if (h->chunk_shift < CHUNK_SHIFT_MIN || h->chunk_shift > CHUNK_SHIFT_MAX)
		return err_set(e, -EBADMSG, "header: chunk size 2^%u is out of range",
			       h->chunk_shift);
	p = rd_bytes(r, IMAGE_ID_SIZE);
	if (p)
		memcpy(h->id, p, IMAGE_ID_SIZE);
	h->device_size = rd_le64(r);
	h->sector = rd_le32(r);
	h->physical = rd_le32(r);
	h->n_regions = rd_le32(r);
	h->json_len = rd_le32(r);
	h->used_bytes = rd_le64(r);
	rd_skip(r, HEADER_RESERVED);
	if (!rd_ok(r) || h->device_size > DEVICE_SIZE_MAX || !h->n_regions ||
	    h->n_regions > REGIONS_MAX || !is_sector(h->sector) || h->physical < h->sector)
		return err_set(e, -EBADMSG, "header: impossible sizes");
	ret = parse_regions(r, h, e);
	if (ret < 0)
		return ret;
	p = rd_bytes(r, h->json_len);
	if (!p || rd_left(r) != HASH_SIZE || memchr(p, 0, h->json_len))
		return err_set(e, -EBADMSG, "header: its parts do not fill it");
	h->json = strndup((const char *)p, h->json_len);
	return h->json ? 0 : err_nomem(e);
}

int header_parse(const void *buf, size_t n, struct header *ret, struct hash *hash,
		 struct err *e)
{
	struct rd r;
	int code;

	*ret = (struct header){ 0 };
	code = frame_open(buf, n, FRAME_HEADER, &r, e);
	if (!code)
		code = parse_features(&r, ret, e);
	if (!code)
		code = frame_check_seal(buf, n, HASH_SIZE, hash, "header", e);
	if (!code)
		code = parse_body(&r, ret, e);
	return code;
}

void header_free(struct header *h)
{
	for (uint32_t i = 0; h->regions && i < h->n_regions; i++)
		extents_free(&h->regions[i].used);
	free(h->regions);
	free(h->json);
	*h = (struct header){ 0 };
}
