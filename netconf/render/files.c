// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/render/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void files_free(struct files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		free(f->v[i].content);
		free(f->v[i].link);
	}
	free(f->v);
	*f = (struct files){ 0 };
}

/* A new last entry with nothing but its path. */
static struct file *append(struct files *f, const char *path, struct err *e)
{
	struct file *v = reallocarray(f->v, f->n + 1, sizeof(*v));
	struct file *last;

	if (!v) {
		err_nomem(e);
		return NULL;
	}
	f->v = v;
	last = v + f->n;
	*last = (struct file){ .path = strdup(path) };
	if (!last->path) {
		err_nomem(e);
		return NULL;
	}
	f->n++;
	return last;
}

int files_add(struct files *f, const char *path, mode_t mode, struct text *content,
	      struct err *e)
{
	char *s;
	int r = text_take(content, &s, e);
	struct file *last;

	if (r)
		return r;
	last = append(f, path, e);
	if (!last) {
		free(s);
		return -ENOMEM;
	}
	last->content = s;
	last->mode = mode;
	last->owned = true;
	return 0;
}

int files_add_link(struct files *f, const char *path, const char *to, struct err *e)
{
	struct file *last = append(f, path, e);

	if (!last)
		return -ENOMEM;
	last->link = strdup(to);
	if (!last->link) {
		free(last->path);
		f->n--;
		return err_nomem(e);
	}
	return 0;
}
