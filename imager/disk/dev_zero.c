// SPDX-License-Identifier: GPL-3.0-or-later
/* Making ranges empty: zeroed, or given back to the device. */
#include "imager/disk/dev.h"

#include "imager/disk/dev_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#define ZEROS_MAX (256 * 1024)

static int write_zeros(const struct dev *d, uint64_t off, uint64_t len, struct err *e)
{
	size_t n = len < ZEROS_MAX ? (size_t)len : ZEROS_MAX;
	void *zeros = len ? calloc(1, n) : NULL;
	int r = 0;

	if (!len)
		return 0;
	if (!zeros)
		return err_nomem(e);
	while (len && !r) {
		if (n > len)
			n = (size_t)len;
		r = dev_write(d, zeros, n, off, e);
		off += n;
		len -= n;
	}
	free(zeros);
	return r;
}

/* The whole sectors inside a range, in the shape that BLKZEROOUT and BLKDISCARD take. */
struct sectors {
	uint64_t arg[2]; /* offset, length: both multiples of the sector size */
};

static struct sectors sectors_inside(const struct dev *d, uint64_t off, uint64_t len)
{
	uint64_t first = off + (d->sector - off % d->sector) % d->sector;
	uint64_t end = off + len - (off + len) % d->sector;

	return (struct sectors){ { first, end > first ? end - first : 0 } };
}

static int zero_block(const struct dev *d, uint64_t off, uint64_t len, struct err *e)
{
	struct sectors s = sectors_inside(d, off, len);
	uint64_t first = s.arg[0], end = first + s.arg[1];
	int r;

	if (!s.arg[1])
		return write_zeros(d, off, len, e);
	r = write_zeros(d, off, first - off, e);
	/* Whatever the device has against it, plain writing will work or say why not. */
	if (!r && ioctl(d->fd, BLKZEROOUT, s.arg))
		r = write_zeros(d, first, end - first, e);
	return r ? r : write_zeros(d, end, off + len - end, e);
}

static int zero_file(const struct dev *d, uint64_t off, uint64_t len, struct err *e)
{
	static const int modes[] = { FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE };

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (!fallocate(d->fd, modes[i], (off_t)off, (off_t)len))
			return 0;
	}
	return write_zeros(d, off, len, e);
}

int dev_zero(const struct dev *d, uint64_t off, uint64_t len, struct err *e)
{
	int r = dev_check(d, off, len, e);

	if (r || !len)
		return r;
	return d->block ? zero_block(d, off, len, e) : zero_file(d, off, len, e);
}

int dev_discard(const struct dev *d, uint64_t off, uint64_t len, struct err *e)
{
	struct sectors s;
	int r = dev_check(d, off, len, e);

	if (r || !len)
		return r;
	s = sectors_inside(d, off, len);
	if (d->block)
		r = s.arg[1] ? ioctl(d->fd, BLKDISCARD, s.arg) : 0;
	else
		r = fallocate(d->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)off,
			      (off_t)len);
	if (r && (errno == EOPNOTSUPP || errno == ENOSYS || errno == ENOTTY))
		return err_set(e, -EOPNOTSUPP, "%s cannot discard (trim)", d->path);
	if (r)
		return err_sys(e, "%s: cannot discard %" PRIu64 " bytes at offset %" PRIu64,
			       d->path, len, off);
	return 0;
}
