// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * datagram.h - a UDP packet, come or to be sent.  The protocol rooms (dhcp/, tftp/) take
 * these and a time, and give these; only serve/sockets.c sees a socket.
 *
 * Addresses are IPv4 in host byte order (192.168.67.1 is 0xc0a84301), ports too.
 * Times are milliseconds of CLOCK_MONOTONIC, except where a name ends in _wall
 * (seconds since 1970).
 */
#ifndef PXE_WIRE_DATAGRAM_H
#define PXE_WIRE_DATAGRAM_H

#include "common/mac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATAGRAM_MAX 1472 /* what fits into one Ethernet frame: nothing of ours fragments */

struct endpoint {
	uint32_t addr;
	uint16_t port;
};

/* One that has come.  @data belongs to the caller. */
struct datagram {
	const uint8_t *data;
	size_t len;
	struct endpoint from, to;
};

/* One to be sent from port @from_port of the server. */
struct reply {
	uint8_t data[DATAGRAM_MAX];
	size_t len;
	uint16_t from_port;
	struct endpoint to; /* 255.255.255.255: on the lab's interface */
};

/* "192.168.67.1"; returns @buf. */
#define ADDR_TEXT_MAX 16
char *addr_text(uint32_t addr, char buf[ADDR_TEXT_MAX]);
/* -EINVAL; only dotted quads. */
int addr_parse(const char *text, uint32_t *ret, struct err *e);

#endif
