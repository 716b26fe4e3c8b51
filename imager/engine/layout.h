// SPDX-License-Identifier: GPL-3.0-or-later
/* layout.h - from a device to the regions of an image and its header. */
#ifndef IMAGER_ENGINE_LAYOUT_H
#define IMAGER_ENGINE_LAYOUT_H

#include "imager/codec/codec.h"
#include "imager/disk/ident.h"
#include "imager/engine/progress.h"
#include "imager/fs/fs.h"
#include "imager/image/format.h"

struct layout_options {
	struct fs_options fs;
	const struct codec *codec;
	int level;
	uint64_t chunk_size;     /* 0: chosen by how much is used */
	const char *description; /* or NULL */
};

/*
 * Scans @dev and fills @ret but for nothing: regions with their maps, metadata,
 * image id.  Notices go to @w.  The caller frees @ret with header_free() and
 * @ret_scan with fs_scan_free(), also after a failure.
 */
int layout_make(const struct dev *dev, const struct ident *ident,
		const struct layout_options *opt, const struct watcher *w, struct header *ret,
		struct fs_scan *ret_scan, struct err *e);

#endif
