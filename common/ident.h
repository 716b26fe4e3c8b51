// SPDX-License-Identifier: GPL-3.0-or-later
/* ident.h - what the kernel knows of a disk: for people, and against mistakes. */
#ifndef COMMON_IDENT_H
#define COMMON_IDENT_H

#include <stdbool.h>
#include <sys/types.h>

struct ident {
	char model[128], serial[128]; /* "" where the kernel knows none; printable ASCII */
	bool partition;               /* it is only a part of that disk */
};

/* Device number @id in the sysfs at @sys; a partition has the model and serial of its disk. */
void ident_read_at(const char *sys, dev_t id, struct ident *ret);

/* The same for the disk whose folder in sysfs is @folder. */
void ident_read_folder(const char *folder, struct ident *ret);

#endif
