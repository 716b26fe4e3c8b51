// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ufs.c - UFS1 and UFS2 (FFS) of the BSDs, either byte order.
 *
 * Space is counted in fragments.  The superblock is at one of four places;
 * fragment numbers count from the begin of the area.  Each cylinder group has,
 * from fragment sblkno of it on, a copy of the superblock, its own header with
 * the map of free fragments, and its inodes, which end at dblkno.  In UFS1 all
 * that may begin later in the group, by an amount that differs from group to
 * group.  The first group begins with boot blocks and superblock, and somewhere
 * there is a table of summaries.  The maps have all of that as used, and a
 * group where they do not is damaged.  Snapshots and the soft updates journal
 * are files.
 *
 * The kernels set fs_clean to 1 when they unmount a filesystem that needs
 * neither fsck nor its journal.
 *
 * Sources: FreeBSD's sys/ufs/ffs/fs.h and, for the check hashes,
 * ffs_subr.c; NetBSD's fs.h for what UFS1 is without FS_FLAGS_UPDATED.
 */
#include "common/bytes.h"
#include "common/crc32c.h"
#include "imager/fs/bitmap.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SUPER_SIZE 8192
#define SUPER_MIN  1376 /* sizeof(struct fs) */
#define UFS1_MAGIC 0x011954
#define UFS2_MAGIC 0x19540119
#define CG_MAGIC   0x090255
#define CG_SIZE    168 /* sizeof(struct cg) */
#define CSUM_SIZE  16
#define BLOCK_MIN  4096
#define BLOCK_MAX  65536
#define FRAG_MIN   512
#define FRAGS_MAX  8
#define GROUPS_MAX (1U << 20)
#define OLD_FORMAT UINT32_MAX /* fs_old_postblformat of 4.2BSD */
#define FS_CLEAN   1

/* fs_old_flags, fs_flags, fs_metackhash. */
#define FS_FLAGS_UPDATED 0x80
#define FS_GJOURNAL      0x40U
#define FS_METACKHASH    0x200U
#define CK_SUPERBLOCK    1U
#define CK_CYLGRP        2U

/* Where things stand in struct fs and struct cg. */
enum {
	FS_SBLKNO = 8,
	FS_OLD_SIZE = 36,
	FS_NCG = 44,
	FS_SBSIZE = 104,
	FS_OLD_CSADDR = 152,
	FS_FPG = 188,
	FS_OLD_NBFREE = 196,
	FS_OLD_NFFREE = 204,
	FS_CLEAN_AT = 209,
	FS_OLD_FLAGS = 211,
	FS_SBLOCKLOC = 1000,
	FS_NBFREE = 1016,
	FS_NFFREE = 1032,
	FS_SIZE = 1080,
	FS_CSADDR = 1096,
	FS_CKHASH = 1304,
	FS_METACK = 1308,
	FS_FLAGS = 1312,
	FS_POSTBL = 1356,
	FS_MAGIC = 1372,
	CG_MAGIC_AT = 4,
	CG_CGX = 12,
	CG_NDBLK = 20,
	CG_NBFREE = 28,
	CG_NFFREE = 36,
	CG_FREEOFF = 96,
	CG_CKHASH = 132,
};

#define WAY_OUT "; --force trusts the map as it is, --raw takes every byte"
#define DAMAGED                                                                                \
	"the map of used fragments is damaged: run fsck_ffs on it in a BSD system, or take "   \
	"every byte with --raw"

struct ufs {
	const struct area *a;
	bool big, ufs2;
	uint32_t sblkno, cblkno, iblkno, dblkno; /* fragments from a group's start */
	uint32_t cgoffset, cgmask;
	uint32_t groups, fpg; /* fragments per group */
	uint32_t bsize, fsize, frag;
	uint32_t cgsize, cssize; /* bytes */
	uint64_t size, csaddr;   /* fragments */
	uint64_t free;           /* fragments, as the superblock counts them */
	uint32_t flags, metack;
	unsigned clean;
	uint64_t found; /* free fragments in the maps */
	bool miscounted;
};

/* ---- numbers in either byte order ----------------------------------------- */

