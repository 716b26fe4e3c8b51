// SPDX-License-Identifier: GPL-3.0-or-later
/* place.h - what the commands begin with: the configuration, the database, one machine of it.
 */
#ifndef PXE_CMD_PLACE_H
#define PXE_CMD_PLACE_H

#include "pxe/cmd/command.h"
#include "pxe/config/lab.h"
#include "pxe/store/store.h"

struct place {
	const struct pxe_options *o;
	struct lab lab;
	struct store *store;
};

/* Reads lab.conf (-c) and opens its database. */
int place_open(const struct pxe_options *o, struct place *ret, struct err *e);
/* Also says when what was printed could not be written.  Returns @r, or what failed now. */
int place_close(struct place *p, int r, struct err *e);

/* The exit status for @r: -EINVAL is wrong usage, what does not fit the database refused. */
int place_status(int r, const struct err *e);

/* A word behind host or job.  @run returns 0 or a negative errno. */
struct place_verb {
	const char *name, *operands;
	int min, max;     /* operands; max -1: any number */
	bool all_or_none; /* runs in a transaction */
	int (*run)(struct place *p, int argc, char **argv, struct err *e);
};
/* Finds argv[0] in @table (ended by a NULL name) and runs it.  Returns the exit status. */
int place_run(const struct place_verb *table, const char *name, const struct pxe_options *o,
	      int argc, char **argv);

/* One machine, by its name or MAC.  -ENOENT with what to do. */
int place_host(struct store *s, const char *who, struct host *ret, struct err *e);

/* "pc01", or the MAC of a machine without a name.  Returns @buf. */
#define PLACE_NAME_MAX 64
const char *place_name(struct store *s, const struct mac *mac, char buf[PLACE_NAME_MAX]);

#endif
