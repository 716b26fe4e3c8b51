// SPDX-License-Identifier: GPL-3.0-or-later
/* Steps that only remove files: what a clone must not go on using. */
#include "netconf/personalise/step.h"

struct pattern {
	const char *dir, *names;
};

static int remove_patterns(const struct task *t, const struct pattern *p, struct edits *ret,
			   struct err *e)
{
	int r = 0;

	for (; p->dir && !r; p++)
		r = edits_remove_all(ret, t->root, p->dir, p->names, e);
	return r;
}

/*
 * Leases with their DUIDs, of clients only: a DHCP server (dhcpd.leases) goes on with its own.
 * networkd keeps none, and makes its DUID of the machine id.
 */
static int plan_dhcp(const struct task *t, struct edits *ret, struct err *e)
{
	static const struct pattern patterns[] = {
		{ "/var/lib/dhcp", "dhclient*.lease*" },
		{ "/var/lib/dhcpcd", "*.lease*" },
		{ "/var/lib/dhcpcd", "duid" },
		{ "/var/lib/dhcpcd", "secret" },
		{ "/var/lib/dhcpcd5", "*.lease*" },
		{ "/etc", "dhcpcd.duid" },
		{ "/etc", "dhcpcd.secret" },
		{ "/var/lib/NetworkManager", "*.lease" },
		{ 0 },
	};
	static const char key[] = "/var/lib/NetworkManager/secret_key";
	const struct item *kept = identity_find(t->kept, "nm-secret-key");
	int r = remove_patterns(t, patterns, ret, e);

	if (r)
		return r;
	if (!kept)
		return edits_remove(ret, t->root, key, e);
	return edits_write(ret, t->root, key, kept->content, kept->len, kept->mode, e);
}

const struct step step_dhcp_leases = {
	"dhcp-leases", "leases and DUIDs of DHCP clients, NetworkManager's secret key",
	plan_dhcp
};

/* systemd's credentials that are sealed with the old secret could not be opened any more. */
static int plan_random(const struct task *t, struct edits *ret, struct err *e)
{
	static const struct pattern patterns[] = {
		{ "/var/lib/systemd", "random-seed" }, { "/var/lib/urandom", "random-seed" },
		{ "/boot/efi/loader", "random-seed" }, { "/efi/loader", "random-seed" },
		{ "/boot/loader", "random-seed" },     { 0 },
	};
	struct names sealed;
	int r = remove_patterns(t, patterns, ret, e);

	if (!r)
		r = root_list(t->root, "/etc/credstore.encrypted", "*", &sealed, e);
	if (r)
		return r;
	if (sealed.n)
		text_add(&ret->notes, "/var/lib/systemd/credential.secret is kept: what is in "
				      "/etc/credstore.encrypted is sealed with it\n");
	else
		r = edits_remove(ret, t->root, "/var/lib/systemd/credential.secret", e);
	names_free(&sealed);
	return r;
}

const struct step step_random_seed = {
	"random-seed", "seeds of random numbers, also the boot loader's; systemd's secret",
	plan_random
};
