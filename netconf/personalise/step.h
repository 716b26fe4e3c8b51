// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * step.h - one thing that a cloned system must not share with its original.
 *
 * A step only reads and collects edits.  It never touches anything.
 */
#ifndef NETCONF_PERSONALISE_STEP_H
#define NETCONF_PERSONALISE_STEP_H

#include "netconf/personalise/edits.h"
#include "netconf/personalise/hostname.h"
#include "netconf/personalise/identity.h"
#include "netconf/personalise/machine.h"

/* What all steps are told; they own nothing of it. */
struct task {
	const struct root *root;
	const struct machine *machine;
	const struct identity *kept; /* out of the vault; NULL: none */
	const char *ssh_keys;        /* folder with a folder of keys a host name; NULL: none */
	char hostname[HOSTNAME_MAX]; /* "": no name was given, it stays */
	char hostname_why[256];      /* where it is from, or why there is none */
	bool hostname_kept;          /* it is the vault's, and so is its line of /etc/hosts */
	/* Whether a partition of this machine has that UUID. */
	bool (*has_uuid)(void *ctx, const char *uuid);
	void *ctx;
};

struct step {
	const char *name, *help;
	/* Fills @ret, which the caller frees.  Nothing to do: no edits. */
	int (*plan)(const struct task *t, struct edits *ret, struct err *e);
};

extern const struct step step_hostname, step_machine_id, step_ssh_keys, step_dhcp_leases,
	step_random_seed, step_stale_rules, step_nm_macs, step_swap;

#endif
