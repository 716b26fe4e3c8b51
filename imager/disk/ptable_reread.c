// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/ptable.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#define TRIES 50
#define PAUSE 100000000 /* ns */

int ptable_reread(const struct dev *d, struct err *e)
{
	const struct timespec pause = { .tv_nsec = PAUSE };

	for (int i = 0; d->block && i < TRIES; i++) {
		if (!ioctl(d->fd, BLKRRPART))
			return 0;
		/* No partitions there (loop device), or the disk is one itself. */
		if (errno == EINVAL || errno == ENOTTY)
			return 0;
		if (errno != EBUSY)
			return err_sys(e, "%s: the kernel cannot read the partition table",
				       d->path);
		nanosleep(&pause, NULL);
	}
	return d->block ? err_set(e, -EBUSY,
				  "%s: the kernel still has the old partitions, as one of them "
				  "is in use; run \"partprobe %s\" or restart the computer",
				  d->path, d->path)
			: 0;
}
