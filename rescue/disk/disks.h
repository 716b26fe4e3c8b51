// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * disks.h - the disks of this machine, and which of them a job means.
 *
 * A rule is "" (the only disk), "first" (by name), "largest", a serial number, or a path below
 * /dev.  It never guesses: what fits two disks, or none, is refused with all of them listed.
 */
#ifndef RESCUE_DISK_DISKS_H
#define RESCUE_DISK_DISKS_H

#include "common/err.h"
#include "common/ident.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define DISKS_MAX     64
#define DISK_NAME_MAX 64

struct disk {
	char name[DISK_NAME_MAX]; /* "sda" */
	char path[PATH_MAX];      /* "/dev/sda" */
	uint64_t size;            /* bytes; 0: not known, as of a partition */
	struct ident ident;
	bool removable;
};

struct disks {
	struct disk v[DISKS_MAX];
	unsigned n;
};

/*
 * Whole disks below @root/sys/block that can be written to and have a medium, sorted by name:
 * no loop and RAM disks, no CDs, floppies, md or device-mapper volumes, and not the one
 * that is called @except (NULL: none).
 */
void disks_read(const char *root, const char *except, struct disks *ret);

/* "sda, 465.8 GiB, WDC WD5000, serial number WD-X1": for people. */
#define DISK_TEXT_MAX 400
char *disk_text(const struct disk *d, char buf[DISK_TEXT_MAX]);

/* -ENODEV: none fits @rule; -ENOTUNIQ: more than one.  The text lists what there is. */
int disks_by_rule(const struct disks *all, const char *rule, const struct disk **ret,
		  struct err *e);

#endif
