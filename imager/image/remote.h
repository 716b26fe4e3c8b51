// SPDX-License-Identifier: GPL-3.0-or-later
/* remote.h - how to talk to the server that has an image, or gets one. */
#ifndef IMAGER_IMAGE_REMOTE_H
#define IMAGER_IMAGE_REMOTE_H

#include <stdbool.h>

struct remote {
	const char *cacert; /* file with trusted certificates (PEM); NULL: the system's */
	const char *token;  /* sent as "Authorization: Bearer"; NULL: none */
};

/* True for http://... and https://... */
bool remote_is_url(const char *path);

#endif
