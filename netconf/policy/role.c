// SPDX-License-Identifier: GPL-3.0-or-later
/* Roles: "static 192.168.67.1/24 dhcp-server". */
#include "netconf/policy/parse.h"

#include "common/plain.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WITH(how) (1u << (how))

/* Takes the word behind; @next may go on, for lists. */
typedef int take_value(const struct conf_entry *entry, const struct word *w, const char **next,
		       struct role *role, struct err *e);

/* An address at @w, a word of the value. */
static int take_address(const struct conf_entry *entry, const struct word *w, bool prefix,
			struct address *ret, struct err *e)
{
	const char *at;
	struct err why = { "" };

	if (address_parse(w->s, prefix, ret, &at, &why))
		return conf_error(entry, w->at + (w->quoted ? 0 : at - w->s), e, "%s", why.msg);
	return 0;
}

static int take_gateway(const struct conf_entry *entry, const struct word *w, const char **next,
			struct role *role, struct err *e)
{
	char network[ADDRESS_TEXT_MAX], gateway[ADDRESS_TEXT_MAX];
	int r = take_address(entry, w, false, &role->gateway, e);

	(void)next;
	if (r)
		return r;
	if (!address_reaches(&role->address, &role->gateway))
		return conf_error(entry, w->at, e,
				  "the gateway %s is not in the network of %s: it cannot be "
				  "reached",
				  address_text(&role->gateway, false, gateway),
				  address_text(&role->address, true, network));
	if (address_equal(&role->address, &role->gateway))
		return conf_error(
			entry, w->at, e,
			"the gateway is another machine: this is the card's own address");
	return 0;
}

static int take_server(const struct conf_entry *entry, const struct word *w, struct role *role,
		       struct err *e)
{
	if (role->n_dns == POLICY_DNS_MAX)
		return conf_error(entry, w->at, e, "more than %d DNS servers", POLICY_DNS_MAX);
	return take_address(entry, w, false, &role->dns[role->n_dns++], e);
}

/* "A,B", and "A, B", too. */
static int take_dns(const struct conf_entry *entry, const struct word *w, const char **next,
		    struct role *role, struct err *e)
{
	struct word list = *w, one;

	for (;;) {
		size_t n = strcspn(list.s, ",");
		bool more = list.s[n] == ',';
		int r;

		one = list;
		one.s[n] = '\0';
		r = take_server(entry, &one, role, e);
		if (r || !more)
			return r;
		memmove(list.s, list.s + n + 1, strlen(list.s + n + 1) + 1);
		list.at += n + 1;
		if (list.s[0])
			continue;
		r = value_word(entry, next, &list, e);
		if (r < 0)
			return r;
		if (!r)
			return conf_error(entry, w->at, e,
					  "an address is missing behind the last ','");
	}
}

static int take_metric(const struct conf_entry *entry, const struct word *w, const char **next,
		       struct role *role, struct err *e)
{
	size_t n = strspn(w->s, "0123456789");
	unsigned long long v = n && n <= 10 && !w->s[n] ? strtoull(w->s, NULL, 10) : 0;

	(void)next;
	if (!v || v > UINT_MAX)
		return conf_error(entry, w->at, e,
				  "a metric is a number from 1 to %u; the smallest goes first",
				  UINT_MAX);
	role->metric = (unsigned)v;
	return 0;
}

static int take_dhcp_server(const struct conf_entry *entry, const struct word *w,
			    const char **next, struct role *role, struct err *e)
{
	(void)entry, (void)w, (void)next, (void)e;
	role->dhcp_server = true;
	return 0;
}

static int take_ssid(const struct conf_entry *entry, const struct word *w, const char **next,
		     struct role *role, struct err *e)
{
	char plain[sizeof(w->s)];

