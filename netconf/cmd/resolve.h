// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * resolve.h - what plan, generate, apply and check begin with: the policy of
 * the root, the cards of this machine, and the plan that both give.
 */
#ifndef NETCONF_CMD_RESOLVE_H
#define NETCONF_CMD_RESOLVE_H

#include "common/hash.h"
#include "netconf/cmd/options.h"
#include "netconf/hardware/nic.h"
#include "netconf/plan/plan.h"
#include "netconf/policy/policy.h"
#include "netconf/root/root.h"

/* Must not be moved: the plan points into it. */
struct resolved {
	struct root *root;
	const char *policy_file; /* within the root; belongs to the options, or a constant */
	struct policy policy;
	char policy_sum[2 * HASH_SIZE + 1]; /* of the file's bytes */
	struct nics nics;
	struct mac boot;
	bool has_boot; /* --boot-nic, else BOOTIF= of /proc/cmdline when --sys is not given */
	struct plan plan;
};

/*
 * Opens --root, reads the policy in it, scans --sys, makes the plan.  nc_resolve_free() @ret,
 * also on failure.  0 also when the plan has problems: plan_refuse() tells.  -ENOENT with what
 * to do when there is no policy.
 */
int nc_resolve(const struct nc_options *o, struct resolved *ret, struct err *e);
void nc_resolve_free(struct resolved *r);

#endif
