// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/claims.h"

#include "netconf/root/lines.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Names that are too long to be one are cut; nothing that is wanted is like them then. */
static void keep_name(char ret[NIC_NAME_MAX], const char *name)
{
	snprintf(ret, NIC_NAME_MAX, "%s", name);
}

static void keep_mac(struct claim *c, const char *text)
{
	if (!mac_parse(text, &c->mac, NULL))
		c->has_mac = true;
}

static bool says_something(const struct claim *c)
{
	return c->has_mac || c->rename[0] || c->name[0];
}

static int give(struct claim *c, claim_take *take, void *ctx)
{
	int code = says_something(c) ? take(ctx, c) : 0;

	*c = (struct claim){ 0 };
	return code;
}

/* ---- udev(7): KEY{attribute}=="value", NAME="value" ---- */

/* The next KEY and value at *@at, ended by NUL; NULL: no more. */
static char *next_pair(char **at, char **value)
{
	char *key = *at + strspn(*at, " \t,"), *quote = strchr(key, '"'), *end;
	size_t n;

	if (!*key || !quote)
		return NULL;
	end = strchr(quote + 1, '"');
	if (!end)
		return NULL;
	*end = '\0';
	*value = quote + 1;
	*at = end + 1;
	*quote = '\0';
	n = strlen(key);
	while (n && strchr(" \t", key[n - 1]))
		key[--n] = '\0';
	return key;
}

int claims_rules(const char *text, size_t len, claim_take *take, void *ctx)
{
	struct claim c = { 0 };
	struct lines l;
	int code = 0;

	lines_begin(&l, text, len);
	while (!code && lines_next(&l)) {
		char *at = line_strip(l.line), *key, *value;

		if (*at == '#')
			continue;
		while ((key = next_pair(&at, &value))) {
			if (!strcasecmp(key, "ATTR{address}==") ||
			    !strcasecmp(key, "ATTRS{address}==") ||
			    !strcasecmp(key, "SYSFS{address}=="))
				keep_mac(&c, value);
			else if (!strcmp(key, "NAME=") || !strcmp(key, "NAME:="))
				keep_name(c.rename, value);
		}
		c.line = l.number;
		code = give(&c, take, ctx);
	}
	return code;
}

/* ---- INI: .link files and keyfiles ---- */

struct ini {
	struct lines l;
	char section[64];
	char *key, *value;
};

static bool ini_next(struct ini *i)
{
	while (lines_next(&i->l)) {
		char *line = line_strip(i->l.line), *equals;

		if (*line == '[') {
			line[strcspn(line, "]")] = '\0';
			snprintf(i->section, sizeof(i->section), "%.63s", line + 1);
			continue;
		}
		equals = strchr(line, '=');
		if (strchr("#;", *line) || !equals)
			continue;
		*equals = '\0';
		i->key = line_strip(line);
		i->value = line_strip(equals + 1);
		return true;
	}
	return false;
}

/* One claim for each address, as a list may stand there. */
int claims_link(const char *text, size_t len, claim_take *take, void *ctx)
{
	struct claim found[16] = { 0 };
	char name[NIC_NAME_MAX] = "";
	unsigned line = 0;
	struct ini i = { 0 };
	size_t n = 0;
	int code = 0;

	lines_begin(&i.l, text, len);
	while (ini_next(&i)) {
		char *at = i.value, *word;

		if (!strcmp(i.section, "Link") && !strcmp(i.key, "Name")) {
			keep_name(name, i.value);
			line = i.l.number;
		}
		if (strcmp(i.section, "Match") != 0 ||
		    (strcmp(i.key, "MACAddress") != 0 &&
		     strcmp(i.key, "PermanentMACAddress") != 0))
			continue;
		while (n < sizeof(found) / sizeof(found[0]) && (word = line_word(&at))) {
			found[n].line = i.l.number;
			keep_mac(&found[n], word);
			n += found[n].has_mac;
		}
	}
	if (!n && name[0])
		found[n++].line = line;
	for (size_t k = 0; k < n && !code; k++) {
		keep_name(found[k].rename, name);
		code = give(&found[k], take, ctx);
	}
	return code;
}

int claims_nm(const char *text, size_t len, claim_take *take, void *ctx)
{
	struct claim c = { 0 };
	struct ini i = { 0 };

	lines_begin(&i.l, text, len);
	while (ini_next(&i)) {
		if (!strcmp(i.key, "mac-address"))
			keep_mac(&c, i.value);
		else if (!strcmp(i.key, "interface-name") && !strcmp(i.section, "connection"))
			keep_name(c.name, i.value);
		else
			continue;
		c.line = i.l.number;
	}
	return give(&c, take, ctx);
}