static uint64_t number(const struct ufs *u, const uint8_t *buf, size_t at, size_t n)
{
	struct rd r = rd_init(buf + at, n);

	return u->big ? rd_be_(&r, n) : rd_le_(&r, n);
}

static uint32_t get32(const struct ufs *u, const uint8_t *buf, size_t at)
{
	return (uint32_t)number(u, buf, at, 4);
}

static uint64_t get64(const struct ufs *u, const uint8_t *buf, size_t at)
{
	return number(u, buf, at, 8);
}

/* FreeBSD's check hash of [@buf, @buf + @n), where it stands itself at @at. */
static bool hash_is_right(const struct ufs *u, const uint8_t *buf, size_t n, size_t at)
{
	static const uint8_t zero[4];
	uint32_t crc = crc32c(UINT32_MAX, buf, at);

	crc = crc32c(crc, zero, sizeof(zero));
	return crc32c(crc, buf + at + 4, n - at - 4) == get32(u, buf, at);
}

/* ---- the superblock -------------------------------------------------------- */

/* Is there one at byte @at? */
static bool is_super(struct ufs *u, const uint8_t *buf, uint64_t at)
{
	for (int big = 0; big < 2; big++) {
		uint32_t magic;

		u->big = big;
		magic = get32(u, buf, FS_MAGIC);
		u->ufs2 = magic != UFS1_MAGIC;
		/* With blocks of 64 KiB, UFS1 has the first copy where UFS2 has its own. */
		if (magic == UFS1_MAGIC && at != 65536)
			return true;
		if (magic == UFS2_MAGIC && get64(u, buf, FS_SBLOCKLOC) == at)
			return true;
	}
	return false;
}

/* @buf takes SUPER_SIZE bytes. */
static int find_super(struct ufs *u, uint8_t *buf, struct err *e)
{
	static const uint32_t places[] = { 65536, 8192, 0, 262144 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int r;

		if (u->a->size < places[i] + SUPER_SIZE)
			continue;
		r = dev_read(u->a->dev, buf, SUPER_SIZE, u->a->off + places[i], e);
		if (r)
			return r;
		if (is_super(u, buf, places[i]))
			return 0;
	}
	return err_set(e, -EOPNOTSUPP, "it has no superblock of UFS1 or UFS2 as BSD makes it");
}

static void decode(struct ufs *u, const uint8_t *buf)
{
	uint32_t *const fields[] = { &u->sblkno, &u->cblkno,   &u->iblkno,
				     &u->dblkno, &u->cgoffset, &u->cgmask };
	uint32_t *const sizes[] = { &u->groups, &u->bsize, &u->fsize, &u->frag };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		*fields[i] = get32(u, buf, FS_SBLKNO + 4 * i);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		*sizes[i] = get32(u, buf, FS_NCG + 4 * i);
	u->fpg = get32(u, buf, FS_FPG);
	u->cssize = get32(u, buf, FS_OLD_CSADDR + 4);
	u->cgsize = get32(u, buf, FS_OLD_CSADDR + 8);
	u->clean = buf[FS_CLEAN_AT];
	if (buf[FS_OLD_FLAGS] & FS_FLAGS_UPDATED)
		u->flags = get32(u, buf, FS_FLAGS);
	if (u->flags & FS_METACKHASH)
		u->metack = get32(u, buf, FS_METACK);
	if (u->ufs2) {
		u->size = get64(u, buf, FS_SIZE);
		u->csaddr = get64(u, buf, FS_CSADDR);
		u->free = get64(u, buf, FS_NBFREE) * u->frag + get64(u, buf, FS_NFFREE);
		u->cgoffset = 0;
	} else {
		u->size = get32(u, buf, FS_OLD_SIZE);
		u->csaddr = get32(u, buf, FS_OLD_CSADDR);
		u->free = (uint64_t)get32(u, buf, FS_OLD_NBFREE) * u->frag +
			  get32(u, buf, FS_OLD_NFFREE);
	}
}

static bool power_of_2(uint32_t n, uint32_t min, uint32_t max)
{
	return n >= min && n <= max && !(n & (n - 1));
}

