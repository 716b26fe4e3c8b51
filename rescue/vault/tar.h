// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * tar.h - a small folder as one file, for its way to the server and back.
 *
 * POSIX ustar (IEEE 1003.1, pax, "ustar Interchange Format"), with plain files and folders
 * only.  What comes back is as foreign as anything from a network: anything else in it, a
 * name that leads out of the folder, or one that is there twice, refuses all of it.
 */
#ifndef RESCUE_VAULT_TAR_H
#define RESCUE_VAULT_TAR_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define TAR_MAX (1U << 20) /* bytes of a whole one */

/* One member, still in the tar. */
struct tar_member {
	char name[257]; /* without '/' at its end */
	int folder;
	const uint8_t *content;
	size_t len;
};

/* Gets each in turn; not 0 ends it. */
typedef int tar_take(void *ctx, const struct tar_member *m, struct err *e);

/* Goes through a tar.  -EBADMSG: it is none, or has something that is not allowed. */
int tar_read(const void *p, size_t n, tar_take *take, void *ctx, struct err *e);

/* All of @p into the folder @dir, which is there and empty: files are 0600, folders 0700. */
int tar_unpack(const void *p, size_t n, const char *dir, struct err *e);

/*
 * The folder @dir as a tar, in the order of names; the caller frees.  *@ret_n is 0 when there
 * is no file in it.  -EFBIG: larger than TAR_MAX.
 */
int tar_pack(const char *dir, void **ret, size_t *ret_n, struct err *e);

#endif
