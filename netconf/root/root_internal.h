// SPDX-License-Identifier: GPL-3.0-or-later
/* root_internal.h - what reading and writing in a root have in common. */
#ifndef NETCONF_ROOT_ROOT_INTERNAL_H
#define NETCONF_ROOT_ROOT_INTERNAL_H

#include "netconf/root/root.h"

#include <limits.h>

struct root {
	int fd; /* O_PATH */
	char *name;
	bool running;
};

/* Opens @path within the root by @flags of open(2); -1 with errno set. */
int root_open_at(const struct root *r, const char *path, int flags);

/* "/mnt/etc/hosts: TEXT" in words for @code, a negative errno, which is returned. */
int root_fail(const struct root *r, const char *path, int code, struct err *e);

/* What @mode says it is, when it is no file: "a folder", "a FIFO" ... */
const char *root_kind(mode_t mode);

/*
 * Splits an absolute @path into its folder and the name in it, which points into @path.
 * -EINVAL: not absolute, too long, or without a name at its end.
 */
int root_split(const struct root *r, const char *path, char folder[PATH_MAX],
	       const char **ret_name, struct err *e);

#endif
