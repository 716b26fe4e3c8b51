// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading back what was written, from the device and not from memory. */
#include "imager/disk/dev.h"

#include "common/io.h"
#include "imager/disk/dev_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Asks for whole blocks, as O_DIRECT wants, and so perhaps for more than the
 * @want bytes that are there.  io_pread() would go on after a short read, from
 * where O_DIRECT cannot.
 */
static ssize_t read_direct(const struct dev *d, char *buf, size_t n, uint64_t off, size_t want)
{
	size_t got = 0;

	while (got < want) {
		ssize_t r = pread(d->direct_fd, buf + got, n - got, (off_t)(off + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)(got < want ? got : want);
}

/* The next best: writes the range to the device and drops it from the cache. */
static ssize_t read_uncached(const struct dev *d, char *buf, uint64_t off, size_t want)
{
	if (want && sync_file_range(d->fd, (off64_t)off, (off64_t)want,
				    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
					    SYNC_FILE_RANGE_WAIT_AFTER))
		return -errno;
	(void)posix_fadvise(d->fd, (off_t)off, (off_t)want, POSIX_FADV_DONTNEED);
	return io_pread(d->fd, buf, want, off);
}

int64_t dev_read_back(const struct dev *d, void *buf, size_t n, uint64_t off, bool *ret_direct,
		      struct err *e)
{
	ssize_t got = -EINVAL;
	size_t want = n;
	int r = dev_check(d, off, 0, e);

	if (r)
		return r;
	if (want > d->size - off)
		want = (size_t)(d->size - off);
	*ret_direct = false;
	if (d->direct_fd >= 0)
		got = read_direct(d, buf, n, off, want);
	if (got == -EINVAL)
		got = read_uncached(d, buf, off, want);
	else
		*ret_direct = true;
	if (got < 0) {
		errno = (int)-got;
		return err_sys(e, "%s: cannot read back %zu bytes at offset %" PRIu64, d->path,
			       want, off);
	}
	if ((size_t)got < want)
		return err_set(e, -EIO,
			       "%s: ends at %" PRIu64 ", but was %" PRIu64 " bytes long",
			       d->path, off + (uint64_t)got, d->size);
	return got;
}

#define ALIGN 4096 /* of reads past the cache */

int dev_holds(const struct dev *d, const struct dev *like, struct extent x, bool *ret,
	      struct err *e)
{
	uint64_t from = x.off / ALIGN * ALIGN, skip = x.off - from;
	uint64_t n = (skip + x.len + ALIGN - 1) / ALIGN * ALIGN;
	uint8_t *want = malloc(x.len), *have = aligned_alloc(ALIGN, n);
	bool direct;
	int64_t got = -ENOMEM;
	int r = want && have ? dev_read(like, want, x.len, x.off, e) : err_nomem(e);

	if (!r)
		got = dev_read_back(d, have, n, from, &direct, e);
	if (!r && got < 0)
		r = (int)got;
	*ret = !r && (uint64_t)got >= skip + x.len && !memcmp(want, have + skip, x.len);
	free(want);
	free(have);
	return r;
}
