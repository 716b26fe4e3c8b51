// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fat.c - FAT12, FAT16 and FAT32: boot sector, state, and which bytes are used.
 *
 * A table without a 16-bit size is FAT32, as Linux, Windows and dosfstools
 * have it (by the specification, the number of clusters alone decides, but
 * then small FAT32 filesystems, which mkfs.fat makes, would not be any);
 * otherwise fewer than 4085 clusters are FAT12 and fewer than 65525 FAT16.
 *
 * Everything before the first cluster is used (boot sectors and their copies,
 * FSInfo, all tables, the root directory of FAT12 and FAT16), and what follows
 * the last one.  Clusters marked bad are not: no file can have them, and
 * reading them would only fail.
 *
 * Sources: Microsoft, "FAT: General Overview of On-Disk Format", 1.03;
 * include/uapi/linux/msdos_fs.h (state byte) and fs/fat/inode.c in the kernel.
 */
#include "imager/fs/fat.h"

#include "common/bytes.h"
#include "imager/fs/bitmap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BOOT_SIZE     512
#define BOOT_SIGN     0xaa55
#define SECTOR_MIN    512
#define SECTOR_MAX    4096
#define CLUSTERS_12   4084 /* the most that there can be */
#define CLUSTERS_16   65524
#define CLUSTERS_32   0x0ffffff5
#define TABLES_MAX    4    /* as mkfs.fat; two are usual */
#define NOT_MIRRORED  0x80 /* in ext_flags, with the active table below */
#define ACTIVE_MASK   0x0f
#define STATE_DIRTY   0x01
#define STATE_ERRORS  0x02
#define FSINFO_LEAD   0x41615252
#define FSINFO_STRUCT 0x61417272

#define FSCK    "run fsck.fat -a on it, or chkdsk in Windows"
#define WAY_OUT "; --force trusts the map as it is, --raw takes every byte"
#define DAMAGED                                                                                \
	"; the map of used blocks cannot be read: run fsck.fat on it, or take every byte "     \
	"with --raw"

/* The numbers of a boot sector, as they stand there. */
struct boot {
	uint32_t sector, cluster, reserved, tables, root_entries; /* bytes, sectors, ... */
	uint32_t sectors, table_sectors;
	uint32_t ext_flags, version, root_cluster, fsinfo, backup; /* FAT32 */
	uint8_t state;
	bool fat32, signed_;
};

/* ---- what is told -------------------------------------------------------- */

/* The first problem stands, but one that is not minor takes the place of one that is. */
static void PRINTF(3, 4) problem(struct fs_info *ret, bool minor, const char *fmt, ...)
{
	va_list ap;

	if (ret->problem[0] && (minor || !ret->minor))
		return;
	va_start(ap, fmt);
	vsnprintf(ret->problem, sizeof(ret->problem), fmt, ap);
	va_end(ap);
	ret->minor = minor;
}

static void PRINTF(2, 3) notice(struct fs_info *ret, const char *fmt, ...)
{
	size_t n = strlen(ret->notice);
	va_list ap;

	if (n && n + 2 < sizeof(ret->notice))
		n += (size_t)snprintf(ret->notice + n, sizeof(ret->notice) - n, "; ");
	va_start(ap, fmt);
	vsnprintf(ret->notice + n, sizeof(ret->notice) - n, fmt, ap);
	va_end(ap);
}

/* ---- the boot sector ----------------------------------------------------- */

