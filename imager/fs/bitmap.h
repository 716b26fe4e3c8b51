// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * bitmap.h - runs of bits, for filesystems that keep a map of them.  Bit k of
 * a map is bit k % 8 of byte k / 8.
 */
#ifndef IMAGER_FS_BITMAP_H
#define IMAGER_FS_BITMAP_H

#include "common/extents.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first bit in [@i, @n) that is @set, or @n. */
uint64_t bitmap_next(const uint8_t *map, uint64_t i, uint64_t n, bool set);

/*
 * The first @n bits stand for units of @unit bytes from byte @off on: adds
 * those that are set to @used, and their number to *@count (may be NULL).  A
 * map may come in pieces.
 */
int bitmap_add(const uint8_t *map, uint64_t n, uint64_t off, uint32_t unit,
	       struct extents *used, uint64_t *count, struct err *e);

/* For maps whose first bit is the highest one of a byte: turns every byte around. */
void bitmap_reverse(uint8_t *map, size_t bytes);

#endif
