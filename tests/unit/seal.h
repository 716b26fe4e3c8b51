// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * seal.h - changes structures of an image and seals them again, as somebody
 * would who means harm.  Needs no cmocka: the fuzz targets use it as well.
 */
#ifndef TESTS_UNIT_SEAL_H
#define TESTS_UNIT_SEAL_H

#include "imager/image/format.h"

#include <stdlib.h>

#define SEAL_WHOLE  32 /* header, map, trailer */
#define SEAL_RECORD 8

/* Puts @value at buf[off .. off + width). */
static inline void poke(void *buf, size_t off, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		((uint8_t *)buf)[off + i] = (uint8_t)(value >> (8 * i));
}

/* The number at buf[off .. off + width). */
static inline uint64_t peek(const void *buf, size_t off, size_t width)
{
	uint64_t v = 0;

	for (size_t i = 0; i < width; i++)
		v |= (uint64_t)((const uint8_t *)buf)[off + i] << (8 * i);
	return v;
}

/* SHA-256 of @n bytes; its first @width bytes go to @out. */
static inline void sum_to(const void *buf, size_t n, void *out, size_t width)
{
	uint8_t sum[HASH_SIZE];
	struct hash *h = NULL;

	if (hash_new(&h, NULL) < 0 || hash_buf(h, buf, n, sum) < 0)
		abort();
	memcpy(out, sum, width);
	hash_free(h);
}

/* Makes the last @width of the @n bytes at @buf the sum of those before. */
static inline void seal(void *buf, size_t n, size_t width)
{
	if (n >= width)
		sum_to(buf, n - width, (uint8_t *)buf + n - width, width);
}

#endif
