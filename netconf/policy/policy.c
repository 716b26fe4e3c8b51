// SPDX-License-Identifier: GPL-3.0-or-later
/* netconf.conf: sections and their keys. */
#include "netconf/policy/policy.h"

#include "netconf/policy/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct policy *policy;
	struct want *want;         /* of this section; NULL: [*] */
	struct conf_entry section; /* where it begins; line 0: none has begun */
	struct role_parse role;
	unsigned seen; /* keys of this section, bits by their place in the table */
	bool has_general;
};

typedef int take_key(struct parser *p, const struct conf_entry *entry, struct err *e);

static int take_match(struct parser *p, const struct conf_entry *entry, struct err *e)
{
	return selectors_parse(entry, p->want, e);
}

static int take_role(struct parser *p, const struct conf_entry *entry, struct err *e)
{
	return role_parse(entry, &p->role, e);
}

static int take_required(struct parser *p, const struct conf_entry *entry, struct err *e)
{
	int v = 0, r = choice_parse(entry, required_words, &v, e);

	p->want->required = v;
	return r;
}

static int take_pin(struct parser *p, const struct conf_entry *entry, struct err *e)
{
	int v = PIN_AUTO, r = choice_parse(entry, pin_words, &v, e);

	p->want->pin = (enum pin)v;
	return r;
}

static int take_strangers(struct parser *p, const struct conf_entry *entry, struct err *e)
{
	int v = STRANGERS_PATH_NAME, r = choice_parse(entry, strangers_words, &v, e);

	p->policy->strangers = (enum strangers)v;
	return r;
}

static int take_style(struct parser *p, const struct conf_entry *entry, struct err *e)
{
	int v = STYLE_AUTO, r = choice_parse(entry, style_words, &v, e);

	p->policy->style = (enum style)v;
	return r;
}

static const struct key {
	const char *name;
	bool general; /* of [*] */
	bool goes_on; /* over several lines */
	take_key *take;
} keys[] = {
	{ "match", false, true, take_match },         { "role", false, true, take_role },
	{ "required", false, false, take_required },  { "pin", false, false, take_pin },
	{ "strangers", true, false, take_strangers }, { "style", true, false, take_style },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static int unknown_key(const struct parser *p, const struct conf_entry *entry, struct err *e)
{
	struct text list = { 0 };
	int r;

	for (size_t i = 0; i < N_KEYS; i++)
		if (keys[i].general == !p->want)
			text_add(&list, "%s%s", list.len ? ", " : "", keys[i].name);
	r = conf_error_name(entry, e, "[%s] has no \"%s\"; there are: %s", entry->section,
			    entry->name, text_get(&list));
	text_free(&list);
	return r;
}

static int take_value(struct parser *p, const struct conf_entry *entry, struct err *e)
{
	size_t k = 0;

	if (!p->section.line)
		return conf_error_name(entry, e,
				       "before this, a section must begin, such as [eth0]");
	while (k < N_KEYS &&
	       (strcmp(keys[k].name, entry->name) != 0 || keys[k].general != !p->want))
		k++;
	if (k == N_KEYS)
		return unknown_key(p, entry, e);
	if (entry->goes_on && !keys[k].goes_on)
		return conf_error(
			entry, NULL, e,
			"an indented line goes on with \"%s\", which has one word only",
			entry->name);
	if (!entry->goes_on && p->seen >> k & 1)
		return conf_error_name(
			entry, e, "[%s] has \"%s\" already (further lines of it are indented)",
			entry->section, entry->name);
	p->seen |= 1u << k;
	return keys[k].take(p, entry, e);
}

static int end_section(struct parser *p, struct err *e)
{
	if (!p->want)
		return 0;
	if (!p->want->n_selectors)
		return conf_error(
			&p->section, NULL, e,
			"%s: which card is it? Write \"match = \" and selectors, such "
			"as onboard or wired:next",
			p->want->name);
	return role_check(&p->role, p->want, e);
}

static int begin_want(struct parser *p, const struct conf_entry *entry, struct err *e)
{
	struct policy *policy = p->policy;
	struct err why = { "" };

	if (name_check(entry->section, &why))
		return conf_error(entry, NULL, e, "%s", why.msg);
	for (size_t i = 0; i < policy->n; i++)
		if (!strcmp(policy->v[i].name, entry->section))
			return conf_error(entry, NULL, e, "[%s] stands in line %u already",
					  entry->section, policy->v[i].line);
	if (policy->n == POLICY_WANTS_MAX)
		return conf_error(entry, NULL, e, "more than %d names", POLICY_WANTS_MAX);
	p->want = &policy->v[policy->n++];
	*p->want = (struct want){ .line = entry->line };
	memcpy(p->want->name, entry->section, strlen(entry->section) + 1);
	p->role.role = &p->want->role;
	return 0;
}

static int begin_section(struct parser *p, const struct conf_entry *entry, struct err *e)
{
	int r = end_section(p, e);

	if (r)
		return r;
	p->want = NULL;
	p->section = *entry;
	p->section.value = p->section.section = NULL;
	p->role = (struct role_parse){ 0 };
	p->seen = 0;
	if (strcmp(entry->section, "*") != 0)
		return begin_want(p, entry, e);
	if (p->has_general)
		return conf_error(entry, NULL, e, "there is a section [*] already");
	p->has_general = true;
	return 0;
}

static int take_entry(void *ctx, const struct conf_entry *entry, struct err *e)
{
	return entry->name ? take_value(ctx, entry, e) : begin_section(ctx, entry, e);
}

/* One address for two cards works with neither. */
static int check_addresses(const char *file, const struct policy *p, struct err *e)
{
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < p->n; i++) {
		const struct address *a = &p->v[i].role.address;

		for (size_t k = 0; a->family && k < i; k++)
			if (address_equal(a, &p->v[k].role.address))
				return err_set(
					e, -EINVAL,
					"%s:%u:1: [%s] and [%s] have the same address, %s",
					file, p->v[i].line, p->v[k].name, p->v[i].name,
					address_text(a, false, text));
	}
	return 0;
}

int policy_parse(const char *file, const char *text, size_t len, struct policy *ret,
		 struct err *e)
{
	struct parser p = { .policy = ret };
	int r;

	*ret = (struct policy){ .v = calloc(POLICY_WANTS_MAX, sizeof(*ret->v)) };
	if (!ret->v)
		return err_nomem(e);
	r = conf_parse(file, text, len, take_entry, &p, e);
	if (!r)
		r = end_section(&p, e);
	if (!r && !p.section.line)
		r = err_set(e, -EINVAL,
			    "%s:1:1: no name is wanted: there is no section, such as [eth0]",
			    file);
	return r ? r : check_addresses(file, ret, e);
}

void policy_free(struct policy *p)
{
	free(p->v);
	*p = (struct policy){ 0 };
}
