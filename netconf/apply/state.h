// SPDX-License-Identifier: GPL-3.0-or-later
/* state.h - for which machine and from which policy the files were made: state.json. */
#ifndef NETCONF_APPLY_STATE_H
#define NETCONF_APPLY_STATE_H

#include "common/hash.h"
#include "netconf/hardware/fingerprint.h"
#include "netconf/root/root.h"

struct state {
	char fingerprint[FINGERPRINT_MAX]; /* "" none */
	char policy[2 * HASH_SIZE + 1];    /* sum of the policy's bytes; "" none */
	char time[32];                     /* of the last generate: "2026-11-26T21:30:00Z" */
};

/* Nothing, and 0, when there is no such file, or one that cannot be understood. */
int state_read(const struct root *r, struct state *ret, struct err *e);
/* With the present time, whatever @state says. */
int state_write(const struct root *r, const struct state *state, struct err *e);

#endif
