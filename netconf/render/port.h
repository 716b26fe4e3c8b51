// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * port.h - what the four forms of addresses have in common: which cards get a
 * configuration, checked, and with the metrics of their default routes.
 *
 * Only names that have a card on this machine are configured: "auto" and
 * wpa_supplicant@.service would wait for one that is not there at each boot.
 */
#ifndef NETCONF_RENDER_PORT_H
#define NETCONF_RENDER_PORT_H

#include "netconf/render/render.h"

/* Strings and structures belong to the policy. */
struct port {
	const char *name;
	const struct role *role;
	bool wireless;
	char psk[65];       /* "" none: an open network, or no network at all */
	bool default_route; /* there is a gateway, or DHCP tells one */
	unsigned metric;    /* of the default route; 0: its program's own will do */
};

/*
 * The caller gives *ret to ports_free().  -EINVAL for what no form can hold: a name with
 * characters that mean something in files, an SSID on a wired card, a
 * passphrase that WPA does not allow, two default routes of one metric, a DHCP server without
 * a static address.
 *
 * Metrics: one default route needs none.  With more, each has the policy's, or
 * the next free one of 100, 200, 300 ... in the policy's order.
 */
int ports_make(const struct render *r, struct port **ret, size_t *n, struct err *e);
/* Wipes the passphrases, too. */
void ports_free(struct port *v, size_t n);

/* 64 hexadecimal digits are the key itself (IEEE 802.11, PSK), all else is a passphrase. */
bool psk_is_key(const char *psk);
/* -EINVAL for what WPA does not allow; @file for the message. */
int psk_check(const char *name, const char *psk, const char *file, struct err *e);

/*
 * wpa_supplicant 2.10 looks for a comment behind the second quote of a line, although texts
 * end at the last: what has a quote and a '#' in it cannot stand between quotes.
 */
bool wpa_can_quote(const char *s);
/* Makes the key of @psk for the network @ssid (IEEE 802.11-2020 J.4.1), in place. */
int psk_to_key(char psk[65], const char *ssid, struct err *e);

/*
 * /etc/wpa_supplicant/wpa_supplicant-NAME.conf for each port with an SSID: that is where
 * wpa_supplicant@.service looks, and ifupdown is told to (wpa-conf).
 */
#define WPA_FILE "/etc/wpa_supplicant/wpa_supplicant-%s.conf"
int wpa_files(const struct port *v, size_t n, struct files *ret, struct err *e);

#endif
