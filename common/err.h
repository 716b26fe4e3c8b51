// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * err.h - how a function says what went wrong.
 *
 * Functions that can fail return int: 0 (or a count) on success, a negative
 * errno on failure.  The text goes into a caller-owned struct err, written
 * once where the facts are known and extended on the way up.  Library code
 * never prints and never exits.
 *
 * A few codes have one meaning everywhere, because the exit status follows
 * from them (see imager/cmd/status.c):
 *
 *	-EINVAL		wrong usage
 *	-ECANCELED	refused: nothing was touched
 *	-EBADMSG	the image is damaged, cut short, or no image
 *	-EUCLEAN	the target does not hold what the image holds
 *	-EINTR		a signal asked to stop
 */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

#define ERR_MSG_MAX 1024

struct err {
	char msg[ERR_MSG_MAX];
};

#define PRINTF(a, b) __attribute__((format(printf, a, b)))

/* Sets the text and returns @code (a negative errno).  @e may be NULL. */
int err_set(struct err *e, int code, const char *fmt, ...) PRINTF(3, 4);
/* The same for a failed system call: appends strerror(errno), returns -errno. */
int err_sys(struct err *e, const char *fmt, ...) PRINTF(2, 3);
/* Puts "text: " before the message already there; returns @code. */
int err_wrap(struct err *e, int code, const char *fmt, ...) PRINTF(3, 4);
/* "out of memory"; returns -ENOMEM. */
int err_nomem(struct err *e);

#endif
