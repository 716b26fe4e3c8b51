// SPDX-License-Identifier: GPL-3.0-or-later
/* loop.h - a loop device over a part of a disk or file (linux/loop.h). */
#ifndef IMAGER_DISK_LOOP_H
#define IMAGER_DISK_LOOP_H

#include "imager/disk/dev.h"

struct loop {
	int fd;
	char path[32];
};

/*
 * Attaches a free loop device to @a, whose device is open for writing, with
 * sectors as large as those.  It goes away when the last one closes it, so also
 * when this program is killed.
 */
int loop_attach(const struct area *a, struct loop *ret, struct err *e);
/* Writes back what was written to it, and lets go of it. */
int loop_detach(struct loop *l, struct err *e);

#endif
