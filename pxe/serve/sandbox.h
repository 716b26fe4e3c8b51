// SPDX-License-Identifier: GPL-3.0-or-later
/* sandbox.h - what the server shuts itself out of: folders (landlock(7)), calls (seccomp(2)).
 */
#ifndef PXE_SERVE_SANDBOX_H
#define PXE_SERVE_SANDBOX_H

#include "pxe/config/lab.h"
#include "pxe/journal/journal.h"

/* Not there on old kernels: then it is said, and that is all. */
int sandbox_folders(const struct lab *l, const char *slate, const char *config,
		    struct journal *j, struct err *e);
int sandbox_calls(struct err *e);

#endif
