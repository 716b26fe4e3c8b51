// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * http.h - the web server: images, boot files, the API of docs/PROTOCOL.md, uploads.
 * libmicrohttpd's threads; what they share is the configuration, the journal and the
 * database (a connection each).
 */
#ifndef PXE_HTTP_HTTP_H
#define PXE_HTTP_HTTP_H

#include "pxe/boot/boot.h"
#include "pxe/config/lab.h"
#include "pxe/journal/journal.h"

struct http;

struct http_config {
	const struct lab *lab; /* images, boot, state, networks, quota */
	struct journal *journal;
	int listen_fd;           /* bound and listening; taken over */
	const char *admin_token; /* 64 hexadecimal digits */
	/* The program that verifies an upload: absolute path of slate; NULL: not verified. */
	const char *slate;
};

int http_start(const struct http_config *c, struct http **ret, struct err *e);
/* From now on by another configuration; both must live until http_stop(). */
void http_reload(struct http *h, const struct lab *lab);
/*
 * Answers and uploads that are not complete are cut off, and what is verified just now is
 * thrown away; waits until what was begun with the disk is done.  May be NULL.
 */
void http_stop(struct http *h);

#endif
