// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * size.h - sizes, shares and times as people read them.
 *
 * Everything is rounded down: what is not done is never shown as done.
 * The functions fill @buf and return it, for use as printf arguments:
 * size_text((char[SIZE_TEXT_MAX]){ 0 }, n).
 */
#ifndef IMAGER_UI_SIZE_H
#define IMAGER_UI_SIZE_H

#include <stdint.h>

#define SIZE_TEXT_MAX 16

/* "0 B", "1023 B", "1.0 KiB", "27.3 GiB": at most 10 columns. */
char *size_text(char buf[static SIZE_TEXT_MAX], uint64_t bytes);

/*
 * "0:07", "59:59", "99:59:59", then whole days, "5 days"; "-:--" for what
 * is no time: negative, endless, no number.
 */
char *time_text(char buf[static SIZE_TEXT_MAX], double seconds);

/*
 * How many of @parts parts of @total are @done: all of them only when
 * everything is, none when the total is 0.  share(done, total, 100) is the
 * percentage.
 */
unsigned share(uint64_t done, uint64_t total, unsigned parts);

/* @v rounded down: 0 for what is below that or no number, at most 2^62. */
uint64_t whole(double v);

#endif
