// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/hosts.h"

#include "common/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OWN "127.0.1.1"

static size_t line_len(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return (size_t)((nl ? nl : end) - p);
}

/* The first line for OWN: its begin (NULL: none) and length without its end. */
static const char *find(const char *text, size_t len, size_t *ret_len)
{
	const char *end = text + len;
	size_t n;

	for (const char *p = text; p < end; p += n + 1) {
		const char *word = p + strspn(p, " \t");

		n = line_len(p, end);
		if (!strncmp(word, OWN, sizeof(OWN) - 1) &&
		    strchr(" \t", word[sizeof(OWN) - 1]) && word[sizeof(OWN) - 1]) {
			*ret_len = n;
			return p;
		}
	}
	*ret_len = 0;
	return NULL;
}

static int check(const char *text, size_t len, struct err *e)
{
	return memchr(text, '\0', len)
		       ? err_set(e, -EINVAL, "/etc/hosts has NUL bytes: it is no text")
		       : 0;
}

/* The line at @own (NULL: none) is replaced by @line. */
static int replace(const char *text, size_t len, const char *own, size_t n, const char *line,
		   char **ret, struct err *e)
{
	struct text t = { 0 };

	if (own) {
		text_add_bytes(&t, text, (size_t)(own - text));
		text_add(&t, "%s", line);
		text_add_bytes(&t, own + n, len - (size_t)(own - text) - n);
	} else {
		text_add_bytes(&t, text, len);
		text_add(&t, "%s%s\n", len && text[len - 1] != '\n' ? "\n" : "", line);
	}
	return text_take(&t, ret, e);
}

int hosts_line(const char *text, size_t len, char **ret, struct err *e)
{
	size_t n;
	const char *own;
	int r = check(text, len, e);

	*ret = NULL;
	if (r)
		return r;
	own = find(text, len, &n);
	if (!own)
		return 0;
	*ret = strndup(own, n);
	return *ret ? 0 : err_nomem(e);
}

int hosts_put_line(const char *text, size_t len, const char *line, char **ret, struct err *e)
{
	size_t n;
	const char *own;
	int r = check(text, len, e);

	if (r)
		return r;
	own = find(text, len, &n);
	return replace(text, len, own, n, line, ret, e);
}

/* How many bytes of the word are @name, alone or with a domain behind it; 0: it is another. */
static size_t named(const char *word, size_t n, const char *name)
{
	size_t m = strlen(name);

	return n >= m && !strncasecmp(word, name, m) && (n == m || word[m] == '.') ? m : 0;
}

/*
 * The own line with the names exchanged; what has @name already gets its letters, too, so
 * that doing it again changes nothing.  false: neither of them stands there.
 */
static bool exchange(struct text *t, const char *line, size_t n, const char *old,
		     const char *name)
{
	bool found = false;
	size_t at = 0;

	while (at < n) {
		size_t gap = strspn(line + at, " \t\r"), word, part;

		if (gap > n - at)
			gap = n - at;
		text_add_bytes(t, line + at, gap);
		at += gap;
		if (at == n || line[at] == '#')
			break;
		word = strcspn(line + at, " \t\r\n#");
		if (word > n - at)
			word = n - at;
		part = named(line + at, word, old);
		if (!part)
			part = named(line + at, word, name);
		if (part) {
			found = true;
			text_add(t, "%s", name);
		}
		text_add_bytes(t, line + at + part, word - part);
		at += word;
	}
	text_add_bytes(t, line + at, n - at);
	return found;
}

/* What stands there for a name that has no line yet; a domain makes it two words. */
static void fresh(struct text *t, const char *name)
{
	size_t label = strcspn(name, ".");

	text_free(t);
	text_add(t, OWN "\t%s", name);
	if (name[label])
		text_add(t, "\t%.*s", (int)label, name);
}

int hosts_rename(const char *text, size_t len, const char *old, const char *name, char **ret,
		 struct err *e)
{
	struct text t = { 0 };
	size_t n;
	const char *own;
	int r = check(text, len, e);

	if (r)
		return r;
	own = find(text, len, &n);
	/* A name with a domain of its own cannot keep the other's. */
	if (!own || strchr(name, '.') || strchr(old, '.') || !exchange(&t, own, n, old, name))
		fresh(&t, name);
	r = text_ok(&t) ? replace(text, len, own, n, text_get(&t), ret, e) : err_nomem(e);
	text_free(&t);
	return r;
}
