// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * rename.h - the second phase of a rename: to the final name, as soon as it is free.
 *
 * Several may run at once, one a card, without a lock: each renames the interface
 * of its own index to its own name, and the kernel gives a name to one of them.
 */
#ifndef NETCONF_HELPER_RENAME_H
#define NETCONF_HELPER_RENAME_H

#include "netconf/hardware/rtnl.h"

/* The operands: an index from 1; a name of letters, digits, '-', '.', '_'.  -EINVAL. */
int rename_operands(const char *index, const char *name, int *ret, struct err *e);

/*
 * Gives the interface @ifindex the @name.  While another one has it, waits, @tries
 * times 50 ms.  0 also when it has that name already.  -EEXIST: the other one stayed,
 * which is told of it; the interface then keeps its present name and can be used.
 */
int rename_wait(struct rtnl *r, int ifindex, const char *name, unsigned tries, struct err *e);

#endif
