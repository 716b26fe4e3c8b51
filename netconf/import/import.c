// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/import/import.h"

#include "netconf/import/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct importer *const importers[] = {
	&import_rules,
	&import_link,
	&import_iftab,
	&import_mactab,
};

#define N_IMPORTERS (sizeof(importers) / sizeof(importers[0]))

static const struct importer *guess(const char *file, const char *text, size_t len)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	const struct importer *best = NULL;
	int sure = 0;

	for (size_t i = 0; i < N_IMPORTERS; i++) {
		int s = importers[i]->probe(base, text, len);

		if (s > sure) {
			sure = s;
			best = importers[i];
		}
	}
	return best;
}

int import_parse(const char *file, const char *text, size_t len, struct import *ret,
		 struct err *e)
{
	const struct importer *by;
	struct import_lines *l;
	int r;

	if (len > IMPORT_FILE_MAX)
		return err_set(e, -EINVAL, "%s: too large for a file of names", file);
	if (memchr(text, '\0', len))
		return err_set(e, -EINVAL, "%s: a NUL byte: this is not a text file", file);
	by = guess(file, text, len);
	if (!by)
		return err_set(e, -EINVAL,
			       "%s: neither udev rules, a .link file, an iftab nor a mactab",
			       file);
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_nomem(e);
	*l = (struct import_lines){ .by = by, .file = file, .next = text, .end = text + len };
	r = by->parse(l, ret, e);
	free(l);
	return r;
}

void import_free(struct import *im)
{
	for (size_t i = 0; i < im->n_notes; i++)
		free(im->notes[i]);
	free(im->notes);
	free(im->v);
	*im = (struct import){ 0 };
}

void import_selector(const struct import_entry *entry, struct selector *ret)
{
	char mac[MAC_TEXT_MAX];

	*ret = (struct selector){ .kind = SELECT_DRIVER };
	if (entry->has_mac) {
		ret->kind = SELECT_MAC;
		ret->mac = entry->mac;
		snprintf(ret->shown, sizeof(ret->shown), "mac:%s", mac_text(&entry->mac, mac));
	} else if (entry->path[0]) {
		ret->kind = SELECT_PATH;
		snprintf(ret->text, sizeof(ret->text), "%s", entry->path);
		snprintf(ret->shown, sizeof(ret->shown), "path:%s", entry->path);
	} else if (entry->onboard) {
		ret->kind = SELECT_ONBOARD;
		ret->number = entry->onboard;
		snprintf(ret->shown, sizeof(ret->shown), "onboard:%u", entry->onboard);
	} else {
		snprintf(ret->text, sizeof(ret->text), "%s", entry->driver);
		snprintf(ret->shown, sizeof(ret->shown), "driver:%s", entry->driver);
	}
}

/* A note for the line of @entry. */
static struct import_lines place(const struct import_entry *entry)
{
	return (struct import_lines){ .file = entry->file, .number = entry->line };
}

static bool same_card(const struct import_entry *a, const struct import_entry *b)
{
	struct selector s, t;

	import_selector(a, &s);
	import_selector(b, &t);
	return !strcmp(s.shown, t.shown);
}

/* The entry that counts for the card of @im->v[i]: as in the old tool; the first file's. */
static size_t winner(const struct import *im, size_t i)
{
	size_t best = i;

	for (size_t k = 0; k < im->n; k++) {
		bool later = k > best, same_file = !strcmp(im->v[k].file, im->v[best].file);

		if (k == best || !same_card(&im->v[k], &im->v[i]))
			continue;
		if (later == (same_file && im->v[best].by->last_wins))
			best = k;
	}
	return best;
}

static struct want *find_want(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].name, name))
			return &p->v[i];
	return NULL;
}

/* One more card for a name that has one. */
static int add_selector(struct import *im, const struct import_entry *entry, struct want *w,
			struct err *e)
{
	struct import_lines at = place(entry);

	if (w->n_selectors == POLICY_SELECTORS_MAX)
		return import_note(im, &at, e, "%s: more than %d cards: left out", w->name,
				   POLICY_SELECTORS_MAX);
	import_selector(entry, &w->selectors[w->n_selectors++]);
	return import_note(im, &at, e,
			   "%s stands for several cards: the first that is there gets it",
			   w->name);
}

static int add_want(struct import *im, const struct import_entry *entry, struct policy *p,
		    struct err *e)
{
	struct import_lines at = place(entry);
	struct want *w = find_want(p, entry->name);

	if (w)
		return add_selector(im, entry, w, e);
	if (p->n == POLICY_WANTS_MAX)
		return import_note(im, &at, e, "more than %d names: %s is left out",
				   POLICY_WANTS_MAX, entry->name);
	w = realloc(p->v, (p->n + 1) * sizeof(*w));
	if (!w)
		return err_nomem(e);
	p->v = w;
	w = &p->v[p->n++];
	*w = (struct want){ .n_selectors = 1, .line = entry->line };
	snprintf(w->name, sizeof(w->name), "%s", entry->name);
	import_selector(entry, &w->selectors[0]);
	return 0;
}

int import_policy(struct import *im, struct policy *ret, struct err *e)
{
	int r = 0;

	*ret = (struct policy){ 0 };
	for (size_t i = 0; !r && i < im->n; i++) {
		const struct import_entry *entry = &im->v[i], *best = &im->v[winner(im, i)];
		struct import_lines at = place(entry);
		struct selector s;

		import_selector(entry, &s);
		if (best == entry)
			r = add_want(im, entry, ret, e);
		else
			r = import_note(im, &at, e, "%s for %s: left out, as %.200s:%u says %s",
					entry->name, s.shown, best->file, best->line,
					best->name);
	}
	return r;
}
