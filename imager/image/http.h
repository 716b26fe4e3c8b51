// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * http.h - one connection to a server, by libcurl: kept alive between requests,
 * with limits for all that can take time.  No retries here: see fetch.h.
 */
#ifndef IMAGER_IMAGE_HTTP_H
#define IMAGER_IMAGE_HTTP_H

#include "imager/image/http_answer.h"
#include "imager/image/remote.h"

#include <curl/curl.h>

/* What waits ends with -EINTR when one of these is readable; -1: none. */
struct http_stop {
	int fds[2];
};

/* True when it is to stop; waits for that up to @ms. */
bool http_stopped(const struct http_stop *stop, int ms);

/*
 * The settings that every request has: timeouts, redirects, TLS, token, and
 * @stop, which must live as long as @c.
 */
int http_apply(CURL *c, const struct remote *remote, const struct http_stop *stop,
	       struct err *e);

/* The address of the next request; redirects never lead from https to http. */
CURLcode http_aim(CURL *c, const char *url);

/*
 * What a transfer that failed means: -EAGAIN when another try may go well, else
 * -EINTR, -ENOMEM, -EPROTO (what the server does makes no sense), -EACCES (its
 * certificate) ... @url is for people, @detail libcurl's error buffer.
 */
int http_failure(const char *url, CURLcode code, const char *detail, struct err *e);

/*
 * What an answer means that is no success: -EAGAIN as above, -ENOENT, -EACCES,
 * -ESTALE (it is not what it was), else -EPROTO.
 */
int http_refusal(const char *url, const struct http_answer *a, struct err *e);

struct http;

/* @remote and @stop must live as long as the connection. */
int http_new(struct http **ret, const struct remote *remote, const struct http_stop *stop,
	     struct err *e);
void http_free(struct http *h);

struct http_range {
	const char *url;   /* to ask for */
	const char *shown; /* the same, for people */
	uint64_t off;
	size_t n; /* > 0 */
	void *buf;
};

/*
 * Asks for a range.  *@ret_got is what arrived in @r->buf, also after a
 * failure, and @ret the answer.  0: all that the answer has arrived, which may
 * be less than was asked for; -ESPIPE: the server sends whole files only; else
 * as http_failure() and http_refusal().
 */
int http_get(struct http *h, const struct http_range *r, struct http_answer *ret,
	     size_t *ret_got, struct err *e);

#endif
