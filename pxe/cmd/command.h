// SPDX-License-Identifier: GPL-3.0-or-later
/* command.h - one verb of the command line. */
#ifndef PXE_CMD_COMMAND_H
#define PXE_CMD_COMMAND_H

#include "common/verb.h"
#include "pxe/cmd/options.h"

enum pxe_status {
	PXE_STATUS_DONE = 0,
	PXE_STATUS_FAILED = 1,
	PXE_STATUS_USAGE = 2,
	PXE_STATUS_PENDING =
		3, /* refused before anything was touched; check: found something */
};

struct pxe_command {
	struct verb_row verb; /* first: a verb_table is made of these */
	/* @argv: the operands.  Returns the exit status. */
	int (*run)(const struct pxe_options *o, int argc, char **argv);
};

int pxe_serve(const struct pxe_options *o, int argc, char **argv);
int pxe_check(const struct pxe_options *o, int argc, char **argv);
int pxe_host(const struct pxe_options *o, int argc, char **argv);
int pxe_job(const struct pxe_options *o, int argc, char **argv);
int pxe_status(const struct pxe_options *o, int argc, char **argv);
int pxe_results(const struct pxe_options *o, int argc, char **argv);
int pxe_wake(const struct pxe_options *o, int argc, char **argv);
int pxe_export(const struct pxe_options *o, int argc, char **argv);

/* Parses the command line and runs a verb of @table (ended by a NULL name). */
int pxe_command_run(const struct pxe_command *table, int argc, char **argv);

/* Prints "slate-pxe: @e" and returns the status for @code, a negative errno. */
int pxe_fail(int code, const struct err *e);

#endif
