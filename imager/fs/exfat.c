// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/fs/fs.h"

#include <errno.h>

static int exfat_used(const struct area *a, bool force, struct fs_info *ret,
		      struct extents *used, struct err *e)
{
	(void)a;
	(void)force;
	(void)ret;
	(void)used;
	return err_set(e, -EOPNOTSUPP, "it cannot be read yet");
}

static const char *const exfat_types[] = { "exfat", NULL };

const struct fs_ops fs_exfat = {
	.name = "exfat",
	.types = exfat_types,
	.edges = { .head = 4096 },
	.used = exfat_used,
};
