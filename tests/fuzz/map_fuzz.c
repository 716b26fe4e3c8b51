// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Maps.  The first byte: 1 = make frame, image id, region and seal right before
 * parsing.  Then what the header says of the map: size and used bytes of the
 * region (8 each), number of extents (4).
 */
#include "tests/fuzz/fuzz.h"

#define PREFIX (1 + 8 + 8 + 4)

static void check(struct header *h, struct hash *hash)
{
	const struct extents *x = &h->regions[0].used;
	struct region back = h->regions[0];
	struct header again = *h;
	size_t n = map_size(h, 0);
	uint8_t *buf = malloc(n);
	uint64_t end = 0;

	for (size_t i = 0; i < x->n; i++) {
		MUST(x->v[i].len && (!i || x->v[i].off > end));
		end = x->v[i].off + x->v[i].len;
		MUST(end >= x->v[i].off && end <= back.size);
	}
	MUST(extents_total(x) == back.used_bytes);
	back.used = (struct extents){ 0 };
	again.regions = &back;
	MUST(buf && map_render(h, 0, buf, n, hash) == 0);
	MUST(map_parse(buf, n, &again, 0, hash, NULL) == 0);
	MUST(back.used.n == x->n);
	MUST(!x->n || !memcmp(back.used.v, x->v, x->n * sizeof(*x->v)));
	extents_free(&back.used);
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct region g = { .kind = REGION_AREA };
	struct header h = { .chunk_shift = 16, .regions = &g, .n_regions = 1 };
	struct hash *hash;
	struct err e;
	uint8_t *buf;

	if (n < PREFIX)
		return 0;
	g.size = peek(data, 1, 8) % DEVICE_SIZE_MAX + 1;
	g.used_bytes = peek(data, 9, 8) % (g.size + 1);
	g.n_extents = (uint32_t)(peek(data, 17, 4) % (MAP_EXTENTS_MAX + 1));
	n -= PREFIX;
	buf = fuzz_copy(data + PREFIX, n);
	hash = fuzz_hash();
	if (n >= 40 && data[0] & 1) {
		memcpy(buf + 16, h.id, IMAGE_ID_SIZE);
		poke(buf, 32, 4, 0);
		fuzz_frame(buf, n, "SLATEMAP", SEAL_WHOLE);
	}
	if (map_parse(buf, n, &h, 0, hash, &e) == 0)
		check(&h, hash);
	extents_free(&g.used);
	hash_free(hash);
	free(buf);
	return 0;
}
