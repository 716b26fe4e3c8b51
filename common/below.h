// SPDX-License-Identifier: GPL-3.0-or-later
/* below.h - files that a client names, and that must not lead out of a folder. */
#ifndef COMMON_BELOW_H
#define COMMON_BELOW_H

#include <sys/stat.h>

/*
 * Opens the regular file @name below the folder @dir (a descriptor) for reading, by openat2(2)
 * with RESOLVE_BENEATH: links are followed only within it.  Never blocks.  A descriptor
 * and @ret, or a negative errno: -ENOENT, -EACCES, -EXDEV (it leads out), -EINVAL (no regular
 * file).
 */
int open_below(int dir, const char *name, struct stat *ret);

#endif
