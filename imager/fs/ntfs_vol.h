// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ntfs_vol.h - an NTFS volume in an area, opened by libntfs-3g.
 *
 * The library gets a device of our own: it reads the area and nothing else,
 * every write fails with EROFS whatever the library thinks of it, and what may
 * be read is limited, as the library takes numbers from the disk for granted
 * that a hostile one makes as large as it likes.  Its log goes nowhere: that is
 * how the library starts, and nobody in here changes it.
 */
#ifndef IMAGER_FS_NTFS_VOL_H
#define IMAGER_FS_NTFS_VOL_H

#include "common/err.h"
#include "imager/disk/dev.h"

/* The library's headers need some of these before them. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include <ntfs-3g/volume.h>

struct ntfs_vol {
	const struct area *a;
	uint32_t sector, cluster; /* bytes */
	uint64_t sectors;         /* of the volume, without the backup boot sector */
	uint64_t clusters;        /* whole ones; what $Bitmap counts */
	ntfs_volume *lib;
	/* Of the device. */
	struct ntfs_device *dev;
	int64_t pos;
	uint64_t left; /* bytes that the library may still read */
	int failed;    /* why a read failed, and @why in words */
	struct err why;
};

/*
 * Checks the boot sector, then has the library load $MFT and $MFTMirr.  @v
 * must stay where it is.  -EOPNOTSUPP: not NTFS, or of a kind that the library
 * does not know; -EUCLEAN: damaged.
 */
int ntfs_vol_open(const struct area *a, struct ntfs_vol *v, struct err *e);
/* Also after a failed ntfs_vol_open(). */
void ntfs_vol_close(struct ntfs_vol *v);

/* Says why the library failed just now at @what: errno is still its own. */
int ntfs_vol_error(const struct ntfs_vol *v, const char *what, struct err *e);
/* The same where errno says nothing. */
int ntfs_vol_damaged(const char *what, struct err *e);

#endif