	(void)next;
	if (!w->s[0] || strlen(w->s) >= sizeof(role->ssid))
		return conf_error(entry, w->at, e, "an SSID has 1 to %zu bytes",
				  sizeof(role->ssid) - 1);
	if (strcmp(plain_text(plain, sizeof(plain), w->s, ""), w->s) != 0)
		return conf_error(entry, w->at, e,
				  "an SSID is text (UTF-8) without control characters");
	snprintf(role->ssid, sizeof(role->ssid), "%s", w->s);
	return 0;
}

static int take_psk_file(const struct conf_entry *entry, const struct word *w,
			 const char **next, struct role *role, struct err *e)
{
	char plain[sizeof(w->s)];

	(void)next;
	if (w->s[0] != '/')
		return conf_error(entry, w->at, e,
				  "write the whole path of the file, from the '/' on: "
				  "/etc/slate/wlan.psk");
	if (strlen(w->s) >= sizeof(role->psk_file))
		return conf_error(entry, w->at, e, "a path of more than %zu characters",
				  sizeof(role->psk_file) - 1);
	if (strcmp(plain_text(plain, sizeof(plain), w->s, ""), w->s) != 0)
		return conf_error(entry, w->at, e, "a path without control characters, please");
	snprintf(role->psk_file, sizeof(role->psk_file), "%s", w->s);
	return 0;
}

static const struct clause_form {
	const char *word, *value; /* value NULL: none follows */
	unsigned with;            /* roles that have it */
	take_value *take;
} clauses[CLAUSES] = {
	[CLAUSE_GW] = { "gw", "192.168.67.254", WITH(ADDRESS_STATIC), take_gateway },
	[CLAUSE_DNS] = { "dns", "192.168.67.254", WITH(ADDRESS_STATIC), take_dns },
	[CLAUSE_METRIC] = { "metric", "200", WITH(ADDRESS_STATIC) | WITH(ADDRESS_DHCP),
			    take_metric },
	[CLAUSE_DHCP_SERVER] = { "dhcp-server", NULL, WITH(ADDRESS_STATIC), take_dhcp_server },
	[CLAUSE_SSID] = { "ssid", "\"Our School\"", WITH(ADDRESS_STATIC) | WITH(ADDRESS_DHCP),
			  take_ssid },
	[CLAUSE_PSK_FILE] = { "psk-file", "/etc/slate/wlan.psk",
			      WITH(ADDRESS_STATIC) | WITH(ADDRESS_DHCP), take_psk_file },
};

static const struct choice_word how_words[] = { { "static", ADDRESS_STATIC },
						{ "dhcp", ADDRESS_DHCP },
						{ "manual", ADDRESS_MANUAL },
						{ 0 } };

/* The words that a role like @how has. */
static void list_clauses(enum addressing how, struct text *t)
{
	for (size_t i = CLAUSE_GW; i < CLAUSES; i++)
		if (clauses[i].with & WITH(how))
			text_add(t, "%s%s", t->len ? ", " : "", clauses[i].word);
	if (!t->len)
		text_add(t, "nothing");
}

static int unknown_clause(const struct conf_entry *entry, const struct word *w,
			  const struct role *role, struct err *e)
{
	const char *how = choice_text(how_words, (int)role->how);
	struct text list = { 0 };
	int r;

	list_clauses(role->how, &list);
	r = conf_error(entry, w->at, e,
		       "\"%s\" cannot stand there; behind \"%s\" there is: %s%s", w->s, how,
		       text_get(&list),
		       w->s[0] == '#' ? " (a comment behind a value begins with ';')" : "");
	text_free(&list);
	return r;
}

static void remember(struct role_parse *p, enum clause c, const struct conf_entry *entry,
		     const char *at)
{
	p->at[c] = *entry;
	p->at[c].column += (unsigned)(at - entry->value);
	p->at[c].value = NULL;
}

static int take_clause(const struct conf_entry *entry, const struct word *w, const char **next,
		       struct role_parse *p, struct err *e)
{
	struct word value = *w;
	size_t c = CLAUSE_GW;
	int r;

