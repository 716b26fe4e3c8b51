// SPDX-License-Identifier: GPL-3.0-or-later
/* wake.h - the "magic packet" of Wake-on-LAN (AMD, Magic Packet Technology, 1995). */
#ifndef PXE_WIRE_WAKE_H
#define PXE_WIRE_WAKE_H

#include "common/mac.h"

#include <stdint.h>

#define WAKE_LEN  102
#define WAKE_PORT 9 /* discard: nobody answers there */

/* Six bytes of ones, then the MAC sixteen times; cards look for it in any frame. */
void wake_packet(const struct mac *mac, uint8_t buf[WAKE_LEN]);

#endif
