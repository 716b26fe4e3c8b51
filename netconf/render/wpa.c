// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * wpa_supplicant.conf(5).  Between quotes nothing is escaped: the text ends at
 * the line's last quote.  An SSID may have more than ASCII in it and is written
 * in hexadecimal digits then.
 */
#include "netconf/render/port.h"

#include <stdio.h>
#include <string.h>

static bool simple(const char *s)
{
	for (; *s; s++)
		if (*s < 32 || *s > 126 || *s == '"' || *s == '\\')
			return false;
	return true;
}

static void add_ssid(struct text *t, const char *ssid)
{
	if (simple(ssid)) {
		text_add(t, "\tssid=\"%s\"\n", ssid);
		return;
	}
	text_add(t, "\t# %s\n\tssid=", ssid);
	for (; *ssid; ssid++)
		text_add(t, "%02x", (unsigned char)*ssid);
	text_add(t, "\n");
}

static void add_network(struct text *t, const struct port *p)
{
	text_add(t, "ctrl_interface=/run/wpa_supplicant\n\nnetwork={\n");
	add_ssid(t, p->role->ssid);
	if (!p->psk[0])
		text_add(t, "\tkey_mgmt=NONE\n");
	else if (psk_is_key(p->psk))
		text_add(t, "\tkey_mgmt=WPA-PSK\n\tpsk=%s\n", p->psk);
	else
		text_add(t, "\tkey_mgmt=WPA-PSK\n\tpsk=\"%s\"\n", p->psk);
	text_add(t, "}\n");
}

int wpa_files(const struct port *v, size_t n, struct files *ret, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i++) {
		struct text t = { 0 };
		char path[sizeof(WPA_FILE) + NIC_NAME_MAX];

		if (!v[i].role->ssid[0])
			continue;
		snprintf(path, sizeof(path), WPA_FILE, v[i].name);
		add_network(&t, &v[i]);
		r = files_add(ret, path, 0600, &t, e);
	}
	return r;
}
