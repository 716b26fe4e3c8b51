// SPDX-License-Identifier: GPL-3.0-or-later
/* dev_internal.h - what the dev*.c files share; for nobody else. */
#ifndef IMAGER_DISK_DEV_INTERNAL_H
#define IMAGER_DISK_DEV_INTERNAL_H

#include "imager/disk/dev.h"

/* What the buffers and ranges for O_DIRECT are aligned to. */
#define DEV_ALIGN 4096

/* -ERANGE unless the @n bytes at @off lie inside the device. */
int dev_check(const struct dev *d, uint64_t off, uint64_t n, struct err *e);

/* A second descriptor for what @fd has open, past the page cache; or -1. */
int dev_open_direct(int fd);

#endif
