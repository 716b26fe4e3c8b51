// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * vault.h - a folder that keeps the identity of many machines, each in a folder of its own
 * (0700): "mac-525400123456" after its first card, "serial-..." when it has none.
 *
 * An entry is replaced as a whole.  Between its last two steps a crash leaves the previous
 * one as ".KEY.old", which is found, too.
 */
#ifndef NETCONF_PERSONALISE_VAULT_H
#define NETCONF_PERSONALISE_VAULT_H

#include "netconf/personalise/identity.h"
#include "netconf/personalise/machine.h"

#define VAULT_KEY_MAX 224

/*
 * The entry of @m: any of its cards in their order, then its serial number.  1: found, 0: none,
 * and @key is the one to be made.  -ENODATA: it has neither; -errno: no such vault.
 */
int vault_find(const char *vault, const struct machine *m, char key[VAULT_KEY_MAX],
	       struct err *e);
/* Fills @ret (identity_free() it, also on failure).  -EBADMSG: damaged, all of it is refused.
 */
int vault_load(const char *vault, const char *key, struct identity *ret, struct err *e);
/* The vault's folder must be there. */
int vault_save(const char *vault, const char *key, const struct identity *id, struct err *e);

#endif
