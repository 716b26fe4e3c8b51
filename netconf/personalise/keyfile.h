// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * keyfile.h - a NetworkManager profile (nm-settings-keyfile(5)) freed from the card
 * of another machine.
 */
#ifndef NETCONF_PERSONALISE_KEYFILE_H
#define NETCONF_PERSONALISE_KEYFILE_H

#include "netconf/personalise/machine.h"

/*
 * @text without "mac-address=" lines of cards that @m has not and, unless it is bound to a
 * card that is here, without "cloned-mac-address=" of a fixed address: two machines
 * would have it.  @removed: so many lines.  The caller frees *ret.
 */
int keyfile_unbind(const char *text, size_t len, const struct machine *m, char **ret,
		   size_t *removed, struct err *e);

#endif
