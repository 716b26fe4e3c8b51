// SPDX-License-Identifier: GPL-3.0-or-later
/* secrets.h - the passphrases of wireless networks, out of files within the root. */
#ifndef NETCONF_APPLY_SECRETS_H
#define NETCONF_APPLY_SECRETS_H

#include "netconf/policy/policy.h"
#include "netconf/render/render.h"
#include "netconf/root/root.h"

/*
 * Fills @ret for all of @policy; secrets_free() it, also on failure.  @warning gets a text
 * about a file that more than its owner can read, else "".  -EINVAL: no passphrase, which has 8
 * to 63 characters (or is 64 hexadecimal digits: the key itself); the text never shows it.
 */
int secrets_read(const struct root *r, const struct policy *policy, struct secrets *ret,
		 char *warning, size_t n, struct err *e);
/* Overwrites them first. */
void secrets_free(struct secrets *s);

/* The same check for one text; @ret gets the passphrase.  @name is for messages. */
int secret_parse(const char *name, const char *text, size_t len, char ret[65], struct err *e);

#endif
