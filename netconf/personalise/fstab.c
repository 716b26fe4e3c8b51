// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/fstab.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

enum { SPEC, FOLDER, TYPE, OPTIONS, FIELDS };

struct word {
	const char *p;
	size_t n;
};

/* The fields of a line of @len bytes; 0 for comments and empty lines. */
static size_t split(const char *line, size_t len, struct word v[FIELDS])
{
	size_t n = 0, at = 0;

	while (n < FIELDS) {
		while (at < len && strchr(" \t", line[at]))
			at++;
		if (at == len || (!n && line[at] == '#'))
			break;
		v[n].p = line + at;
		while (at < len && !strchr(" \t", line[at]))
			at++;
		v[n].n = (size_t)(line + at - v[n].p);
		n++;
	}
	return n;
}

static bool is(const struct word *w, const char *text)
{
	return w->n == strlen(text) && !memcmp(w->p, text, w->n);
}

/* The UUID of UUID=... with or without quotes; false: it is named otherwise. */
static bool uuid_of(const char *p, size_t n, char ret[UUID_MAX])
{
	if (n < 5 || memcmp(p, "UUID=", 5) != 0)
		return false;
	p += 5;
	n -= 5;
	if (n > 2 && (*p == '"' || *p == '\'') && p[n - 1] == *p) {
		p++;
		n -= 2;
	}
	if (!n || n >= UUID_MAX)
		return false;
	memcpy(ret, p, n);
	ret[n] = '\0';
	return ret[strspn(ret, "0123456789abcdefABCDEF-")] == '\0';
}

void fstab_root(const char *text, char ret[UUID_MAX])
{
	struct word v[FIELDS];

	ret[0] = '\0';
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (split(text, len, v) > FOLDER && is(&v[FOLDER], "/") &&
		    !uuid_of(v[SPEC].p, v[SPEC].n, ret))
			ret[0] = '\0';
		text += len + (text[len] == '\n');
	}
}

/* Whether one of the options between commas is @name. */
static bool has_option(const struct word *w, const char *name)
{
	const char *p = w->p, *end = w->p + w->n;

	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		struct word one = { p, (size_t)((comma ? comma : end) - p) };

		if (is(&one, name))
			return true;
		p += one.n + 1;
	}
	return false;
}

/* Where ",nofail" has to go in: behind the options, or the type; NULL: nowhere. */
static const char *lacks_nofail(const char *line, size_t len, has_uuid *has, void *ctx,
				bool *options)
{
	struct word v[FIELDS];
	size_t n = split(line, len, v);
	char uuid[UUID_MAX];

	if (n <= TYPE || !is(&v[TYPE], "swap") || !uuid_of(v[SPEC].p, v[SPEC].n, uuid))
		return NULL;
	*options = n > OPTIONS;
	if (*options &&
	    (has_option(&v[OPTIONS], "nofail") || has_option(&v[OPTIONS], "noauto")))
		return NULL;
	if (has(ctx, uuid))
		return NULL;
	return *options ? v[OPTIONS].p + v[OPTIONS].n : v[TYPE].p + v[TYPE].n;
}

int fstab_swap(const char *text, has_uuid *has, void *ctx, char **ret, size_t *changed,
	       struct err *e)
{
	struct text out = { 0 };

	*changed = 0;
	while (*text) {
		size_t len = strcspn(text, "\n"), all = len + (text[len] == '\n');
		bool options;
		const char *at = lacks_nofail(text, len, has, ctx, &options);
		size_t before = at ? (size_t)(at - text) : 0;

		text_add_bytes(&out, text, before);
		if (at)
			text_add(&out, "%s", options ? ",nofail" : "\tsw,nofail");
		text_add_bytes(&out, text + before, all - before);
		*changed += at != NULL;
		text += all;
	}
	return text_take(&out, ret, e);
}

int resume_mend(const char *text, has_uuid *has, void *ctx, char **ret, size_t *changed,
		struct err *e)
{
	struct text out = { 0 };
	char uuid[UUID_MAX];

	*changed = 0;
	while (*text) {
		size_t len = strcspn(text, "\n"), all = len + (text[len] == '\n'), n = len;

		while (n && strchr(" \t\r", text[n - 1]))
			n--;
		if (n > 7 && !memcmp(text, "RESUME=", 7) && uuid_of(text + 7, n - 7, uuid) &&
		    !has(ctx, uuid)) {
			text_add(&out, "RESUME=none");
			text_add_bytes(&out, text + len, all - len);
			++*changed;
		} else {
			text_add_bytes(&out, text, all);
		}
		text += all;
	}
	return text_take(&out, ret, e);
}
