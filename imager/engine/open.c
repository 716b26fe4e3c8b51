// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/open.h"

#include <errno.h>

#define TRIES 3 /* of an image that comes out damaged from a server */

/* One attempt; a damaged image may be a bad transfer when it came from a server. */
static int try_open(const char *path, const struct source_options *opt, struct source **ret_src,
		    struct image *ret, bool *ret_damaged, struct err *e)
{
	int r = source_open(ret_src, path, opt, e);

	*ret_damaged = false;
	if (r < 0) {
		*ret_src = NULL;
		return r;
	}
	r = image_open(ret, *ret_src, e);
	*ret_damaged = (*ret_src)->remote &&
		       (r == -EBADMSG || (!r && (*ret_src)->seekable && !ret->indexed));
	if (r < 0) {
		(*ret_src)->close(*ret_src);
		*ret_src = NULL;
	}
	return r;
}

int open_image(const char *path, const struct remote *remote, const struct watcher *w,
	       struct source **ret_src, struct image *ret, struct err *e)
{
	struct source_options opt = { .cancel_fd = w->cancel_fd, .remote = *remote };
	bool damaged;
	int r = try_open(path, &opt, ret_src, ret, &damaged, e);

	for (int i = 1; i < TRIES && damaged; i++) {
		if (!r) {
			image_close(ret);
			(*ret_src)->close(*ret_src);
		}
		r = try_open(path, &opt, ret_src, ret, &damaged, e);
	}
	if (!r && (*ret_src)->remark[0])
		watcher_notice(w, "reading %s: %s", (*ret_src)->name, (*ret_src)->remark);
	return r;
}
