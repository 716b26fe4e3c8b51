// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/plain.h"
#include "netconf/personalise/hostname.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct place {
	const char *file;
	unsigned line;
	const char *begin, *end; /* of the line */
};

static int mistake(const struct place *at, const char *where, struct err *e, const char *text)
{
	return err_set(e, -EINVAL, "%s:%u:%zu: %s", at->file, at->line,
		       (size_t)(where - at->begin) + 1, text);
}

/* The next word of the line from *p on; 0 bytes at its end or at a comment. */
static size_t word(const struct place *at, const char **p)
{
	size_t n = 0;

	while (*p < at->end && (**p == ' ' || **p == '\t'))
		(*p)++;
	if (*p < at->end && **p == '#')
		return 0;
	while (*p + n < at->end && (*p)[n] != ' ' && (*p)[n] != '\t')
		n++;
	return n;
}

/* Twelve digits without colons are as good: labels on boxes have them so. */
static bool bare_mac(const char *key, struct mac *ret)
{
	char with[MAC_TEXT_MAX];

	if (strlen(key) != 12)
		return false;
	for (size_t i = 0; i < 6; i++)
		snprintf(with + 3 * i, sizeof(with) - 3 * i, "%.2s:", key + 2 * i);
	with[17] = '\0';
	return !mac_parse(with, ret, NULL);
}

static int take_key(const struct place *at, const char *p, size_t n, struct hostname_entry *en,
		    struct err *e)
{
	struct err why = { "" };
	char shown[sizeof(en->key)];

	if (n >= sizeof(en->key))
		return mistake(at, p, e, "a serial number of more than 63 characters");
	memcpy(en->key, p, n);
	en->key[n] = '\0';
	if (memchr(p, '\0', n) ||
	    strcmp(plain_text(shown, sizeof(shown), en->key, ""), en->key) != 0)
		return mistake(at, p, e, "no text: this is neither a MAC address nor a serial");
	en->has_mac = !mac_parse(en->key, &en->mac, &why) || bare_mac(en->key, &en->mac);
	if (strchr(en->key, ':') && !en->has_mac)
		return mistake(at, p, e, why.msg);
	if (en->has_mac && !mac_valid(&en->mac))
		return mistake(at, p, e, "no card has this MAC address");
	return 0;
}

static int take_name(const struct place *at, const char *p, size_t n, struct hostname_entry *en,
		     struct err *e)
{
	struct err why = { "" };

	if (!n)
		return mistake(at, p, e, "the host name is missing: KEY NAME");
	if (n >= sizeof(en->name))
		return mistake(at, p, e, "a host name has at most 64 characters");
	memcpy(en->name, p, n);
	en->name[n] = '\0';
	if (memchr(p, '\0', n) || hostname_check(en->name, &why))
		return mistake(at, p, e, why.msg[0] ? why.msg : "a NUL byte");
	return 0;
}

static bool same_key(const struct hostname_entry *a, const struct hostname_entry *b)
{
	return a->has_mac && b->has_mac ? mac_equal(&a->mac, &b->mac)
					: !strcasecmp(a->key, b->key);
}

static int check_twice(const struct place *at, const struct hostname_table *t,
		       const struct hostname_entry *en, struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		bool key = same_key(&t->v[i], en);

		if (key || !strcasecmp(t->v[i].name, en->name))
			return err_set(e, -EINVAL, "%s:%u:1: %s stands on line %u already",
				       at->file, at->line, key ? en->key : en->name,
				       t->v[i].line);
	}
	return 0;
}

static int take_line(const struct place *at, struct hostname_table *t, struct err *e)
{
	struct hostname_entry en = { .line = at->line };
	const char *p = at->begin;
	size_t n = word(at, &p);
	int r;

	if (!n)
		return 0;
	r = take_key(at, p, n, &en, e);
	if (r)
		return r;
	p += n;
	n = word(at, &p);
	r = take_name(at, p, n, &en, e);
	if (r)
		return r;
	p += n;
	if (word(at, &p))
		return mistake(at, p, e, "more than KEY and NAME; a comment begins with '#'");
	if (t->n == HOSTNAME_LINES_MAX)
		return mistake(at, at->begin, e, "more than 4096 machines");
	r = check_twice(at, t, &en, e);
	if (!r)
		t->v[t->n++] = en;
	return r;
}

/* Windows' editors put a mark at the begin and a CR at the end of each line. */
int hostname_table_parse(const char *file, const char *text, size_t len,
			 struct hostname_table *ret, struct err *e)
{
	const char *end = text + len;
	struct place at = { .file = file };
	size_t lines = 1;
	int r = 0;

	*ret = (struct hostname_table){ 0 };
	if (len > HOSTNAME_TABLE_MAX)
		return err_set(e, -EINVAL, "%s: too large for a table of host names", file);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		text += 3;
	for (const char *p = text; p < end && lines < HOSTNAME_LINES_MAX; p++)
		lines += *p == '\n';
	ret->v = calloc(lines, sizeof(*ret->v));
	if (!ret->v)
		return err_nomem(e);
	while (text < end && !r) {
		const char *next = memchr(text, '\n', (size_t)(end - text));

		at.line++;
		at.begin = text;
		at.end = next ? next : end;
		text = next ? next + 1 : end;
		if (at.end > at.begin && at.end[-1] == '\r')
			at.end--;
		r = take_line(&at, ret, e);
	}
	return r;
}

void hostname_table_free(struct hostname_table *t)
{
	free(t->v);
	*t = (struct hostname_table){ 0 };
}

/* The firmware's serial number may have spaces, a word of the table has none. */
static bool same_serial(const char *key, const char *serial)
{
	for (;; serial++) {
		if (*serial == ' ')
			continue;
		if (tolower((unsigned char)*key) != tolower((unsigned char)*serial))
			return false;
		if (!*key++)
			return true;
	}
}

int hostname_table_find(const struct hostname_table *t, const struct machine *m,
			const struct hostname_entry **ret, struct err *e)
{
	*ret = NULL;
	for (size_t i = 0; i < t->n; i++) {
		const struct hostname_entry *en = &t->v[i];

		if (!(en->has_mac && machine_has(m, &en->mac)) &&
		    !(m->dmi.serial[0] && same_serial(en->key, m->dmi.serial)))
			continue;
		if (*ret)
			return err_set(e, -ECANCELED,
				       "the table has two lines for this machine: line %u "
				       "calls it %s, line %u %s; take one of them out",
				       (*ret)->line, (*ret)->name, en->line, en->name);
		*ret = en;
	}
	return 0;
}
