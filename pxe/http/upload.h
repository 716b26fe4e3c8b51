// SPDX-License-Identifier: GPL-3.0-or-later
/* upload.h - what upload.c and verify.c know of an upload. */
#ifndef PXE_HTTP_UPLOAD_H
#define PXE_HTTP_UPLOAD_H

#include "pxe/http/http_internal.h"

struct upload {
	struct exchange *x;
	int folder, fd;
	char base[128];     /* the name it shall have in the folder */
	char temporary[48]; /* the name it has; "" none (yet, or any more) */
	bool only_new, replaces;
	int64_t job; /* that it is for; 0: none, the administrator's own */
	uint64_t bytes;
	bool verified;
	int failed;          /* when it is verified: 0, or a negative errno */
	pid_t verifier;      /* under the lock; 0: none */
	struct upload *next; /* of those that are verified just now */
};

/*
 * Brings it to the disk, has it verified, and publishes it, in a thread of its own; the
 * connection is suspended meanwhile.  Then u->verified is true, and u->failed says how it went
 * (-EUCLEAN: no whole image; -ECANCELED: the server stops; -ESRCH: the job was cancelled;
 * -EEXIST: there is one, and it should be a new one).  Another value than 0: it did not come to
 * that.
 */
int upload_verify(struct upload *u);
/* Gives it its name, which stays after a crash, too, and tells the journal.  A negative errno:
 * it did not; -EEXIST, -ESRCH as above. */
int upload_publish(struct upload *u);

#endif
