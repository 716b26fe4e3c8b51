// SPDX-License-Identifier: GPL-3.0-or-later
/* open.h - from an image's name to the opened image. */
#ifndef IMAGER_ENGINE_OPEN_H
#define IMAGER_ENGINE_OPEN_H

#include "imager/engine/progress.h"
#include "imager/image/reader.h"

/*
 * Opens @path as source_open() and image_open() do, and tells @w if it is read
 * by another name.  The caller closes both, the image first; after a failure
 * there is nothing to close, and *@ret_src is NULL.
 */
int open_image(const char *path, const struct remote *remote, const struct watcher *w,
	       struct source **ret_src, struct image *ret, struct err *e);

#endif
