// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/http/menu.h"

#include <errno.h>

static enum boot_what ask(const struct menus *m, const struct mac *mac, int64_t now)
{
	char text[MAC_TEXT_MAX];
	struct err e = { "" };
	struct job job;
	int r = store_job_next(m->store, mac, now, &job, &e);

	if (!r)
		return BOOT_RESCUE;
	if (r != -ENOENT)
		journal_say(m->journal, SAY_ERROR, mac_text(mac, text),
			    "%s boots its own disk, as its jobs cannot be read: %s", text,
			    e.msg);
	return BOOT_LOCAL;
}

bool menu_file(const struct menus *m, const char *name, int64_t now_wall, struct text *ret)
{
	struct boot_request q = { .server = m->lab->address.addr,
				  .http_port = m->lab->http_port,
				  .kernel_options = m->lab->kernel_options,
				  .host = "" };
	struct host host;
	enum boot_menu menu = boot_menu_of(name, &q.mac, &q.has_mac);

	if (menu == MENU_NONE)
		return false;
	if (q.has_mac) {
		q.what = ask(m, &q.mac, now_wall);
		if (!store_host_by_mac(m->store, &q.mac, &host, NULL))
			q.host = host.name;
	}
	return boot_render(menu, &q, ret, NULL) == 0;
}
