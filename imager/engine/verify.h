// SPDX-License-Identifier: GPL-3.0-or-later
/* verify.h - is an image whole, and does a device hold what it holds? */
#ifndef IMAGER_ENGINE_VERIFY_H
#define IMAGER_ENGINE_VERIFY_H

#include "imager/engine/place.h"
#include "imager/image/remote.h"

struct verify_options {
	struct parts parts; /* n == 0: all */
	unsigned workers;
	bool sample; /* of an image that has its index: only a share of the chunks */
	struct remote remote;
};

/*
 * With @device NULL: reads and unpacks everything and compares it with its
 * hashes; all damage is collected in rep->losses.  With a device: compares it
 * with the image's index, and reads the image's chunks only when there is no
 * index.  -EBADMSG: damaged, @e says how much; -EUCLEAN: the device differs.
 */
int verify_run(const char *image, const char *device, const struct verify_options *opt,
	       const struct watcher *w, struct report *rep, struct err *e);

#endif
