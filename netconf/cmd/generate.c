// SPDX-License-Identifier: GPL-3.0-or-later
/* slate-netconf generate: the files that the plan needs, and nothing else. */
#include "netconf/cmd/changes.h"
#include "netconf/cmd/command.h"

#include <stdio.h>

int nc_generate(const struct nc_options *o, int argc, char **argv)
{
	struct work w;
	struct err e = { "" };
	int code = work_begin(o, &w, &e), status;

	(void)argc, (void)argv;
	if (!code)
		code = work_make(o, &w, &e);
	if (!code && o->json)
		code = json_show(work_object(o, &w), &e);
	else if (!code)
		code = work_show(o, &w, &e);
	if (!code && fflush(stdout))
		code = err_sys(&e, "standard output");
	status = code ? nc_fail(code, &e) : work_status(o, &w);
	work_free(&w);
	return status;
}
