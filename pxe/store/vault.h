// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * vault.h - the identities of machines, a file each: FOLDER/vault/52-54-00-77-00-01.tar, what
 * the rescue system has packed.  They hold private keys: the folder (0700) is made by the
 * server when it starts, the files have the mode 0600.
 */
#ifndef PXE_STORE_VAULT_H
#define PXE_STORE_VAULT_H

#include "common/err.h"
#include "common/mac.h"

#include <stdbool.h>
#include <stddef.h>

#define STORED_VAULT_MAX    (1 << 20) /* bytes */
#define STORED_VAULT_FOLDER "vault"

bool stored_vault_exists(const char *folder, const struct mac *mac);
/* Opens it for reading: a descriptor and its size, or -ENOENT: there is none. */
int stored_vault_open(const char *folder, const struct mac *mac, size_t *ret_size,
		      struct err *e);
/* Whole and on the disk, or as it was before.  -EMSGSIZE: larger than STORED_VAULT_MAX. */
int stored_vault_put(const char *folder, const struct mac *mac, const void *data, size_t n,
		     struct err *e);
/* -ENOENT: there is none. */
int stored_vault_remove(const char *folder, const struct mac *mac, struct err *e);

#endif
