// SPDX-License-Identifier: GPL-3.0-or-later
/* volume.h - how the files of an image in volumes are named. */
#ifndef IMAGER_IMAGE_VOLUME_H
#define IMAGER_IMAGE_VOLUME_H

#include <stdbool.h>

#define VOLUMES_MAX 10000

/* "NAME.000", "NAME.001" ...; the caller frees.  NULL: out of memory. */
char *volume_name(const char *base, unsigned number);
/* True for a name that ends in ".000". */
bool volume_is_first(const char *path);
/* A copy of @path without ".000", if it has that; the caller frees. */
char *volume_base(const char *path);

#endif
