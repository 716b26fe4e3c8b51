// SPDX-License-Identifier: GPL-3.0-or-later
/* parse.h - the parts of policy_parse(): each turns a value of the file into its struct. */
#ifndef NETCONF_POLICY_PARSE_H
#define NETCONF_POLICY_PARSE_H

#include "common/conf.h"
#include "common/text.h"
#include "netconf/policy/policy.h"

/* A word of a value; "quoted words" may hold spaces, and \" and \\. */
struct word {
	char s[160];
	const char *at; /* where it stands in the value */
	bool quoted;
};

/* The next word from *@next on, which moves behind it: 1, 0 at the end, -EINVAL. */
int value_word(const struct conf_entry *entry, const char **next, struct word *ret,
	       struct err *e);
/* @s with quotes where value_word() needs them. */
void value_put_word(struct text *t, const char *s);

/* One line of "match": appends to the selectors of @w. */
int selectors_parse(const struct conf_entry *entry, struct want *w, struct err *e);
/* False: cards that it gives are never wireless (or: always). */
bool selector_may_be_wireless(enum selector_kind kind);

enum clause {
	CLAUSE_HOW,
	CLAUSE_GW,
	CLAUSE_DNS,
	CLAUSE_METRIC,
	CLAUSE_DHCP_SERVER,
	CLAUSE_SSID,
	CLAUSE_PSK_FILE,
	CLAUSES
};

/* A role that is being read, and where each of its parts stands (line 0: nowhere). */
struct role_parse {
	struct role *role;
	struct conf_entry at[CLAUSES];
};

/* One line of "role". */
int role_parse(const struct conf_entry *entry, struct role_parse *p, struct err *e);
/* What can be told only when all of a section is known. */
int role_check(const struct role_parse *p, const struct want *w, struct err *e);

/*
 * "192.168.67.1" or "fd00::1", with "/24" when @prefix.  -EINVAL with what is wrong, and *@at
 * is the place of the mistake in @s.
 */
int address_parse(const char *s, bool prefix, struct address *ret, const char **at,
		  struct err *e);
/* Are both in the network of @a?  A link-local gateway is in each IPv6 network. */
bool address_reaches(const struct address *a, const struct address *gateway);
bool address_equal(const struct address *a, const struct address *b);

/* Words and what they mean; ended by a NULL word. */
struct choice_word {
	const char *word;
	int value;
};
/* The value of @entry by @table; -EINVAL with all words that there are. */
int choice_parse(const struct conf_entry *entry, const struct choice_word *table, int *ret,
		 struct err *e);

/* Tables of the file's words, for reading and writing. */
extern const struct choice_word pin_words[], strangers_words[], style_words[], required_words[];
const char *choice_text(const struct choice_word *table, int value);

#endif
