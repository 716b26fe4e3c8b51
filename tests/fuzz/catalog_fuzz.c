// SPDX-License-Identifier: GPL-3.0-or-later
/* The list of images that a server sends: names that can be shown, addresses on that server. */
#include "tests/fuzz/fuzz.h"

#include "imager/engine/catalog.h"

#define MOST 20

static void check(const struct catalog_entry *x)
{
	static const char base[] = "http://s/images/";
	const char *c = x->image;

	MUST(!strncmp(c, base, sizeof(base) - 1));
	for (c += sizeof(base) - 1; *c; c++)
		MUST((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
		     (*c >= '0' && *c <= '9') || strchr("-._~/%", *c));
	MUST(x->name[0]);
	for (c = x->name; *c; c++)
		MUST((unsigned char)*c >= ' ' && *c != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = fuzz_copy(data, n);
	struct catalog list = { 0 };

	(void)catalog_parse(&list, "http://s", (const char *)copy, n, MOST, NULL);
	MUST(list.n <= MOST);
	for (size_t i = 0; i < list.n; i++)
		check(&list.v[i]);
	catalog_free(&list);
	free(copy);
	return 0;
}
