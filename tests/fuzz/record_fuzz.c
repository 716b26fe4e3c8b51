// SPDX-License-Identifier: GPL-3.0-or-later
/* Chunk records.  The first byte: 1 = make frame and seal right before parsing. */
#include "tests/fuzz/fuzz.h"

static void check_list(const struct extents *x, uint64_t most)
{
	uint64_t end = 0;

	for (size_t i = 0; i < x->n; i++) {
		MUST(x->v[i].len && (!i || x->v[i].off > end));
		end = x->v[i].off + x->v[i].len;
	}
	MUST(end <= UINT64_C(1) << CHUNK_SHIFT_MAX);
	MUST(extents_total(x) <= most);
}

static void check(const struct record *a, struct hash *hash)
{
	size_t n = record_size(a->used.n, a->bad.n);
	uint8_t *buf = malloc(n);
	struct record b;

	check_list(&a->used, a->raw);
	check_list(&a->bad, a->raw);
	MUST(a->kind == CHUNK_SAME || !a->same);
	MUST(buf && record_render(a, buf, n, hash) == 0);
	MUST(record_parse(buf, n, &b, hash, NULL) == 0);
	MUST(a->raw == b.raw && a->packed == b.packed && a->number == b.number);
	MUST(a->used.n == b.used.n && a->bad.n == b.bad.n);
	record_free(&b);
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct hash *hash = fuzz_hash();
	struct record r;
	struct err e;
	uint8_t *buf;

	if (n--) {
		buf = fuzz_copy(data + 1, n);
		if (data[0] & 1)
			fuzz_frame(buf, n, "SLATEREC", SEAL_RECORD);
		if (record_parse(buf, n, &r, hash, &e) == 0)
			check(&r, hash);
		record_free(&r);
		free(buf);
	}
	hash_free(hash);
	return 0;
}
