// SPDX-License-Identifier: GPL-3.0-or-later
/* lab.h - the configuration of the server: lab.conf(5), or what is sensible without one. */
#ifndef PXE_CONFIG_LAB_H
#define PXE_CONFIG_LAB_H

#include "common/err.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAB_NETWORKS_MAX 8
#define LAB_DNS_MAX      3
#define LAB_CONF         "/etc/slate/lab.conf"

enum dhcp_mode { DHCP_AUTO, DHCP_SERVER, DHCP_PROXY, DHCP_OFF };

struct network {
	uint32_t addr;   /* host byte order */
	unsigned prefix; /* 0..32 */
};

struct lab {
	/* [lab] */
	char interface[IFNAMSIZ]; /* "": the one with a private static address */
	struct network address;   /* of that interface, found at start; not in the file */
	char images[256], boot[256], state[256]; /* folders */
	char user[32];
	/* [dhcp] */
	enum dhcp_mode dhcp;
	uint32_t first, last;              /* range; 0: chosen from the interface's network */
	unsigned lease;                    /* seconds */
	uint32_t router, dns[LAB_DNS_MAX]; /* 0: none is told */
	size_t n_dns;
	char domain[64];
	bool probe; /* asks by ping whether an address is free before it is offered */
	bool known_hosts_only;
	bool ipxe_loader; /* iPXE gets its firmware's loader, not our script */
	/* [tftp] */
	bool tftp;
	unsigned block_max; /* bytes of a block: 512..1468 */
	unsigned transfers_max, per_client_max;
	/* [http] */
	uint16_t http_port;   /* what clients are told */
	uint16_t http_listen; /* behind another web server that has http_port: ours, on
				 loopback alone; 0: there is none */
	struct network admin[LAB_NETWORKS_MAX]; /* may make admin calls; empty: loopback and the
						   lab's */
	size_t n_admin;
	uint64_t quota; /* bytes of one upload; 0: as much as there is room */
	/* [jobs] */
	unsigned lost_after;      /* seconds of silence */
	char kernel_options[256]; /* behind Slate's own on the kernel's command line */
};

void lab_defaults(struct lab *l);
/* Over the defaults.  -EINVAL "FILE:LINE:COLUMN: ..."; does not look at the machine. */
int lab_parse(const char *file, const char *text, size_t len, struct lab *ret, struct err *e);
/* Reads @file; NULL: LAB_CONF if it is there, else the defaults (*ret_found false). */
int lab_read(const char *file, struct lab *ret, bool *ret_found, struct err *e);

/*
 * Fills in what depends on this machine: the interface (when none is named: the only one
 * with a private static IPv4 address; -ECANCELED with all candidates and what to write into
 * lab.conf when there are none or several), its address, the range.
 */
int lab_resolve(struct lab *l, struct err *e);

bool network_has(const struct network *n, uint32_t addr);

#endif
