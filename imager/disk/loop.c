// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define TRIES 50
#define PAUSE 20000000 /* ns */

/* One attempt.  Somebody else may take the free device before us: -EBUSY. */
static int attach(int control, const struct area *a, struct loop *ret)
{
	struct loop_config config = {
		.fd = (unsigned)a->dev->fd,
		.block_size = a->dev->sector,
		.info = { .lo_offset = a->off,
			  .lo_sizelimit = a->size,
			  .lo_flags = LO_FLAGS_AUTOCLEAR },
	};
	int r, n = ioctl(control, LOOP_CTL_GET_FREE);

	if (n < 0)
		return -errno;
	snprintf(ret->path, sizeof(ret->path), "/dev/loop%d", n);
	ret->fd = open(ret->path, O_RDWR | O_CLOEXEC);
	if (ret->fd < 0)
		return errno == ENXIO ? -EBUSY : -errno;
	if (!ioctl(ret->fd, LOOP_CONFIGURE, &config))
		return 0;
	r = -errno;
	close(ret->fd);
	ret->fd = -1;
	return r;
}

int loop_attach(const struct area *a, struct loop *ret, struct err *e)
{
	const struct timespec pause = { .tv_nsec = PAUSE };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), r = -EBUSY;

	*ret = (struct loop){ .fd = -1 };
	if (control < 0)
		return err_sys(e, "%s: no loop devices here (/dev/loop-control; modprobe loop)",
			       a->dev->path);
	for (int i = 0; i < TRIES && r == -EBUSY; i++) {
		if (i)
			nanosleep(&pause, NULL);
		r = attach(control, a, ret);
	}
	close(control);
	return r ? err_set(e, r, "%s: cannot attach a loop device: %s", a->dev->path,
			   strerror(-r))
		 : 0;
}

int loop_detach(struct loop *l, struct err *e)
{
	int r = 0;

	if (l->fd < 0)
		return 0;
	if (fsync(l->fd))
		r = err_sys(e, "%s: cannot write back", l->path);
	if (close(l->fd) && !r)
		r = err_sys(e, "%s: cannot write back", l->path);
	l->fd = -1;
	return r;
}
