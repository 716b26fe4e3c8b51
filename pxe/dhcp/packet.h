// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * packet.h - DHCP messages on the wire (RFC 2131 section 2, options RFC 2132 and 3396).
 *
 * A message is taken apart once, into a struct, and looked at through it; a reply is
 * written with a growing option list that uses sname and file only for what they are for.
 */
#ifndef PXE_DHCP_PACKET_H
#define PXE_DHCP_PACKET_H

#include "common/bytes.h"
#include "common/mac.h"
#include "pxe/wire/datagram.h"

enum dhcp_type { /* option 53, RFC 2132 section 9.6 */
		 DHCP_DISCOVER = 1,
		 DHCP_OFFER,
		 DHCP_REQUEST,
		 DHCP_DECLINE,
		 DHCP_ACK,
		 DHCP_NAK,
		 DHCP_RELEASE,
		 DHCP_INFORM,
};

enum dhcp_option { /* the ones we know; RFC 2132, 3679, 4578, 5071 */
		   OPT_PAD = 0,
		   OPT_MASK = 1,
		   OPT_ROUTER = 3,
		   OPT_DNS = 6,
		   OPT_HOSTNAME = 12,
		   OPT_DOMAIN = 15,
		   OPT_BROADCAST = 28,
		   OPT_VENDOR = 43,
		   OPT_REQUESTED_ADDR = 50,
		   OPT_LEASE_TIME = 51,
		   OPT_OVERLOAD = 52,
		   OPT_TYPE = 53,
		   OPT_SERVER_ID = 54,
		   OPT_PARAMETERS = 55,
		   OPT_MESSAGE = 56,
		   OPT_MAX_SIZE = 57,
		   OPT_T1 = 58,
		   OPT_T2 = 59,
		   OPT_VENDOR_CLASS = 60,
		   OPT_CLIENT_ID = 61,
		   OPT_TFTP_SERVER = 66,
		   OPT_BOOTFILE = 67,
		   OPT_USER_CLASS = 77,
		   OPT_RELAY = 82,
		   OPT_ARCH = 93,
		   OPT_UNDI = 94,
		   OPT_UUID = 97,
		   OPT_IPXE = 175,
		   OPT_REBOOT_TIME = 211,
		   OPT_END = 255,
};

/* An option as it came; concatenated when it came in pieces (RFC 3396). */
struct dhcp_value {
	const uint8_t *data; /* NULL: it was not there */
	size_t len;
};

/* Not to be copied: values may point into @joined. */
struct dhcp_packet {
	uint8_t op, hops; /* op: DHCP_OP_REQUEST or DHCP_OP_REPLY */
	uint32_t xid;
	uint16_t secs, flags;
	uint32_t ciaddr, yiaddr, siaddr, giaddr;
	struct mac mac;            /* chaddr; only htype 1, hlen 6 are taken */
	char file[129], sname[65]; /* "" when they hold options (option 52) */
	enum dhcp_type type;       /* 0: BOOTP, there is no option 53 */
	struct dhcp_value options[256];
	uint8_t joined[1500]; /* where options that came in pieces are put together */
	size_t n_joined;
};

#define DHCP_OP_REQUEST 1
#define DHCP_OP_REPLY   2
#define DHCP_BROADCAST  0x8000 /* the one bit of @flags */
#define DHCP_HEAD       240    /* bytes before the options */

/*
 * -EBADMSG with the reason (too short, no cookie, no Ethernet, option runs over the end ...).
 * Values point into @data, which must live as long.
 */
int dhcp_parse(const uint8_t *data, size_t len, struct dhcp_packet *ret, struct err *e);
/* Its part for the options: those of @options, then of file and sname when option 52 says so.
 */
int dhcp_parse_options(const struct rd *options, const struct rd *file, const struct rd *sname,
		       struct dhcp_packet *ret, struct err *e);

/* 0: not there, not 4 bytes */
uint32_t dhcp_addr(const struct dhcp_packet *p, enum dhcp_option o);
bool dhcp_asks_for(const struct dhcp_packet *p, enum dhcp_option o); /* by option 55 */

/*
 * A reply to @to.  Begin, add options, end.  It holds at most what the client takes (option
 * 57 counts IP and UDP headers, RFC 2131 section 2) and one frame.  What a relay agent added
 * (option 82) comes last, and does not count for the client: the relay takes it off again
 * (RFC 3046 section 2.2).
 */
struct dhcp_reply {
	struct wr w; /* ends where option 82 begins */
	struct dhcp_value relay;
	bool bad; /* no room for it at all */
};
struct dhcp_answer {
	enum dhcp_type type;
	uint32_t yiaddr, siaddr;
	const char *file; /* BOOTP field; NULL: none. Left out when longer than 127 bytes */
};
void dhcp_begin(struct dhcp_reply *r, uint8_t *buf, size_t n, const struct dhcp_packet *to,
		const struct dhcp_answer *a);
/* Longer than 255 bytes: in pieces. No room: dhcp_end() will say so. */
void dhcp_add(struct dhcp_reply *r, enum dhcp_option o, const void *p, size_t n);
void dhcp_add_u32(struct dhcp_reply *r, enum dhcp_option o, uint32_t v);
void dhcp_add_text(struct dhcp_reply *r, enum dhcp_option o, const char *text);
/* The same for what the client can do without: left out when there is no room. */
void dhcp_add_spare(struct dhcp_reply *r, enum dhcp_option o, const void *p, size_t n);
/* Pads to the 300 bytes that old clients want; -EMSGSIZE. */
int dhcp_end(struct dhcp_reply *r, size_t *ret_len, struct err *e);

#endif
