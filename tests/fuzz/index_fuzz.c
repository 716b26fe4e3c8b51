// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Indexes.  The first byte: 1 = make the frame right before parsing.  The
 * second: how many chunks the maps have.
 */
#include "tests/fuzz/fuzz.h"

/* @n windows in two regions, of two lengths by turns. */
static void make_maps(struct region g[2], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		MUST(extents_add(&g[i % 3 == 2].used, (uint64_t)i << 16, 512 + 512 * (i & 1),
				 NULL) == 0);
}

static void check(const struct entry *v, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		MUST(v[i].kind > CHUNK_MISSING && v[i].kind < CHUNK_KINDS);
		MUST(!i || v[i].off >= v[i - 1].off + v[i - 1].stored);
		MUST(v[i].kind == CHUNK_SAME ? v[i].same < i : !v[i].same);
		if (v[i].kind != CHUNK_SAME)
			continue;
		MUST(v[v[i].same].kind == CHUNK_DATA);
		MUST((v[v[i].same].number & 1) == (v[i].number & 1)); /* of one length */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct region g[2] = { { .kind = REGION_AREA }, { .kind = REGION_AREA } };
	struct header h = { .chunk_shift = 16, .regions = g, .n_regions = 2 };
	struct entry *v;
	struct err e;
	uint8_t *buf;

	if (n < 2)
		return 0;
	n -= 2;
	buf = fuzz_copy(data + 2, n);
	v = calloc(data[1] + 1U, sizeof(*v));
	MUST(v);
	make_maps(g, data[1]);
	if (n >= 32 && data[0] & 1) {
		memcpy(buf + 16, h.id, IMAGE_ID_SIZE);
		fuzz_frame(buf, n, "SLATEIDX", 0);
	}
	if (index_parse(buf, n, &h, v, data[1], &e) == 0)
		check(v, data[1]);
	free(v);
	free(buf);
	extents_free(&g[0].used);
	extents_free(&g[1].used);
	return 0;
}
