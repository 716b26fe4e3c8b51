// SPDX-License-Identifier: GPL-3.0-or-later
/* Answers on a rtnetlink socket; the request had number 7. */
#include "tests/fuzz/fuzz.h"

#include "netconf/hardware/rtnl_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rtnl_reply reply = { .seq = 7 };
	uint8_t *buf = fuzz_copy(data, n);

	if (rtnl_parse(&reply, buf, n, NULL) == 0)
		for (size_t i = 0; i < reply.n; i++) {
			const struct rtnl_link *l = &reply.v[i];

			MUST(l->ifindex > 0 && l->name[0]);
			MUST(memchr(l->name, 0, sizeof(l->name)));
			MUST(!l->has_perm || mac_valid(&l->perm));
		}
	MUST(reply.code <= 0 && reply.code >= -4095);
	MUST(reply.n <= n / 16);
	free(reply.v);
	free(buf);
	return 0;
}
