// SPDX-License-Identifier: GPL-3.0-or-later
/* save.h - from a device to an image. */
#ifndef IMAGER_ENGINE_SAVE_H
#define IMAGER_ENGINE_SAVE_H

#include "imager/engine/layout.h"
#include "imager/engine/report.h"
#include "imager/image/sink.h"

struct save_options {
	struct layout_options layout;
	struct sink_options sink;
	unsigned workers;
	bool rescue;        /* bad sectors are recorded and do not end the save */
	bool simulate;      /* stop when everything is checked */
	enum verify verify; /* read the image back, as verify_run() does */
};

/*
 * The source is opened for reading only and never written to.  -ECANCELED:
 * refused, no image was begun.  On any failure nothing is left under the
 * image's name.  Bytes that could not be read under opt->rescue are in
 * rep->unreadable, and the result is -EIO although the image is complete.
 */
int save_run(const char *device, const char *image, const struct save_options *opt,
	     const struct watcher *w, struct report *rep, struct err *e);

#endif
