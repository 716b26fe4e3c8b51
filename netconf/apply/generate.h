// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * generate.h - the files that a plan needs in a root, and what differs there.
 */
#ifndef NETCONF_APPLY_GENERATE_H
#define NETCONF_APPLY_GENERATE_H

#include "netconf/plan/plan.h"
#include "netconf/render/render.h"
#include "netconf/root/root.h"

/* Reads the passphrases (files within the root), finds the style, renders everything. */
int generate_files(const struct root *r, const struct plan *plan, struct files *ret,
		   struct err *e);

enum change_kind { CHANGE_NONE, CHANGE_NEW, CHANGE_REPLACE, CHANGE_REMOVE, CHANGE_KEPT };

struct change {
	enum change_kind kind;
	const struct file *file; /* NULL for what is removed */
	char *path;
	char *before; /* the present content; NULL: none */
	char *after;  /* with its mark; NULL: removed */
	mode_t mode;
	bool secret;  /* mode 0600: contents are not shown */
	char why[96]; /* CHANGE_KEPT: "edited by hand" ... */
};

struct changes {
	struct change *v; /* in the order in which they are made */
	size_t n;
	size_t pending; /* NEW, REPLACE, REMOVE */
	size_t kept; /* hand edits and foreign files that are not overwritten without @force */
};

/*
 * Compares; writes nothing.  Our own files that nobody wants any more (a name taken out of
 * the policy) are CHANGE_REMOVE.
 */
int changes_find(const struct root *r, const struct files *want, bool force,
		 struct changes *ret, struct err *e);
void changes_free(struct changes *c);

/*
 * Makes them.  A previous file is kept under /var/lib/slate/netconf/previous/ with its
 * path.  Everything that can be checked (writable, room) is checked before the first; the first
 * failure puts back what was changed.
 */
int changes_make(const struct root *r, const struct changes *c, struct err *e);

#endif
