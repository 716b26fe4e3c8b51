// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * source.h - where the bytes of an image come from.  One file a kind:
 * source_file.c (one file or volumes), source_pipe.c, source_url.c and
 * source_http_stream.c (a server, and one that sends whole files only).
 */
#ifndef IMAGER_IMAGE_SOURCE_H
#define IMAGER_IMAGE_SOURCE_H

#include "common/extents.h"
#include "imager/image/remote.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source {
	/*
	 * Reads up to @n bytes at @off; fewer only at the end of the image.
	 * A source that cannot seek must be read strictly forward, by one
	 * thread; the others by any number.  Returns the bytes or a negative
	 * errno; -EINTR when a pipe's reader was asked to stop.
	 */
	int64_t (*read)(struct source *s, void *buf, size_t n, uint64_t off, struct err *e);
	void (*close)(struct source *s);
	/*
	 * These ranges of the image (normalized) will be read soon, each once
	 * and about in this order; takes the place of an earlier plan.  All else
	 * can be read as well, but slower.  NULL: the source has no use for it.
	 */
	int (*plan)(struct source *s, const struct extents *ranges, struct err *e);
	/*
	 * Something has happened since the last call that people should know,
	 * as that the server does not answer: one sentence into @text, and
	 * true.  Any thread.  NULL: nothing ever happens.
	 */
	bool (*news)(struct source *s, char *text, size_t n);
	bool seekable;
	bool remote;              /* what comes wrong may come right when read again */
	_Atomic uint64_t fetched; /* bytes of the image that were read so far */
	uint64_t size;            /* of the whole image; only when seekable */
	unsigned volumes;         /* 0: not in volumes */
	const char *name;         /* for people, as opened; owned by the source */
	const char *remark;       /* "": or what the user should know about the name */
};

struct source_options {
	int cancel_fd;        /* as in struct watcher: what waits ends when it is readable */
	struct remote remote; /* for a URL */
};

/*
 * Opens "-" (standard input), a named pipe, a URL, a file, or the first of its
 * volumes.  A name that is not there is also tried with ".000" added or taken
 * off, as partimage's users write it; s->remark then says so.  The kind of thing
 * is checked: a directory is -EISDIR.
 */
int source_open(struct source **ret, const char *path, const struct source_options *opt,
		struct err *e);

/* Implementations, for source.c. */
/* Takes @fd over when it succeeds, but never closes standard input. */
int source_pipe_open(struct source **ret, int fd, const char *name, int cancel_fd,
		     struct err *e);
int source_file_open(struct source **ret, const char *path, struct err *e);
int source_url_open(struct source **ret, const char *url, const struct source_options *opt,
		    struct err *e);
/* Of a server that sends whole files only; the file is there. */
int source_http_stream_open(struct source **ret, const char *url,
			    const struct source_options *opt, struct err *e);

#endif
