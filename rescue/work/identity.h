// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * identity.h - what makes a machine itself (machine-id, SSH keys ...), kept over a restore: in
 * the vault of the server, or in memory when there is none.
 */
#ifndef RESCUE_WORK_IDENTITY_H
#define RESCUE_WORK_IDENTITY_H

#include "rescue/work/work.h"

struct vault {
	char dir[PATH_MAX]; /* "": none */
	bool known;         /* it has this machine's identity */
};

/*
 * Before the restore: fetches the vault from the server; when that has none, takes the
 * identity from the system on the disk called @disk, and gives it to the server.  A disk that
 * cannot be read has none.  A failure means that an identity might be lost by going on.
 */
int identity_keep(struct agent *a, const char *disk, struct vault *v, struct err *e);

/*
 * After it: makes each Linux system on @disk this machine's own, and writes the files that its
 * network policy needs.  Without one of them there is nothing to do, and no failure.
 */
int identity_give(struct agent *a, const char *disk, const struct vault *v, struct err *e);

/* Nothing of it stays, not even in memory. */
void identity_forget(struct vault *v);

#endif
