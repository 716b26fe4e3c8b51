// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * owned.h - files that slate-netconf made and may replace.
 *
 * Their first line is
 *
 *	# Made by slate-netconf; change the policy, not this file. sha256:HEX
 *
 * with the sum of all that follows that line.  (A "#!" line stays first, then the
 * mark is the second line and the sum is of all but it.)  A file with a mark that does
 * not fit was edited by hand; one without a mark is somebody else's.
 */
#ifndef NETCONF_ROOT_OWNED_H
#define NETCONF_ROOT_OWNED_H

#include "common/err.h"

#include <stddef.h>

enum owned { OWNED_NOT, OWNED_OURS, OWNED_EDITED };

/* @content with its mark; the caller frees *ret. */
int owned_mark(const char *content, char **ret, struct err *e);
enum owned owned_check(const char *content, size_t len);

#endif
