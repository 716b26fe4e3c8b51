// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fstab.h - swap areas by UUID in /etc/fstab (fstab(5)) and in initramfs-tools'
 * conf.d/resume.
 */
#ifndef NETCONF_PERSONALISE_FSTAB_H
#define NETCONF_PERSONALISE_FSTAB_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define UUID_MAX 64

typedef bool has_uuid(void *ctx, const char *uuid);

/* The UUID of the filesystem on "/"; "" when it is not named so. */
void fstab_root(const char *text, char ret[UUID_MAX]);
/*
 * @text with "nofail" among the options of swap areas that @has does not know: the boot then
 * does not wait for them, and uses them if they are there after all.
 */
int fstab_swap(const char *text, has_uuid *has, void *ctx, char **ret, size_t *changed,
	       struct err *e);
/* @text with RESUME=none where the UUID is not known. */
int resume_mend(const char *text, has_uuid *has, void *ctx, char **ret, size_t *changed,
		struct err *e);

#endif
