// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * messages.h - the JSON bodies of docs/PROTOCOL.md, "Jobs" and "Administration", taken apart.
 *
 * A body is one object; a member twice, a NUL in a text and what is not UTF-8 are refused, and
 * members that are not known are passed over.  All functions return 0 or -EINVAL with a text
 * for whoever sent it.
 */
#ifndef PXE_HTTP_MESSAGES_H
#define PXE_HTTP_MESSAGES_H

#include "pxe/store/order.h"

/* "Is there a job for me?" */
struct job_question {
	struct mac mac;
	char uuid[40]; /* "" unknown */
};
int message_job(const char *body, size_t n, struct job_question *ret, struct err *e);

/* How far a job is: any object, kept as compact JSON text.  -EMSGSIZE: longer than @max. */
int message_progress(const char *body, size_t n, char *ret, size_t max, struct err *e);

/* The receipt of a job that has ended: what of it the server looks at. */
struct job_end {
	int status;      /* 0..255 */
	char error[256]; /* plain text; "" none */
};
int message_end(const char *body, size_t n, struct job_end *ret, struct err *e);

/* Jobs for somebody; order_check() has looked at it. */
int message_admin_job(const char *body, size_t n, struct job_order *ret, struct err *e);
/* The number of the job that is to be cancelled. */
int message_cancel(const char *body, size_t n, int64_t *ret, struct err *e);

#endif
