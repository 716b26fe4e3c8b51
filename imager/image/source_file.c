// SPDX-License-Identifier: GPL-3.0-or-later
/* source_file.c - an image in one file or in volumes NAME.000 NAME.001 ... */
#include "imager/image/source.h"

#include "common/io.h"
#include "imager/image/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct part {
	int fd;
	uint64_t begin, end; /* of its bytes in the image */
};

struct file_source {
	struct source s;
	struct part *parts;
	unsigned n;
	char *path;
};

static int64_t file_read(struct source *s, void *buf, size_t n, uint64_t off, struct err *e)
{
	struct file_source *f = (struct file_source *)s;
	size_t got = 0;

	for (unsigned i = 0; i < f->n && got < n; i++) {
		const struct part *p = &f->parts[i];
		uint64_t at = off + got;
		size_t want;
		ssize_t r;

		if (at >= p->end)
			continue;
		want = p->end - at < n - got ? (size_t)(p->end - at) : n - got;
		r = io_pread(p->fd, (char *)buf + got, want, at - p->begin);
		if (r < 0) {
			errno = (int)-r;
			return err_sys(e, "%s: cannot read the image", f->path);
		}
		got += (size_t)r;
		if ((size_t)r < want)
			break;
	}
	s->fetched += got;
	return (int64_t)got;
}

static void file_close(struct source *s)
{
	struct file_source *f = (struct file_source *)s;

	for (unsigned i = 0; i < f->n; i++)
		close(f->parts[i].fd);
	free(f->parts);
	free(f->path);
	free(f);
}

static int add_part(struct file_source *f, const char *path, struct err *e)
{
	struct part *v = reallocarray(f->parts, f->n + 1, sizeof(*v));
	struct stat st;
	off_t size;
	int fd;

	if (!v)
		return err_nomem(e);
	f->parts = v;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "%s: cannot open the image", path);
	v[f->n++] = (struct part){ .fd = fd };
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(e, -EISDIR, "%s: is a directory, not an image", path);
	size = lseek(fd, 0, SEEK_END); /* also right for an image on a bare partition */
	if (size < 0)
		return err_sys(e, "%s: cannot tell its size", path);
	v[f->n - 1].begin = f->s.size;
	f->s.size += (uint64_t)size;
	v[f->n - 1].end = f->s.size;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

static int add_volumes(struct file_source *f, struct err *e)
{
	char *base = volume_base(f->path), *name = NULL;
	int r = 0;

	for (unsigned i = 1; base && !r && i < VOLUMES_MAX; i++) {
		free(name);
		name = volume_name(base, i);
		if (!name || access(name, F_OK) < 0)
			break;
		r = add_part(f, name, e);
	}
	f->s.volumes = f->n;
	if (!r && name) { /* a hole in the row is no end */
		char *after = volume_name(base, f->n + 1);

		if (after && access(after, F_OK) == 0)
			r = err_set(e, -EBADMSG, "volume %s is missing (%s is there)", name,
				    after);
		free(after);
	}
	if (!base || !name)
		r = err_nomem(e);
	free(base);
	free(name);
	return r;
}

int source_file_open(struct source **ret, const char *path, struct err *e)
{
	struct file_source *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return err_nomem(e);
	f->s = (struct source){
		.read = file_read, .close = file_close, .seekable = true, .remark = ""
	};
	f->path = strdup(path);
	if (!f->path) {
		r = err_nomem(e);
		goto fail;
	}
	f->s.name = f->path;
	r = add_part(f, path, e);
	if (!r && volume_is_first(path))
		r = add_volumes(f, e);
	if (r < 0)
		goto fail;
	*ret = &f->s;
	return 0;
fail:
	file_close(&f->s);
	return r;
}