static int read_boot(const struct area *a, uint64_t at, struct boot *ret, struct err *e)
{
	uint8_t buf[BOOT_SIZE];
	struct rd r = rd_init(buf, sizeof(buf));
	int err = dev_read(a->dev, buf, sizeof(buf), a->off + at, e);
	uint32_t sectors16, table16;
	uint8_t mark;

	if (err)
		return err_wrap(e, err, "the boot sector");
	*ret = (struct boot){ 0 };
	rd_skip(&r, 11);
	ret->sector = rd_le16(&r);
	ret->cluster = rd_u8(&r);
	ret->reserved = rd_le16(&r);
	ret->tables = rd_u8(&r);
	ret->root_entries = rd_le16(&r);
	sectors16 = rd_le16(&r);
	rd_skip(&r, 1);
	table16 = rd_le16(&r);
	rd_skip(&r, 8);
	ret->sectors = rd_le32(&r);
	ret->table_sectors = rd_le32(&r);
	ret->ext_flags = rd_le16(&r);
	ret->version = rd_le16(&r);
	ret->root_cluster = rd_le32(&r);
	ret->fsinfo = rd_le16(&r);
	ret->backup = rd_le16(&r);
	ret->fat32 = !table16;
	if (sectors16)
		ret->sectors = sectors16;
	if (table16)
		ret->table_sectors = table16;
	rd_seek(&r, ret->fat32 ? 65 : 37);
	ret->state = rd_u8(&r);
	mark = rd_u8(&r); /* very old ones have boot code here */
	if (mark != 0x28 && mark != 0x29)
		ret->state = 0;
	rd_seek(&r, BOOT_SIZE - 2);
	ret->signed_ = rd_le16(&r) == BOOT_SIGN;
	return 0;
}

static bool is_power(uint32_t n)
{
	return n && !(n & (n - 1));
}

static int impossible(struct err *e)
{
	return err_set(e, -EUCLEAN, "the boot sector has impossible numbers" DAMAGED);
}

static int check_known(const struct boot *b, struct err *e)
{
	if (!is_power(b->sector) || b->sector < SECTOR_MIN || !is_power(b->cluster) ||
	    !b->reserved || !b->tables || !b->table_sectors || !b->sectors)
		return impossible(e);
	if (b->sector > SECTOR_MAX)
		return err_set(e, -EOPNOTSUPP, "it has sectors of %" PRIu32 " bytes",
			       b->sector);
	if (b->tables > TABLES_MAX)
		return err_set(e, -EOPNOTSUPP, "it has %" PRIu32 " allocation tables",
			       b->tables);
	if (b->fat32 && b->version)
		return err_set(e, -EOPNOTSUPP,
			       "its version (%#" PRIx32 ") is newer than this program",
			       b->version);
	return 0;
}

static int check_type(const struct boot *b, struct fat *f, struct err *e)
{
	uint32_t most = b->fat32                     ? CLUSTERS_32
			: f->clusters <= CLUSTERS_12 ? CLUSTERS_12
						     : CLUSTERS_16;
	uint64_t room;

	if (!f->clusters || f->clusters > most)
		return impossible(e);
	f->bits = b->fat32 ? 32 : most == CLUSTERS_12 ? 12 : 16;
	room = f->table_size * 8 / f->bits;
	if (room < FAT_FIRST + 1)
		return impossible(e);
	f->entries = f->clusters + FAT_FIRST;
	if (f->entries > room)
		f->entries = (uint32_t)room;
	return 0;
}

static int check_fat32(const struct boot *b, struct fat *f, struct err *e)
{
	if (!b->fat32)
		return b->root_entries ? 0 : impossible(e);
	if (!fat_has_cluster(f, b->root_cluster))
		return impossible(e);
	f->mirrored = !(b->ext_flags & NOT_MIRRORED);
	f->active = f->mirrored ? 0 : b->ext_flags & ACTIVE_MASK;
	if (f->active >= f->tables)
		return impossible(e);
	f->root_cluster = b->root_cluster;
	f->root_at = fat_cluster_at(f, b->root_cluster);
	f->root_size = f->cluster;
	return 0;
}

