// SPDX-License-Identifier: GPL-3.0-or-later
/* Files whose bytes can be told from their size and place: whatever comes can be checked. */
#include "tests/load/netload.h"

#include <stdio.h>
#include <string.h>

static void fill(uint64_t size, uint64_t word, uint8_t out[8])
{
	uint64_t x = (word + size + 1) * UINT64_C(0x9e3779b97f4a7c15);

	memcpy(out, &x, 8);
}

bool pattern_is(uint64_t size, uint64_t off, const uint8_t *data, size_t n)
{
	uint8_t want[8];

	while (n) {
		size_t skip = off % 8, take = 8 - skip < n ? 8 - skip : n;

		fill(size, off / 8, want);
		if (memcmp(want + skip, data, take) != 0)
			return false;
		off += take;
		data += take;
		n -= take;
	}
	return true;
}

int pattern_make(const char *file, uint64_t size)
{
	FILE *f = fopen(file, "w");
	uint8_t word[8];
	bool bad = !f;

	for (uint64_t at = 0; !bad && at < size; at += 8) {
		fill(size, at / 8, word);
		bad = fwrite(word, 1, size - at < 8 ? size - at : 8, f) == 0;
	}
	if (f && fclose(f))
		bad = true;
	if (bad)
		perror(file);
	return bad;
}
