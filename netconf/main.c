// SPDX-License-Identifier: GPL-3.0-or-later
/* slate-netconf - gives every network card its name, by role. */
#include "netconf/cmd/command.h"

int main(int argc, char **argv)
{
	static const struct nc_command commands[] = {
		{ { "scan", "", "the cards of this machine", 0, 0, NC_SCAN }, nc_scan },
		{ { "plan", "", "which card gets which name, and why", 0, 0, NC_PLAN },
		  nc_plan },
		{ { "rules", "NAME=MAC...", "prints udev rules for these names", 1, -1,
		    NC_RULES },
		  nc_rules },
		{ { "generate", "", "writes the files that the plan needs", 0, 0, NC_GENERATE },
		  nc_generate },
		{ { "apply", "", "the same, and gives the names now", 0, 0, NC_APPLY },
		  nc_apply },
		{ { "check", "", "what fights with the plan", 0, 0, NC_CHECK }, nc_check },
		{ { "import", "FILE...", "a policy from files of older tools", 1, -1,
		    NC_IMPORT },
		  nc_import },
		{ { "personalise", "", "makes a cloned system one of its own", 0, 0,
		    NC_PERSONALISE },
		  nc_personalise },
		{ .run = NULL },
	};

	return nc_command_run(commands, argc, argv);
}
