// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/cmd/command.h"

#include <errno.h>
#include <stdio.h>

int nc_fail(int code, const struct err *e)
{
	verb_tell(stderr, "slate-netconf", e);
	return code == -ECANCELED ? NC_STATUS_PENDING : NC_STATUS_FAILED;
}

int nc_command_run(const struct nc_command *table, int argc, char **argv)
{
	struct nc_options o;
	const struct verb_table verbs = {
		.program = "slate-netconf",
		.does = "gives every network card its name, by role",
		.line = "slate-netconf",
		.about = "",
		.end = "Exit status: 0 done or nothing to do, 1 failed, 2 wrong usage,\n"
		       "3 changes are pending, or refused before anything was touched.\n"
		       "slate-netconf(8) and slate-netconf.conf(5) tell more.\n",
		.ask = "what shall be done? scan, plan, apply, check ...",
		.wants = "takes",
		.options = nc_option_table,
		.help = &o.help,
		.version = &o.version,
		.rows = table,
		.row_size = sizeof(*table),
	};
	struct verb_call c;
	int r;

	nc_options_init(&o);
	r = verb_begin(&verbs, &o, argc, argv, &c, stdout, stderr);
	if (r <= 0)
		return r ? NC_STATUS_USAGE : NC_STATUS_DONE;
	return ((const struct nc_command *)c.verb)->run(&o, c.argc, c.argv);
}
