// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/dev.h"

#include "common/io.h"
#include "imager/disk/dev_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void dev_close(struct dev *d)
{
	if (d->fd >= 0) {
		if (d->direct_fd >= 0)
			close(d->direct_fd);
		close(d->fd);
	}
	free(d->path);
	*d = (struct dev){ .fd = -1, .direct_fd = -1 };
}

int dev_check(const struct dev *d, uint64_t off, uint64_t n, struct err *e)
{
	if (off <= d->size && n <= d->size - off)
		return 0;
	return err_set(e, -ERANGE,
		       "%s: %" PRIu64 " bytes at offset %" PRIu64
		       " reach beyond its end (%" PRIu64 " bytes)",
		       d->path, n, off, d->size);
}

/* A hole that holds all of the range: nobody needs to read zeros from a file. */
static bool in_hole(const struct dev *d, uint64_t off, uint64_t n)
{
	off_t data;

	if (d->block)
		return false;
	data = lseek(d->fd, (off_t)off, SEEK_DATA);
	if (data < 0 && errno == ENXIO) /* no data up to the end, or behind the end */
		data = lseek(d->fd, 0, SEEK_END);
	return data >= 0 && (uint64_t)data >= off + n;
}

int dev_read(const struct dev *d, void *buf, size_t n, uint64_t off, struct err *e)
{
	int r = dev_check(d, off, n, e);
	ssize_t got;

	if (r)
		return r;
	if (n && in_hole(d, off, n)) {
		memset(buf, 0, n);
		return 0;
	}
	got = io_pread(d->fd, buf, n, off);
	if (got < 0) {
		errno = (int)-got;
		return err_sys(e, "%s: cannot read %zu bytes at offset %" PRIu64, d->path, n,
			       off);
	}
	if ((size_t)got < n)
		return err_set(e, -EIO,
			       "%s: ends at %" PRIu64 ", but was %" PRIu64 " bytes long",
			       d->path, off + (uint64_t)got, d->size);
	return 0;
}

void dev_read_hint(const struct dev *d, uint64_t off, uint64_t len)
{
	if (len && !dev_check(d, off, len, NULL))
		(void)posix_fadvise(d->fd, (off_t)off, (off_t)len, POSIX_FADV_WILLNEED);
}

int dev_write(const struct dev *d, const void *buf, size_t n, uint64_t off, struct err *e)
{
	int r = dev_check(d, off, n, e);

	if (r)
		return r;
	r = io_pwrite(d->fd, buf, n, off);
	if (r) {
		errno = -r;
		return err_sys(e, "%s: cannot write %zu bytes at offset %" PRIu64, d->path, n,
			       off);
	}
	return 0;
}

/* Below this the kernel orders and joins writes better than we do. */
#define THROUGH_MIN (64 << 10)

int dev_write_through(const struct dev *d, const void *buf, size_t n, uint64_t off,
		      struct err *e)
{
	int r = dev_check(d, off, n, e);

	if (r)
		return r;
	if (d->block && d->direct_fd >= 0 && n >= THROUGH_MIN &&
	    !((off | n | (uintptr_t)buf) % d->sector)) {
		r = io_pwrite(d->direct_fd, buf, n, off);
		if (!r)
			return 1;
		if (r != -EINVAL) { /* that says only that it cannot be done this way */
			errno = -r;
			return err_sys(e, "%s: cannot write %zu bytes at offset %" PRIu64,
				       d->path, n, off);
		}
	}
	return dev_write(d, buf, n, off, e);
}

void dev_flush_hint(const struct dev *d, uint64_t off, uint64_t len)
{
	/* To the kernel a length of 0 would mean "all that follows". */
	if (len && !dev_check(d, off, len, NULL))
		(void)sync_file_range(d->fd, (off64_t)off, (off64_t)len, SYNC_FILE_RANGE_WRITE);
}

int dev_sync(const struct dev *d, struct err *e)
{
	if (fsync(d->fd))
		return err_sys(e, "%s: not everything reached the medium", d->path);
	return 0;
}

/*
 * Finds the next data at or after @at.  1: found; 0: only a hole is left;
 * negative errno.  A filesystem that knows no holes says it is all data.
 */
static int next_data(const struct dev *d, uint64_t at, struct extent *ret)
{
	off_t data = lseek(d->fd, (off_t)at, SEEK_DATA), hole;

	if (data < 0 && errno == ENXIO)
		return 0;
	if (data < 0 && (errno == EINVAL || errno == EOPNOTSUPP)) {
		*ret = (struct extent){ at, d->size - at };
		return 1;
	}
	if (data < 0)
		return -errno;
	hole = lseek(d->fd, data, SEEK_HOLE);
	if (hole < 0)
		return -errno;
	*ret = (struct extent){ (uint64_t)data, (uint64_t)(hole - data) };
	return 1;
}

int dev_data(const struct dev *d, struct extents *ret, struct err *e)
{
	uint64_t at = 0;

	if (d->block)
		return extents_add(ret, 0, d->size, e);
	while (at < d->size) {
		struct extent x = { 0 };
		int r = next_data(d, at, &x);

		if (r < 0) {
			errno = -r;
			return err_sys(e, "%s: cannot find its holes", d->path);
		}
		if (!r || x.off >= d->size)
			break;
		if (x.len > d->size - x.off)
			x.len = d->size - x.off; /* the file has grown since */
		r = extents_add(ret, x.off, x.len, e);
		if (r)
			return r;
		at = x.off + x.len;
	}
	return 0;
}
