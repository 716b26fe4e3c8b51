// SPDX-License-Identifier: GPL-3.0-or-later
/* A policy as text: what import writes, and what policy_parse() takes. */
#include "netconf/policy/parse.h"

#include <string.h>

#define WIDTH 90 /* a word that would go beyond begins a new, indented line */

/* A line that is being written. */
struct line {
	struct text *out;
	size_t column;
};

static void begin(struct line *l, struct text *out, const char *key)
{
	*l = (struct line){ .out = out };
	text_add(out, "%s =", key);
	l->column = strlen(key) + 2;
}

/* Takes @part, which is empty afterwards. */
static void put(struct line *l, struct text *part)
{
	if (l->column > 20 && l->column + 1 + part->len > WIDTH) {
		text_add(l->out, "\n       ");
		l->column = 7;
	}
	text_add(l->out, " %s", text_get(part));
	l->column += 1 + part->len;
	l->out->bad = l->out->bad || part->bad;
	text_free(part);
}

static void put_pair(struct line *l, const char *word, const char *value)
{
	struct text part = { 0 };

	text_add(&part, "%s ", word);
	value_put_word(&part, value);
	put(l, &part);
}

static void put_dns(struct line *l, const struct role *role)
{
	struct text part = { 0 };
	char address[ADDRESS_TEXT_MAX];

	text_add(&part, "dns ");
	for (size_t i = 0; i < role->n_dns; i++)
		text_add(&part, "%s%s", i ? "," : "",
			 address_text(&role->dns[i], false, address));
	put(l, &part);
}

static void put_how(struct line *l, const struct role *role)
{
	static const char *const words[] = { [ADDRESS_MANUAL] = "manual",
					     [ADDRESS_DHCP] = "dhcp",
					     [ADDRESS_STATIC] = "static" };
	struct text part = { 0 };
	char address[ADDRESS_TEXT_MAX];

	text_add(&part, "%s", words[role->how]);
	if (role->how == ADDRESS_STATIC)
		text_add(&part, " %s", address_text(&role->address, true, address));
	put(l, &part);
}

static void put_role(struct text *t, const struct role *role)
{
	char text[ADDRESS_TEXT_MAX];
	struct text part = { 0 };
	struct line l;

	begin(&l, t, "role");
	put_how(&l, role);
	if (role->gateway.family)
		put_pair(&l, "gw", address_text(&role->gateway, false, text));
	if (role->n_dns)
		put_dns(&l, role);
	if (role->metric) {
		text_add(&part, "metric %u", role->metric);
		put(&l, &part);
	}
	if (role->dhcp_server) {
		text_add(&part, "dhcp-server");
		put(&l, &part);
	}
	if (role->ssid[0])
		put_pair(&l, "ssid", role->ssid);
	if (role->psk_file[0])
		put_pair(&l, "psk-file", role->psk_file);
	text_add(t, "\n");
}

static void put_want(struct text *t, const struct want *w)
{
	struct line l;

	text_add(t, "\n[%s]\n", w->name);
	begin(&l, t, "match");
	for (size_t i = 0; i < w->n_selectors; i++) {
		struct text part = { 0 };

		text_add(&part, "%s%s", w->selectors[i].shown,
			 i + 1 < w->n_selectors ? "," : "");
		put(&l, &part);
	}
	text_add(t, "\n");
	put_role(t, &w->role);
	if (w->required)
		text_add(t, "required = yes\n");
	if (w->pin != PIN_AUTO)
		text_add(t, "pin = %s\n", choice_text(pin_words, (int)w->pin));
}

int policy_render(const struct policy *p, char **ret, struct err *e)
{
	struct text t = { 0 };

	text_add(&t, "[*]\nstrangers = %s\nstyle = %s\n",
		 choice_text(strangers_words, (int)p->strangers),
		 choice_text(style_words, (int)p->style));
	for (size_t i = 0; i < p->n; i++)
		put_want(&t, &p->v[i]);
	return text_take(&t, ret, e);
}
