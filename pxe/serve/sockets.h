// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * sockets.h - all of the server's sockets; nothing else touches one.  All do not
 * block.  Descriptors are the caller's.
 */
#ifndef PXE_SERVE_SOCKETS_H
#define PXE_SERVE_SOCKETS_H

#include "common/err.h"
#include "pxe/wire/datagram.h"

#include <stdbool.h>
#include <sys/types.h>

#define SOCKETS_BATCH 32 /* datagrams taken and sent by one call */

#define CLIENT_PORT 68 /* of DHCP, RFC 2131 section 4.1 */

/*
 * A UDP socket on @port of all addresses of @interface, which may also send broadcasts.
 * CLIENT_PORT is shared with the clients that run here, others are to be ours alone.
 */
int socket_udp(uint16_t port, const char *interface, int *ret, struct err *e);
/* The number that the kernel knows @name by; another one, or 0, when it was taken away. */
unsigned socket_interface(const char *name);
/* A TCP socket that listens on @port, on all interfaces or on loopback alone. */
int socket_listen(bool loopback, uint16_t port, int *ret, struct err *e);
/* For pings (ICMP echo); needs root, as the two above for low ports. */
int socket_ping(const char *interface, int *ret, struct err *e);

/*
 * What has come to a socket_udp(): up to SOCKETS_BATCH datagrams, their data in @buffers.
 * Returns how many.  What is larger than DATAGRAM_MAX is no packet of ours and left out.
 */
struct inbox {
	uint8_t data[SOCKETS_BATCH][DATAGRAM_MAX];
	struct datagram got[SOCKETS_BATCH];
};
unsigned socket_take(int fd, uint16_t port, struct inbox *box);
/* Sends it; 0 or a negative errno. */
int socket_send(int fd, const struct reply *r);

int socket_ping_send(int fd, uint32_t addr);
/* The address that has answered; false: none any more. */
bool socket_ping_take(int fd, uint32_t *ret);

/* A transfer's own socket: from @self, any port, to this client only. */
int socket_transfer(uint32_t self, const struct endpoint *client, int *ret, struct err *e);
/* Bytes, 0: nothing there (any more), or a negative errno: -ECONNREFUSED, the client is gone.
 */
ssize_t socket_transfer_take(int fd, uint8_t *buf, size_t n);
/* @n bytes that are datagrams of @size bytes each, the last one perhaps shorter (UDP GSO). */
int socket_transfer_send(int fd, const uint8_t *data, size_t n, size_t size);

/* systemd's READY=1 and the like (sd_notify(3)); nothing when nobody asked for it. */
void socket_notify(const char *text);

#endif
