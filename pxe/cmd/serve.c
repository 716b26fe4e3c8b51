// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/command.h"

#include "pxe/serve/server.h"

#include <errno.h>
#include <unistd.h>

int pxe_serve(const struct pxe_options *o, int argc, char **argv)
{
	struct server_request req = { .config = o->config };
	struct err e = { "" };
	bool found;
	int r;

	(void)argc;
	(void)argv;
	r = lab_read(o->config, &req.lab, &found, &e);
	if (!r)
		r = lab_resolve(&req.lab, &e);
	if (r)
		return pxe_fail(r == -EINVAL ? -ECANCELED : r, &e);
	r = journal_open(STDERR_FILENO, o->verbose ? SAY_DEBUG : SAY_INFO, &req.journal, &e);
	if (!r)
		r = server_run(&req, &e);
	journal_close(req.journal);
	return r ? pxe_fail(r, &e) : PXE_STATUS_DONE;
}