static bool sane(const struct ufs *u)
{
	return power_of_2(u->bsize, BLOCK_MIN, BLOCK_MAX) &&
	       power_of_2(u->fsize, FRAG_MIN, u->bsize) && u->bsize / u->fsize == u->frag &&
	       u->frag <= FRAGS_MAX && u->groups && u->sblkno < u->cblkno &&
	       u->cblkno < u->iblkno && u->iblkno < u->dblkno && u->dblkno <= u->fpg &&
	       u->cgsize >= CG_SIZE && u->cgsize <= u->bsize &&
	       u->size > (uint64_t)(u->groups - 1) * u->fpg &&
	       u->size <= (uint64_t)u->groups * u->fpg &&
	       u->cssize >= (uint64_t)u->groups * CSUM_SIZE && u->csaddr < u->size &&
	       u->cssize <= (u->size - u->csaddr) * u->fsize;
}

static int check_super(const struct ufs *u, const uint8_t *buf, struct err *e)
{
	uint32_t sbsize = get32(u, buf, FS_SBSIZE);

	if (get32(u, buf, FS_POSTBL) == OLD_FORMAT && !u->ufs2)
		return err_set(e, -EOPNOTSUPP, "its cylinder groups are those of 4.2BSD");
	if (u->metack & CK_SUPERBLOCK && (sbsize < SUPER_MIN || sbsize > SUPER_SIZE ||
					  !hash_is_right(u, buf, sbsize, FS_CKHASH)))
		return err_set(e, -EUCLEAN, "the superblock has a wrong checksum; " DAMAGED);
	if (!sane(u))
		return err_set(e, -EUCLEAN, "the superblock has impossible numbers; " DAMAGED);
	if (u->size > u->a->size / u->fsize)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu64
			       " fragments of %" PRIu32 " bytes, and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       u->size, u->fsize, u->a->size);
	if (u->groups > GROUPS_MAX)
		return err_set(e, -EOPNOTSUPP, "it has more cylinder groups than can be read");
	return 0;
}

static int read_super(struct ufs *u, struct err *e)
{
	uint8_t *buf = malloc(SUPER_SIZE);
	int r = buf ? find_super(u, buf, e) : err_nomem(e);

	if (!r) {
		decode(u, buf);
		r = check_super(u, buf, e);
	}
	free(buf);
	return r;
}

static void find_problem(const struct ufs *u, struct fs_info *ret)
{
	if (u->flags & FS_GJOURNAL)
		snprintf(ret->notice, sizeof(ret->notice),
			 "it is journaled by gjournal: a journal on another device is not part "
			 "of the image");
	if (u->clean != FS_CLEAN)
		snprintf(ret->problem, sizeof(ret->problem),
			 "it was not cleanly unmounted, or is mounted now (its clean flag is "
			 "%u): unmount it, or run fsck_ffs on it in a BSD system" WAY_OUT,
			 u->clean);
}

/* ---- the map ------------------------------------------------------------- */

struct group {
	uint32_t no, frags;
	uint64_t first; /* its first fragment */
	uint64_t start; /* from where sblkno and its like count, from @first on */
	const uint8_t *head;
	uint8_t *map;
};

/* Must [@at, @at + @n), fragments of the filesystem, be used here, and is it not? */
static bool lost(const struct group *g, uint64_t at, uint64_t n)
{
	uint64_t from = at > g->first ? at - g->first : 0;
	uint64_t to = at + n > g->first ? at + n - g->first : 0;

	to = to < g->frags ? to : g->frags;
	return from < to && bitmap_next(g->map, from, to, false) != to;
}

static bool group_is_sane(const struct ufs *u, const struct group *g)
{
	uint32_t freeoff = get32(u, g->head, CG_FREEOFF);

	return get32(u, g->head, CG_MAGIC_AT) == CG_MAGIC &&
	       get32(u, g->head, CG_CGX) == g->no && get32(u, g->head, CG_NDBLK) == g->frags &&
	       freeoff >= CG_SIZE && (uint64_t)freeoff + (g->frags + 7) / 8 <= u->cgsize &&
	       (!(u->metack & CK_CYLGRP) || hash_is_right(u, g->head, u->cgsize, CG_CKHASH));
}

