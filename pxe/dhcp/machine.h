// SPDX-License-Identifier: GPL-3.0-or-later
/* machine.h - what the files of this room share: the server's state, and one exchange. */
#ifndef PXE_DHCP_MACHINE_H
#define PXE_DHCP_MACHINE_H

#include "pxe/dhcp/dhcp.h"
#include "pxe/dhcp/offers.h"
#include "pxe/dhcp/times.h"

#define PORT_SERVER  67
#define PORT_CLIENT  68
#define PORT_PXE     4011 /* PXE 2.1 section 2.2.3 */
#define ADDR_ALL     UINT32_MAX
#define DECLINED_FOR 600 /* seconds that an address is left alone which somebody else uses */

struct dhcp {
	struct dhcp_config c;
	struct dhcp_offers offers;
	struct dhcp_times times;
	int64_t full_said_ms; /* when "no address left" may be said again */
};

/* A request and all that is known of who sent it. */
struct dhcp_exchange {
	const struct datagram *in;
	const struct dhcp_packet *p;
	struct now now;
	int64_t judge; /* seconds by which ends of leases are judged (times.h) */
	enum client_kind kind;
	bool known;
	char name[64];
	uint32_t fixed; /* 0: none */
	char mac[MAC_TEXT_MAX];
	char who[64 + MAC_TEXT_MAX + 4]; /* for the log: "pc07 (52:54:00:12:34:56)" */
	struct boot_answer boot;
};

static inline bool dhcp_same_net(const struct dhcp *d, uint32_t addr)
{
	return (addr & d->c.mask) == (d->c.self & d->c.mask);
}

/* ---- server.c, proxy.c: true when @ret is to be sent ---- */
bool dhcp_server_take(struct dhcp *d, struct dhcp_exchange *x, struct reply *ret,
		      uint32_t *ret_ping);
bool dhcp_proxy_take(struct dhcp *d, struct dhcp_exchange *x, struct reply *ret);

/* ---- address.c: which address; 1, 0, or a negative errno of the store ---- */

/*
 * Does nobody but this client have @addr, by a lease, an offer or as its fixed address?
 * 0: *@ret_why is the reason, fit for "it cannot have X: ...".
 */
int dhcp_is_free(struct dhcp *d, const struct dhcp_exchange *x, uint32_t addr,
		 const char **ret_why, struct err *e);
/* And do we give it to this client? */
int dhcp_may_have(struct dhcp *d, const struct dhcp_exchange *x, uint32_t addr,
		  const char **ret_why, struct err *e);
/* The address to be offered; 0: none is left.  *@ret_own: its lease has not ended. */
int dhcp_choose(struct dhcp *d, const struct dhcp_exchange *x, uint32_t *ret, bool *ret_own,
		struct err *e);
/* The lease of this client, perhaps one that has ended; 0: none. */
int dhcp_lease_of(struct dhcp *d, const struct dhcp_exchange *x, struct lease *ret,
		  struct err *e);
/* What we know this client by; 0: we do not know it. */
int dhcp_recorded(struct dhcp *d, const struct dhcp_exchange *x, uint32_t *ret, struct err *e);
/* Somebody else uses @addr: it is left alone for a while. */
void dhcp_leave_alone(struct dhcp *d, const struct dhcp_exchange *x, uint32_t addr);

/* ---- boot.c: what to boot ---- */

/* Asks for @x->boot; none for operating systems. */
void dhcp_ask_boot(struct dhcp *d, struct dhcp_exchange *x);
/* The fields of the header for it. */
void dhcp_boot_head(const struct dhcp *d, const struct dhcp_exchange *x, struct dhcp_answer *a);
/* The options for it. */
void dhcp_add_boot(const struct dhcp *d, const struct dhcp_exchange *x, struct dhcp_reply *r);

/* ---- reply.c ---- */

/* @addr: 0 in the answer to INFORM. */
bool dhcp_ack(struct dhcp *d, struct dhcp_exchange *x, enum dhcp_type type, uint32_t addr,
	      struct reply *ret);
bool dhcp_nak(struct dhcp *d, struct dhcp_exchange *x, uint32_t addr, const char *why,
	      struct reply *ret);
/* Ends it and addresses it; false (and said) when it does not fit. */
bool dhcp_send(struct dhcp *d, const struct dhcp_exchange *x, struct dhcp_reply *r,
	       enum dhcp_type type, struct reply *ret);

#endif
