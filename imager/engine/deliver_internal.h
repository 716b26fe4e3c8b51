// SPDX-License-Identifier: GPL-3.0-or-later
/* deliver_internal.h - between deliver_check.c and deliver.c. */
#ifndef IMAGER_ENGINE_DELIVER_INTERNAL_H
#define IMAGER_ENGINE_DELIVER_INTERNAL_H

#include "imager/engine/deliver.h"

/* "partition 2", or the device; of region number @i. */
const char *deliver_name(const struct delivery *d, uint32_t i, char *buf, size_t n);
/* The new table, from d->table.before. */
int deliver_make_table(struct delivery *d, struct err *e);

#endif
