// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reading what can be read of a failing disk.
 *
 * One read of the whole range comes first.  Only when that fails is the rest
 * read in aligned blocks of 64 KiB; a bad one of these in blocks of 4 KiB, and
 * a bad one of those sector by sector.  A disk may spend seconds on every bad
 * read, so none is made twice, and none below the physical sector size: a disk
 * cannot read half of one.  The small reads go past the page cache, which would
 * read ahead, and fail, for more than was asked.
 */
#include "imager/disk/dev.h"

#include "imager/disk/dev_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BLOCK_MAX (64 * 1024)

struct rescue {
	const struct dev *d;
	uint8_t *buf;     /* holds the device's bytes from @off */
	uint64_t off, at; /* everything before @at is dealt with */
	uint8_t *bounce;  /* BLOCK_MAX bytes, aligned */
	uint32_t unit;    /* smaller reads make no sense */
	struct extents *bad;
};

/* How the block layer (linux/blk_types.h, blk_errors[]) and filesystems say "unreadable". */
static bool is_media_error(int error)
{
	static const int all[] = { EIO,       ENODATA, EILSEQ,  ETIMEDOUT,
				   EREMOTEIO, ENOLINK, EBADMSG, EUCLEAN };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (error == all[i])
			return true;
	}
	return false;
}

static int gone(const struct dev *d, struct err *e)
{
	return err_set(e, -ENODEV, "%s has gone away or become smaller while it was read",
		       d->path);
}

/* A disk that was pulled out fails like a bad sector, but has lost its size. */
static int check_presence(const struct dev *d, struct err *e)
{
	uint64_t size;

	if (d->block && (ioctl(d->fd, BLKGETSIZE64, &size) || size < d->size))
		return gone(d, e);
	return 0;
}

static uint32_t smallest_read(const struct dev *d)
{
	uint32_t p = d->physical;

	return p > d->sector && p <= BLOCK_MAX && !(p & (p - 1)) ? p : d->sector;
}

/* What pread() returned: the count of good bytes, 0 for none, or what went really wrong. */
static int64_t judge(const struct dev *d, ssize_t got, struct err *e)
{
	if (got > 0)
		return got;
	if (got == 0)
		return gone(d, e);
	if (is_media_error(errno))
		return 0;
	return err_sys(e, "%s: cannot be read", d->path);
}

static ssize_t pread_again(int fd, void *buf, size_t n, uint64_t off)
{
	ssize_t got;

	do {
		got = pread(fd, buf, n, (off_t)off);
	} while (got < 0 && errno == EINTR);
	return got;
}

/* Reads from s->at up to @stop by one read; moves s->at behind what was good. */
static int read_block(struct rescue *s, uint64_t stop, struct err *e)
{
	const struct dev *d = s->d;
	uint64_t start = s->at - s->at % d->sector;
	uint64_t end = stop + (d->sector - stop % d->sector) % d->sector;
	ssize_t got = -1;
	int64_t good;

	if (end > d->size)
		end = d->size;
	errno = EINVAL;
	if (d->direct_fd >= 0)
		got = pread_again(d->direct_fd, s->bounce, (size_t)(end - start), start);
	if (got < 0 && errno == EINVAL)
		got = pread_again(d->fd, s->bounce, (size_t)(end - start), start);
	good = judge(d, got, e);
	if (good < 0)
		return (int)good;
	end = start + (uint64_t)good < stop ? start + (uint64_t)good : stop;
	if (end > s->at) {
		memcpy(s->buf + (s->at - s->off), s->bounce + (s->at - start),
		       (size_t)(end - s->at));
		s->at = end;
	}
	return 0;
}

static int give_up(struct rescue *s, uint64_t stop, struct err *e)
{
	int r = extents_add(s->bad, s->at, stop - s->at, e);

	memset(s->buf + (s->at - s->off), 0, (size_t)(stop - s->at));
	s->at = stop;
	return r;
}

/* Deals with all from s->at to @end in blocks of @step, bad ones in smaller blocks. */
static int salvage(struct rescue *s, uint64_t end, uint32_t step, struct err *e)
{
	uint32_t smaller = step / 16 > s->unit ? step / 16 : s->unit;
	int r = 0;

	while (!r && s->at < end) {
		uint64_t stop = s->at - s->at % step + step;

		if (stop > end)
			stop = end;
		r = read_block(s, stop, e);
		if (r || s->at == stop)
			continue;
		r = step > s->unit ? salvage(s, stop, smaller, e) : give_up(s, stop, e);
	}
	return r;
}

/* The first try, straight into the caller's buffer; keeps what precedes the bad place. */
static int read_whole(struct rescue *s, uint64_t end, struct err *e)
{
	int64_t good = 1;

	while (s->at < end && good > 0) {
		good = judge(s->d,
			     pread_again(s->d->fd, s->buf + (s->at - s->off),
					 (size_t)(end - s->at), s->at),
			     e);
		if (good > 0)
			s->at += (uint64_t)good;
	}
	return good < 0 ? (int)good : 0;
}

int dev_rescue(const struct dev *d, void *buf, size_t n, uint64_t off, struct extents *bad,
	       struct err *e)
{
	struct rescue s = { .d = d, .buf = buf, .off = off, .at = off, .bad = bad };
	int r = dev_check(d, off, n, e);

	if (!r)
		r = read_whole(&s, off + n, e);
	if (r || s.at == off + n)
		return r;
	r = check_presence(d, e);
	if (r)
		return r;
	s.unit = smallest_read(d);
	s.bounce = aligned_alloc(DEV_ALIGN, BLOCK_MAX);
	if (!s.bounce)
		return err_nomem(e);
	r = salvage(&s, off + n, BLOCK_MAX, e);
	free(s.bounce);
	return r;
}
