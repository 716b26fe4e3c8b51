// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fetch.h - ranges of a file on a server, whatever happens on the way: what
 * broke off goes on where it broke off, until the server has been silent for
 * too long.
 */
#ifndef IMAGER_IMAGE_FETCH_H
#define IMAGER_IMAGE_FETCH_H

#include "imager/image/http.h"

#include <pthread.h>
#include <stdatomic.h>

/* How it goes with a server; shared by all connections to it. */
struct line {
	char *server; /* for people: "HOST:PORT" */
	pthread_mutex_t lock;
	atomic_bool heard; /* it has sent something: it exists and shall be waited for */
	bool down, told;   /* it does not answer; and people know that */
	char reason[256];
	_Atomic uint64_t *fetched; /* counts what arrives */
	const struct http_stop *stop;
};

/* Takes a copy of @server; the others must live as long as the line. */
int line_init(struct line *l, const char *server, _Atomic uint64_t *fetched,
	      const struct http_stop *stop, struct err *e);
void line_free(struct line *l);
/* As struct source's news(). */
bool line_news(struct line *l, char *text, size_t n);

/* An attempt has failed; @since: seconds since the last byte. */
void line_down(struct line *l, const char *reason, double since);
void line_up(struct line *l);

/*
 * The waiting between attempts.  retry_begin() at the begin and whenever
 * something has arrived; retry_wait() after an attempt that ended with -EAGAIN:
 * 0 to try again; -ETIMEDOUT with a text when it has been long enough; -EINTR.
 */
struct retry {
	double since; /* of the last byte */
	unsigned attempts;
};

void retry_begin(struct retry *t);
int retry_wait(struct retry *t, struct line *l, unsigned retry_after, struct err *e);

/* A file on a server. */
struct far_file {
	char *url, *shown; /* to ask for; for people */
	bool known;        /* the next two are */
	uint64_t size;
	struct http_answer first; /* all later ones must be about the same content */
};

void far_file_free(struct far_file *f);

/*
 * Reads up to @n bytes at @off, fewer only at the end of the file.  The first
 * to read a file fills @f in and must be alone.  Negative: -ESPIPE when the
 * server sends whole files only, -ESTALE when the file is another one by now,
 * -ETIMEDOUT, -EINTR, else as http_get().
 */
int64_t fetch(struct line *l, struct http *h, struct far_file *f, void *buf, size_t n,
	      uint64_t off, struct err *e);

#endif
