// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/wire/wake.h"

#include <string.h>

void wake_packet(const struct mac *mac, uint8_t buf[WAKE_LEN])
{
	memset(buf, 0xff, 6);
	for (int i = 0; i < 16; i++)
		memcpy(buf + 6 + 6 * i, mac->b, 6);
}
