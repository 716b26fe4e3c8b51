// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fat.h - what fat.c (boot sector, state) and fat_map.c (the allocation table)
 * know together of a FAT12, FAT16 or FAT32 filesystem.
 *
 * Clusters are numbered from 2 on, as on the disk; @at numbers are bytes from
 * the begin of the area.
 */
#ifndef IMAGER_FS_FAT_H
#define IMAGER_FS_FAT_H

#include "imager/fs/fs.h"

#define FAT_FIRST    2          /* the first cluster's number */
#define FAT_DIRENTRY 32         /* bytes of an entry in a directory */
#define FAT_DIR_PART (64 << 10) /* bytes of the root directory that are looked at */

struct fat {
	const struct area *a;
	unsigned bits;           /* of an entry: 12, 16 or 32 */
	uint32_t sector;         /* bytes */
	uint32_t cluster;        /* bytes */
	uint32_t clusters;       /* how many there are */
	uint32_t entries;        /* of them in the table, with the two before the first */
	unsigned tables, active; /* copies of the table, and the one that counts */
	bool mirrored;           /* all copies are kept the same */
	uint64_t table_at;       /* the first copy */
	uint64_t table_size;     /* bytes of one copy */
	uint64_t root_at;        /* root directory: its area, or the first cluster of it */
	uint32_t root_size;      /* bytes of that */
	uint32_t root_cluster;   /* FAT32; 0 where there is an area */
	uint64_t data_at;        /* the first cluster */
	uint64_t size;           /* of the filesystem, maybe more than the area */
};

/* What the table says.  fat_map_free() frees @used. */
struct fat_map {
	uint8_t *used; /* bit k: cluster k + 2 */
	uint64_t free, bad;
	const char *strange; /* what does not look like what it should be, or NULL */
	uint32_t second;     /* the entry that holds the state, not a cluster */
	uint64_t differ;     /* entries that are not the same in all copies */
	uint64_t broken;     /* links to clusters that are free, bad or not there */
	uint32_t broken_at;  /* the first cluster with such a link, 0: none */
	uint32_t lost_dir;   /* a folder of the root that is not in its cluster, or 0 */
};

static inline uint32_t fat_mask(const struct fat *f)
{
	return f->bits == 32 ? 0x0fffffff : (1U << f->bits) - 1;
}

static inline uint64_t fat_cluster_at(const struct fat *f, uint32_t cluster)
{
	return f->data_at + (uint64_t)(cluster - FAT_FIRST) * f->cluster;
}

static inline bool fat_has_cluster(const struct fat *f, uint32_t cluster)
{
	return cluster >= FAT_FIRST && cluster - FAT_FIRST < f->clusters;
}

/*
 * Reads all copies of the table.  A cluster is used when one of them has it in
 * a chain, or a chain of the active one or the root directory leads to it, or
 * when the table is too short to tell.
 */
int fat_map_read(const struct fat *f, struct fat_map *ret, struct err *e);
void fat_map_free(struct fat_map *m);

#endif
