// SPDX-License-Identifier: GPL-3.0-or-later
/* The first byte says by which parser of foreign configuration the rest is read. */
#include "netconf/apply/claims.h"

#include "netconf/apply/secrets.h"

#include <stdlib.h>
#include <string.h>

/* What comes out is bounded, and says something. */
static int look(void *ctx, const struct claim *c)
{
	if (!memchr(c->name, '\0', sizeof(c->name)) ||
	    !memchr(c->rename, '\0', sizeof(c->rename)) || !c->line ||
	    (!c->has_mac && !c->name[0] && !c->rename[0]))
		abort();
	++*(size_t *)ctx;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static claim_parser *const parsers[] = {
		claims_rules, claims_link,  claims_netplan,
		claims_nm,    claims_ifcfg, claims_interfaces
	};
	const char *text = (const char *)data + 1;
	size_t n = 0, which;
	char psk[65];

	if (!size)
		return 0;
	which = data[0] % (sizeof(parsers) / sizeof(parsers[0]) + 1);
	if (which == sizeof(parsers) / sizeof(parsers[0]))
		(void)secret_parse("file", text, size - 1, psk, NULL);
	else
		(void)parsers[which](text, size - 1, look, &n);
	/* No more claims than there are words. */
	if (n > size)
		abort();
	return 0;
}
