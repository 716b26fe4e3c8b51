// SPDX-License-Identifier: GPL-3.0-or-later
/* mac.h - Ethernet addresses (IEEE 802 MAC-48), also those of wireless cards. */
#ifndef COMMON_MAC_H
#define COMMON_MAC_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

#define MAC_TEXT_MAX 18 /* "00:11:22:33:44:55" and a NUL */

struct mac {
	uint8_t b[6];
};

/*
 * Parses six pairs of hexadecimal digits, with ':' or '-' between them, either case.
 * -EINVAL with the mistake named; twelve digits without colons are told apart.
 */
int mac_parse(const char *text, struct mac *ret, struct err *e);
/* Lower case, with colons.  Returns @buf. */
char *mac_text(const struct mac *m, char buf[MAC_TEXT_MAX]);

bool mac_equal(const struct mac *a, const struct mac *b);
/* Neither all zero nor a group address: one that a card can have. */
bool mac_valid(const struct mac *m);

#endif
