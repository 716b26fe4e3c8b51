// SPDX-License-Identifier: GPL-3.0-or-later
/* check.h - what fights with the plan: in files of older and other tools, and in our own. */
#ifndef NETCONF_APPLY_CHECK_H
#define NETCONF_APPLY_CHECK_H

#include "netconf/apply/generate.h"

struct finding {
	const char *check; /* "stale-rules" ...: a word for programs */
	char *file;        /* within the root; "" for what is in no file */
	unsigned line;     /* 0: the whole file */
	char *what, *todo; /* what is wrong; what to do */
};

struct findings {
	struct finding *v;
	size_t n;
};

struct check_request {
	const struct root *root;
	const struct plan *plan;
	const struct nics *nics;
	const struct changes *changes; /* what generate would do; NULL: it cannot */
	const char *failure; /* why, when it is not for the plan's problems; else "" */
	enum style style;    /* of generate_files() */
	bool names_count;    /* the present names are those of this root's system */
};

/* findings_free() @ret, also on failure.  A file that cannot be read is a finding, too. */
int check_run(const struct check_request *req, struct findings *ret, struct err *e);
void findings_free(struct findings *f);

#endif