/* ---- ifcfg-*: shell variables ---- */

int claims_ifcfg(const char *text, size_t len, claim_take *take, void *ctx)
{
	struct claim c = { 0 };
	struct lines l;

	lines_begin(&l, text, len);
	while (lines_next(&l)) {
		char *line = line_strip(l.line), *value = strchr(line, '=');
		size_t n;

		if (!value)
			continue;
		*value++ = '\0';
		value += strspn(value, "\"'");
		n = strcspn(value, "\"' \t");
		value[n] = '\0';
		if (!strcmp(line, "HWADDR"))
			keep_mac(&c, value);
		else if (!strcmp(line, "DEVICE"))
			keep_name(c.name, value);
		else
			continue;
		c.line = l.number;
	}
	/* With both, the network scripts rename the card. */
	if (c.has_mac)
		memcpy(c.rename, c.name, sizeof(c.rename));
	return give(&c, take, ctx);
}

/* ---- interfaces(5) ---- */

int claims_interfaces(const char *text, size_t len, claim_take *take, void *ctx)
{
	struct claim c = { 0 };
	struct lines l;
	int code = 0;

	lines_begin(&l, text, len);
	while (!code && lines_next(&l)) {
		char *at = l.line, *word = line_word(&at), *value;

		if (!word || *word == '#')
			continue;
		value = line_word(&at);
		if (value && !strcmp(word, "iface")) {
			c.line = l.number;
			keep_name(c.name, value);
			code = give(&c, take, ctx);
		} else if (value && !strcmp(word, "hwaddress")) {
			if (!strcmp(value, "ether"))
				value = line_word(&at);
			c.line = l.number;
			c.sets_mac = true;
			keep_mac(&c, value ? value : "");
			code = give(&c, take, ctx);
		}
	}
	return code;
}

/* ---- netplan: YAML, of which only the indentation is looked at ---- */

struct yaml {
	struct claim claim;
	size_t section; /* 1 + indentation of "ethernets:" or "wifis:"; 0: outside */
	size_t card;    /* of the cards below it; 0: none yet */
};

/* "key: value" or "key:"; false for other lines. */
static bool yaml_pair(char *line, char **key, char **value)
{
	char *colon;

	*key = line_strip(line);
	if (!**key || **key == '#')
		return false;
	colon = strstr(*key, ": ");
	if (!colon) {
		colon = *key + strlen(*key) - 1;
		if (*colon != ':')
			return false;
	}
	*colon = '\0';
	*value = line_strip(colon + 1);
	if (**value == '"' || **value == '\'') {
		*value += 1;
		(*value)[strcspn(*value, "\"'")] = '\0';
	} else {
		(*value)[strcspn(*value, " \t#")] = '\0';
	}
	if (**key == '"' || **key == '\'') {
		*key += 1;
		(*key)[strcspn(*key, "\"'")] = '\0';
	}
	return true;
}

static int yaml_line(struct yaml *y, unsigned number, size_t indent, const char *key,
		     const char *value, claim_take *take, void *ctx)
{
	int code = 0;

	if (y->section && indent < y->section) {
		code = give(&y->claim, take, ctx);
		y->section = y->card = 0;
	}
	if (!strcmp(key, "ethernets") || !strcmp(key, "wifis")) {
		y->section = indent + 1;
		y->card = 0;
		return code;
	}
	if (!y->section)
		return code;
	if (!y->card || indent + 1 <= y->card) {
		if (!code)
			code = give(&y->claim, take, ctx);
		y->card = indent + 1;
		y->claim.line = number;
		keep_name(y->claim.name, key);
	} else if (!strcmp(key, "macaddress")) {
		keep_mac(&y->claim, value);
	} else if (!strcmp(key, "set-name")) {
		y->claim.line = number;
		keep_name(y->claim.rename, value);
		keep_name(y->claim.name, value);
	}
	return code;
}

int claims_netplan(const char *text, size_t len, claim_take *take, void *ctx)
{
	struct yaml y = { 0 };
	struct lines l;
	int code = 0;

	lines_begin(&l, text, len);
	while (!code && lines_next(&l)) {
		size_t indent = strspn(l.line, " ");
		char *key, *value;

		if (yaml_pair(l.line, &key, &value))
			code = yaml_line(&y, l.number, indent, key, value, take, ctx);
	}
	return code ? code : give(&y.claim, take, ctx);
}
