// SPDX-License-Identifier: GPL-3.0-or-later
/* remote.h - how to talk to the server that has an image, or gets one; addresses. */
#ifndef IMAGER_IMAGE_REMOTE_H
#define IMAGER_IMAGE_REMOTE_H

#include "common/err.h"

#include <stdbool.h>

/* The texts must live as long as the source or sink that was opened with them. */
struct remote {
	const char *cacert; /* file with trusted certificates (PEM); NULL: the system's */
	const char *token;  /* sent as "Authorization: Bearer"; NULL: none */
};

/* True for http://... and https://... */
bool remote_is_url(const char *path);

/*
 * What can be shown of an address: without user and password, and "HOST" or
 * "HOST:PORT".  The caller frees both.  -EINVAL: cannot be understood.
 */
int remote_shown(const char *url, char **ret_url, char **ret_server, struct err *e);

/*
 * The address of a volume (volume.h) of the image at @url, and that without a
 * number; what follows the path stays.  The caller frees.  NULL: out of memory.
 */
char *remote_volume(const char *url, unsigned number);
char *remote_base(const char *url);
bool remote_is_first(const char *url);

#endif
