// SPDX-License-Identifier: GPL-3.0-or-later
/* Makes changes, all or none. */
#include "netconf/apply/generate.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Nothing reads configuration there: a copy beside its original would be one, too. */
#define PREVIOUS NETCONF_STATE "/previous"
#define BLOCK    4096 /* bytes: what a file takes at least */

static bool is_pending(const struct change *c)
{
	return c->kind == CHANGE_NEW || c->kind == CHANGE_REPLACE || c->kind == CHANGE_REMOVE;
}

/* Room for all of them at each place, as they mostly share one filesystem. */
static int check_all(const struct root *r, const struct changes *c, struct err *e)
{
	size_t need = 0;
	int code = 0;

	for (size_t i = 0; i < c->n; i++)
		if (is_pending(&c->v[i]))
			need += c->v[i].before_len + c->v[i].after_len + 4 * (size_t)BLOCK;
	for (size_t i = 0; i < c->n && !code; i++)
		if (is_pending(&c->v[i]))
			code = root_can_write(r, c->v[i].path, need, e);
	return code || !need ? code : root_can_write(r, PREVIOUS "/x", need, e);
}

static int put(const struct root *r, const char *path, const char *content, size_t len,
	       bool link, mode_t mode, struct err *e)
{
	return link ? root_symlink(r, path, content, e)
		    : root_write(r, path, content, len, mode, e);
}

static int keep_previous(const struct root *r, const struct change *c, struct err *e)
{
	char path[PATH_MAX];

	if (!c->before)
		return 0;
	if (snprintf(path, sizeof(path), PREVIOUS "%s", c->path) >= (int)sizeof(path))
		return err_set(e, -ENAMETOOLONG, "%s: too long a path", c->path);
	return put(r, path, c->before, c->before_len, c->before_link, c->before_mode, e);
}

static int make_one(const struct root *r, const struct change *c, struct err *e)
{
	int code = keep_previous(r, c, e);

	if (code)
		return code;
	if (!c->after)
		return root_remove(r, c->path, e);
	return put(r, c->path, c->after, c->after_len, c->after_link, c->mode, e);
}

static int undo_one(const struct root *r, const struct change *c)
{
	if (!c->before)
		return root_remove(r, c->path, NULL);
	return put(r, c->path, c->before, c->before_len, c->before_link, c->before_mode, NULL);
}

/* Puts back the first @n, the last of them first; returns @code. */
static int undo(const struct root *r, const struct changes *c, size_t n, int code,
		struct err *e)
{
	const char *stays = NULL;

	while (n--)
		if (is_pending(&c->v[n]) && undo_one(r, &c->v[n]))
			stays = c->v[n].path;
	if (stays)
		return err_wrap(e, code, "%s could not be put back (the one before is in %s)",
				stays, PREVIOUS);
	return err_wrap(e, code, "nothing was changed");
}

int changes_make(const struct root *r, const struct changes *c, struct err *e)
{
	int code = check_all(r, c, e);

	if (code)
		return err_wrap(e, code, "nothing was changed");
	for (size_t i = 0; i < c->n; i++) {
		if (!is_pending(&c->v[i]))
			continue;
		code = make_one(r, &c->v[i], e);
		if (!code)
			continue;
		/* Mostly it left all as it was; not when the last step, a sync, failed. */
		(void)undo_one(r, &c->v[i]);
		return undo(r, c, i, code, e);
	}
	return 0;
}
