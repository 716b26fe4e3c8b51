// SPDX-License-Identifier: GPL-3.0-or-later
/* Lease files: what is taken from one is an address. */
#include "tests/fuzz/fuzz.h"

#include "rescue/place/lease.h"

#include <arpa/inet.h>

static void address(const char *text)
{
	struct in_addr a;

	MUST(!text[0] || inet_pton(AF_INET, text, &a) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = fuzz_copy(data, n);
	struct lease l;

	if (!lease_parse((const char *)copy, n, &l, NULL))
		MUST(l.address[0]);
	address(l.address);
	address(l.router);
	address(l.next_server);
	address(l.server);
	free(copy);
	return 0;
}
