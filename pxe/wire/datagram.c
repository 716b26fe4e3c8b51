// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/wire/datagram.h"

#include "common/plain.h"

#include <errno.h>
#include <stdio.h>

char *addr_text(uint32_t addr, char buf[ADDR_TEXT_MAX])
{
	snprintf(buf, ADDR_TEXT_MAX, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255,
		 addr >> 8 & 255, addr & 255);
	return buf;
}

static int refuse(const char *text, struct err *e)
{
	char shown[40];

	plain_text(shown, sizeof(shown), text, "");
	return err_set(e, -EINVAL, "\"%s\" is no address, which looks like 192.168.67.1",
		       shown);
}

/*
 * inet_aton() would take 10.1, 0x0a000001 and 010.0.0.1 too, and read the last as 8.0.0.1:
 * not what who typed it meant.
 */
int addr_parse(const char *text, uint32_t *ret, struct err *e)
{
	const char *p = text;
	uint32_t addr = 0;

	for (int i = 0; i < 4; i++) {
		unsigned v = 0;
		int n = 0;

		while (p[n] >= '0' && p[n] <= '9' && n < 3)
			v = v * 10 + (unsigned)(p[n++] - '0');
		if (n == 0 || v > 255 || (n > 1 && p[0] == '0'))
			return refuse(text, e);
		p += n;
		if (*p != (i < 3 ? '.' : '\0'))
			return refuse(text, e);
		p += i < 3;
		addr = addr << 8 | v;
	}
	*ret = addr;
	return 0;
}
