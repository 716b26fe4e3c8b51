// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/check_internal.h"

#include "netconf/apply/claims.h"
#include "netconf/root/owned.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1 << 20)

struct family {
	const char *check, *dir, *pattern;
	claim_parser *parse;
	const char *drop; /* what to do about a line of it */
};

static const struct family families[] = {
	{ "stale-rules", "/etc/udev/rules.d", "*-persistent-net.rules", claims_rules,
	  "remove the line; then make the initramfs anew, which has a copy" },
	{ "link", "/etc/systemd/network", "*.link", claims_link,
	  "remove the file; then make the initramfs anew, which has a copy" },
	{ "netplan", "/etc/netplan", "*.yaml", claims_netplan, "remove that card there" },
	{ "networkmanager", "/etc/NetworkManager/system-connections", "*", claims_nm,
	  "remove the file, or the line" },
	{ "ifcfg", "/etc/sysconfig/network-scripts", "ifcfg-*", claims_ifcfg,
	  "remove the file, or the line" },
	{ "interfaces", "/etc/network", "interfaces", claims_interfaces,
	  "remove it and what belongs to it" },
	{ "interfaces", "/etc/network/interfaces.d", "*", claims_interfaces,
	  "remove it and what belongs to it" },
};

/* One file of a family. */
struct place {
	struct checking *c;
	const struct family *family;
	const char *path;
};

static const struct choice *choice_of(const struct plan *p, const struct nic *nic)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].nic == nic)
			return &p->v[i];
	return NULL;
}

static const struct choice *choice_named(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n && *name; i++)
		if (!strcmp(p->v[i].want->name, name))
			return &p->v[i];
	return NULL;
}

/* About a card by its address. */
static int judge_mac(struct place *p, const struct claim *v)
{
	const struct check_request *req = p->c->req;
	const struct nic *nic = nics_by_mac(req->nics, &v->mac);
	const struct choice *choice = nic ? choice_of(req->plan, nic) : NULL;
	char mac[MAC_TEXT_MAX];

	mac_text(&v->mac, mac);
	if (!nic)
		return found(p->c, p->path, v->line, p->family->drop,
			     v->sets_mac ? "gives a card the address %s, which none here has"
					 : "is for the card %s, which is not in this machine",
			     mac);
	if (choice && v->rename[0] && strcmp(v->rename, choice->want->name) != 0)
		return found(p->c, p->path, v->line, p->family->drop,
			     "names the card %s %s, but the policy says %s", mac, v->rename,
			     choice->want->name);
	return 0;
}

static int judge(void *ctx, const struct claim *v)
{
	struct place *p = ctx;
	const struct check_request *req = p->c->req;
	const struct choice *other = choice_named(req->plan, v->rename);
	const struct choice *same = choice_named(req->plan, v->name);
	const struct nic *nic = v->has_mac ? nics_by_mac(req->nics, &v->mac) : NULL;
	int code = v->has_mac ? judge_mac(p, v) : 0;

	if (!code && other && (!v->has_mac || (nic && !choice_of(req->plan, nic))))
		code = found(p->c, p->path, v->line, p->family->drop,
			     "gives a card the name %s, which the policy gives another one",
			     v->rename);
	if (!code && same && req->style != STYLE_NONE && same->want->role.how != ADDRESS_MANUAL)
		code = found(p->c, p->path, v->line, p->family->drop,
			     "configures %s, which the policy does, too", v->name);
	return code;
}

/* What is not ours; what cannot be read is told, and the others are looked at. */
static int look_at(struct checking *c, const struct family *family, const char *name)
{
	char path[PATH_MAX], *text = NULL;
	struct place p = { .c = c, .family = family, .path = path };
	struct err e = { "" };
	struct stat st;
	size_t len = 0;
	int code = 0;

	snprintf(path, sizeof(path), "%s/%s", family->dir, name);
	/* "/dev/null" turns a file of the system off, and folders are no matter here. */
	if (!root_stat(c->req->root, path, true, &st, NULL) &&
	    (S_ISDIR(st.st_mode) || S_ISCHR(st.st_mode)))
		return 0;
	if (root_read(c->req->root, path, FILE_MAX, &text, &len, &e))
		return found(c, path, 0, "look at it by hand", "cannot be read: %s", e.msg);
	if (owned_check(text, len) == OWNED_NOT)
		code = family->parse(text, len, judge, &p);
	free(text);
	return code;
}

int check_foreign(struct checking *c)
{
	int code = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]) && !code; i++) {
		const struct family *f = &families[i];
		struct err e = { "" };
		struct names n;

		c->check = f->check;
		if (root_list(c->req->root, f->dir, f->pattern, &n, &e))
			code = found(c, f->dir, 0, "look at it by hand", "%s", e.msg);
		for (size_t k = 0; k < n.n && !code; k++)
			code = look_at(c, f, n.v[k]);
		names_free(&n);
	}
	return code;
}
