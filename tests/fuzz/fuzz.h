// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz.h - what the fuzz targets of the image format have in common. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "tests/unit/seal.h"

/* libFuzzer calls this with one input after the other. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A property that must hold whatever the input. */
#define MUST(condition)                                                                        \
	do {                                                                                   \
		if (!(condition))                                                              \
			abort();                                                               \
	} while (0)

/* A copy of exactly @n bytes, so that each byte too many is seen; the caller frees. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t n)
{
	uint8_t *p = malloc(n ? n : 1);

	MUST(p);
	if (n)
		memcpy(p, data, n);
	return p;
}

static inline struct hash *fuzz_hash(void)
{
	struct hash *h = NULL;

	MUST(hash_new(&h, NULL) == 0);
	return h;
}

/* Makes the @n bytes one frame with this tag and a right seal, to get to what is inside. */
static inline void fuzz_frame(uint8_t *buf, size_t n, const char *tag, size_t seal_width)
{
	if (n < FRAME_HEAD + 8 + seal_width)
		return;
	poke(buf, 0, 4, FRAME_MAGIC);
	poke(buf, 4, 4, n - FRAME_HEAD);
	memcpy(buf + FRAME_HEAD, tag, 8);
	seal(buf, n, seal_width);
}

#endif
