// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * layout.h - from a device to the regions of an image and its header.
 *
 * A device with a partition table becomes one region a partition, and one for
 * each stretch of space outside of them; any other is one region.
 */
#ifndef IMAGER_ENGINE_LAYOUT_H
#define IMAGER_ENGINE_LAYOUT_H

#include "imager/codec/codec.h"
#include "imager/disk/ident.h"
#include "imager/disk/ptable.h"
#include "imager/engine/blockers.h"
#include "imager/engine/progress.h"
#include "imager/fs/fs.h"
#include "imager/image/format.h"

struct layout_options {
	struct fs_options fs;
	const struct codec *codec;
	int level;
	uint64_t chunk_size;     /* 0: chosen by how much is used */
	const char *description; /* or NULL */
	bool allow_mounted;
	bool shrink; /* the last filesystem, in a copy */
};

struct layout {
	struct dev dev; /* the source */
	struct ident ident;
	struct header h;
	struct ptable table;         /* n == 0: none */
	struct piece {               /* one a region */
		struct area from;    /* where its bytes are */
		struct fs_scan scan; /* but for scan.used, which the region has */
	} * pieces;
	struct dev scratch[2]; /* what --shrink has made: the table, the filesystem */
};

/* Opens the source, for reading only. */
int layout_open(struct layout *ret, const char *device, struct err *e);
/* Also for a layout that is all zero bytes but for dev.fd, or was never filled. */
void layout_close(struct layout *l);

/*
 * A source that is in use is a blocker, or with opt->allow_mounted a notice;
 * its filesystems then count as forced in @opt.
 */
void layout_check_use(const struct layout *l, struct layout_options *opt,
		      const struct watcher *w, struct blockers *b);

/*
 * Scans the source and fills l->h: regions with their maps, metadata, image
 * id.  -ECANCELED: something is not fit to be saved; all of that is told.
 */
int layout_make(struct layout *l, const struct layout_options *opt, const struct watcher *w,
		struct err *e);

#endif
