// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/fstools_internal.h"

#include "common/bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEGABYTE 1000000 /* as ntfsresize counts */

/*
 * -f passes over the mark that ntfsresize itself leaves for Windows to check
 * the volume: an image that was made smaller is to be made larger again.  What
 * is really wrong still stops it.  It asks before it writes.
 */
#define FORCED "ntfsresize", "-f", "-P"

int ntfs_grow(struct job *j, struct err *e)
{
	const char *const argv[] = { FORCED, j->device, NULL };

	return job_run(j, argv, "y\n", 0, e);
}

/* The volume's size, with the copy of the boot sector behind it. */
static int read_size(const struct job *j, uint64_t *ret, struct err *e)
{
	uint8_t buf[512];
	struct rd r = rd_init(buf, sizeof(buf));
	uint64_t sector, sectors;
	int res = j->a->size < 512 ? -EUCLEAN
				   : dev_read(j->a->dev, buf, sizeof(buf), j->a->off, e);

	if (res)
		return res;
	rd_seek(&r, 11);
	sector = rd_le16(&r);
	rd_seek(&r, 40);
	sectors = rd_le64(&r);
	if (sectors == UINT64_MAX || !mul_u64(sectors + 1, sector, ret) || !*ret)
		return err_set(e, -EUCLEAN, "the boot sector is damaged");
	return 0;
}

int ntfs_shrink(struct job *j, struct err *e)
{
	const char *const ask[] = { FORCED, "-i", "-m", j->device, NULL };
	char size[32];
	const char *const shrink[] = { FORCED, "-s", size, j->device, NULL };
	uint64_t now = 0, least, target;
	const char *colon;
	int r = read_size(j, &now, e);

	if (!r)
		r = job_run(j, ask, NULL, 0, e);
	if (r)
		return r;
	/* "Minsize (in MB): 1234" */
	colon = strrchr(j->output.text, ':');
	if (!colon || !mul_u64(strtoull(colon + 1, NULL, 10), MEGABYTE, &least) || !least ||
	    least > j->a->size + MEGABYTE)
		return err_set(e, -EIO, "ntfsresize -i -m said nothing useful: %s",
			       output_last_line(&j->output));
	target = job_shrink_to(least);
	if (target >= now) {
		j->size = job_whole_mib(now);
		return 0;
	}
	snprintf(size, sizeof(size), "%" PRIu64, target);
	j->size = target;
	return job_run(j, shrink, "y\n", 0, e);
}
