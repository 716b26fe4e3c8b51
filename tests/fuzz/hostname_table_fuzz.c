// SPDX-License-Identifier: GPL-3.0-or-later
/* Tables of host names: what is taken is valid, and finds its own machine. */
#include "tests/fuzz/fuzz.h"

#include "netconf/personalise/hostname.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = fuzz_copy(data, n);
	struct hostname_table t;
	struct err e = { "" };

	if (!hostname_table_parse("t", (const char *)copy, n, &t, &e)) {
		for (size_t i = 0; i < t.n; i++) {
			const struct hostname_entry *found, *en = &t.v[i];
			struct machine m = { .n_cards = en->has_mac };

			m.cards[0] = en->mac;
			MUST(hostname_check(en->name, NULL) == 0);
			if (!en->has_mac)
				snprintf(m.dmi.serial, sizeof(m.dmi.serial), "%s", en->key);
			MUST(hostname_table_find(&t, &m, &found, NULL) == 0);
			MUST(found == en);
		}
	} else {
		MUST(strncmp(e.msg, "t:", 2) == 0);
	}
	hostname_table_free(&t);
	free(copy);
	return 0;
}
