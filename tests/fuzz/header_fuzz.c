// SPDX-License-Identifier: GPL-3.0-or-later
/* Headers.  The first byte: 1 = make frame and seal right before parsing. */
#include "tests/fuzz/fuzz.h"

/* What was parsed is rendered to something that says the same. */
static void check(const struct header *a, struct hash *hash)
{
	size_t n = header_size(a);
	uint8_t *buf = malloc(n);
	struct header b;

	MUST(buf && header_render(a, buf, n, hash) == 0);
	MUST(header_parse(buf, n, &b, hash, NULL) == 0);
	MUST(a->n_regions == b.n_regions && a->json_len == b.json_len);
	MUST(a->device_size == b.device_size && a->used_bytes == b.used_bytes);
	MUST(!strcmp(a->json, b.json));
	for (uint32_t i = 0; i < a->n_regions; i++) {
		MUST(a->regions[i].off == b.regions[i].off);
		MUST(a->regions[i].size == b.regions[i].size);
		MUST(!strcmp(a->regions[i].fs, b.regions[i].fs));
	}
	header_free(&b);
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct hash *hash = fuzz_hash();
	struct header h;
	struct err e;
	uint8_t *buf;

	if (n--) {
		buf = fuzz_copy(data + 1, n);
		if (data[0] & 1)
			fuzz_frame(buf, n, "SLATEIMG", SEAL_WHOLE);
		if (header_parse(buf, n, &h, hash, &e) == 0)
			check(&h, hash);
		header_free(&h);
		free(buf);
	}
	hash_free(hash);
	return 0;
}
