// SPDX-License-Identifier: GPL-3.0-or-later
/* options.h - the command line, parsed.  Strings point into argv. */
#ifndef NETCONF_CMD_OPTIONS_H
#define NETCONF_CMD_OPTIONS_H

#include "common/mac.h"
#include "common/opt.h"

#include <stdbool.h>

enum nc_verb {
	NC_SCAN = 1,
	NC_PLAN = 2,
	NC_RULES = 4,
	NC_GENERATE = 8,
	NC_APPLY = 16,
	NC_CHECK = 32,
	NC_IMPORT = 64,
	NC_PERSONALISE = 128,
};

struct nc_options {
	const char *root;   /* "/" */
	const char *sys;    /* "/sys" */
	const char *policy; /* within the root; NULL: /etc/slate/netconf.conf there */
	struct mac boot_nic;
	bool has_boot_nic;
	bool dry_run, diff, json, force, verbose, help, version;
	/* apply */
	bool boot, update_initramfs;
	/* personalise */
	const char *table, *hostname, *ssh_keys, *vault, *only, *skip;
	bool save, restore, list;
};

extern const struct opt nc_option_table[];

void nc_options_init(struct nc_options *o);

#endif
