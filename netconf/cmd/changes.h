// SPDX-License-Identifier: GPL-3.0-or-later
/* changes.h - the work that generate and apply share: from a plan to files in the root. */
#ifndef NETCONF_CMD_CHANGES_H
#define NETCONF_CMD_CHANGES_H

#include "netconf/apply/generate.h"
#include "netconf/cmd/options.h"
#include "netconf/cmd/resolve.h"
#include "netconf/hardware/fingerprint.h"

#include <jansson.h>

struct work {
	struct resolved resolved;
	struct files files;
	struct generated info;
	struct changes changes;
	char print[FINGERPRINT_MAX]; /* fingerprint of this machine */
};

/*
 * First the plan, which is refused when it has problems, and the fingerprint; then the
 * files, rendered and compared.  Both write nothing.  work_free() @ret, also on failure.
 */
int work_plan(const struct nc_options *o, struct work *ret, struct err *e);
int work_files(const struct nc_options *o, struct work *w, struct err *e);
/* Both. */
int work_begin(const struct nc_options *o, struct work *ret, struct err *e);
/* Files and the state, when it is not --dry-run.  Signals wait meanwhile. */
int work_make(const struct nc_options *o, struct work *w, struct err *e);
void work_free(struct work *w);

/* For people: a line a change, and the differences with --diff. */
int work_show(const struct nc_options *o, const struct work *w, struct err *e);
/* For programs; NULL when memory runs out. */
json_t *work_object(const struct nc_options *o, const struct work *w);
int json_show(json_t *object, struct err *e);

/* The exit status that the files give. */
int work_status(const struct nc_options *o, const struct work *w);

#endif
