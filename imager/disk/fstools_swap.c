// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/fstools_internal.h"

#include <errno.h>
#include <string.h>

#define PAGE 4096

/*
 * Swap space is made anew over the whole area, with the same UUID and label.
 * The header is union swap_header of linux/swap.h.
 */
int swap_grow(struct job *j, struct err *e)
{
	uint8_t head[PAGE];
	char uuid[UUID_TEXT], label[17] = "";
	const char *const argv[] = { "mkswap", "-U", uuid, "-L", label, j->device, NULL };
	int r = j->a->size < PAGE ? -EUCLEAN
				  : dev_read(j->a->dev, head, sizeof(head), j->a->off, e);

	if (r)
		return r;
	if (memcmp(head + PAGE - 10, "SWAPSPACE2", 10) != 0)
		return err_set(e, -EOPNOTSUPP,
			       "it is not in use as plain swap space (a hibernated system?)");
	job_uuid_text(head + 1036, uuid);
	memcpy(label, head + 1052, 16);
	return job_run(j, argv, NULL, 0, e);
}
