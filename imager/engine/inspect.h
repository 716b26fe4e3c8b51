// SPDX-License-Identifier: GPL-3.0-or-later
/* inspect.h - what an image says of itself. */
#ifndef IMAGER_ENGINE_INSPECT_H
#define IMAGER_ENGINE_INSPECT_H

#include "common/err.h"
#include "imager/engine/progress.h"
#include "imager/image/remote.h"

#include <jansson.h>

/*
 * Reads header and tail (of a pipe only the header) and gives one JSON object,
 * the caller's: see docs/man/slate.8, "INFO".
 */
int inspect_run(const char *image, const struct remote *remote, const struct watcher *w,
		json_t **ret, struct err *e);

#endif
