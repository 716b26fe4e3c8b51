// SPDX-License-Identifier: GPL-3.0-or-later
/* Selectors: the words of "match". */
#include "netconf/policy/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 64

/* What stands behind the ':'. */
enum operand { NOTHING, NUMBER, MAYBE_NUMBER, MAC, TEXT, NEXT };

static const struct form {
	const char *word;
	enum selector_kind kind;
	enum operand operand;
	const char *shown;
} forms[] = {
	{ "onboard", SELECT_ONBOARD, MAYBE_NUMBER, "onboard" },
	{ "boot-nic", SELECT_BOOT_NIC, NOTHING, "boot-nic" },
	{ "mac", SELECT_MAC, MAC, "mac:52:54:00:12:34:56" },
	{ "path", SELECT_PATH, TEXT, "path:pci-0000:00:1f.6" },
	{ "driver", SELECT_DRIVER, TEXT, "driver:e1000e" },
	{ "pci-order", SELECT_PCI_ORDER, NUMBER, "pci-order:1" },
	{ "wired", SELECT_WIRED_NEXT, NEXT, "wired:next" },
	{ "wlan", SELECT_WLAN, NUMBER, "wlan:1" },
	{ "usb", SELECT_USB, MAYBE_NUMBER, "usb" },
};

bool selector_may_be_wireless(enum selector_kind kind)
{
	return kind != SELECT_BOOT_NIC && kind != SELECT_PCI_ORDER && kind != SELECT_WIRED_NEXT;
}

static const struct form *find_form(const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strlen(forms[i].word) == n && !strncmp(forms[i].word, word, n))
			return &forms[i];
	return NULL;
}

static int unknown(const struct conf_entry *entry, const char *at, const char *text,
		   struct err *e)
{
	struct text list = { 0 };
	int r;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		text_add(&list, "%s%s", i ? ", " : "", forms[i].shown);
	r = conf_error(entry, at, e, "there is no selector \"%s\"; there are: %s", text,
		       text_get(&list));
	text_free(&list);
	return r;
}

static int take_number(const struct conf_entry *entry, const char *at, const char *text,
		       struct selector *s, struct err *e)
{
	size_t n = strspn(text, "0123456789");
	unsigned long v = n && n < 4 && !text[n] ? strtoul(text, NULL, 10) : 0;

	if (!v || v > NUMBER_MAX)
		return conf_error(entry, at, e, "\"%s\" is not a number from 1 to %d", text,
				  NUMBER_MAX);
	s->number = (unsigned)v;
	return 0;
}

static int take_mac(const struct conf_entry *entry, const char *at, const char *text,
		    struct selector *s, struct err *e)
{
	struct err why;

	if (mac_parse(text, &s->mac, &why))
		return conf_error(entry, at, e, "%s", why.msg);
	if (!mac_valid(&s->mac))
		return conf_error(entry, at, e, "%s: no card has that MAC", text);
	return 0;
}

static int take_text(const struct conf_entry *entry, const char *at, const char *text,
		     struct selector *s, struct err *e)
{
	if (strlen(text) >= sizeof(s->text))
		return conf_error(entry, at, e, "more than %zu characters",
				  sizeof(s->text) - 1);
	for (size_t i = 0; text[i]; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._:-+@/~", text[i]))
			return conf_error(entry, at + i, e, "a '%c' cannot stand there",
					  text[i]);
	snprintf(s->text, sizeof(s->text), "%s", text);
	return 0;
}

/* @text: what stands behind the ':', NULL without one. */
static int take_operand(const struct conf_entry *entry, const char *at, const struct form *f,
			const char *text, struct selector *s, struct err *e)
{
	bool given = text && *text;
	const char *place = at + strlen(f->word) + 1;

	if (f->operand == NOTHING && text)
		return conf_error(entry, place - 1, e, "nothing stands behind \"%s\"", f->word);
	if (f->operand == NEXT && (!text || strcmp(text, "next") != 0))
		return conf_error(entry, at, e, "write wired:next");
	if (f->operand == NOTHING || f->operand == NEXT ||
	    (f->operand == MAYBE_NUMBER && !text))
		return 0;
	if (!given)
		return conf_error(entry, at, e, "\"%s\" needs more: write %s%s", f->word,
				  f->shown, f->operand == MAYBE_NUMBER ? ", or with :2" : "");
	if (f->operand == MAC)
		return take_mac(entry, place, text, s, e);
	if (f->operand == TEXT)
		return take_text(entry, place, text, s, e);
	return take_number(entry, place, text, s, e);
}

static void show(const struct form *f, struct selector *s)
{
	char mac[MAC_TEXT_MAX];

	if (f->operand == NEXT || (f->operand != MAC && f->operand != TEXT && !s->number))
		snprintf(s->shown, sizeof(s->shown), "%s", f->shown);
	else if (f->operand == MAC)
		snprintf(s->shown, sizeof(s->shown), "mac:%s", mac_text(&s->mac, mac));
	else if (f->operand == TEXT)
		snprintf(s->shown, sizeof(s->shown), "%s:%s", f->word, s->text);
	else
		snprintf(s->shown, sizeof(s->shown), "%s:%u", f->word, s->number);
}

static int take(const struct conf_entry *entry, const char *at, size_t n, struct want *w,
		struct err *e)
{
	char text[CONF_LINE_MAX + 1];
	const struct form *f = find_form(at, strcspn(at, ": \t,"));
	struct selector s = { 0 };
	int r;

	if (n >= sizeof(text))
		return conf_error(entry, at, e, "too long");
	memcpy(text, at, n);
	text[n] = '\0';
	if (!f)
		return unknown(entry, at, text, e);
	s.kind = f->kind;
	r = take_operand(entry, at, f, strchr(text, ':') ? strchr(text, ':') + 1 : NULL, &s, e);
	if (r)
		return r;
	show(f, &s);
	for (size_t i = 0; i < w->n_selectors; i++)
		if (!strcmp(w->selectors[i].shown, s.shown))
			return conf_error(entry, at, e, "%s stands here twice", s.shown);
	if (w->n_selectors == POLICY_SELECTORS_MAX)
		return conf_error(entry, at, e, "more than %d selectors for one name",
				  POLICY_SELECTORS_MAX);
	w->selectors[w->n_selectors++] = s;
	return 0;
}

int selectors_parse(const struct conf_entry *entry, struct want *w, struct err *e)
{
	const char *s = entry->value;
	int r = 0;

	for (s += strspn(s, " \t,"); *s && !r; s += strspn(s, " \t,")) {
		size_t n = strcspn(s, " \t,");

		r = take(entry, s, n, w, e);
		s += n;
	}
	return r;
}
