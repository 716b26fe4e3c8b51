// SPDX-License-Identifier: GPL-3.0-or-later
/* command.h - one verb of the command line. */
#ifndef NETCONF_CMD_COMMAND_H
#define NETCONF_CMD_COMMAND_H

#include "common/verb.h"
#include "netconf/cmd/options.h"

enum nc_status {
	NC_STATUS_DONE = 0, /* also: nothing to do */
	NC_STATUS_FAILED = 1,
	NC_STATUS_USAGE = 2,
	NC_STATUS_PENDING = 3, /* changes are pending; refused, and nothing was touched */
};

struct nc_command {
	struct verb_row verb; /* first: a verb_table is made of these */
	/* @argv: the operands.  Returns the exit status. */
	int (*run)(const struct nc_options *o, int argc, char **argv);
};

int nc_scan(const struct nc_options *o, int argc, char **argv);
int nc_plan(const struct nc_options *o, int argc, char **argv);
int nc_rules(const struct nc_options *o, int argc, char **argv);
int nc_generate(const struct nc_options *o, int argc, char **argv);
int nc_apply(const struct nc_options *o, int argc, char **argv);
int nc_check(const struct nc_options *o, int argc, char **argv);
int nc_import(const struct nc_options *o, int argc, char **argv);
int nc_personalise(const struct nc_options *o, int argc, char **argv);

/* Parses the command line and runs a verb of @table (ended by a NULL name). */
int nc_command_run(const struct nc_command *table, int argc, char **argv);

/* Prints "slate-netconf: @e" and returns the status for @code, a negative errno. */
int nc_fail(int code, const struct err *e);

#endif
