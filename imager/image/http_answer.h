// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * http_answer.h - what a server has answered, from the lines of its header.
 *
 * Sources: RFC 9110 (8.8 validators, 10.2.3 Retry-After, 14.4 Content-Range).
 */
#ifndef IMAGER_IMAGE_HTTP_ANSWER_H
#define IMAGER_IMAGE_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_answer {
	unsigned status;              /* 0: no answer yet */
	char reason[64];              /* "Not Found"; only printable ASCII, may be "" */
	bool ranged;                  /* Content-Range names a range: */
	uint64_t begin, end;          /* begin < end <= total */
	uint64_t total;               /* of the whole file; not in order: @ranged is false */
	char etag[256], modified[64]; /* as sent, cut to fit; "" where not sent */
	unsigned retry_after;         /* seconds; 0: not said, or a date */
	bool text;                    /* the body is text/plain */
	char says[513];               /* its first line; only printable ASCII */
	bool said;                    /* that line is complete */
};

/*
 * Takes one line of the header, with or without its end.  A status line begins
 * anew: after a redirect, what counts is the last answer.
 */
void http_answer_line(struct http_answer *a, const char *line, size_t n);

/* Takes the next bytes of the body of an answer that is a refusal. */
void http_answer_body(struct http_answer *a, const char *p, size_t n);

/* True when both are answers about the same content, as far as they say. */
bool http_answer_same(const struct http_answer *a, const struct http_answer *b);

#endif
