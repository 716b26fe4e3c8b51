// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Whole images, read by their index and as a pipe.  The first byte: 1 = make
 * all seals right before reading, 2 and 3 = index and trailer as well.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/forge.h"
#include "tests/unit/memory.h"

#include "imager/engine/decode.h"
#include "imager/image/reader.h"

struct reading {
	struct decoder d;
	struct image img;
	uint8_t *packed, *raw;
	bool fine; /* nothing was said to be damaged */
};

static void take(struct reading *r, uint64_t ordinal, int64_t n)
{
	struct entry v;
	struct err e;

	if (n < 0) {
		r->fine = false;
		return;
	}
	MUST(ordinal < r->img.n);
	v = r->img.v[ordinal];
	MUST(v.kind == CHUNK_SAME ? v.same < ordinal : v.same < r->img.n);
	if (decode_chunk(&r->d, &r->img, &v, r->packed, (size_t)n, r->raw, &e) < 0)
		r->fine = false;
}

static void by_index(struct reading *r)
{
	struct err e;

	for (uint64_t i = 0; i < r->img.n; i++)
		take(r, i, image_fetch(&r->img, i, r->packed, &e));
}

static void by_walk(struct reading *r, size_t len)
{
	uint64_t ordinal, steps = 0;
	struct err e;
	int64_t n;

	do {
		ordinal = UINT64_MAX;
		n = image_walk(&r->img, r->packed, &ordinal, &e);
		if (n)
			take(r, ordinal, n);
		MUST(steps++ <= len + 2);
	} while (n > 0 || n == -EBADMSG);
	if (n < 0 || image_walk_end(&r->img, &e) < 0)
		r->fine = false;
}

/* True if the image is whole and all of it is right. */
static bool read_all(const uint8_t *buf, size_t n, bool seekable)
{
	struct mem_source src = mem_source(buf, n, seekable);
	struct reading r = { .fine = true };
	struct err e;

	if (image_open(&r.img, &src.s, &e) < 0)
		return false;
	MUST(decoder_init(&r.d, &e) == 0);
	r.packed = malloc(image_chunk_max(&r.img));
	r.raw = malloc((size_t)1 << r.img.h.chunk_shift);
	MUST(r.packed && r.raw);
	if (r.img.indexed)
		by_index(&r);
	else
		by_walk(&r, n);
	r.fine = r.fine && r.img.complete;
	MUST(!src.broken_rules);
	free(r.packed);
	free(r.raw);
	decoder_free(&r.d);
	image_close(&r.img);
	return r.fine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *buf;

	if (!n--)
		return 0;
	buf = fuzz_copy(data + 1, n);
	if (data[0] & 3)
		forge(buf, n, data[0] & 2);
	MUST(read_all(buf, n, true) == read_all(buf, n, false)); /* both ways are one */
	free(buf);
	return 0;
}
