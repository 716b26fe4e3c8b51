// SPDX-License-Identifier: GPL-3.0-or-later
/* /etc/mactab of nameif(8), net-tools: "NAME MAC"; busybox also has "bus=" and "driver=". */
#include "netconf/import/parts.h"

#include <string.h>

static const struct {
	const char *key;
	void (*take)(struct import_found *f, const char *key, const char *value);
} selectors[] = {
	{ "mac=", import_mac },     { "bus=", import_pci }, { "driver=", import_driver },
	{ "phyaddr=", import_odd }, { "", import_mac },
};

static void take(struct import_found *f, const char *word)
{
	size_t i = 0;

	while (strncmp(word, selectors[i].key, strlen(selectors[i].key)) != 0)
		i++;
	selectors[i].take(f, selectors[i].key, word + strlen(selectors[i].key));
}

static int take_line(struct import_lines *l, struct import *im, struct err *e)
{
	char *p = l->text, *word;
	struct import_found f;

	import_begin(l, &f);
	import_name(&f, import_word(&p));
	while ((word = import_word(&p)))
		take(&f, word);
	return import_end(im, l, &f, e);
}

static int parse(struct import_lines *l, struct import *im, struct err *e)
{
	int r;

	while (import_line(l, im, e, &r)) {
		if (l->text[0] && l->text[0] != '#')
			r = take_line(l, im, e);
		if (r)
			return r;
	}
	return r;
}

/* A line of a name and an address. */
static bool has_mac_line(const char *text, size_t len)
{
	for (const char *p = text, *end = text + len, *nl; p < end; p = nl + 1) {
		char line[64], *rest = line, *word;
		struct mac mac;
		size_t n;

		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		n = (size_t)(nl - p);
		if (n >= sizeof(line))
			continue;
		memcpy(line, p, n);
		line[n] = '\0';
		word = import_word(&rest) ? import_word(&rest) : NULL;
		if (word && !mac_parse(!strncmp(word, "mac=", 4) ? word + 4 : word, &mac, NULL))
			return true;
	}
	return false;
}

static int probe(const char *base, const char *text, size_t len)
{
	return !strcmp(base, "mactab") ? 2 : has_mac_line(text, len);
}

const struct importer import_mactab = {
	.name = "mactab",
	.probe = probe,
	.parse = parse,
};
