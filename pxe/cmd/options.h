// SPDX-License-Identifier: GPL-3.0-or-later
/* options.h - the command line, parsed.  Strings point into argv. */
#ifndef PXE_CMD_OPTIONS_H
#define PXE_CMD_OPTIONS_H

#include "common/opt.h"

#include <stdbool.h>

enum pxe_verb {
	PXE_SERVE = 1,
	PXE_CHECK = 2,
	PXE_HOST = 4,
	PXE_JOB = 8,
	PXE_STATUS = 16,
	PXE_RESULTS = 32,
	PXE_WAKE = 64,
	PXE_EXPORT = 128,
};

struct pxe_options {
	const char *config; /* NULL: lab.conf's usual place, if it is there */
	bool json, verbose, help, version;
	bool rebuild; /* serve, check */
	bool watch;   /* status */
	bool all;     /* lists: also ended jobs, machines that were only seen */
	const char *name, *group, *address; /* host */
	const char *disk, *then, *at;       /* job */
	const char *verify, *confirm;
	bool no_personalise, password;
	bool log;      /* results */
	unsigned most; /* results */
};

extern const struct opt pxe_option_table[];

void pxe_options_init(struct pxe_options *o);

#endif
