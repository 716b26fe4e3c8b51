// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/inventory.h"

#include "imager/engine/glance.h"
#include "imager/screen/background.h"
#include "imager/screen/inventory_internal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define THREADS 3

struct inventory {
	char root[PATH_MAX];
	struct picture now;
	bool *asked; /* by place: somebody looks, or has looked */
	struct background *back;
};

/* One look at a place. */
struct probe {
	struct chore chore;
	char path[512], mounts[256];
	uint64_t seq, size;
	bool failed;
	struct glance g;
};

static void probe_work(struct chore *c, int cancel_fd)
{
	struct probe *p = (struct probe *)c;
	bool mounted = p->mounts[0] == '/';

	(void)cancel_fd;
	p->failed = glance(p->path, !mounted, &p->g, NULL) < 0;
	p->mounts[strcspn(p->mounts, ",")] = '\0';
	if (mounted)
		p->g.used_known = glance_mounted(p->mounts, &p->g.used);
}

static void probe_free(struct chore *c)
{
	free(c);
}

static void ask(struct inventory *v, size_t i)
{
	const struct place *x = &v->now.v[i];
	struct probe *p = calloc(1, sizeof(*p));

	if (!p)
		return;
	p->chore = (struct chore){ .work = probe_work, .free = probe_free };
	memcpy(p->path, x->path, sizeof(p->path));
	memcpy(p->mounts, x->mounts, sizeof(p->mounts));
	p->seq = x->seq;
	p->size = x->size;
	v->asked[i] = true;
	background_add(v->back, &p->chore, false);
}

int inventory_new(struct inventory **ret, const char *root, struct err *e)
{
	struct inventory *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return err_nomem(e);
	snprintf(v->root, sizeof(v->root), "%s", root);
	r = background_new(&v->back, THREADS, e);
	if (r < 0) {
		free(v);
		return r;
	}
	(void)inventory_refresh(v);
	*ret = v;
	return 0;
}

void inventory_free(struct inventory *v)
{
	if (!v)
		return;
	background_free(v->back);
	free(v->now.v);
	free(v->asked);
	free(v);
}

int inventory_fd(const struct inventory *v)
{
	return background_fd(v->back);
}

/* Takes over what is known of the same place already; else asks the kernel. */
static void know(const struct inventory *v, struct place *x, const struct place *disk,
		 bool *ret_asked)
{
	const struct place *o = inventory_find(v, x->path);
	char sys[PATH_MAX + 8];

	if (o && o->id == x->id && o->seq == x->seq && o->size == x->size) {
		memcpy(x->model, o->model, sizeof(x->model));
		memcpy(x->serial, o->serial, sizeof(x->serial));
		x->looked = o->looked;
		memcpy(x->fs, o->fs, sizeof(x->fs));
		memcpy(x->label, o->label, sizeof(x->label));
		memcpy(x->table, o->table, sizeof(x->table));
		x->used_known = o->used_known;
		x->used = o->used;
		/* Whoever mounts or unmounts changes what is on it. */
		*ret_asked = v->asked[o - v->now.v] && !strcmp(o->mounts, x->mounts);
		return;
	}
	snprintf(sys, sizeof(sys), "%s/sys", v->root);
	if (disk != x) {
		memcpy(x->model, disk->model, sizeof(x->model));
		memcpy(x->serial, disk->serial, sizeof(x->serial));
	} else {
		glance_ident(sys, major(x->id), minor(x->id), x->model, x->serial);
	}
}

static bool same_picture(const struct picture *a, const struct picture *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->v, b->v, a->n * sizeof(*a->v)));
}

/* What threads have found.  True: something. */
static bool take_probes(struct inventory *v)
{
	struct chore *c;
	bool news = false;

	while ((c = background_done(v->back))) {
		struct probe *p = (struct probe *)c;
		struct place *x = (struct place *)inventory_find(v, p->path);

		if (x && x->seq == p->seq && x->size == p->size) {
			news = true;
			x->looked = p->failed ? LOOKED_IN_VAIN : LOOKED;
			memcpy(x->fs, p->g.fs, sizeof(x->fs));
			memcpy(x->label, p->g.label, sizeof(x->label));
			memcpy(x->table, p->g.table, sizeof(x->table));
			x->used_known = p->g.used_known;
			x->used = p->g.used;
		}
		free(p);
	}
	return news;
}

bool inventory_refresh(struct inventory *v)
{
	struct picture next = { 0 };
	bool news = take_probes(v), *asked;

	if (inventory_read(&next, v->root, NULL) < 0)
		next.n = 0;
	asked = calloc(next.n + 1, sizeof(*asked));
	if (!asked) {
		free(next.v);
		return news;
	}
	for (size_t i = 0; i < next.n; i++)
		know(v, &next.v[i], &next.v[next.v[i].disk], &asked[i]);
	news = news || !same_picture(&v->now, &next);
	free(v->now.v);
	free(v->asked);
	v->now = next;
	v->asked = asked;
	for (size_t i = 0; i < next.n; i++)
		if (!asked[i])
			ask(v, i);
	return news;
}

const struct place *inventory_places(const struct inventory *v, size_t *ret_n)
{
	*ret_n = v->now.n;
	return v->now.v;
}

const struct place *inventory_find(const struct inventory *v, const char *path)
{
	for (size_t i = 0; i < v->now.n; i++)
		if (!strcmp(v->now.v[i].path, path))
			return &v->now.v[i];
	return NULL;
}

void inventory_pause(struct inventory *v)
{
	background_hold(v->back, true);
}

void inventory_resume(struct inventory *v)
{
	inventory_renew(v);
	background_hold(v->back, false);
}

void inventory_renew(struct inventory *v)
{
	for (size_t i = 0; i < v->now.n; i++)
		v->asked[i] = false;
}

/* @text, without the blanks around it, is all of @name. */
static bool is(const char *text, const char *name)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n && strchr(" \t", text[n - 1]))
		n--;
	return n && strlen(name) == n && !memcmp(text, name, n);
}

bool inventory_names(const char *text, const char *path, const char *serial)
{
	const char *slash = strrchr(path, '/');

	return is(text, path) || is(text, slash ? slash + 1 : path) || is(text, serial);
}
