// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/library.h"

#include "imager/engine/catalog.h"
#include "imager/engine/inspect.h"
#include "imager/image/remote.h"
#include "imager/screen/background.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 2

struct library {
	char *where;
	struct book *v;
	size_t n;
	bool listing;
	struct err error;
	struct background *back;
};

/* One thing to find out: the list, or what one image says of itself. */
struct errand {
	struct chore chore;
	char *where; /* folder, server, or image */
	size_t i;    /* of the book */
	struct catalog list;
	json_t *info;
	int code;
	struct err e;
};

static void errand_free(struct chore *c)
{
	struct errand *x = (struct errand *)c;

	catalog_free(&x->list);
	json_decref(x->info);
	free(x->where);
	free(x);
}

static void list_work(struct chore *c, int cancel_fd)
{
	struct errand *x = (struct errand *)c;
	struct remote remote = { NULL, NULL };

	x->code = remote_is_url(x->where)
			  ? catalog_server(&x->list, x->where, &remote, cancel_fd, LIBRARY_MAX,
					   &x->e)
			  : catalog_folder(&x->list, x->where, LIBRARY_MAX, &x->e);
}

static void info_work(struct chore *c, int cancel_fd)
{
	struct errand *x = (struct errand *)c;
	struct remote remote = { NULL, NULL };
	struct watcher w = { .cancel_fd = cancel_fd };

	x->code = inspect_run(x->where, &remote, &w, &x->info, &x->e);
}

static int send(struct library *l, const char *where, size_t i,
		void (*work)(struct chore *c, int cancel_fd), bool first, struct err *e)
{
	struct errand *x = calloc(1, sizeof(*x));

	if (!x)
		return err_nomem(e);
	x->chore = (struct chore){ .work = work, .free = errand_free };
	x->where = strdup(where);
	x->i = i;
	if (!x->where) {
		errand_free(&x->chore);
		return err_nomem(e);
	}
	background_add(l->back, &x->chore, first);
	return 0;
}

/* What has a slash, begins with a point, or is there is a folder. */
char *library_place(const char *where)
{
	char *url = NULL;

	if (remote_is_url(where) || strchr(where, '/') || where[0] == '.' ||
	    access(where, F_OK) == 0)
		return strdup(where);
	return asprintf(&url, "http://%s", where) < 0 ? NULL : url;
}

int library_new(struct library **ret, const char *where, struct err *e)
{
	struct library *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return err_nomem(e);
	l->where = library_place(where);
	l->listing = true;
	r = l->where ? background_new(&l->back, THREADS, e) : err_nomem(e);
	if (!r)
		r = send(l, l->where, 0, list_work, false, e);
	if (r < 0)
		library_free(l);
	else
		*ret = l;
	return r;
}

void library_free(struct library *l)
{
	if (!l)
		return;
	background_free(l->back);
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].image);
		json_decref(l->v[i].info);
	}
	free(l->v);
	free(l->where);
	free(l);
}

int library_fd(const struct library *l)
{
	return background_fd(l->back);
}

static void take_list(struct library *l, struct errand *x)
{
	l->listing = false;
	l->error = x->e;
	l->v = calloc(x->list.n + 1, sizeof(*l->v));
	for (size_t i = 0; l->v && i < x->list.n; i++) {
		struct catalog_entry *c = &x->list.v[i];

		l->v[l->n++] = (struct book){ .name = c->name,
					      .image = c->image,
					      .bytes = c->bytes,
					      .changed = c->changed };
		c->name = c->image = NULL;
	}
}

static void take_info(struct library *l, struct errand *x)
{
	struct book *b = &l->v[x->i];

	b->info = x->info;
	x->info = NULL;
	b->state = b->info ? BOOK_READ : BOOK_BROKEN;
	snprintf(b->error, sizeof(b->error), "%s", x->code < 0 ? x->e.msg : "");
}

bool library_refresh(struct library *l)
{
	struct chore *c;
	bool news = false;

	while ((c = background_done(l->back))) {
		struct errand *x = (struct errand *)c;

		if (c->work == list_work)
			take_list(l, x);
		else
			take_info(l, x);
		errand_free(c);
		news = true;
	}
	return news;
}

bool library_listing(const struct library *l, const char **ret_error)
{
	*ret_error = l->error.msg;
	return l->listing;
}

const struct book *library_books(const struct library *l, size_t *ret_n)
{
	*ret_n = l->n;
	return l->v;
}

void library_want(struct library *l, size_t i)
{
	if (i < l->n && l->v[i].state == BOOK_NEW &&
	    send(l, l->v[i].image, i, info_work, true, NULL) == 0)
		l->v[i].state = BOOK_OPENS;
}

char *library_server(const char *cmdline, const char *env)
{
	static const char key[] = "slate.server=";
	const char *at = cmdline;

	while (at && *at) {
		size_t n = strcspn(at, " \t\n");

		if (!strncmp(at, key, sizeof(key) - 1) && n >= sizeof(key))
			return strndup(at + sizeof(key) - 1, n - (sizeof(key) - 1));
		at += n;
		at += strspn(at, " \t\n");
	}
	return env && *env ? strdup(env) : NULL;
}
