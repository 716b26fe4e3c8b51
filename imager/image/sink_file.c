// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * sink_file.c - an image in one file or in volumes.  Everything is written
 * under a temporary name ("NAME.part", "NAME.000.part" ...) beside the final
 * one; publish() makes it durable and renames, the first volume last, so that
 * what has the final name is complete.
 */
#include "imager/image/sink.h"

#include "common/io.h"
#include "imager/image/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_STEP (8 << 20) /* bytes after which the kernel is asked to begin writing */

struct file_sink {
	struct sink s;
	struct sink_options opt;
	char *base;     /* final name, without volume number */
	char *first;    /* final name of the first part */
	unsigned count; /* parts begun */
	int fd;
	uint64_t pos, flushed; /* in the part */
	bool published;
};

/* The final name of part @i, or its temporary one; the caller frees. */
static char *part_name(const struct file_sink *f, unsigned i, bool temporary)
{
	char *final = f->opt.volume ? volume_name(f->base, i) : strdup(f->base);
	char *name = final;

	if (final && temporary && asprintf(&name, "%s.part", final) < 0)
		name = NULL;
	if (name != final)
		free(final);
	return name;
}

/*
 * A file that has the name of the next volume would be replaced, or be read as
 * a part of this image.
 */
static int refuse_next(const struct file_sink *f, struct err *e)
{
	char *name;
	int r = 0;

	if (!f->opt.volume || f->opt.overwrite)
		return 0;
	name = part_name(f, f->count, false);
	if (!name)
		return err_nomem(e);
	if (access(name, F_OK) == 0)
		r = err_set(e, -ECANCELED, "%s: exists already; -o (--overwrite) replaces it",
			    name);
	free(name);
	return r;
}

static int open_part(struct file_sink *f, struct err *e)
{
	char *name;
	int r = refuse_next(f, e);

	if (r < 0)
		return r;
	name = part_name(f, f->count, true);
	if (!name)
		return err_nomem(e);
	/* All the secrets of a disk are in its image. */
	f->fd = open(name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f->fd < 0)
		r = err_sys(e, "%s: cannot create", name);
	else if (lockf(f->fd, F_TLOCK, 0) < 0 && (errno == EACCES || errno == EAGAIN))
		r = err_set(e, -ECANCELED, "%s: another slate is writing it", name);
	else if (ftruncate(f->fd, 0) < 0) /* what a crash has left */
		r = err_sys(e, "%s: cannot create", name);
	if (!r)
		f->count++;
	f->pos = f->flushed = 0;
	free(name);
	return r;
}

static int close_part(struct file_sink *f, struct err *e)
{
	int fd = f->fd;

	f->fd = -1;
	if (fd < 0)
		return 0;
	if (!f->opt.nosync && fsync(fd) < 0) {
		err_sys(e, "%s: cannot write the image", f->base);
		close(fd);
		return -EIO;
	}
	return close(fd) < 0 ? err_sys(e, "%s: cannot write the image", f->base) : 0;
}

static int next_part(struct file_sink *f, struct err *e)
{
	int r = close_part(f, e);

	if (!r && f->opt.next_volume)
		r = f->opt.next_volume(f->opt.arg, f->count, e);
	if (!r && f->count == VOLUMES_MAX)
		r = err_set(e, -EFBIG, "%s: more than %d volumes; make them larger", f->base,
			    VOLUMES_MAX);
	return r ? r : open_part(f, e);
}

static int file_write(struct sink *s, const void *buf, size_t n, struct err *e)
{
	struct file_sink *f = (struct file_sink *)s;
	const char *p = buf;

	while (n) {
		uint64_t room = f->opt.volume ? f->opt.volume - f->pos : n;
		size_t piece = n < room ? n : (size_t)room;
		int r;

		if (!piece) {
			r = next_part(f, e);
			if (r < 0)
				return r;
			continue;
		}
		r = io_write(f->fd, p, piece);
		if (r < 0) {
			errno = -r;
			return err_sys(e, "%s: cannot write the image", f->base);
		}
		p += piece;
		n -= piece;
		f->pos += piece;
		if (f->pos - f->flushed >= FLUSH_STEP) { /* else all waits for fsync() */
			(void)sync_file_range(f->fd, (off_t)f->flushed,
					      (off_t)(f->pos - f->flushed),
					      SYNC_FILE_RANGE_WRITE);
			f->flushed = f->pos;
		}
	}
	return 0;
}

