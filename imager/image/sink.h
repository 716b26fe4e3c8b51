// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * sink.h - where the bytes of a new image go, strictly forward.  One file a
 * kind: sink_file.c (one file or volumes), sink_pipe.c, sink_url.c.
 */
#ifndef IMAGER_IMAGE_SINK_H
#define IMAGER_IMAGE_SINK_H

#include "common/err.h"
#include "imager/image/remote.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink {
	int (*write)(struct sink *s, const void *buf, size_t n, struct err *e);
	/*
	 * All is written: make it durable, then give it its final name.
	 * Nothing has that name before.  On a server, that is the server's part.
	 */
	int (*publish)(struct sink *s, struct err *e);
	/* Closes; what was not published disappears. */
	void (*close)(struct sink *s);
	const char *name; /* how to open what was published, of volumes the first; owned */
};

struct sink_options {
	bool overwrite;  /* an image of that name is replaced */
	bool nosync;     /* not durable: the caller says it does not matter */
	uint64_t volume; /* bytes of a volume; 0: one file */
	/* Called between volumes, or NULL; a negative errno stops. */
	int (*next_volume)(void *arg, unsigned number, struct err *e);
	void *arg;
	int cancel_fd;        /* as in struct watcher, for what may wait for ever */
	struct remote remote; /* for a URL */
};

/*
 * @path "-" is standard output; a URL is on a server.  -ECANCELED, with nothing
 * touched: the image exists and may not be replaced, or its directory does not
 * exist.
 */
int sink_open(struct sink **ret, const char *path, const struct sink_options *opt,
	      struct err *e);

/*
 * True when an image of that name, in one file or in volumes, is there already.
 * A server is not asked: false.
 */
bool sink_taken(const char *path);

/* Implementations, for sink.c. */
int sink_pipe_open(struct sink **ret, int fd, const struct sink_options *opt, struct err *e);
int sink_url_open(struct sink **ret, const char *url, const struct sink_options *opt,
		  struct err *e);
int sink_file_open(struct sink **ret, const char *path, const struct sink_options *opt,
		   struct err *e);

#endif
