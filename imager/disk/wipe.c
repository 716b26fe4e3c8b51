// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/wipe.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>

/*
 * libblkid knows fewer magics than this and a format has few copies of one.  A
 * device that still shows something after so many wipes does not take them.
 */
#define WIPES_MAX 256

static int wipe_all(blkid_probe probe, const struct dev *d, struct err *e)
{
	for (int i = 0; i < WIPES_MAX; i++) {
		int r = blkid_do_probe(probe);

		if (r == 1)
			return 0; /* nothing more */
		if (r)
			return err_set(e, -EIO, "%s: cannot look for old filesystem signatures",
				       d->path);
		errno = EIO;
		if (blkid_do_wipe(probe, 0))
			return err_sys(e, "%s: cannot wipe an old filesystem signature",
				       d->path);
	}
	return err_set(e, -EIO, "%s: an old filesystem signature comes back after each wipe",
		       d->path);
}

static int wipe_known(const struct area *a, struct err *e)
{
	blkid_probe probe = blkid_new_probe();
	int r;

	if (!probe)
		return err_nomem(e);
	errno = EIO;
	if (blkid_probe_set_device(probe, a->dev->fd, (blkid_loff_t)a->off,
				   (blkid_loff_t)a->size) ||
	    blkid_probe_enable_superblocks(probe, 1) ||
	    blkid_probe_set_superblocks_flags(probe,
					      BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_BADCSUM) ||
	    blkid_probe_enable_partitions(probe, 1) ||
	    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT))
		r = err_sys(e, "%s: cannot look for old filesystem signatures", a->dev->path);
	else
		r = wipe_all(probe, a->dev, e);
	blkid_free_probe(probe);
	/* libblkid turns reading ahead off for the descriptor. */
	(void)posix_fadvise(a->dev->fd, 0, 0, POSIX_FADV_NORMAL);
	return r;
}

int wipe_signatures(const struct area *a, uint64_t head, struct err *e)
{
	int r;

	if (!a->size)
		return 0; /* to libblkid it would mean the whole device */
	r = wipe_known(a, e);
	if (!r)
		r = dev_zero(a->dev, a->off, head < a->size ? head : a->size, e);
	return r ? r : dev_sync(a->dev, e);
}
