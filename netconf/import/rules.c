// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The rules that udev's persistent-net generator wrote (Debian 4 to 8, RHEL 6, SLES
 * 10 and 11), with the keys of all its times, and what people made of them.
 * Syntax: udev(7).
 */
#include "netconf/import/parts.h"

#include "common/plain.h"

#include <stdio.h>
#include <string.h>

typedef void take_value(struct import_found *f, const char *key, const char *value);

/* Says nothing that a policy needs: it is so for every card, or follows from the rest. */
static void pass(struct import_found *f, const char *key, const char *value)
{
	(void)f;
	(void)key;
	(void)value;
}

static void take_name(struct import_found *f, const char *key, const char *value)
{
	(void)key;
	import_name(f, value);
}

/* The first port of a card is the usual case; others share its address. */
static void take_port(struct import_found *f, const char *key, const char *value)
{
	if (strcmp(value, "0x0") != 0 && strcmp(value, "0") != 0)
		import_odd(f, key, value);
}

static const struct {
	const char *key;
	take_value *take;
} keys[] = {
	{ "ATTR{address}", import_mac },
	{ "ATTRS{address}", import_mac },
	{ "SYSFS{address}", import_mac },
	{ "DRIVERS", import_driver },
	{ "DRIVER", import_driver },
	{ "ENV{ID_NET_DRIVER}", import_driver },
	{ "KERNELS", import_pci },
	{ "ID", import_pci },
	{ "ENV{ID_PATH}", import_path },
	{ "ATTRS{index}", import_onboard },
	{ "ATTRS{acpi_index}", import_onboard },
	{ "ATTR{dev_id}", take_port },
	{ "ATTRS{dev_id}", take_port },
	{ "SYSFS{dev_id}", take_port },
	{ "ATTR{dev_port}", take_port },
	{ "NAME", take_name },
	{ "SUBSYSTEM", pass },
	{ "SUBSYSTEMS", pass },
	{ "BUS", pass },
	{ "ACTION", pass },
	{ "KERNEL", pass },
	{ "ATTR{type}", pass },
	{ "ATTRS{type}", pass },
	{ "SYSFS{type}", pass },
	{ "ENV{DEVTYPE}", pass },
};

/* One KEY, operator and value of a rule; all point into the line. */
struct pair {
	char *key, *value;
	char op[3];
};

/* Takes the next pair off *@p.  1: there is one, 0: the end, -1: no rule. */
static int next_pair(char **p, struct pair *ret)
{
	char *s = *p + strspn(*p, " \t,"), *end, *op;
	size_t n;

	if (!*s)
		return 0;
	end = s + strcspn(s, " \t=!:+-\"{}");
	if (*end == '{') {
		end = strchr(end, '}');
		if (!end)
			return -1;
		end++;
	}
	op = end + strspn(end, " \t");
	n = strspn(op, "=!:+-");
	if (end == s || !n || n > 2)
		return -1;
	snprintf(ret->op, sizeof(ret->op), "%.*s", (int)n, op);
	*end = '\0';
	ret->key = s;
	s = op + n + strspn(op + n, " \t");
	end = *s == '"' ? strchr(s + 1, '"') : NULL;
	if (!end)
		return -1;
	*end = '\0';
	ret->value = s + 1;
	*p = end + 1;
	return 1;
}

static void take_pair(struct import_found *f, const struct pair *pair)
{
	bool test = !strcmp(pair->op, "==");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].key, pair->key) != 0)
			continue;
		if (test == (keys[i].take != take_name))
			keys[i].take(f, pair->key, pair->value);
		else if (!strcmp(pair->op, "!="))
			import_odd(f, pair->key, pair->value);
		return;
	}
	if (test || !strcmp(pair->op, "!=") || !strcmp(pair->key, "PROGRAM"))
		import_odd(f, pair->key, pair->value);
}

/* A rule; *@nameless counts those that give no name. */
static int take_rule(struct import_lines *l, struct import *im, const char *about,
		     unsigned *nameless, struct err *e)
{
	struct import_found f;
	struct pair pair;
	char *p = l->text;
	bool other = false;
	int more;

	import_begin(l, &f);
	while ((more = next_pair(&p, &pair)) > 0) {
		other = other || (!strcmp(pair.key, "SUBSYSTEM") && strcmp(pair.value, "net"));
		take_pair(&f, &pair);
	}
	if (more < 0)
		return import_note(im, l, e, "no rule of udev: left out");
	if (!f.name[0] || other) {
		(*nameless)++;
		return 0;
	}
	snprintf(f.entry.about, sizeof(f.entry.about), "%s", about);
	return import_end(im, l, &f, e);
}

/* The generator put a comment with the card's ids and driver above each rule. */
static void keep_comment(const char *line, char *about, size_t n)
{
	about[0] = '\0';
	if (*line == '#' && !strstr(line, "=="))
		plain_text(about, n, line + strspn(line, "# \t"), "");
}

static int parse(struct import_lines *l, struct import *im, struct err *e)
{
	char about[sizeof(((struct import_entry *)0)->about)] = "";
	unsigned nameless = 0;
	int r;

	while (import_line(l, im, e, &r)) {
		if (l->text[0] && l->text[0] != '#')
			r = take_rule(l, im, about, &nameless, e);
		if (r)
			return r;
		keep_comment(l->text, about, sizeof(about));
	}
	if (!r && nameless)
		r = import_note(im, l, e, "%u rule%s without a name for a card: left out",
				nameless, nameless == 1 ? "" : "s");
	return r;
}

static int probe(const char *base, const char *text, size_t len)
{
	size_t n = strlen(base);

	if (n > 6 && !strcmp(base + n - 6, ".rules"))
		return 2;
	return memmem(text, len, "NAME", 4) && memmem(text, len, "==\"", 3);
}

const struct importer import_rules = {
	.name = "udev rules",
	.last_wins = true,
	.joined = true,
	.probe = probe,
	.parse = parse,
};
