// SPDX-License-Identifier: GPL-3.0-or-later
/* style.h - which program configures addresses in a root: what is there and enabled. */
#ifndef NETCONF_ROOT_STYLE_H
#define NETCONF_ROOT_STYLE_H

#include "netconf/policy/policy.h"
#include "netconf/root/root.h"

/* Never STYLE_AUTO; STYLE_NONE when nothing is found. @ret_why: "netplan: /etc/netplan/..." */
enum style style_find(const struct root *r, char *ret_why, size_t n);

#endif