static int add_group(struct ufs *u, struct group *g, struct extents *used, struct err *e)
{
	uint64_t free_frags =
		(uint64_t)get32(u, g->head, CG_NBFREE) * u->frag + get32(u, g->head, CG_NFFREE);
	uint64_t taken = 0, start = g->first + g->start;
	int r;

	for (size_t i = 0; i < (g->frags + 7) / 8; i++)
		g->map[i] = (uint8_t)~g->map[i];
	if (lost(g, start + u->sblkno, u->dblkno - u->sblkno) || lost(g, 0, u->sblkno) ||
	    lost(g, u->csaddr, (u->cssize + u->fsize - 1) / u->fsize))
		return err_set(e, -EUCLEAN,
			       "cylinder group %" PRIu32
			       " has its own metadata marked free; " DAMAGED,
			       g->no);
	r = bitmap_add(g->map, g->frags, g->first * u->fsize, u->fsize, used, &taken, e);
	u->found += g->frags - taken;
	u->miscounted |= g->frags - taken != free_frags;
	return r;
}

/* @buf takes cgsize bytes. */
static int read_group(struct ufs *u, uint32_t no, uint8_t *buf, struct extents *used,
		      struct err *e)
{
	struct group g = { .no = no, .head = buf };
	int r;

	g.first = (uint64_t)no * u->fpg;
	g.frags = (uint32_t)(u->size - g.first < u->fpg ? u->size - g.first : u->fpg);
	g.start = (uint64_t)u->cgoffset * (no & ~u->cgmask);
	if (g.start + u->dblkno > g.frags)
		return err_set(e, -EUCLEAN, "the superblock has impossible numbers; " DAMAGED);
	r = dev_read(u->a->dev, buf, u->cgsize,
		     u->a->off + (g.first + g.start + u->cblkno) * u->fsize, e);
	if (r)
		return err_wrap(e, r, "the header of cylinder group %" PRIu32, no);
	if (!group_is_sane(u, &g))
		return err_set(e, -EUCLEAN,
			       "cylinder group %" PRIu32 " has a bad header; " DAMAGED, no);
	g.map = buf + get32(u, buf, CG_FREEOFF);
	return add_group(u, &g, used, e);
}

static void check_count(const struct ufs *u, struct fs_info *ret)
{
	if (ret->problem[0] || (u->found == u->free && !u->miscounted))
		return;
	ret->minor = !u->miscounted;
	if (u->miscounted)
		snprintf(ret->problem, sizeof(ret->problem),
			 "the maps of its cylinder groups do not have as many free fragments "
			 "as they say: run fsck_ffs on it in a BSD system" WAY_OUT);
	else
		snprintf(ret->problem, sizeof(ret->problem),
			 "its superblock counts %" PRIu64 " free fragments, its maps %" PRIu64
			 ": run fsck_ffs on it in a BSD system; --nocheck trusts the maps",
			 u->free, u->found);
}

static int ufs_used(const struct area *a, bool force, struct fs_info *ret, struct extents *used,
		    struct err *e)
{
	struct ufs u = { .a = a };
	uint8_t *buf;
	int r = read_super(&u, e);

	if (r)
		return r;
	ret->block = u.fsize;
	ret->size = u.size * u.fsize;
	find_problem(&u, ret);
	if (ret->problem[0] && !force)
		return 0;
	buf = malloc(u.cgsize);
	if (!buf)
		return err_nomem(e);
	for (uint32_t i = 0; i < u.groups && !r; i++)
		r = read_group(&u, i, buf, used, e);
	free(buf);
	if (!r)
		check_count(&u, ret);
	return r;
}

static const char *const ufs_types[] = { "ufs", NULL };

const struct fs_ops fs_ufs = {
	.name = "ufs",
	.types = ufs_types,
	/* The last place that is searched for a superblock. */
	.edges = { .head = 262144 + SUPER_SIZE },
	.used = ufs_used,
};
