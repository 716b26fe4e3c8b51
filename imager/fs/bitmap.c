// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/fs/bitmap.h"

#include <string.h>

/* Whole words that are all @set or all not. */
static uint64_t skip_words(const uint8_t *map, uint64_t i, uint64_t n, bool set)
{
	const uint64_t dull = set ? 0 : UINT64_MAX;
	uint64_t word;

	for (; i + 64 <= n; i += 64) {
		memcpy(&word, map + i / 8, sizeof(word));
		if (word != dull)
			break;
	}
	return i;
}

uint64_t bitmap_next(const uint8_t *map, uint64_t i, uint64_t n, bool set)
{
	while (i < n && (map[i / 8] >> i % 8 & 1) != set) {
		if (i % 8)
			i++;
		else if (map[i / 8] == (set ? 0x00 : 0xff))
			i = skip_words(map, i + 8 < n ? i + 8 : n, n, set);
		else
			i++;
	}
	return i;
}

int bitmap_add(const uint8_t *map, uint64_t n, uint64_t off, uint32_t unit,
	       struct extents *used, uint64_t *count, struct err *e)
{
	uint64_t end, sum = 0;
	int r = 0;

	for (uint64_t i = bitmap_next(map, 0, n, true); i < n && !r;
	     i = bitmap_next(map, end, n, true)) {
		end = bitmap_next(map, i, n, false);
		sum += end - i;
		r = extents_add(used, off + i * unit, (end - i) * unit, e);
	}
	if (count)
		*count += sum;
	return r;
}

void bitmap_reverse(uint8_t *map, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		unsigned b = map[i];

		b = (b & 0xf0) >> 4 | (b & 0x0f) << 4;
		b = (b & 0xcc) >> 2 | (b & 0x33) << 2;
		map[i] = (uint8_t)((b & 0xaa) >> 1 | (b & 0x55) << 1);
	}
}
