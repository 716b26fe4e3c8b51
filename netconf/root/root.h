// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * root.h - the tree that is worked on: / or a mounted, restored system.
 *
 * Paths are absolute within the root.  Symbolic links are resolved as if the
 * root were "/" (openat2(2), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), so none leads out of
 * it, and nothing of it is ever executed.
 */
#ifndef NETCONF_ROOT_ROOT_H
#define NETCONF_ROOT_ROOT_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct root;

int root_open(const char *path, struct root **ret, struct err *e);
void root_close(struct root *r);
/* As given: "/" or "/mnt"; for messages. */
const char *root_name(const struct root *r);
bool root_is_running(const struct root *r); /* it is "/" */

/* The whole file, NUL-terminated; the caller frees.  -ENOENT, -EFBIG over @max, -EINVAL no
 * regular file (a FIFO or a device is never opened for reading). */
int root_read(const struct root *r, const char *path, size_t max, char **ret, size_t *ret_len,
	      struct err *e);
/* Follows links when @follow.  -ENOENT. */
int root_stat(const struct root *r, const char *path, bool follow, struct stat *ret,
	      struct err *e);
bool root_has(const struct root *r, const char *path);
/* The text of a symbolic link; the caller frees.  -EINVAL: it is none. */
int root_readlink(const struct root *r, const char *path, char **ret, struct err *e);

/*
 * Whole or not at all: a temporary file beside it (".slate-..."), fsync, rename, fsync of
 * the folder; missing folders are made (0755), and taken away again on failure.  Keeps the
 * owner of a file that is replaced.  A symbolic link in the last place is replaced, not
 * followed; anything else than a file there is -EINVAL.
 */
int root_write(const struct root *r, const char *path, const void *content, size_t len,
	       mode_t mode, struct err *e);
int root_symlink(const struct root *r, const char *path, const char *to, struct err *e);
/* Files and links only; 0 when it is not there. */
int root_remove(const struct root *r, const char *path, struct err *e);
/* Whether a file of @len bytes could be written there now: -EROFS, -EACCES, -ENOSPC. */
int root_can_write(const struct root *r, const char *path, size_t len, struct err *e);

/*
 * The names in @dir that match @pattern (fnmatch(3)), sorted; free each and the list with
 * names_free().  None, and 0, when there is no such folder.
 */
struct names {
	char **v;
	size_t n;
};
int root_list(const struct root *r, const char *dir, const char *pattern, struct names *ret,
	      struct err *e);
void names_free(struct names *n);

#endif
