// SPDX-License-Identifier: GPL-3.0-or-later
/* command.h - one verb of the command line. */
#ifndef IMAGER_CMD_COMMAND_H
#define IMAGER_CMD_COMMAND_H

#include "common/verb.h"
#include "imager/cmd/face.h"
#include "imager/cmd/options.h"

struct command {
	struct verb_row verb; /* first: a verb_table is made of these */
	/* @argv: the operands.  Returns the exit status. */
	int (*run)(const struct face *f, const struct options *o, int argc, char **argv);
};

int cmd_save(const struct face *f, const struct options *o, int argc, char **argv);
int cmd_restore(const struct face *f, const struct options *o, int argc, char **argv);
int cmd_verify(const struct face *f, const struct options *o, int argc, char **argv);
int cmd_info(const struct face *f, const struct options *o, int argc, char **argv);
int cmd_clone(const struct face *f, const struct options *o, int argc, char **argv);
int cmd_diff(const struct face *f, const struct options *o, int argc, char **argv);
int cmd_restmbr(const struct face *f, const struct options *o, int argc, char **argv);

/*
 * Parses the command line, whose words may be moved, and runs a verb of @table
 * (ended by a NULL name).  Returns the exit status.  The options are parsed with
 * getopt(3): not for two threads at once.
 */
int command_face(const struct command *table, const struct face *f, int argc, char **argv);
/* The same for the shell. */
int command_run(const struct command *table, int argc, char **argv);

#endif
