// SPDX-License-Identifier: GPL-3.0-or-later
/* command.h - one verb of the command line. */
#ifndef IMAGER_CMD_COMMAND_H
#define IMAGER_CMD_COMMAND_H

#include "common/verb.h"
#include "imager/cmd/options.h"

struct command {
	struct verb_row verb; /* first: a verb_table is made of these */
	/* @argv: the operands.  Returns the exit status. */
	int (*run)(const struct options *o, int argc, char **argv);
};

int cmd_save(const struct options *o, int argc, char **argv);
int cmd_restore(const struct options *o, int argc, char **argv);
int cmd_verify(const struct options *o, int argc, char **argv);
int cmd_info(const struct options *o, int argc, char **argv);
int cmd_clone(const struct options *o, int argc, char **argv);
int cmd_diff(const struct options *o, int argc, char **argv);
int cmd_restmbr(const struct options *o, int argc, char **argv);

/* Parses the command line and runs a verb of @table (ended by a NULL name). */
int command_run(const struct command *table, int argc, char **argv);

#endif
