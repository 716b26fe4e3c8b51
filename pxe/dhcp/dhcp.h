// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * dhcp.h - the two state machines: a DHCP server, and a proxyDHCP beside another server
 * (PXE 2.1 section 2.2).  Packet and time in, packet out.
 */
#ifndef PXE_DHCP_DHCP_H
#define PXE_DHCP_DHCP_H

#include "pxe/dhcp/client.h"
#include "pxe/dhcp/lease.h"
#include "pxe/journal/journal.h"

/* What a netboot client is told to fetch; filled by a callback (serve/ asks boot/choose.c). */
struct boot_answer {
	bool none;      /* this client gets no boot information at all */
	char file[256]; /* path on the TFTP server, or a URL */
	bool http;      /* the file is a URL and option 60 must say HTTPClient */
};
typedef void boot_ask(void *ctx, const struct dhcp_packet *p, enum client_kind kind,
		      struct boot_answer *ret);

struct dhcp_config {
	bool proxy;           /* else it gives addresses */
	uint32_t self, mask;  /* of the interface */
	uint32_t first, last; /* range */
	unsigned lease;       /* seconds */
	uint32_t router, dns[3];
	size_t n_dns;
	char domain[64];
	bool probe, known_hosts_only;
	struct lease_store store; /* a proxy only calls host() */
	boot_ask *boot;           /* NULL: nobody is told to boot anything */
	void *boot_ctx;
	struct journal *journal;
};

struct dhcp;

/* -EINVAL: addresses that do not fit together, with what is wrong. */
int dhcp_new(const struct dhcp_config *c, struct dhcp **ret, struct err *e);
void dhcp_free(struct dhcp *d);

/* Times of one event. */
struct now {
	int64_t ms, wall;
};

/*
 * Takes a packet that came to port 67 or 4011 (@in->to, whose address matters: a client that
 * renews its lease sends to ours alone).  Both are to be listened to in both modes: some
 * firmware asks port 4011 whoever gave the address.  True: @ret is to be sent.  False: nothing
 * (yet): it was not for us, or an offer waits until a ping was not answered:
 * *ret_ping is then the address to be asked (else 0).
 */
bool dhcp_take(struct dhcp *d, const struct datagram *in, const struct now *now,
	       struct reply *ret, uint32_t *ret_ping);
/* A ping was answered: that address is in use. May want another to be asked: as above. */
bool dhcp_ponged(struct dhcp *d, uint32_t addr, const struct now *now, struct reply *ret,
		 uint32_t *ret_ping);
/* Offers whose time has come, one a call; call it until false. */
bool dhcp_tick(struct dhcp *d, const struct now *now, struct reply *ret);
/* When dhcp_tick() is wanted next: ms, or -1. */
int64_t dhcp_deadline(const struct dhcp *d);

#endif
