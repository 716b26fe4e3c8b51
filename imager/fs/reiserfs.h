// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * reiserfs.h - between reiserfs.c, which knows superblock and bitmaps, and
 * reiserfs_journal.c, which looks for what is not yet replayed.
 */
#ifndef IMAGER_FS_REISERFS_H
#define IMAGER_FS_REISERFS_H

#include "common/err.h"
#include "imager/disk/dev.h"

#include <stdbool.h>
#include <stdint.h>

/* A journal on the filesystem's own device; one more block, its header, follows it. */
struct reiserfs_journal {
	const struct area *a;
	uint32_t block;       /* bytes a block */
	uint64_t first, size; /* blocks: all lie inside the area */
};

/*
 * Sets *@ret when there is a transaction that was committed, but not yet
 * written to its place.
 */
int reiserfs_journal_pending(const struct reiserfs_journal *j, bool *ret, struct err *e);

#endif
