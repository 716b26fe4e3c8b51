// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/open.h"

int open_image(const char *path, const struct remote *remote, const struct watcher *w,
	       struct source **ret_src, struct image *ret, struct err *e)
{
	struct source_options opt = { .cancel_fd = w->cancel_fd, .remote = *remote };
	struct source *src = NULL;
	int r = source_open(&src, path, &opt, e);

	*ret_src = NULL;
	if (r < 0)
		return r;
	if (src->remark[0])
		watcher_notice(w, "reading %s: %s", src->name, src->remark);
	r = image_open(ret, src, e);
	if (r < 0)
		src->close(src);
	else
		*ret_src = src;
	return r;
}