/* From here on the numbers fit together.  All products stay far below 2^63. */
static int layout(const struct area *a, const struct boot *b, struct fat *f, struct err *e)
{
	uint64_t root = (uint64_t)b->root_entries * FAT_DIRENTRY;
	int r = check_known(b, e);

	if (r)
		return r;
	*f = (struct fat){
		.a = a,
		.sector = b->sector,
		.cluster = b->sector * b->cluster,
		.tables = b->tables,
		.mirrored = true,
		.table_at = (uint64_t)b->reserved * b->sector,
		.table_size = (uint64_t)b->table_sectors * b->sector,
		.size = (uint64_t)b->sectors * b->sector,
		.root_size = (uint32_t)root,
	};
	f->root_at = f->table_at + f->tables * f->table_size;
	f->data_at = f->root_at + (root + b->sector - 1) / b->sector * b->sector;
	if (f->data_at >= f->size || (f->size - f->data_at) / f->cluster > CLUSTERS_32)
		return impossible(e);
	if (f->data_at > a->size)
		return err_set(
			e, -EUCLEAN,
			"the filesystem is larger than the device: it begins with %" PRIu64
			" bytes of tables, and there are only %" PRIu64 " bytes" DAMAGED,
			f->data_at, a->size);
	f->clusters = (uint32_t)((f->size - f->data_at) / f->cluster);
	r = check_type(b, f, e);
	return r ? r : check_fat32(b, f, e);
}

/* ---- is it in a state to be imaged? -------------------------------------- */

/* The numbers on which the layout depends; nothing else need be the same in both. */
static bool same_layout(const struct boot *a, const struct boot *b)
{
	return a->sector == b->sector && a->cluster == b->cluster &&
	       a->reserved == b->reserved && a->tables == b->tables &&
	       a->root_entries == b->root_entries && a->sectors == b->sectors &&
	       a->table_sectors == b->table_sectors && a->root_cluster == b->root_cluster;
}

static int check_backup(const struct fat *f, const struct boot *b, struct fs_info *ret,
			struct err *e)
{
	struct boot copy;
	int r;

	if (!b->fat32 || !b->backup || b->backup >= b->reserved)
		return 0;
	r = read_boot(f->a, (uint64_t)b->backup * f->sector, &copy, e);
	if (!r && copy.signed_ && !same_layout(b, &copy))
		problem(ret, false,
			"its boot sector and the copy in sector %" PRIu32
			" tell different layouts: run fsck.fat -r on it, which asks for the "
			"right one; --force takes the boot sector for right, --raw takes every "
			"byte",
			b->backup);
	return r;
}

static int check_fsinfo(const struct fat *f, const struct boot *b, const struct fat_map *m,
			struct fs_info *ret, struct err *e)
{
	uint8_t buf[BOOT_SIZE];
	struct rd rd = rd_init(buf, sizeof(buf));
	uint32_t lead, mark, count;
	int r;

	if (!b->fat32 || !b->fsinfo || b->fsinfo >= b->reserved)
		return 0;
	r = dev_read(f->a->dev, buf, sizeof(buf), f->a->off + (uint64_t)b->fsinfo * f->sector,
		     e);
	if (r)
		return err_wrap(e, r, "the FSInfo sector");
	lead = rd_le32(&rd);
	rd_seek(&rd, 484);
	mark = rd_le32(&rd);
	count = rd_le32(&rd);
	/* All ones: not known. */
	if (lead == FSINFO_LEAD && mark == FSINFO_STRUCT && count != UINT32_MAX &&
	    count != m->free)
		notice(ret,
		       "its FSInfo sector counts %" PRIu32 " free clusters, its table %" PRIu64
		       ": fsck.fat mends that",
		       count, m->free);
	return 0;
}

static void check_state(const struct fat *f, const struct boot *b, const struct fat_map *m,
			struct fs_info *ret)
{
	uint32_t top = f->bits == 12 ? 0 : (fat_mask(f) + 1) >> 1;