/* Makes the renames durable. */
static int sync_directory(const struct file_sink *f, struct err *e)
{
	char *copy = strdup(f->base);
	int fd, r = 0;

	if (!copy)
		return err_nomem(e);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		r = err_sys(e, "%s: cannot write its directory", f->base);
	if (fd >= 0)
		close(fd);
	free(copy);
	return r;
}

static int rename_part(struct file_sink *f, unsigned i, struct err *e)
{
	char *from = part_name(f, i, true), *to = part_name(f, i, false);
	int r = 0;

	if (!from || !to)
		r = err_nomem(e);
	else if (rename(from, to) < 0)
		r = err_sys(e, "%s: cannot rename to %s", from, to);
	free(from);
	free(to);
	return r;
}

/* Removes volume @i of @base and those behind it, up to the first gap. */
static int remove_volumes(const char *base, unsigned i, struct err *e)
{
	int gone = 0;

	for (; !gone && i < VOLUMES_MAX; i++) {
		char *name = volume_name(base, i);

		if (!name)
			return err_nomem(e);
		gone = unlink(name) < 0 ? errno : 0;
		if (gone && gone != ENOENT) {
			err_sys(e, "%s: cannot remove", name);
			free(name);
			return -gone;
		}
		free(name);
	}
	return 0;
}

/*
 * An image that is replaced must not leave volumes behind, nor itself beside
 * volumes.  One file over another needs nothing: rename() replaces at once.
 */
static int remove_old(const struct file_sink *f, struct err *e)
{
	char *base = volume_base(f->base);
	int r = base ? remove_volumes(base, 0, e) : err_nomem(e);

	if (!r && f->opt.volume) /* what would be read as ours */
		r = remove_volumes(base, f->count, e);
	if (!r && f->opt.volume && unlink(base) < 0 && errno != ENOENT)
		r = err_sys(e, "%s: cannot remove", base);
	free(base);
	return r;
}

static int file_publish(struct sink *s, struct err *e)
{
	struct file_sink *f = (struct file_sink *)s;
	int r = close_part(f, e);

	if (!r)
		r = f->opt.overwrite ? remove_old(f, e) : refuse_next(f, e);
	for (unsigned i = f->count; !r && i-- > 0;)
		r = rename_part(f, i, e);
	if (!r)
		f->published = true;
	if (!r && !f->opt.nosync)
		r = sync_directory(f, e);
	return r;
}

static void file_close(struct sink *s)
{
	struct file_sink *f = (struct file_sink *)s;

	if (f->fd >= 0)
		close(f->fd);
	for (unsigned i = 0; !f->published && i < f->count; i++) {
		char *name = part_name(f, i, true);

		if (name)
			unlink(name);
		free(name);
	}
	free(f->base);
	free(f->first);
	free(f);
}

int sink_file_open(struct sink **ret, const char *path, const struct sink_options *opt,
		   struct err *e)
{
	struct file_sink *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return err_nomem(e);
	f->s = (struct sink){ .write = file_write,
			      .publish = file_publish,
			      .close = file_close };
	f->opt = *opt;
	f->fd = -1;
	f->base = opt->volume ? volume_base(path) : strdup(path);
	f->first = f->base ? part_name(f, 0, false) : NULL;
	f->s.name = f->first;
	r = f->first ? open_part(f, e) : err_nomem(e);
	if (r < 0) {
		file_close(&f->s);
		return r;
	}
	*ret = &f->s;
	return 0;
}
