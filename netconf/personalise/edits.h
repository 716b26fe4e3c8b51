// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * edits.h - what a step wants to change in a root: collected first, then made.
 *
 * Only what differs is collected, so a step that has been done has none.
 */
#ifndef NETCONF_PERSONALISE_EDITS_H
#define NETCONF_PERSONALISE_EDITS_H

#include "common/text.h"
#include "netconf/root/root.h"

#define EDITS_FILE_MAX (1 << 20) /* bytes; no file that is changed here is larger */
#define EDITS_PREVIOUS "/var/lib/slate/netconf/previous" /* and the path of the file */

enum edit_kind { EDIT_WRITE, EDIT_LINK, EDIT_REMOVE };

struct edit {
	enum edit_kind kind;
	char *path;
	char *content; /* NUL-terminated; of a link: where it leads; NULL: removed */
	size_t len;
	mode_t mode;
	char *before; /* what a file that is written held; NULL: it is new */
	size_t before_len;
	mode_t before_mode;
};

struct edits {
	struct edit *v; /* in the order in which they are made: removals are last */
	size_t n;
	struct text notes; /* lines for the user; what is foreign in them is not made plain */
};

void edits_free(struct edits *ed);

/* @mode 0: that of the present file, or 0644.  -EINVAL: no file stands there. */
int edits_write(struct edits *ed, const struct root *r, const char *path, const void *content,
		size_t len, mode_t mode, struct err *e);
int edits_link(struct edits *ed, const struct root *r, const char *path, const char *to,
	       struct err *e);
/* A file or a link. */
int edits_remove(struct edits *ed, const struct root *r, const char *path, struct err *e);
/* All in @dir that match @pattern. */
int edits_remove_all(struct edits *ed, const struct root *r, const char *dir,
		     const char *pattern, struct err *e);
/* Keeps the present content of @path below EDITS_PREVIOUS. */
int edits_keep(struct edits *ed, const struct root *r, const char *path, struct err *e);

/* Whether there is room, and nothing is read-only. */
int edits_check(const struct edits *ed, const struct root *r, struct err *e);
/*
 * Makes them.  What is written is put back when one fails, and nothing is removed
 * then; a removal that fails does not keep the others from being tried.
 */
int edits_make(const struct edits *ed, const struct root *r, struct err *e);

#endif
