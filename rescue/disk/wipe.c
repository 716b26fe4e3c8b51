// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/disk/wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define STEP (64ULL << 20) /* bytes; a slow disk needs a second for them */

static int zero(int fd, const char *path, uint64_t off, uint64_t n, struct err *e)
{
	uint64_t range[2] = { off, n };

	return ioctl(fd, BLKZEROOUT, range) ? err_sys(e, "%s: cannot write zeros at byte %llu",
						      path, (unsigned long long)off)
					    : 0;
}

static int zero_all(int fd, const char *path, wipe_show *show, void *ctx, struct wiped *w,
		    struct err *e)
{
	int r = 0;

	while (w->done < w->size && !r) {
		uint64_t n = w->size - w->done < STEP ? w->size - w->done : STEP;

		if (!show(ctx, w->done, w->size))
			return err_set(e, -EINTR, "%s: the wipe was stopped half-way", path);
		w->touched = true;
		r = zero(fd, path, w->done, n, e);
		if (!r)
			w->done += n;
	}
	return r;
}

/* Only saves the disk work later: what it does not know does no harm. */
static void discard_all(int fd, uint64_t size)
{
	uint64_t range[2] = { 0, size };

	(void)ioctl(fd, BLKDISCARD, range);
}

int disk_wipe(const char *path, wipe_show *show, void *ctx, struct wiped *ret, struct err *e)
{
	int fd = open(path, O_RDWR | O_EXCL | O_CLOEXEC), r;

	*ret = (struct wiped){ 0 };
	if (fd < 0)
		return err_sys(e, "cannot open %s for writing", path);
	if (ioctl(fd, BLKGETSIZE64, &ret->size)) {
		r = err_sys(e, "cannot ask %s for its size", path);
	} else {
		r = zero_all(fd, path, show, ctx, ret, e);
		if (!r && fsync(fd))
			r = err_sys(e, "%s: what was written is not on the disk", path);
		if (!r)
			discard_all(fd, ret->size);
		(void)ioctl(fd, BLKRRPART);
	}
	close(fd);
	return r;
}
