// SPDX-License-Identifier: GPL-3.0-or-later
/* personalise.h - the parts of the verb personalise. */
#ifndef NETCONF_CMD_PERSONALISE_H
#define NETCONF_CMD_PERSONALISE_H

#include "netconf/cmd/command.h"
#include "netconf/personalise/personalise.h"

void personalise_list(bool json);
/* What was done or, with o->dry_run, would be.  @status: the exit status that follows. */
void personalise_show(const struct nc_options *o, const struct personalise *p,
		      const struct task *t, int status);

/* --vault DIR --save.  Returns the exit status. */
int personalise_save(const struct nc_options *o, const struct root *r, const struct machine *m);

#endif
