// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * policy.h - which card shall have which name, by role: slate-netconf.conf(5).
 *
 * A policy knows nothing of any hardware; plan/ resolves it on a machine.
 */
#ifndef NETCONF_POLICY_POLICY_H
#define NETCONF_POLICY_POLICY_H

#include "common/err.h"
#include "common/mac.h"
#include "netconf/hardware/nic.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define POLICY_WANTS_MAX     64
#define POLICY_SELECTORS_MAX 16
#define POLICY_DNS_MAX       3

enum selector_kind {
	SELECT_ONBOARD,    /* onboard, onboard:N (default 1: the first by index) */
	SELECT_BOOT_NIC,   /* boot-nic: BOOTIF= of the kernel's command line */
	SELECT_MAC,        /* mac:52:54:00:12:34:56 */
	SELECT_PATH,       /* path:pci-0000:00:1f.6, or its end, 00:1f.6 */
	SELECT_DRIVER,     /* driver:e1000e: refused when there are two */
	SELECT_PCI_ORDER,  /* pci-order:N: the Nth wired card by PCI address, from 1 */
	SELECT_WIRED_NEXT, /* wired:next: the first wired one that nobody else has */
	SELECT_WLAN,       /* wlan:N: the Nth wireless card, from 1 */
	SELECT_USB,        /* usb: the only USB card, usb:N the Nth */
};

struct selector {
	enum selector_kind kind;
	unsigned number; /* from 1; 0: none was given */
	struct mac mac;
	char text[64];  /* path or driver */
	char shown[80]; /* as it stands in the policy */
};

enum addressing { ADDRESS_MANUAL, ADDRESS_DHCP, ADDRESS_STATIC };

struct address {
	int family; /* AF_INET, AF_INET6; 0: none */
	unsigned char b[16];
	unsigned prefix; /* bits; for gateways and DNS servers the whole length */
};

struct role {
	enum addressing how;
	struct address address, gateway, dns[POLICY_DNS_MAX];
	size_t n_dns;
	unsigned metric;    /* of its default route; 0: none was given */
	bool dhcp_server;   /* the lab's network: no default route, up without a carrier */
	char ssid[33];      /* "" none; bytes 0x20 and up except 0x7f, valid UTF-8 */
	char psk_file[128]; /* holds the passphrase: 8 to 63 characters, or 64 hex digits */
};

/* What marks the card in the rules that are written. */
enum pin { PIN_AUTO, PIN_MAC, PIN_PATH, PIN_ONBOARD };

struct want {
	char name[NIC_NAME_MAX];
	struct selector selectors[POLICY_SELECTORS_MAX]; /* the first that gives a card wins */
	size_t n_selectors;
	struct role role;
	bool required;
	enum pin pin;
	unsigned line; /* of its section, for messages */
};

enum strangers {
	STRANGERS_PATH_NAME, /* moved out of ethN and wlanN to udev's name by path (enp3s0) */
	STRANGERS_KEEP,      /* left alone, unless in the way of a wanted name */
};

enum style { /* who configures addresses; the order is that of style_names */
	     STYLE_AUTO,
	     STYLE_NONE,
	     STYLE_IFUPDOWN,
	     STYLE_NETWORKD,
	     STYLE_NETPLAN,
	     STYLE_NM,
};

struct policy {
	struct want *v;
	size_t n;
	enum strangers strangers; /* section [*] */
	enum style style;         /* section [*] */
};

/*
 * Parses @text, @len bytes, of @file (its name for messages) into @ret; policy_free()
 * it, also on failure.  -EINVAL "FILE:LINE:COLUMN: what is wrong".
 */
int policy_parse(const char *file, const char *text, size_t len, struct policy *ret,
		 struct err *e);
void policy_free(struct policy *p);

/* The text of a policy, as policy_parse() takes it. -ENOMEM. */
int policy_render(const struct policy *p, char **ret, struct err *e);

/* -EINVAL for no name of an interface: empty, long, '/', space, '%', ':', "." "..", "all",
 * "default", "lo", our own "nc-", digits alone. */
int name_check(const char *name, struct err *e);
/* ethN or wlanN: names that the kernel itself gives. */
bool name_of_kernel(const char *name);

/* "192.168.67.1" or "fd00::1"; with "/24" when @prefix.  Returns @buf. */
#define ADDRESS_TEXT_MAX 56
char *address_text(const struct address *a, bool prefix, char buf[ADDRESS_TEXT_MAX]);

#endif
