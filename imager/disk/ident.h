// SPDX-License-Identifier: GPL-3.0-or-later
/* ident.h - what the kernel knows of a disk: for people, and against mistakes. */
#ifndef IMAGER_DISK_IDENT_H
#define IMAGER_DISK_IDENT_H

#include "imager/disk/dev.h"

struct ident {
	char model[128], serial[128]; /* "" where the kernel knows none */
	bool partition;               /* it is only a part of that disk */
};

/* Looks in /sys; a partition has the model and serial of its disk. */
void ident_read(const struct dev *d, struct ident *ret);

/* The same for device number @id in the sysfs at @sys, for tests. */
void ident_read_at(const char *sys, dev_t id, struct ident *ret);

#endif
