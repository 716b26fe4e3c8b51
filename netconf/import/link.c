// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * systemd.link(5): [Match] says which card, [Link] its name.
 *
 * Not read by common/conf.h: here a line may go on behind a backslash, a key may be
 * repeated, and an empty value takes back what was there.
 */
#include "netconf/import/parts.h"

#include "common/plain.h"

#include <stdio.h>
#include <string.h>

#define LINK_MACS_MAX 16

struct link_file {
	struct import_found f; /* all but addresses */
	struct mac macs[LINK_MACS_MAX];
	size_t n_macs;
	bool policy; /* NamePolicy= goes before Name= */
	char section[16];
};

static void take_macs(struct link_file *file, const char *key, char *value)
{
	char *word;

	if (!*value)
		file->n_macs = 0;
	while ((word = import_word(&value))) {
		struct import_found one = { 0 };

		import_mac(&one, key, word);
		if (!one.entry.has_mac || file->n_macs == LINK_MACS_MAX)
			import_odd(&file->f, one.odd[0] ? one.odd : key, word);
		else
			file->macs[file->n_macs++] = one.entry.mac;
	}
}

static void take_path(struct link_file *file, const char *key, char *value)
{
	import_path(&file->f, key, value);
}

static void take_driver(struct link_file *file, const char *key, char *value)
{
	import_driver(&file->f, key, value);
}

static void take_original(struct link_file *file, const char *key, char *value)
{
	if (strcmp(value, "*") != 0)
		import_odd(&file->f, key, value);
}

static void take_property(struct link_file *file, const char *key, char *value)
{
	static const char onboard[] = "ID_NET_NAME_ONBOARD=eno",
			  path[] = "ID_PATH=", driver[] = "ID_NET_DRIVER=";
	char *word;

	while ((word = import_word(&value))) {
		if (!strncmp(word, onboard, strlen(onboard)))
			import_onboard(&file->f, key, word + strlen(onboard));
		else if (!strncmp(word, path, strlen(path)))
			import_path(&file->f, key, word + strlen(path));
		else if (!strncmp(word, driver, strlen(driver)))
			import_driver(&file->f, key, word + strlen(driver));
		else
			import_odd(&file->f, key, word);
	}
}

static void take_name(struct link_file *file, const char *key, char *value)
{
	(void)key;
	import_name(&file->f, value);
}

static void take_policy(struct link_file *file, const char *key, char *value)
{
	(void)key;
	file->policy = *value;
}

static void take_description(struct link_file *file, const char *key, char *value)
{
	(void)key;
	plain_text(file->f.entry.about, sizeof(file->f.entry.about), value, "");
}

/* Every kind of card that a policy has is one of these. */
static void take_type(struct link_file *file, const char *key, char *value)
{
	if (strcmp(value, "ether") != 0 && strcmp(value, "wlan") != 0)
		import_odd(&file->f, key, value);
}

static const struct {
	const char *section, *key;
	void (*take)(struct link_file *file, const char *key, char *value);
} settings[] = {
	{ "Match", "MACAddress", take_macs },   { "Match", "PermanentMACAddress", take_macs },
	{ "Match", "Path", take_path },         { "Match", "Driver", take_driver },
	{ "Match", "Property", take_property }, { "Match", "OriginalName", take_original },
	{ "Match", "Type", take_type },         { "Link", "Name", take_name },
	{ "Link", "NamePolicy", take_policy },  { "Link", "Description", take_description },
};

/* "KEY=VALUE" in a section; 1: not understood. */
static int take_setting(struct import_lines *l, struct import *im, struct link_file *file,
			struct err *e)
{
	char *value = strchr(l->text, '='), *key = l->text;
	size_t n;

	if (!value)
		return import_note(im, l, e, "neither \"KEY=value\" nor \"[Section]\"");
	n = strlen(key) - strlen(value);
	*value++ = '\0';
	value += strspn(value, " \t");
	while (n && (key[n - 1] == ' ' || key[n - 1] == '\t'))
		key[--n] = '\0';
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i].section, file->section) != 0 ||
		    strcmp(settings[i].key, key) != 0)
			continue;
		if (settings[i].take == take_name)
			file->f.entry.line = l->number;
		settings[i].take(file, key, value);
		return 0;
	}
	if (!strcmp(file->section, "Match")) {
		import_odd(&file->f, key, value);
		return 0;
	}
	return import_note(im, l, e, "%.40s= is no matter of names: left out", key);
}

/* One entry for each address, or one for all else. */
static int finish(struct import_lines *l, struct import *im, struct link_file *file,
		  struct err *e)
{
	struct import_found each = file->f;
	int r = 0;

	if (each.entry.line)
		l->number = each.entry.line;
	if (!each.name[0])
		return import_note(im, l, e, "no Name=: left out");
	if (file->policy)
		r = import_note(im, l, e, "there, NamePolicy= goes before Name=%s", each.name);
	if (!r && !file->n_macs)
		r = import_end(im, l, &each, e);
	for (size_t i = 0; !r && i < file->n_macs; i++) {
		each = file->f;
		each.entry.has_mac = true;
		each.entry.mac = file->macs[i];
		r = import_end(im, l, &each, e);
	}
	return r;
}

static int parse(struct import_lines *l, struct import *im, struct err *e)
{
	struct link_file file = { .n_macs = 0 };
	size_t n;
	int r;

	import_begin(l, &file.f);
	while (import_line(l, im, e, &r)) {
		n = strlen(l->text);
		if (n > 2 && l->text[0] == '[' && l->text[n - 1] == ']')
			snprintf(file.section, sizeof(file.section), "%.*s",
				 n > 16 ? 0 : (int)n - 2, l->text + 1);
		else if (n && l->text[0] != '#' && l->text[0] != ';')
			r = take_setting(l, im, &file, e);
		if (r)
			return r;
	}
	return r ? r : finish(l, im, &file, e);
}

static int probe(const char *base, const char *text, size_t len)
{
	size_t n = strlen(base);

	if (n > 5 && !strcmp(base + n - 5, ".link"))
		return 2;
	return memmem(text, len, "[Match]", 7) && memmem(text, len, "[Link]", 6);
}

const struct importer import_link = {
	.name = ".link file",
	.joined = true,
	.probe = probe,
	.parse = parse,
};
