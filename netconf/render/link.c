// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * link.c - systemd.link(5) files for names that the kernel does not use itself.
 *
 * Such names never collide, so udevd gives them without our help.  The file stands
 * before 73-usb-net-by-mac.link and 99-default.link; as the first that matches is the
 * only one that counts, it repeats what the last one says besides the name.
 */
#include "netconf/render/mark.h"
#include "netconf/render/render.h"

#include <errno.h>
#include <stdio.h>

/* A port of a card is told from its sisters by nothing that a .link file can compare. */
static int refuse_port(const struct choice *c, struct err *e)
{
	return err_set(e, -EINVAL,
		       "%s: %s is one of several ports of a card, which a .link file can "
		       "only tell by address: say pin = mac in the policy",
		       c->want->name, c->nic->name);
}

static int add_match(struct text *t, const struct choice *c, struct err *e)
{
	const struct nic *nic = c->nic;
	char text[MAC_TEXT_MAX];
	struct choice by_mac = *c;
	struct mark m;
	int r = mark_choose(c, &m, e);

	if (!r && m.port) {
		by_mac.pin = PIN_MAC;
		r = mark_choose(&by_mac, &m, e);
		if (!r && m.pin != PIN_MAC)
			r = refuse_port(c, e);
	}
	if (r)
		return r;
	text_add(t, "[Match]\n");
	if (m.pin == PIN_MAC)
		text_add(t, "PermanentMACAddress=%s\n", mac_text(&nic->perm, text));
	else if (m.pin == PIN_PATH)
		text_add(t, "Path=%s\n", nic->path);
	else
		text_add(t, "Property=ID_NET_NAME_ONBOARD=%so%u\n", nic->wireless ? "wl" : "en",
			 nic->onboard);
	if (m.driver)
		text_add(t, "Driver=%s\n", nic->driver);
	return 0;
}

static int add_link(const struct choice *c, struct files *ret, struct err *e)
{
	struct text t = { 0 };
	char path[64], said[MARK_SAID_MAX];
	int r = mark_name(c->want->name, e);

	if (r)
		return r;
	text_add(&t, "# %s: %s\n", c->want->name, mark_comment(said, sizeof(said), c->reason));
	r = add_match(&t, c, e);
	text_add(&t,
		 "\n[Link]\nName=%s\n"
		 "AlternativeNamesPolicy=database onboard slot path\n"
		 "MACAddressPolicy=persistent\n",
		 c->want->name);
	snprintf(path, sizeof(path), "/etc/systemd/network/10-slate-%s.link", c->want->name);
	if (!r)
		r = files_add(ret, path, 0644, &t, e);
	text_free(&t);
	return r;
}

int render_links(const struct render *r, struct files *ret, struct err *e)
{
	int code = 0;

	for (size_t i = 0; i < r->plan->n && !code; i++) {
		const struct choice *c = &r->plan->v[i];

		if (c->nic && !name_of_kernel(c->want->name))
			code = add_link(c, ret, e);
	}
	return code;
}
