// SPDX-License-Identifier: GPL-3.0-or-later
/* job.h - the job object of docs/PROTOCOL.md, "Which job?". */
#ifndef RESCUE_SERVER_JOB_H
#define RESCUE_SERVER_JOB_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

struct job_order {
	char verb[16];
	char image[256], disk[256], then[16], host[64];
	char token[256];
	char verify[16]; /* "none", "sample", "full"; not said: "sample" */
	bool personalise;
	char password[128], confirm[64];
};

/*
 * Parses @len bytes.  Members that are not known are passed over.  -EPROTO: no such object, a
 * text that is too long, has a control character or is no word that may stand there, or no
 * token; with a token, ret->token has it nevertheless.
 */
int job_order_parse(const char *text, size_t len, struct job_order *ret, struct err *e);

/* "reboot" and the like of an answer to the end; "" when it says nothing of use. */
void job_then_parse(const char *text, size_t len, char then[16]);

/*
 * The image's address on @server as a URL: @n bytes.  -EINVAL: a part of @image is "." or
 * "..", or all of it does not fit.
 */
int job_image_url(const char *server, const char *image, char *ret, size_t n, struct err *e);

#endif
