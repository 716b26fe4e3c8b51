// SPDX-License-Identifier: GPL-3.0-or-later
/* What differs between the files that are wanted and those that are there. */
#include "netconf/apply/generate.h"

#include "netconf/apply/orphans.h"
#include "netconf/root/owned.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEFORE_MAX (32 << 20) /* bytes of a file that is replaced */

struct search {
	const struct root *root;
	const struct files *want;
	bool force;
	struct changes *ret;
};

void changes_free(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct change *v = &c->v[i];

		free(v->path);
		if (v->secret && v->before)
			explicit_bzero(v->before, v->before_len);
		if (v->secret && v->after)
			explicit_bzero(v->after, v->after_len);
		free(v->before);
		free(v->after);
	}
	free(c->v);
	*c = (struct changes){ 0 };
}

static struct change *append(struct changes *c, const char *path, struct err *e)
{
	struct change *v = reallocarray(c->v, c->n + 1, sizeof(*v));

	if (!v) {
		err_nomem(e);
		return NULL;
	}
	c->v = v;
	v += c->n;
	*v = (struct change){ .path = strdup(path) };
	if (!v->path) {
		err_nomem(e);
		return NULL;
	}
	c->n++;
	return v;
}

/* What is there now. */
static int look(const struct search *s, struct change *c, struct err *e)
{
	const char *root = root_is_running(s->root) ? "" : root_name(s->root);
	struct err unused;
	struct stat st;
	int code = root_stat(s->root, c->path, false, &st, &unused);

	if (code == -ENOENT || code == -ENOTDIR)
		return 0;
	if (code)
		return root_stat(s->root, c->path, false, &st, e);
	c->before_mode = st.st_mode & 07777;
	c->before_link = S_ISLNK(st.st_mode);
	if (c->before_link) {
		code = root_readlink(s->root, c->path, &c->before, e);
		c->before_len = code ? 0 : strlen(c->before);
		return code;
	}
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL,
			       "%s%s is no file, but a file has to be there: move it away",
			       root, c->path);
	return root_read(s->root, c->path, BEFORE_MAX, &c->before, &c->before_len, e);
}

static int fill_after(struct change *c, const struct file *f, struct err *e)
{
	int code;

	c->mode = f->mode;
	if (f->link || !f->owned) {
		const char *from = f->link ? f->link : f->content;

		c->after_link = f->link != NULL;
		c->after_len = f->link || !f->len ? strlen(from) : f->len;
		c->after = malloc(c->after_len + 1);
		if (!c->after)
			return err_nomem(e);
		memcpy(c->after, from, c->after_len);
		c->after[c->after_len] = '\0';
		return 0;
	}
	code = owned_mark(f->content, &c->after, e);
	c->after_len = code ? 0 : strlen(c->after);
	return code;
}

static bool same_content(const struct change *c)
{
	return c->before && c->after && c->before_link == c->after_link &&
	       c->before_len == c->after_len && !memcmp(c->before, c->after, c->after_len);
}

/* Why what is there is not ours to replace, or NULL. */
static const char *not_ours(const struct change *c, bool marked)
{
	enum owned whose;

	if (c->before_link != c->after_link && c->after)
		return c->before_link ? "a symbolic link that slate-netconf did not make"
				      : "a file where slate-netconf makes a link";
	if (c->before_link)
		return c->after ? "a symbolic link to something else" : NULL;
	if (!marked)
		return NULL;
	whose = owned_check(c->before, c->before_len);
	if (whose == OWNED_OURS)
		return NULL;
	return whose == OWNED_EDITED ? "edited by hand" : "not made by slate-netconf";
}

/* Sets kind and why of @c, for which there is something before or after. */
static void decide(struct search *s, struct change *c, bool marked)
{
	const char *why = c->before ? not_ours(c, marked) : NULL;

	c->secret = (c->after && !c->after_link && !(c->mode & 077)) ||
		    (c->before && !c->before_link && !(c->before_mode & 077));
	c->text = marked || c->before_link;
	if (same_content(c) && (c->after_link || c->before_mode == c->mode)) {
		c->kind = CHANGE_NONE;
		return;
	}
	if (same_content(c))
		snprintf(c->why, sizeof(c->why), "its mode is %o, not %o", c->before_mode,
			 c->mode);
	if (why)
		snprintf(c->why, sizeof(c->why), "%s", why);
	if (why && !s->force) {
		c->kind = CHANGE_KEPT;
		s->ret->kept++;
		return;
	}
	c->kind = !c->before ? CHANGE_NEW : c->after ? CHANGE_REPLACE : CHANGE_REMOVE;
	s->ret->pending++;
}

static int add_wanted(struct search *s, const struct file *f, struct err *e)
{
	struct change *c = append(s->ret, f->path, e);
	int code;

	if (!c)
		return -ENOMEM;
	code = fill_after(c, f, e);
	if (!code)
		code = look(s, c, e);
	if (!code)
		decide(s, c, f->owned || f->link);
	return code;
}

static bool is_wanted(const struct search *s, const char *path)
{
	for (size_t i = 0; i < s->want->n; i++)
		if (!strcmp(s->want->v[i].path, path))
			return true;
	return false;
}

static int add_removed(struct search *s, const char *path, struct err *e)
{
	struct change *c = append(s->ret, path, e);
	int code = c ? look(s, c, e) : -ENOMEM;

	if (!code)
		decide(s, c, !c->before_link);
	return code;
}

/*
 * A link that turns the service of a wireless card on, when the configuration of that
 * card goes: systemctl makes the same link, so by itself it proves nothing.
 */
static int drop_wpa_link(struct search *s, const char *conf, struct err *e)
{
	static const char before[] = "/etc/wpa_supplicant/wpa_supplicant-";
	char path[512], *to = NULL;
	size_t n = strlen(conf) - strlen(".conf") - strlen(before);
	int code = 0;

	snprintf(path, sizeof(path),
		 "/etc/systemd/system/multi-user.target.wants/wpa_supplicant@%.*s.service",
		 (int)n, conf + strlen(before));
	if (!is_wanted(s, path) && !root_readlink(s->root, path, &to, NULL) &&
	    strstr(to, "/wpa_supplicant@.service"))
		code = add_removed(s, path, e);
	free(to);
	return code;
}

/* One file at a place of ours: an orphan when it bears our mark and nobody wants it. */
static int take_place(void *ctx, const char *path, const struct owned_place *place,
		      struct err *e)
{
	struct search *s = ctx;
	char *content = NULL;
	size_t len = 0;
	bool ours;

	if (is_wanted(s, path))
		return 0;
	if (place->link) {
		ours = !root_readlink(s->root, path, &content, NULL) &&
		       !strcmp(content, place->link);
	} else {
		ours = !root_read(s->root, path, BEFORE_MAX, &content, &len, NULL) &&
		       owned_check(content, len) != OWNED_NOT;
	}
	free(content);
	if (!ours)
		return 0;
	if (!strcmp(place->dir, "/etc/wpa_supplicant")) {
		int code = drop_wpa_link(s, path, e);

		if (code)
			return code;
	}
	return add_removed(s, path, e);
}

int changes_find(const struct root *r, const struct files *want, bool force,
		 struct changes *ret, struct err *e)
{
	struct search s = { .root = r, .want = want, .force = force, .ret = ret };
	int code = 0;

	*ret = (struct changes){ 0 };
	for (size_t i = 0; i < want->n && !code; i++)
		code = add_wanted(&s, &want->v[i], e);
	return code ? code : owned_walk(r, take_place, &s, e);
}
