// SPDX-License-Identifier: GPL-3.0-or-later
/* import.h - a file of one older format, and what must be true of all that comes of it. */
#ifndef TESTS_FUZZ_IMPORT_H
#define TESTS_FUZZ_IMPORT_H

#include "tests/fuzz/fuzz.h"

#include "netconf/import/import.h"

static inline void fuzz_import_shown(const char *text)
{
	for (; *text; text++)
		MUST((unsigned char)*text >= ' ' && *text != 0x7f);
}

static inline void fuzz_import_entry(const struct import_entry *entry)
{
	struct selector s;

	import_selector(entry, &s);
	MUST(!name_check(entry->name, NULL));
	MUST(entry->has_mac || entry->path[0] || entry->onboard || entry->driver[0]);
	MUST(!entry->has_mac || mac_valid(&entry->mac));
	MUST(entry->line > 0);
	fuzz_import_shown(entry->name);
	fuzz_import_shown(entry->about);
	fuzz_import_shown(s.shown);
}

/* What was written can be read again, and says the same. */
static inline void fuzz_import_policy(const struct policy *p)
{
	struct policy again = { 0 };
	struct err e = { "" };
	char *text = NULL;

	MUST(!policy_render(p, &text, &e));
	MUST(!policy_parse("again", text, strlen(text), &again, &e));
	MUST(again.n == p->n);
	for (size_t i = 0; i < p->n; i++) {
		MUST(!strcmp(again.v[i].name, p->v[i].name));
		MUST(again.v[i].n_selectors == p->v[i].n_selectors);
		for (size_t k = 0; k < p->v[i].n_selectors; k++)
			MUST(!strcmp(again.v[i].selectors[k].shown,
				     p->v[i].selectors[k].shown));
	}
	policy_free(&again);
	free(text);
}

static inline int fuzz_import(const char *file, const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);
	struct import im = { 0 };
	struct policy p = { 0 };
	struct err e = { "" };

	MUST(text);
	if (n)
		memcpy(text, data, n);
	text[n] = '\0';
	if (!import_parse(file, text, n, &im, &e)) {
		MUST(im.n <= IMPORT_ENTRIES_MAX);
		for (size_t i = 0; i < im.n; i++)
			fuzz_import_entry(&im.v[i]);
		MUST(!import_policy(&im, &p, &e));
		MUST(im.n_notes <= IMPORT_NOTES_MAX);
		for (size_t i = 0; i < im.n_notes; i++)
			fuzz_import_shown(im.notes[i]);
		fuzz_import_policy(&p);
	}
	policy_free(&p);
	import_free(&im);
	free(text);
	return 0;
}

#endif
