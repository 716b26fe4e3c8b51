// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/orphans.h"

#include <limits.h>
#include <stdio.h>

const struct owned_place owned_places[] = {
	{ "/etc/udev/rules.d", "70-slate-netconf.rules", NULL },
	{ "/etc/systemd/network", "10-slate-*.link", NULL },
	{ "/etc/systemd/network", "10-slate-*.network", NULL },
	{ "/etc/initramfs-tools/hooks", "slate-netconf", NULL },
	{ "/etc/dracut.conf.d", "slate-netconf.conf", NULL },
	{ "/etc/systemd/system", "slate-netconf.service", NULL },
	{ "/etc/systemd/system/sysinit.target.wants", "slate-netconf.service",
	  "../slate-netconf.service" },
	{ "/etc/network/interfaces.d", "slate", NULL },
	{ "/etc/netplan", "90-slate.yaml", NULL },
	{ "/etc/NetworkManager/system-connections", "slate-*.nmconnection", NULL },
	{ "/etc/NetworkManager/conf.d", "90-slate.conf", NULL },
	{ "/etc/wpa_supplicant", "wpa_supplicant-*.conf", NULL },
	{ 0 },
};

int owned_walk(const struct root *r, orphan_take *take, void *ctx, struct err *e)
{
	for (const struct owned_place *p = owned_places; p->dir; p++) {
		struct names n;
		int code = root_list(r, p->dir, p->pattern, &n, e);

		for (size_t i = 0; !code && i < n.n; i++) {
			char path[PATH_MAX];

			snprintf(path, sizeof(path), "%s/%s", p->dir, n.v[i]);
			code = take(ctx, path, p, e);
		}
		names_free(&n);
		if (code)
			return code;
	}
	return 0;
}
