// SPDX-License-Identifier: GPL-3.0-or-later
/* server.h - what --server, --port and --token-file stand for. */
#ifndef IMAGER_CMD_SERVER_H
#define IMAGER_CMD_SERVER_H

#include "imager/cmd/options.h"

/*
 * The URL of the image @name on the server of -s and -p; the caller frees.
 * -EINVAL: wrong usage.
 */
int server_url(const struct options *o, const char *name, char **ret, struct err *e);

/*
 * Puts the token that the server wants to see into @o: the first line of the
 * file, else SLATE_TOKEN of the environment.  None is no error.  -ECANCELED: it
 * cannot be read or is none.
 */
int server_token(struct options *o, struct err *e);

#endif
