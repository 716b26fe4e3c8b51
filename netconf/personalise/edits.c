// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/edits.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void edit_free(struct edit *d)
{
	free(d->path);
	free(d->content);
	free(d->before);
}

void edits_free(struct edits *ed)
{
	for (size_t i = 0; i < ed->n; i++)
		edit_free(&ed->v[i]);
	free(ed->v);
	text_free(&ed->notes);
	*ed = (struct edits){ 0 };
}

/* Takes @d, also on failure.  Removals stay behind all else. */
static int add(struct edits *ed, struct edit *d, const char *path, struct err *e)
{
	struct edit *more = reallocarray(ed->v, ed->n + 1, sizeof(*more));
	size_t at = ed->n;

	if (more)
		ed->v = more;
	d->path = strdup(path);
	if (!more || !d->path) {
		edit_free(d);
		return err_nomem(e);
	}
	for (; d->kind != EDIT_REMOVE && at && more[at - 1].kind == EDIT_REMOVE; at--)
		more[at] = more[at - 1];
	more[at] = *d;
	ed->n++;
	return 0;
}

/* What is at @path, not followed.  0: nothing, 1: fills @st. */
static int look(const struct root *r, const char *path, struct stat *st, struct err *e)
{
	int code = root_stat(r, path, false, st, e);

	return code == -ENOENT ? 0 : code ? code : 1;
}

/* @size bytes and a NUL. */
static char *copy(const void *p, size_t size)
{
	char *s = malloc(size + 1);

	if (s) {
		if (size)
			memcpy(s, p, size);
		s[size] = '\0';
	}
	return s;
}

/* Reads what is there into @d, if anything is. */
static int read_before(struct edit *d, const struct root *r, const char *path, struct err *e)
{
	struct stat st;
	int code = look(r, path, &st, e);

	if (code <= 0)
		return code;
	if (S_ISLNK(st.st_mode))
		return err_set(e, -EINVAL, "%s%s is a symbolic link, where a file is expected",
			       root_is_running(r) ? "" : root_name(r), path);
	d->before_mode = st.st_mode & 07777;
	return root_read(r, path, EDITS_FILE_MAX, &d->before, &d->before_len, e);
}

int edits_write(struct edits *ed, const struct root *r, const char *path, const void *content,
		size_t len, mode_t mode, struct err *e)
{
	struct edit d = { .kind = EDIT_WRITE, .len = len };
	int code = read_before(&d, r, path, e);

	d.mode = mode ? mode : d.before ? d.before_mode : 0644;
	if (code || (d.before && d.before_len == len && !memcmp(d.before, content, len) &&
		     d.before_mode == d.mode)) {
		edit_free(&d);
		return code;
	}
	d.content = copy(content, len);
	if (!d.content) {
		edit_free(&d);
		return err_nomem(e);
	}
	return add(ed, &d, path, e);
}

int edits_link(struct edits *ed, const struct root *r, const char *path, const char *to,
	       struct err *e)
{
	struct edit d = { .kind = EDIT_LINK };
	char *now = NULL;
	bool same;

	same = !root_readlink(r, path, &now, NULL) && !strcmp(now, to);
	free(now);
	if (same)
		return 0;
	d.content = strdup(to);
	return d.content ? add(ed, &d, path, e) : err_nomem(e);
}

int edits_remove(struct edits *ed, const struct root *r, const char *path, struct err *e)
{
	struct edit d = { .kind = EDIT_REMOVE };
	struct stat st;
	int code = look(r, path, &st, e);

	if (code == -ENOTDIR)
		return 0;
	if (code <= 0)
		return code;
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return err_set(e, -EINVAL, "%s%s is no file; look what it is, and remove it",
			       root_is_running(r) ? "" : root_name(r), path);
	return add(ed, &d, path, e);
}

int edits_remove_all(struct edits *ed, const struct root *r, const char *dir,
		     const char *pattern, struct err *e)
{
	struct names names;
	char path[PATH_MAX];
	int code = root_list(r, dir, pattern, &names, e);

	if (code == -ENOTDIR)
		return 0;
	for (size_t i = 0; i < names.n && !code; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names.v[i]);
		code = edits_remove(ed, r, path, e);
	}
	names_free(&names);
	return code;
}

int edits_keep(struct edits *ed, const struct root *r, const char *path, struct err *e)
{
	char *text = NULL, previous[PATH_MAX];
	struct stat st;
	size_t len;
	int code = root_stat(r, path, true, &st, e);

	if (!code)
		code = root_read(r, path, EDITS_FILE_MAX, &text, &len, e);
	if (!code) {
		snprintf(previous, sizeof(previous), EDITS_PREVIOUS "%s", path);
		code = edits_write(ed, r, previous, text, len, st.st_mode & 07777, e);
	}
	free(text);
	return code;
}

int edits_check(const struct edits *ed, const struct root *r, struct err *e)
{
	int code = 0;

	for (size_t i = 0; i < ed->n && !code; i++)
		code = root_can_write(r, ed->v[i].path, ed->v[i].len, e);
	return code;
}

static int make(const struct edit *d, const struct root *r, struct err *e)
{
	if (d->kind == EDIT_REMOVE)
		return root_remove(r, d->path, e);
	if (d->kind == EDIT_LINK)
		return root_symlink(r, d->path, d->content, e);
	return root_write(r, d->path, d->content, d->len, d->mode, e);
}

/* As well as it goes: the failure that brought us here is what counts. */
static void put_back(const struct edit *d, const struct root *r)
{
	if (d->before)
		root_write(r, d->path, d->before, d->before_len, d->before_mode, NULL);
	else
		root_remove(r, d->path, NULL);
}

int edits_make(const struct edits *ed, const struct root *r, struct err *e)
{
	size_t i;
	int code = 0;

	for (i = 0; i < ed->n && ed->v[i].kind != EDIT_REMOVE; i++) {
		code = make(&ed->v[i], r, e);
		if (!code)
			continue;
		while (i--)
			put_back(&ed->v[i], r);
		return code;
	}
	for (; i < ed->n; i++) {
		int failed = make(&ed->v[i], r, code ? NULL : e);

		if (!code)
			code = failed;
	}
	return code;
}