	while (c < CLAUSES && (w->quoted || strcmp(w->s, clauses[c].word) != 0))
		c++;
	if (c == CLAUSES || !(clauses[c].with & WITH(p->role->how)))
		return unknown_clause(entry, w, p->role, e);
	if (p->at[c].line)
		return conf_error(entry, w->at, e, "\"%s\" stands here twice", w->s);
	remember(p, (enum clause)c, entry, w->at);
	if (clauses[c].value) {
		r = value_word(entry, next, &value, e);
		if (r < 0)
			return r;
		if (!r)
			return conf_error(entry, w->at, e,
					  "\"%s\" needs more, on the same line: %s %s", w->s,
					  w->s, clauses[c].value);
	}
	return clauses[c].take(entry, &value, next, p->role, e);
}

/* The first word, and the address of "static". */
static int take_how(const struct conf_entry *entry, const struct word *w, const char **next,
		    struct role_parse *p, struct err *e)
{
	struct word address;
	size_t i = 0;
	int r;

	while (how_words[i].word && strcmp(how_words[i].word, w->s) != 0)
		i++;
	if (!how_words[i].word)
		return conf_error(entry, w->at, e,
				  "a role begins with static, dhcp or manual, not with \"%s\"",
				  w->s);
	p->role->how = (enum addressing)how_words[i].value;
	remember(p, CLAUSE_HOW, entry, w->at);
	if (p->role->how != ADDRESS_STATIC)
		return 0;
	r = value_word(entry, next, &address, e);
	if (r < 0)
		return r;
	if (!r)
		return conf_error(entry, w->at, e,
				  "static needs the card's address, on the same line: static "
				  "192.168.67.1/24");
	return take_address(entry, &address, true, &p->role->address, e);
}

int role_parse(const struct conf_entry *entry, struct role_parse *p, struct err *e)
{
	const char *next = entry->value;
	struct word w;
	int r;

	while ((r = value_word(entry, &next, &w, e)) > 0) {
		r = p->at[CLAUSE_HOW].line ? take_clause(entry, &w, &next, p, e)
					   : take_how(entry, &w, &next, p, e);
		if (r)
			return r;
	}
	return r;
}

/* Selectors that give wireless cards only, or the usual name of one. */
static bool surely_wireless(const struct want *w)
{
	bool only = w->n_selectors > 0;

	for (size_t i = 0; i < w->n_selectors; i++)
		only = only && w->selectors[i].kind == SELECT_WLAN;
	return only || !strncmp(w->name, "wl", 2);
}

static bool never_wireless(const struct want *w)
{
	for (size_t i = 0; i < w->n_selectors; i++)
		if (selector_may_be_wireless(w->selectors[i].kind))
			return false;
	return true;
}

int role_check(const struct role_parse *p, const struct want *w, struct err *e)
{
	const struct conf_entry *at = p->at;
	const struct role *role = p->role;

	if (at[CLAUSE_PSK_FILE].line && !at[CLAUSE_SSID].line)
		return conf_error(&at[CLAUSE_PSK_FILE], NULL, e,
				  "a psk-file without a network: ssid NAME is missing");
	if (at[CLAUSE_METRIC].line && role->how == ADDRESS_STATIC && !role->gateway.family)
		return conf_error(
			&at[CLAUSE_METRIC], NULL, e,
			"a metric is that of the default route, and there is none: gw "
			"ADDRESS is missing");
	if (surely_wireless(w) && role->how != ADDRESS_MANUAL && !role->ssid[0])
		return conf_error(&at[CLAUSE_HOW], NULL, e,
				  "%s is wireless, and its network is missing: ssid NAME "
				  "psk-file FILE (or let the role be manual)",
				  w->name);
	if (at[CLAUSE_SSID].line && never_wireless(w))
		return conf_error(&at[CLAUSE_SSID], NULL, e,
				  "%s has an ssid, but its match gives only wired cards: write "
				  "match = wlan:1",
				  w->name);
	return 0;
}
