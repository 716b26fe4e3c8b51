// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * client.h - requests to the lab's server, by libcurl: docs/PROTOCOL.md, "Jobs".
 *
 * One connection, which is kept; for one thread at a time.  No redirects, no proxies: a server
 * of a lab is where it says it is.
 */
#ifndef RESCUE_SERVER_CLIENT_H
#define RESCUE_SERVER_CLIENT_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define CLIENT_BODY_MAX (1U << 20) /* bytes of an answer; a larger one is an error */

struct client;

/*
 * @server: http://HOST[:PORT] or https; @cacert: the certificates (PEM) that alone are
 * trusted, or NULL.  With @cacert, -EACCES unless it is https.
 */
int client_new(const char *server, const char *cacert, struct client **ret, struct err *e);
void client_free(struct client *c);

struct client_request {
	const char *method, *path; /* "POST", "/api/v1/job" */
	const char *token;         /* NULL: none */
	const char *type;          /* of the body; NULL: it has none */
	const void *body;
	size_t len;
};

struct client_answer {
	long status;
	const char *body; /* with a NUL behind it; belongs to the client, until the next call */
	size_t len;
};

/*
 * One try.  0: there is an answer, of any status.  -EAGAIN: no connection, or it broke;
 * -EACCES: the certificate; -EPROTO: what came makes no sense.
 */
int client_call(struct client *c, const struct client_request *q, struct client_answer *ret,
		struct err *e);

/* Answers of servers that are busy or being started (408, 425, 429, 5xx): worth another try. */
int client_retry_status(long status);
/* -EPROTO, and what the server said, as text for people. */
int client_refusal(const char *what, const struct client_answer *a, struct err *e);

#endif
