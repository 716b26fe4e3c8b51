// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/import/parts.h"

#include "common/plain.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int import_note(struct import *im, const struct import_lines *l, struct err *e, const char *fmt,
		...)
{
	char text[512], clean[512], **notes;
	va_list ap;
	int n;

	if (im->n_notes == IMPORT_NOTES_MAX) {
		im->more_notes++;
		return 0;
	}
	n = snprintf(text, sizeof(text), "%.200s:%u: ", l->file, l->number);
	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	notes = realloc(im->notes, (im->n_notes + 1) * sizeof(*notes));
	if (!notes)
		return err_nomem(e);
	im->notes = notes;
	notes[im->n_notes] = strdup(plain_text(clean, sizeof(clean), text, ""));
	if (!notes[im->n_notes])
		return err_nomem(e);
	im->n_notes++;
	return 0;
}

/* Takes white space off both ends of @s, which has @n bytes; returns what is left. */
static size_t strip(char *s, size_t n)
{
	size_t skip = 0;

	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	while (skip < n && isspace((unsigned char)s[skip]))
		skip++;
	memmove(s, s + skip, n - skip);
	s[n - skip] = '\0';
	return n - skip;
}

/* Adds one line of the file to l->text, where @at bytes are; returns what is there then. */
static size_t add_line(struct import_lines *l, size_t at, bool *fits)
{
	const char *end = memchr(l->next, '\n', (size_t)(l->end - l->next));
	size_t n = (size_t)((end ? end : l->end) - l->next);

	*fits = n <= IMPORT_LINE_MAX - at;
	if (*fits)
		memcpy(l->text + at, l->next, n);
	l->next += n + (end != NULL);
	l->passed++;
	return *fits ? at + strip(l->text + at, n) : 0;
}

bool import_line(struct import_lines *l, struct import *im, struct err *e, int *ret)
{
	size_t n = 0;
	bool fits, all_fit = true;

	*ret = 0;
	if (l->next == l->end)
		return false;
	l->number = l->passed + 1;
	do {
		if (n) /* joined: the backslash becomes a space */
			l->text[n - 1] = ' ';
		n = add_line(l, n, &fits);
		all_fit = all_fit && fits;
	} while (l->by->joined && n && l->text[n - 1] == '\\' && l->next != l->end);
	if (all_fit)
		return true;
	l->text[0] = '\0';
	*ret = import_note(im, l, e, "a line of more than %d characters: left out",
			   IMPORT_LINE_MAX);
	return !*ret;
}

void import_begin(const struct import_lines *l, struct import_found *f)
{
	*f = (struct import_found){ .entry = {
					    .by = l->by, .file = l->file, .line = l->number } };
}

void import_name(struct import_found *f, const char *value)
{
	snprintf(f->name, sizeof(f->name), "%s", value);
}

void import_odd(struct import_found *f, const char *key, const char *value)
{
	if (!f->odd[0])
		snprintf(f->odd, sizeof(f->odd), "%.32s \"%.48s\"", key, value);
}

void import_mac(struct import_found *f, const char *key, const char *value)
{
	struct err why = { "" };
	struct mac mac;

	if (strlen(value) == 12 && mac_parse(value, &mac, &why)) {
		if (!f->odd[0]) /* perhaps without colons: that is told */
			snprintf(f->odd, sizeof(f->odd), "%.90s", why.msg);
	} else if (mac_parse(value, &mac, NULL)) {
		import_odd(f, key, value);
	} else if (!mac_valid(&mac) || (f->entry.has_mac && !mac_equal(&mac, &f->entry.mac))) {
		import_odd(f, key, value);
	} else {
		f->entry.has_mac = true;
		f->entry.mac = mac;
	}
}

/* Something exact, of characters that stand in paths and names of drivers. */
static bool is_exact(const char *s, size_t max)
{
	size_t n = strlen(s);

	return n && n < max &&
	       n == strspn(s, "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:+");
}

static void set(struct import_found *f, char *field, size_t size, const char *key,
		const char *value)
{
	if (!is_exact(value, size) || (*field && strcmp(field, value) != 0))
		import_odd(f, key, value);
	else
		snprintf(field, size, "%s", value);
}

