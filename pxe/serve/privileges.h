// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * privileges.h - the server is root only until its ports are bound.
 *
 * Then: its own user, no capabilities, no new ones by programs it starts, a list of system
 * calls it has no business with (seccomp), and only the folders it needs (Landlock, where the
 * kernel has it).  Before any thread is started, as some of it holds for one thread only.
 */
#ifndef PXE_SERVE_PRIVILEGES_H
#define PXE_SERVE_PRIVILEGES_H

#include "pxe/config/lab.h"
#include "pxe/journal/journal.h"

/* Makes the folders that are not there; state and images are the user's. */
int privileges_prepare(const struct lab *l, struct err *e);
/*
 * @slate: the program that verifies uploads; NULL: none.  @config: the configuration, to
 * be read again.
 */
int privileges_drop(const struct lab *l, const char *slate, const char *config,
		    struct journal *j, struct err *e);

#endif
