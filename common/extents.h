// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * extents.h - lists of byte ranges, and how a list is cut into windows.
 *
 * All offsets and lengths are bytes.  After extents_normalize() a list is
 * sorted, without overlaps, adjacent ranges joined, no empty ones; every
 * function below it needs that.
 */
#ifndef COMMON_EXTENTS_H
#define COMMON_EXTENTS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct extent {
	uint64_t off, len;
};

struct extents {
	struct extent *v;
	size_t n, cap;
};

void extents_free(struct extents *x);

/* Any order, overlaps allowed.  -ERANGE when @off + @len is beyond 2^63, -ENOMEM. */
int extents_add(struct extents *x, uint64_t off, uint64_t len, struct err *e);
void extents_normalize(struct extents *x);

/* Cuts off everything at and after @size. */
void extents_bound(struct extents *x, uint64_t size);
/* The sum of the lengths. */
uint64_t extents_total(const struct extents *x);
/* True when some byte of [@off, @off + @len) is in @x. */
bool extents_touch(const struct extents *x, uint64_t off, uint64_t len);
/* How many bytes from @off on, at most @len, are all outside @x, or all inside. */
uint64_t extents_run(const struct extents *x, uint64_t off, uint64_t len, bool inside);
/* Appends to @ret what [0, @size) holds outside @x. */
int extents_invert(const struct extents *x, uint64_t size, struct extents *ret, struct err *e);

/*
 * A window is an aligned piece of 2^@shift bytes.  struct window names one
 * that holds at least one used byte: the extents first .. first + n - 1 touch
 * it, @used bytes of them lie inside.
 */
struct window {
	uint64_t number; /* window number = offset >> shift */
	size_t first, n;
	uint32_t used;
};

/*
 * Steps to the next window with used bytes.  Start with *w = { 0 }, which has
 * n == 0.  Returns false after the last.
 */
bool window_next(const struct extents *x, unsigned shift, struct window *w);
/* Finds window @number; false when nothing in it is used. */
bool window_find(const struct extents *x, unsigned shift, uint64_t number, struct window *w);
/* The part of extent first + @i that lies in the window, as device offset. */
struct extent window_piece(const struct extents *x, unsigned shift, const struct window *w,
			   size_t i);
/* How many windows hold used bytes. */
uint64_t window_count(const struct extents *x, unsigned shift);

#endif