void import_path(struct import_found *f, const char *key, const char *value)
{
	set(f, f->entry.path, sizeof(f->entry.path), key, value);
}

void import_pci(struct import_found *f, const char *key, const char *value)
{
	static const char form[] = "xxxx:xx:xx.x";
	char path[24];
	size_t i = 0;

	while (value[i] && form[i] &&
	       (form[i] == 'x' ? isxdigit((unsigned char)value[i]) : value[i] == form[i]))
		i++;
	if (value[i] || form[i]) {
		import_odd(f, key, value);
		return;
	}
	snprintf(path, sizeof(path), "pci-%.12s", value);
	import_path(f, key, path);
}

void import_driver(struct import_found *f, const char *key, const char *value)
{
	if (strcmp(value, "?*") != 0 && strcmp(value, "*") != 0)
		set(f, f->entry.driver, sizeof(f->entry.driver), key, value);
}

void import_onboard(struct import_found *f, const char *key, const char *value)
{
	size_t n = strspn(value, "0123456789");
	unsigned long number = strtoul(value, NULL, 10);

	if (!n || value[n] || n > 3 || !number || number > 64 ||
	    (f->entry.onboard && f->entry.onboard != number))
		import_odd(f, key, value);
	else
		f->entry.onboard = (unsigned)number;
}

static int add(struct import *im, const struct import_lines *l,
	       const struct import_entry *entry, struct err *e)
{
	struct import_entry *v;

	if (im->n == IMPORT_ENTRIES_MAX)
		return import_note(im, l, e, "more than %d names: %s is left out",
				   IMPORT_ENTRIES_MAX, entry->name);
	v = realloc(im->v, (im->n + 1) * sizeof(*v));
	if (!v)
		return err_nomem(e);
	im->v = v;
	v[im->n++] = *entry;
	return 0;
}

/* Why @name is none for a policy; NULL: it is one. */
static const char *bad_name(const char *name, struct err *why)
{
	if (name[strcspn(name, "*?$[|")])
		return "a pattern, and a policy has only whole names";
	if (!strncmp(name, "rename", 6) && isdigit((unsigned char)name[6]))
		return "a leftover of a renaming that failed";
	return name_check(name, why) ? why->msg : NULL;
}

/* How many different marks the card is known by. */
static int marks(const struct import_entry *entry)
{
	return entry->has_mac + (entry->path[0] != '\0') + (entry->onboard != 0) +
	       (entry->driver[0] != '\0');
}

int import_end(struct import *im, const struct import_lines *l, struct import_found *f,
	       struct err *e)
{
	struct import_entry *entry = &f->entry;
	struct err why = { "" };
	const char *bad = bad_name(f->name, &why);
	struct selector s;
	int r = 0;

	if (bad)
		return import_note(im, l, e, "name \"%s\": %s: left out", f->name, bad);
	snprintf(entry->name, sizeof(entry->name), "%.15s", f->name);
	if (f->odd[0] && !entry->has_mac)
		return import_note(im, l, e, "%s is left out, because of %s", entry->name,
				   f->odd);
	if (!marks(entry))
		return import_note(im, l, e,
				   "%s is left out: no MAC, path or driver to know the card by",
				   entry->name);
	import_selector(entry, &s);
	if (f->odd[0])
		r = import_note(im, l, e, "%s: only %s is taken over, not %s", entry->name,
				s.shown, f->odd);
	else if (marks(entry) > 1 && !entry->has_mac)
		r = import_note(im, l, e, "%s: only %s is taken over, not the other conditions",
				entry->name, s.shown);
	else if (s.kind == SELECT_ONBOARD && s.number > 1)
		r = import_note(im, l, e,
				"%s: %s counts the onboard cards, and here is meant "
				"the one with index %u",
				entry->name, s.shown, s.number);
	return r ? r : add(im, l, entry, e);
}

char *import_word(char **p)
{
	char *word = *p + strspn(*p, " \t\r\v\f"), *end = word + strcspn(word, " \t\r\v\f");

	if (word == end)
		return NULL;
	*p = *end ? end + 1 : end;
	*end = '\0';
	return word;
}
