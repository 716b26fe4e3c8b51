// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * generate.h - the files that a plan needs in a root, and what differs there.
 */
#ifndef NETCONF_APPLY_GENERATE_H
#define NETCONF_APPLY_GENERATE_H

#include "netconf/plan/plan.h"
#include "netconf/render/render.h"
#include "netconf/root/root.h"
#include "netconf/root/style.h"

/* Where slate-netconf itself and what it needs lie in a root. */
#define NETCONF_PROGRAM SBINDIR "/slate-netconf"
#define NETCONF_HELPER  LIBDIR "/net-rename"
#define NETCONF_STATE   "/var/lib/slate/netconf"
#define NETCONF_RULES   "/etc/udev/rules.d/70-slate-netconf.rules"

/* What came out besides the files. */
struct generated {
	enum style style;
	char why[128];     /* who configures addresses, and how we know */
	char warning[256]; /* "" none: a passphrase that anybody can read */
};

/*
 * Reads the passphrases (files within the root), finds the style, renders everything, and
 * adds the helper when there are rules.  files_free() @ret, also on failure.
 */
int generate_files(const struct root *r, const struct plan *plan, struct files *ret,
		   struct generated *info, struct err *e);

enum change_kind { CHANGE_NONE, CHANGE_NEW, CHANGE_REPLACE, CHANGE_REMOVE, CHANGE_KEPT };

struct change {
	enum change_kind kind;
	char *path;
	/* The present content and the one to be, with its mark; NULL: none.  Of a link its
	 * text. */
	char *before, *after;
	size_t before_len, after_len;
	bool before_link, after_link;
	mode_t before_mode, mode;
	bool secret;  /* nobody but root may read it: contents are not shown */
	bool text;    /* both are texts, which can be compared line by line */
	char why[96]; /* "edited by hand" ...; "" for what needs no reason */
};

struct changes {
	struct change *v; /* in the order in which they are made */
	size_t n;
	size_t pending; /* NEW, REPLACE, REMOVE */
	size_t kept; /* hand edits and foreign files that are not overwritten without @force */
};

/*
 * Compares; writes nothing.  Our own files that nobody wants any more (a name taken out of
 * the policy) are CHANGE_REMOVE.  changes_free() @ret, also on failure.
 */
int changes_find(const struct root *r, const struct files *want, bool force,
		 struct changes *ret, struct err *e);
void changes_free(struct changes *c);

/*
 * Makes them.  A previous file is kept under NETCONF_STATE/previous/ with its path.
 * Everything that can be checked (writable, room) is checked before the first; the first
 * failure puts back what was changed.
 */
int changes_make(const struct root *r, const struct changes *c, struct err *e);

#endif
