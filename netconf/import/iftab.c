// SPDX-License-Identifier: GPL-3.0-or-later
/* /etc/iftab of ifrename(8), wireless-tools: iftab(5). */
#include "netconf/import/parts.h"

#include <string.h>

/* 1 is Ethernet, and every wireless card. */
static void take_arp(struct import_found *f, const char *key, const char *value)
{
	if (strcmp(value, "1") != 0)
		import_odd(f, key, value);
}

static const struct {
	const char *key;
	void (*take)(struct import_found *f, const char *key, const char *value);
} descriptors[] = {
	{ "mac", import_mac },       { "SYSFS{address}", import_mac },
	{ "driver", import_driver }, { "businfo", import_pci },
	{ "arp", take_arp },         { "SYSFS{type}", take_arp },
};

static void take(struct import_found *f, const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
		if (!strcmp(descriptors[i].key, key)) {
			descriptors[i].take(f, key, value);
			return;
		}
	}
	import_odd(f, key, value);
}

static int take_mapping(struct import_lines *l, struct import *im, struct err *e)
{
	char *p = l->text, *key, *value;
	struct import_found f;

	import_begin(l, &f);
	import_name(&f, import_word(&p));
	while ((key = import_word(&p))) {
		value = import_word(&p);
		if (!value)
			return import_note(im, l, e, "\"%.40s\" without a value: left out",
					   key);
		take(&f, key, value);
	}
	return import_end(im, l, &f, e);
}

static int parse(struct import_lines *l, struct import *im, struct err *e)
{
	int r;

	while (import_line(l, im, e, &r)) {
		if (l->text[0] && l->text[0] != '#')
			r = take_mapping(l, im, e);
		if (r)
			return r;
	}
	return r;
}

/* "eth0 mac ADDRESS" or the like somewhere. */
static int probe(const char *base, const char *text, size_t len)
{
	static const char *const words[] = { " mac ",  "\tmac ",   "\tmac\t",  "businfo ",
					     "SYSFS{", " driver ", "\tdriver " };

	if (!strcmp(base, "iftab"))
		return 2;
	if (memmem(text, len, "==", 2) || memmem(text, len, "[Match]", 7))
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(text, len, words[i], strlen(words[i])))
			return 1;
	return 0;
}

const struct importer import_iftab = {
	.name = "iftab",
	.last_wins = true,
	.probe = probe,
	.parse = parse,
};
