// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/command.h"

#include <errno.h>
#include <stdio.h>

int pxe_fail(int code, const struct err *e)
{
	verb_tell(stderr, "slate-pxe", e);
	return code == -ECANCELED ? PXE_STATUS_PENDING : PXE_STATUS_FAILED;
}

int pxe_command_run(const struct pxe_command *table, int argc, char **argv)
{
	struct pxe_options o;
	const struct verb_table verbs = {
		.program = "slate-pxe",
		.does = "boots a classroom and gives it its jobs",
		.line = "slate-pxe",
		.about = "",
		.end = "Exit status: 0 done or nothing to do, 1 failed, 2 wrong usage,\n"
		       "3 refused before anything was touched, or check found something.\n"
		       "slate-pxe(8) and lab.conf(5) tell more.\n",
		.ask = "what shall be done? serve, check, host, job, status ...",
		.wants = "takes",
		.options = pxe_option_table,
		.help = &o.help,
		.version = &o.version,
		.rows = table,
		.row_size = sizeof(*table),
	};
	struct verb_call c;
	int r;

	pxe_options_init(&o);
	r = verb_begin(&verbs, &o, argc, argv, &c, stdout, stderr);
	if (r <= 0)
		return r ? PXE_STATUS_USAGE : PXE_STATUS_DONE;
	return ((const struct pxe_command *)c.verb)->run(&o, c.argc, c.argv);
}