	if (f->size > f->a->size)
		problem(ret, false,
			"it is larger than the device: it has %" PRIu64
			" bytes, and there are only %" PRIu64
			": repair that first; --force images what is there, --raw takes every "
			"byte",
			f->size, f->a->size);
	if (m->strange)
		problem(ret, false, "%s, so the boot sector may be damaged: " FSCK WAY_OUT,
			m->strange);
	if (m->lost_dir)
		problem(ret, false,
			"the folder in cluster %" PRIu32
			" is not where the boot sector says, which may be damaged: " FSCK
				WAY_OUT,
			m->lost_dir);
	if (m->broken)
		problem(ret, false,
			"%" PRIu64 " of its files or folders lead to clusters that are free or "
			"not there, the first at cluster %" PRIu32 ": " FSCK WAY_OUT,
			m->broken, m->broken_at);
	if (m->differ && f->mirrored)
		problem(ret, true,
			"the copies of its allocation table differ in %" PRIu64
			" entries: " FSCK "; --nocheck takes what is used in any of them",
			m->differ);
	if (b->state & STATE_DIRTY || (m->second & top) != top)
		problem(ret, true,
			"it was not cleanly unmounted, or is mounted now: unmount it, or " FSCK
			"; --nocheck images it all the same");
	if (b->state & STATE_ERRORS || (m->second & top >> 1) != top >> 1)
		problem(ret, true,
			"errors in reading or writing it have been found: check the device, "
			"then run chkdsk /r in Windows; --nocheck images it all the same");
}

static void tell(const struct fat *f, const struct fat_map *m, struct fs_info *ret)
{
	if (m->bad)
		notice(ret, "%" PRIu64 " clusters are marked bad and are not read", m->bad);
	if (f->entries < f->clusters + FAT_FIRST)
		notice(ret,
		       "its allocation table is too short: the last %" PRIu32
		       " clusters count as used",
		       f->clusters + FAT_FIRST - f->entries);
	if (!f->mirrored && m->differ)
		notice(ret, "only copy %u of its allocation table is kept up to date",
		       f->active + 1);
}

/* ---- the map ------------------------------------------------------------- */

static int add_used(const struct fat *f, const struct fat_map *m, struct extents *used,
		    struct err *e)
{
	uint64_t room = f->a->size - f->data_at, here = (room + f->cluster - 1) / f->cluster;
	uint64_t end = fat_cluster_at(f, f->clusters + FAT_FIRST);
	int r = extents_add(used, 0, f->data_at, e);

	if (!r)
		r = bitmap_add(m->used, here < f->clusters ? here : f->clusters, f->data_at,
			       f->cluster, used, NULL, e);
	if (!r)
		r = extents_add(used, end, f->size - end, e);
	extents_normalize(used);
	extents_bound(used, f->a->size);
	return r;
}

static int fat_used(const struct area *a, bool force, struct fs_info *ret, struct extents *used,
		    struct err *e)
{
	struct fat_map m = { 0 };
	struct boot b;
	struct fat f;
	int r;

	(void)force; /* what is wrong shows only when all has been read */
	if (a->size < BOOT_SIZE)
		return err_set(e, -EOPNOTSUPP, "it is too small for a FAT filesystem");
	r = read_boot(a, 0, &b, e);
	if (!r)
		r = layout(a, &b, &f, e);
	if (r)
		return r;
	ret->block = f.cluster;
	ret->size = f.size < a->size ? f.size : a->size;
	r = check_backup(&f, &b, ret, e);
	if (!r)
		r = fat_map_read(&f, &m, e);
	if (!r)
		r = check_fsinfo(&f, &b, &m, ret, e);
	if (!r)
		r = add_used(&f, &m, used, e);
	if (!r) {
		check_state(&f, &b, &m, ret);
		tell(&f, &m, ret);
	}
	fat_map_free(&m);
	return r;
}

static const char *const fat_types[] = { "vfat", NULL };

/* The copy of the boot sector is mostly in sector 6, and a sector up to 4096 bytes. */
const struct fs_ops fs_fat = {
	.name = "fat",
	.types = fat_types,
	.edges = { .head = 7 * SECTOR_MAX },
	.used = fat_used,
};
