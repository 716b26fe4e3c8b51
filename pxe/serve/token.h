// SPDX-License-Identifier: GPL-3.0-or-later
/* token.h - the administrator's token: made once, kept in the state's folder, mode 0600. */
#ifndef PXE_SERVE_TOKEN_H
#define PXE_SERVE_TOKEN_H

#include "common/err.h"

#define TOKEN_MAX 65 /* 64 hexadecimal digits and a NUL */

/* Reads @folder/admin-token, or makes it.  -EINVAL: there is one that is none. */
int token_load(const char *folder, char ret[TOKEN_MAX], struct err *e);

#endif
