// SPDX-License-Identifier: GPL-3.0-or-later
/* diff.h - what changes in a text, as diff -u shows it. */
#ifndef NETCONF_APPLY_DIFF_H
#define NETCONF_APPLY_DIFF_H

#include "common/text.h"

/*
 * Adds to @ret; nothing when both are the same.  @before, @after: NULL when there is no
 * such file.  Lines are shown as they are; what is too long to be compared well (several
 * thousand lines that differ) is shown as all old and all new lines.
 */
int diff_text(const char *path, const char *before, const char *after, struct text *ret,
	      struct err *e);

#endif
