// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * minix.c - Minix filesystems, versions 1, 2 and 3, little-endian.
 *
 * The superblock is at byte 1024, whatever the block size is.  From block 2 on
 * follow the map of inodes, the map of zones and the inodes, each in whole
 * blocks, then the data zones up to the end.  A zone is 2^log_zone_size blocks.
 * Bit k of the map of zones stands for zone first + k - 1; bit 0 stands for
 * nothing and is always set.  There are no checksums and no counts of free
 * zones, so that the map is held against all files (minix_files.c).
 *
 * Of the versions only 1 and 2 have a state that Linux keeps; that of version
 * 3 is kept by MINIX 3 alone, and a filesystem that Linux made never shows it.
 * In what order the bits of a big-endian filesystem stand depends on the
 * machine (Kconfig in the kernel's fs/minix), so those are left to raw imaging.
 *
 * Sources: include/uapi/linux/minix_fs.h and fs/minix in the kernel, mkfs.minix
 * of util-linux, and for version 3 mfs/super.h of MINIX 3.
 */
#include "imager/fs/minix.h"

#include "common/bytes.h"
#include "imager/fs/bitmap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SUPER_OFFSET   1024
#define SUPER_SIZE     32
#define INODE1_SIZE    32
#define INODE2_SIZE    64
#define LOG_ZONE_MAX   4
#define MANDATORY      0xff00 /* flags that one must know to mount it */
#define STATE_VALID    1
#define STATE_ERROR    2
#define INODE1_ZONE_AT 14 /* where an inode has its first zone */
#define INODE2_ZONE_AT 24
#define PIECE          (1U << 20)

#define WAY_OUT "; --force trusts the map as it is, --raw takes every byte"

/* ---- the superblock ------------------------------------------------------ */

static const struct magic {
	uint16_t magic;
	unsigned version, at; /* @at: where it stands in the superblock */
} magics[] = {
	{ 0x137f, 1, 16 },                                       /* names of 14 bytes */
	{ 0x138f, 1, 16 },                                       /* of 30 */
	{ 0x2468, 2, 16 }, { 0x2478, 2, 16 }, { 0x4d5a, 3, 24 }, /* of 60 */
};

#define MAGICS (sizeof(magics) / sizeof(magics[0]))

/* The version, 0: none; *@swapped: it is there with its bytes the other way round. */
static unsigned find_version(const uint8_t *buf, bool *swapped)
{
	*swapped = false;
	for (size_t i = 0; i < MAGICS; i++) {
		const uint8_t *p = buf + magics[i].at;

		if ((p[0] | p[1] << 8) == magics[i].magic)
			return magics[i].version;
		*swapped |= (p[1] | p[0] << 8) == magics[i].magic;
	}
	return 0;
}

static void decode(struct minix *m, const uint8_t *buf)
{
	struct rd r = rd_init(buf, SUPER_SIZE);
	unsigned shift;
	uint16_t zones;

	m->inodes = m->version == 3 ? rd_le32(&r) : rd_le16(&r);
	zones = rd_le16(&r);
	m->imap = rd_le16(&r);
	m->zmap = rd_le16(&r);
	m->first = rd_le16(&r);
	shift = rd_le16(&r);
	if (m->version == 3)
		m->flags = rd_le16(&r);
	rd_skip(&r, m->version == 3 ? 4 : 6); /* the largest file, and the magic number */
	if (m->version != 3)
		m->state = rd_le16(&r);
	m->zones = rd_le32(&r);
	if (m->version == 1)
		m->zones = zones;
	rd_skip(&r, 4); /* version 3: the magic number */
	m->block = m->version == 3 ? rd_le16(&r) : 1024;
	m->zone = shift <= LOG_ZONE_MAX ? m->block << shift : 0;
}

/* Zones that the metadata takes at the front: data can begin no earlier. */
static uint64_t metadata_zones(const struct minix *m)
{
	uint64_t inode = m->version == 1 ? INODE1_SIZE : INODE2_SIZE;
	uint64_t blocks = MINIX_INODE_MAP + (uint64_t)m->imap + m->zmap +
			  (m->inodes * inode + m->block - 1) / m->block;

	return (blocks * m->block + m->zone - 1) / m->zone;
}

static bool sane(struct minix *m)
{
	uint64_t bits = UINT64_C(8) * m->block;

	if (m->block < 512 || m->block & (m->block - 1) || !m->zone || !m->inodes || !m->imap)
		return false;
	if (!m->first && m->version == 3) /* too large for its field */
		m->first = metadata_zones(m);
	return m->first >= metadata_zones(m) && m->first < m->zones &&
	       m->imap * bits > m->inodes && m->zmap * bits > m->zones - m->first;
}

static int read_super(struct minix *m, struct err *e)
{
	uint8_t buf[SUPER_SIZE];
	bool swapped;
	int r = dev_read(m->a->dev, buf, sizeof(buf), m->a->off + SUPER_OFFSET, e);

	if (r)
		return r;
	m->version = find_version(buf, &swapped);
	if (!m->version && swapped)
		return err_set(e, -EOPNOTSUPP,
			       "it is big-endian, and the order of the bits in its map depends "
			       "on the machine that made it");
	if (!m->version)
		return err_set(e, -EOPNOTSUPP, "it has no Minix superblock");
	decode(m, buf);
	if (m->flags & MANDATORY)
		return err_set(e, -EOPNOTSUPP,
			       "it has features newer than this program (flags %#x)", m->flags);
	if (!sane(m))
		return err_set(e, -EUCLEAN,
			       "the superblock has impossible numbers; " MINIX_DAMAGED);
	if (m->zones * m->zone > m->a->size)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu64
			       " zones of %" PRIu32 " bytes, and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       m->zones, m->zone, m->a->size);
	return 0;
}

static void find_problem(const struct minix *m, struct fs_info *ret)
{
	if (m->version == 3 || (m->state & (STATE_VALID | STATE_ERROR)) == STATE_VALID)
		return;
	ret->minor = m->state & STATE_VALID;
	snprintf(ret->problem, sizeof(ret->problem), "%s",
		 ret->minor ? "the kernel has found errors in it: run fsck.minix -f on it; "
			      "--nocheck images it all the same"
			    : "it was not cleanly unmounted, or is mounted now: unmount it, or "
			      "run fsck.minix -f on it" WAY_OUT);
}

/* ---- the map ------------------------------------------------------------- */

/* The zone where the root directory begins: the first inode's first zone. */
static int root_zone(const struct minix *m, uint64_t *ret, struct err *e)
{
	uint8_t buf[4];
	struct rd r = rd_init(buf, sizeof(buf));
	uint64_t at = (MINIX_INODE_MAP + (uint64_t)m->imap + m->zmap) * m->block;

	at += m->version == 1 ? INODE1_ZONE_AT : INODE2_ZONE_AT;
	int x = dev_read(m->a->dev, buf, sizeof(buf), m->a->off + at, e);
	if (x)
		return x;
	*ret = m->version == 1 ? rd_le16(&r) : rd_le32(&r);
	return 0;
}

/* Bits [@at, @at + @n) of the map, which begin at bit 0 of @map. */
static int add_piece(const struct minix *m, uint8_t *map, uint64_t at, uint64_t n,
		     uint64_t root, struct extents *used, struct err *e)
{
	uint64_t root_bit = root - m->first + 1;

	if (root < m->first || root >= m->zones ||
	    (at <= root_bit && root_bit < at + n &&
	     bitmap_next(map, root_bit - at, n, true) != root_bit - at) ||
	    (!at && !(map[0] & 1)))
		return err_set(e, -EUCLEAN, MINIX_DAMAGED);
	return bitmap_add(map, n, (m->first - 1 + at) * m->zone, m->zone, used, NULL, e);
}

static int add_zones(const struct minix *m, struct extents *used, struct err *e)
{
	uint64_t bits = m->zones - m->first + 1, root = 0;
	uint64_t from = m->a->off + (MINIX_INODE_MAP + (uint64_t)m->imap) * m->block;
	uint8_t *map = malloc(PIECE);
	int r = map ? root_zone(m, &root, e) : err_nomem(e);

	for (uint64_t at = 0; at < bits && !r; at += PIECE * 8) {
		uint64_t n = bits - at < PIECE * 8 ? bits - at : PIECE * 8;

		r = dev_read(m->a->dev, map, (size_t)((n + 7) / 8), from + at / 8, e);
		if (!r)
			r = add_piece(m, map, at, n, root, used, e);
	}
	free(map);
	return r;
}

static int minix_used(const struct area *a, bool force, struct fs_info *ret,
		      struct extents *used, struct err *e)
{
	struct minix m = { .a = a };
	int r;

	if (a->size < SUPER_OFFSET + SUPER_SIZE)
		return err_set(e, -EOPNOTSUPP, "it has no Minix superblock");
	r = read_super(&m, e);
	if (r)
		return r;
	ret->block = m.zone;
	ret->size = m.zones * m.zone;
	find_problem(&m, ret);
	if (ret->problem[0] && !force)
		return 0;
	r = extents_add(used, 0, m.first * m.zone, e);
	if (!r)
		r = add_zones(&m, used, e);
	extents_normalize(used);
	return r ? r : minix_check_files(&m, used, e);
}

static const char *const minix_types[] = { "minix", NULL };

const struct fs_ops fs_minix = {
	.name = "minix",
	.types = minix_types,
	.edges = { .head = 2048 },
	.used = minix_used,
};
