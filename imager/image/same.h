// SPDX-License-Identifier: GPL-3.0-or-later
/* same.h - finds chunks that are in the image already, by their hash. */
#ifndef IMAGER_IMAGE_SAME_H
#define IMAGER_IMAGE_SAME_H

#include "imager/image/format.h"

/* Ordinals of chunks, hashed by the first bytes of their sums.  Start zeroed. */
struct same {
	uint32_t *slots; /* ordinal + 1; 0: empty */
	uint64_t mask, n;
};

void same_free(struct same *s);

/*
 * The ordinal of the chunk among @v whose sum is @sum, or -1.
 */
int64_t same_find(const struct same *s, const struct entry *v, const uint8_t sum[HASH_SIZE]);

/* Remembers v[ordinal].  -ENOMEM. */
int same_add(struct same *s, const struct entry *v, uint64_t ordinal);

#endif
