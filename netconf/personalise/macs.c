// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/macs.h"

#include <ctype.h>
#include <string.h>

/* An address at @p that is no part of something longer. */
static bool mac_at(const char *text, const char *p, struct mac *ret)
{
	char word[MAC_TEXT_MAX];
	size_t n = strspn(p, "0123456789abcdefABCDEF:");

	if (n != MAC_TEXT_MAX - 1 || isalnum((unsigned char)p[n]))
		return false;
	if (p > text && (isalnum((unsigned char)p[-1]) || p[-1] == ':'))
		return false;
	memcpy(word, p, n);
	word[n] = '\0';
	return !mac_parse(word, ret, NULL);
}

size_t macs_count(const char *text, const struct machine *m, size_t *absent)
{
	const char *p = text;
	size_t n = 0;

	*absent = 0;
	while (*p) {
		struct mac mac;

		if (*p == '#') {
			p += strcspn(p, "\n");
		} else if (mac_at(text, p, &mac)) {
			n++;
			*absent += !machine_has(m, &mac);
			p += MAC_TEXT_MAX - 1;
		} else {
			p++;
		}
	}
	return n;
}
