// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * sysfs.h - small, bounded reads of a sysfs tree, the kernel's or a made one.
 *
 * Nothing in it is trusted: an attribute may be a folder or a FIFO, text may be
 * binary, a link may lead anywhere.  Whatever is not as it should be counts as
 * not there.  Texts come out fit to be shown, cut to their buffers.
 */
#ifndef NETCONF_HARDWARE_SYSFS_H
#define NETCONF_HARDWARE_SYSFS_H

#include "common/err.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sysfs {
	char base[PATH_MAX]; /* canonical */
	bool live;           /* "/sys": the running kernel */
};

int sysfs_open(const char *path, struct sysfs *ret, struct err *e);

/*
 * The canonical path of @path, @ret of PATH_MAX bytes.  -EXDEV: it is not within the
 * tree; else a negative errno of realpath(3).
 */
int sysfs_resolve(const struct sysfs *s, const char *path, char *ret);
/* Makes @path, canonical, that of its parent; false at the top of the tree's devices/. */
bool sysfs_parent(const struct sysfs *s, char *path);
/* The last part of a path. */
const char *sysfs_name(const char *path);

/* Is there anything called @name in @dir? */
bool sysfs_has(const char *dir, const char *name);
/* The attribute @dir/@name without white space around it; false and "" when it has none. */
bool sysfs_text(const char *dir, const char *name, char *buf, size_t n);
/* A number of digits only (after 0x when @base is 16 or 0), at most @max. */
bool sysfs_number(const char *dir, const char *name, int base, uint64_t max, uint64_t *ret);
/* The last part of where the link @dir/@name leads; false and "" when it is no link. */
bool sysfs_link(const char *dir, const char *name, char *buf, size_t n);

/* The value of "@key=..." in the file uevent of @dir; false and "" when it has none. */
bool sysfs_uevent(const char *dir, const char *key, char *buf, size_t n);
/* The same in @text, lines of KEY=VALUE. */
bool uevent_value(const char *text, const char *key, char *buf, size_t n);

#endif
