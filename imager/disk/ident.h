// SPDX-License-Identifier: GPL-3.0-or-later
/* ident.h - what the kernel knows of an open device: see common/ident.h. */
#ifndef IMAGER_DISK_IDENT_H
#define IMAGER_DISK_IDENT_H

#include "common/ident.h"
#include "imager/disk/dev.h"

/* Looks in /sys; a partition has the model and serial of its disk. */
void ident_read(const struct dev *d, struct ident *ret);

#endif
