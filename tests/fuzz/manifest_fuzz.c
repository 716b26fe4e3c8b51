// SPDX-License-Identifier: GPL-3.0-or-later
/* Manifests of a vault, as they are and with a right sum at the end. */
#include "tests/fuzz/fuzz.h"

#include "netconf/personalise/manifest.h"

#include <stdio.h>

static void parse(const uint8_t *data, size_t n)
{
	uint8_t *copy = fuzz_copy(data, n);
	struct manifest m;

	if (!manifest_parse((const char *)copy, n, &m, NULL)) {
		MUST(m.n <= IDENTITY_ITEMS_MAX);
		for (size_t i = 0; i < m.n; i++) {
			MUST(identity_name(m.v[i].name));
			MUST(m.v[i].size <= IDENTITY_ITEM_MAX && m.v[i].mode <= 0777);
		}
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t sum[HASH_SIZE], *sealed;
	struct hash *h = fuzz_hash();
	char hex[2 * HASH_SIZE + 1];

	parse(data, n);
	MUST(hash_buf(h, data, n, sum) == 0);
	hash_free(h);
	hash_hex(sum, HASH_SIZE, hex);
	sealed = malloc(n + 80);
	MUST(sealed);
	if (n)
		memcpy(sealed, data, n);
	parse(sealed, n + (size_t)snprintf((char *)sealed + n, 80, "end %s\n", hex));
	free(sealed);
	return 0;
}
