// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/import/hostlist_internal.h"

#include "pxe/wire/datagram.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* "8:0:20:1:2:3": ethers(5) leaves zeros out, which a MAC has elsewhere. */
static void widen(const char *text, char *buf, size_t n)
{
	size_t w = 0;

	while (*text && w + 4 < n) {
		size_t digits = strcspn(text, ":-");

		if (digits == 1)
			buf[w++] = '0';
		for (; digits && w + 2 < n; digits--)
			buf[w++] = *text++;
		if (*text && w + 1 < n)
			buf[w++] = *text++;
	}
	/* What did not fit is no MAC, and is not to become one by being cut. */
	buf[w] = '\0';
	if (*text)
		snprintf(buf, n, "too long");
}

int hostlist_ethers_row(const struct hostlist *p, char *line, struct hostlist_row *ret)
{
	static const char blanks[] = " \t";
	char *mac = line + strspn(line, blanks), *name, *rest;
	struct err why = { "" };
	char wide[40];
	uint32_t addr;

	name = mac + strcspn(mac, blanks);
	if (*name)
		*name++ = '\0';
	name += strspn(name, blanks);
	rest = name + strcspn(name, " \t#");
	if (*rest && *rest != '#' && rest[strspn(rest, blanks)] &&
	    rest[strspn(rest, blanks)] != '#')
		return hostlist_error(p, "more than a MAC and a name");
	*rest = '\0';
	widen(mac, wide, sizeof(wide));
	if (mac_parse(wide, &ret->host.mac, &why))
		return hostlist_error(
			p,
			"%s; wanted are lines with a MAC and a name, or a first line "
			"that names columns (mac,name,group,address)",
			why.msg);
	if (!addr_parse(name, &addr, NULL))
		return hostlist_error(p, "an address where the machine's name should be");
	if (strlen(name) >= sizeof(ret->host.name))
		return hostlist_error(p, "a name of a machine has at most 63 characters");
	memcpy(ret->host.name, name, strlen(name) + 1);
	return 0;
}
