// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/export/export_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct exporter exporters[] = {
	{ "dnsmasq", true, export_dnsmasq },
	{ "isc-dhcp", true, export_isc },
	{ "kea", true, export_kea },
	{ "nginx", false, export_nginx },
};

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

const struct exporter *export_find(const char *name, struct err *e)
{
	char list[96] = "";
	size_t n = 0;

	for (size_t i = 0; i < sizeof(exporters) / sizeof(exporters[0]); i++) {
		if (!strcmp(exporters[i].name, name))
			return &exporters[i];
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "",
				      exporters[i].name);
	}
	err_set(e, 0, "\"%.64s\" cannot be written; there are %s", name, list);
	return NULL;
}

const char *export_file(const struct export_site *s, enum loader l, char buf[EXPORT_FILE_MAX])
{
	struct boot_request q = { .server = s->lab->address.addr,
				  .http_port = s->lab->http_port,
				  .kernel_options = "",
				  .host = "" };

	buf[0] = '\0';
	(void)boot_first_file(l, &q, buf, EXPORT_FILE_MAX);
	return buf;
}

uint32_t export_mask(const struct export_site *s)
{
	return ~UINT32_C(0) << (32 - s->lab->address.prefix);
}

uint32_t export_fixed(const struct export_site *s, const struct host *h)
{
	return h->addr && network_has(&s->lab->address, h->addr) ? h->addr : 0;
}

void export_strangers(const struct export_site *s, const char *mark, struct text *ret)
{
	char addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < s->n; i++)
		if (s->hosts[i].addr && !export_fixed(s, &s->hosts[i]))
			text_add(ret,
				 "%s%s: its address %s is left out, as it is not in the lab's "
				 "network\n",
				 mark, s->hosts[i].name, addr_text(s->hosts[i].addr, addr));
}

static bool is_taken(const struct export_site *s, bool hosts, uint32_t addr)
{
	bool taken = addr == s->lab->address.addr || addr == s->lab->router;

	for (size_t i = 0; i < s->lab->n_dns; i++)
		taken = taken || addr == s->lab->dns[i];
	for (size_t i = 0; hosts && !taken && i < s->n; i++)
		taken = addr == export_fixed(s, &s->hosts[i]);
	return taken;
}

bool export_next_range(const struct export_site *s, bool hosts, uint32_t *first, uint32_t *last)
{
	uint32_t at = *last ? *last + 1 : s->lab->first;

	while (at <= s->lab->last && is_taken(s, hosts, at))
		at++;
	if (at > s->lab->last)
		return false;
	*first = at;
	while (at < s->lab->last && !is_taken(s, hosts, at + 1))
		at++;
	*last = at;
	return true;
}

void export_dns(const struct export_site *s, const char *between, struct text *ret)
{
	char addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < s->lab->n_dns; i++)
		text_add(ret, "%s%s", i ? between : "", addr_text(s->lab->dns[i], addr));
}

/* The formats have rules for quotes that differ: what would need them is refused. */
static int check_words(const struct lab *l, struct err *e)
{
	const struct {
		const char *what, *value, *good;
	} words[] = {
		{ "the interface", l->interface, LETTERS "._-@:" },
		{ "the domain", l->domain, LETTERS ".-" },
		{ "the folder of images", l->images, NULL },
		{ "the folder of boot files", l->boot, NULL },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at = words[i].value;

		if (words[i].good)
			at += strspn(at, words[i].good);
		else
			while (*at && !strchr("\"\\$'{};", *at) && (unsigned char)*at >= 0x20 &&
			       *at != 0x7f)
				at++;
		if (*at)
			return err_set(
				e, -ECANCELED,
				"%s, %s, has the character '%c', which cannot be written "
				"there",
				words[i].what, words[i].value, *at);
	}
	return 0;
}

int export_render(const struct exporter *x, const struct export_site *s, struct text *ret,
		  struct err *e)
{
	int r = check_words(s->lab, e);

	if (r)
		return r;
	if (!x->dhcp && !s->lab->http_listen)
		return err_set(e, -ECANCELED,
			       "a web server in front takes port %u, so this one has to leave "
			       "it: write \"listen-port = 8080\" into [http] of lab.conf",
			       s->lab->http_port);
	x->render(s, ret);
	return text_ok(ret) ? 0 : err_nomem(e);
}
