// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/mac.h"

#include "common/plain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* What is wrong with it: a hint where the mistake is a usual one. */
static int refuse(const char *text, struct err *e)
{
	char shown[40];

	plain_text(shown, sizeof(shown), text, "");
	if (strlen(text) == 12 && strspn(text, "0123456789abcdefABCDEF") == 12)
		return err_set(e, -EINVAL,
			       "%s: a MAC has colons: %.2s:%.2s:%.2s:%.2s:%.2s:%.2s", shown,
			       text, text + 2, text + 4, text + 6, text + 8, text + 10);
	return err_set(e, -EINVAL, "\"%s\" is no MAC, which looks like 52:54:00:12:34:56",
		       shown);
}

int mac_parse(const char *text, struct mac *ret, struct err *e)
{
	const char *p = text;
	struct mac m;

	for (int i = 0; i < 6; i++) {
		int high = digit(p[0]), low = high < 0 ? -1 : digit(p[1]);

		if (low < 0)
			return refuse(text, e);
		m.b[i] = (uint8_t)(high << 4 | low);
		p += 2;
		if (i < 5 && *p != ':' && *p != '-')
			return refuse(text, e);
		p += i < 5;
	}
	if (*p)
		return refuse(text, e);
	*ret = m;
	return 0;
}

char *mac_text(const struct mac *m, char buf[MAC_TEXT_MAX])
{
	snprintf(buf, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", m->b[0], m->b[1], m->b[2],
		 m->b[3], m->b[4], m->b[5]);
	return buf;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return !memcmp(a->b, b->b, sizeof(a->b));
}

bool mac_valid(const struct mac *m)
{
	static const struct mac none;

	return !mac_equal(m, &none) && !(m->b[0] & 1);
}
