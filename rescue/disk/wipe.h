// SPDX-License-Identifier: GPL-3.0-or-later
/* wipe.h - takes away everything that is on a disk. */
#ifndef RESCUE_DISK_WIPE_H
#define RESCUE_DISK_WIPE_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

/* What was done, also after a failure. */
struct wiped {
	uint64_t size; /* of it all */
	bool touched;  /* the disk is not what it was */
	uint64_t done; /* bytes that are zeros now */
};

/* @done of @total bytes; false: stop. */
typedef bool wipe_show(void *ctx, uint64_t done, uint64_t total);

/*
 * Writes zeros to every byte of the block device @path (by the disk's own command where
 * it has one), then tells it that nothing is used any more, where it knows that (TRIM). -EBUSY:
 * the disk is in use; -EINTR: it was told to stop.
 */
int disk_wipe(const char *path, wipe_show *show, void *ctx, struct wiped *ret, struct err *e);

#endif
