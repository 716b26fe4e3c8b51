// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * hosts.h - the line of /etc/hosts with the machine's own name (127.0.1.1, as
 * Debian's installer writes it; hosts(5)).  All other lines stay as they are.
 */
#ifndef NETCONF_PERSONALISE_HOSTS_H
#define NETCONF_PERSONALISE_HOSTS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define HOSTS_MAX (1 << 20) /* bytes; larger files are refused */

/*
 * @text with @name on that line instead of @old, which keeps its domain and its aliases; a
 * line is added when there is none.  The caller frees *ret.  -EINVAL: no text.
 */
int hosts_rename(const char *text, size_t len, const char *old, const char *name, char **ret,
		 struct err *e);
/* The line without its end; *ret NULL: there is none.  The caller frees. */
int hosts_line(const char *text, size_t len, char **ret, struct err *e);
/* @text with @line in its place. */
int hosts_put_line(const char *text, size_t len, const char *line, char **ret, struct err *e);

#endif
