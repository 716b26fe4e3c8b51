// SPDX-License-Identifier: GPL-3.0-or-later
/* macs.h - MAC addresses in the text of configuration files. */
#ifndef NETCONF_PERSONALISE_MACS_H
#define NETCONF_PERSONALISE_MACS_H

#include "netconf/personalise/machine.h"

/*
 * Counts those in @text (with colons, standing alone) outside of '#' comments; *absent of
 * them are no cards of @m.
 */
size_t macs_count(const char *text, const struct machine *m, size_t *absent);

#endif
