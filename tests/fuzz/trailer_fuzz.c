// SPDX-License-Identifier: GPL-3.0-or-later
/* Trailers.  The first byte: 1 = make frame and seal right before parsing. */
#include "tests/fuzz/fuzz.h"

static void check(struct trailer *a, struct hash *hash)
{
	uint8_t buf[TRAILER_SIZE];
	struct trailer b;

	MUST(a->index_off + a->index_len >= a->index_off);
	MUST(a->index_off + a->index_len + TRAILER_SIZE == a->image_len);
	MUST(a->index_len == index_size(a->chunks));
	MUST(trailer_render(a, buf, hash) == 0);
	MUST(trailer_parse(buf, TRAILER_SIZE, &b, hash, NULL) == 0);
	MUST(a->image_len == b.image_len && a->raw_bytes == b.raw_bytes);
	MUST(!memcmp(a->root, b.root, HASH_SIZE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct hash *hash = fuzz_hash();
	struct trailer t;
	struct err e;
	uint8_t *buf;

	if (n--) {
		buf = fuzz_copy(data + 1, n);
		if (data[0] & 1)
			fuzz_frame(buf, n, "SLATEEND", SEAL_WHOLE);
		if (trailer_parse(buf, n, &t, hash, &e) == 0)
			check(&t, hash);
		free(buf);
	}
	hash_free(hash);
	return 0;
}
