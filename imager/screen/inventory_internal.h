// SPDX-License-Identifier: GPL-3.0-or-later
/* inventory_internal.h - between inventory.c and inventory_read.c. */
#ifndef IMAGER_SCREEN_INVENTORY_INTERNAL_H
#define IMAGER_SCREEN_INVENTORY_INTERNAL_H

#include "imager/screen/inventory.h"

#define PLACES_MAX 4096

struct picture {
	struct place *v;
	size_t n, cap;
};

/*
 * Takes in what sysfs and procfs below @root tell now; nothing is known yet of what
 * stands on the disks, nor model and serial number.
 */
int inventory_read(struct picture *p, const char *root, struct err *e);

/*
 * The texts of /proc/self/mountinfo and /proc/swaps; NULL: there is none.  They are
 * changed.
 */
void inventory_mounts(struct picture *p, char *text);
void inventory_swaps(struct picture *p, char *text);

#endif
