// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fs.h - filesystems whose map of used blocks the imager can read.
 *
 * One file a filesystem, fs/<name>.c, defines one const struct fs_ops; the
 * table in fs.c lists them.  Nothing else knows any filesystem by name.
 */
#ifndef IMAGER_FS_FS_H
#define IMAGER_FS_FS_H

#include "common/err.h"
#include "imager/disk/dev.h"

#include <stdbool.h>
#include <stdint.h>

/* What a reader finds out.  Texts are for people. */
struct fs_info {
	uint32_t block;    /* allocation unit in bytes, 0 where there is none */
	uint64_t size;     /* bytes the filesystem spans, at most the area */
	char notice[256];  /* worth telling, does not stop anything; or "" */
	char problem[512]; /* why the map must not be trusted, and the way out; or "" */
	bool minor;        /* @problem is one that --nocheck passes over */
};

/* Bytes at the begin and the end of an area that make it look like what it is. */
struct fs_edges {
	uint32_t head, tail;
};

struct fs_ops {
	const char *name;         /* in image files: never rename */
	const char *const *types; /* libblkid's TYPE values, ended by NULL */
	/* Wiped first and written last by a restore. */
	struct fs_edges edges;
	/*
	 * What is free must be zeros after a restore: the filesystem could take
	 * what is left there of its own later life for something to replay.
	 */
	bool erase_unused;
	/*
	 * Re-checks its superblock, fills @ret and, unless ret->problem is
	 * set and @force is not, adds every range that may hold data to @used:
	 * area offsets, any order, overlaps allowed.  What cannot be proved
	 * free counts as used.  -EOPNOTSUPP: not ours after all, or features
	 * that this reader does not know; the text says which, and the area is
	 * then imaged raw.  -EUCLEAN: the map is damaged.
	 */
	int (*used)(const struct area *a, bool force, struct fs_info *ret, struct extents *used,
		    struct err *e);
};

extern const struct fs_ops fs_btrfs, fs_exfat, fs_ext, fs_f2fs, fs_fat, fs_hfsplus, fs_jfs,
	fs_minix, fs_nilfs2, fs_ntfs, fs_reiserfs, fs_swap, fs_ufs, fs_xfs;

struct fs_options {
	bool raw;     /* every byte, no map */
	bool nocheck; /* pass over minor problems */
	bool force;   /* pass over all problems */
};

/* What an area holds.  fs_scan_free() frees @used. */
struct fs_scan {
	const struct fs_ops *ops; /* NULL: imaged raw */
	char type[32];            /* libblkid's TYPE, "" where nothing is recognised */
	char label[256], uuid[64];
	struct fs_info info;
	struct extents used; /* normalized, within the area, area offsets */
	bool unused_is_zero; /* must be after a restore: holes, or ops->erase_unused */
};

/*
 * Asks libblkid, then the reader.  Everything between the end of the
 * filesystem and the end of the area counts as used.  With no reader (or
 * opt->raw) all of the area does, but for the holes of a regular file.
 * -ECANCELED: there is a problem that @opt does not pass over.
 */
int fs_scan(const struct area *a, const struct fs_options *opt, struct fs_scan *ret,
	    struct err *e);
/* Only what libblkid says: type, label and UUID. */
int fs_identify(const struct area *a, struct fs_scan *ret, struct err *e);
void fs_scan_free(struct fs_scan *s);
/*
 * True when libblkid sees nothing in @a but what the reader of this name reads,
 * or nothing at all.
 */
bool fs_shows_only(const struct area *a, const char *name);

/*
 * By the name in an image's region; generous where there is no reader of that
 * name, as anything may be in the region then.
 */
struct fs_edges fs_edges(const char *name);

#endif
