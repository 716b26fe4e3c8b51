// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/sockets.h"

#include "common/bytes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BUFFER (4 << 20) /* bytes of received datagrams that wait: a whole class at once */

static struct sockaddr_in address(uint32_t addr, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(addr) };
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* What somebody else has most likely done. */
static int busy(uint16_t port, struct err *e)
{
	if (errno == EADDRINUSE)
		return err_set(e, -EADDRINUSE,
			       "port %u is in use: another server runs here (\"ss -lunp\" and "
			       "\"ss -ltnp\" tell which)",
			       port);
	return err_sys(e, "port %u", port);
}

int socket_udp(uint16_t port, const char *interface, int *ret, struct err *e)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r = 0;
	struct sockaddr_in any = address(INADDR_ANY, port);

	if (fd < 0)
		return err_sys(e, "a socket");
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		       (socklen_t)strlen(interface) + 1))
		r = err_sys(e, "%s", interface);
	else if (set(fd, SOL_SOCKET, SO_BROADCAST, 1) || set(fd, IPPROTO_IP, IP_PKTINFO, 1))
		r = err_sys(e, "a socket's options");
	else if (port == CLIENT_PORT && set(fd, SOL_SOCKET, SO_REUSEADDR, 1))
		r = err_sys(e, "a socket's options");
	else if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		r = busy(port, e);
	if (r) {
		close(fd);
		return r;
	}
	/* More than the system's limit when we are root; else as much as there is. */
	if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER))
		(void)set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER);
	*ret = fd;
	return 0;
}

int socket_listen(bool loopback, uint16_t port, int *ret, struct err *e)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r = 0;
	struct sockaddr_in at = address(loopback ? INADDR_LOOPBACK : INADDR_ANY, port);

	if (fd < 0)
		return err_sys(e, "a socket");
	if (set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, SOMAXCONN))
		r = busy(port, e);
	if (r)
		close(fd);
	else
		*ret = fd;
	return r;
}

int socket_ping(const char *interface, int *ret, struct err *e)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);

	if (fd < 0)
		return err_sys(e, "a socket for pings");
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		       (socklen_t)strlen(interface) + 1)) {
		int r = err_sys(e, "%s", interface);

		close(fd);
		return r;
	}
	*ret = fd;
	return 0;
}

/* The address that a datagram was sent to, from what the kernel added. */
static uint32_t sent_to(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct in_pktinfo info;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		return ntohl(info.ipi_addr.s_addr);
	}
	return 0;
}

unsigned socket_take(int fd, uint16_t port, struct inbox *box)
{
	struct mmsghdr messages[SOCKETS_BATCH] = { 0 };
	struct sockaddr_in from[SOCKETS_BATCH];
	struct iovec parts[SOCKETS_BATCH];
	_Alignas(struct cmsghdr) char control[SOCKETS_BATCH][64];
	unsigned n = 0;
	int got;

	for (unsigned i = 0; i < SOCKETS_BATCH; i++) {
		parts[i] = (struct iovec){ box->data[i], sizeof(box->data[i]) };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
						       .msg_namelen = sizeof(from[i]),
						       .msg_iov = &parts[i],
						       .msg_iovlen = 1,
						       .msg_control = control[i],
						       .msg_controllen = sizeof(control[i]) };
	}
	got = recvmmsg(fd, messages, SOCKETS_BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < got; i++) {
		struct msghdr *m = &messages[i].msg_hdr;

		if (m->msg_flags & MSG_TRUNC)
			continue;
		box->got[n++] = (struct datagram){
			.data = box->data[i],
			.len = messages[i].msg_len,
			.from = { ntohl(from[i].sin_addr.s_addr), ntohs(from[i].sin_port) },
			.to = { sent_to(m), port },
		};
	}
	return n;
}

int socket_send(int fd, const struct reply *r)
{
	struct sockaddr_in to = address(r->to.addr, r->to.port);

	if (sendto(fd, r->data, r->len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}

/* RFC 1071. */
static uint16_t checksum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

int socket_ping_send(int fd, uint32_t addr)
{
	/* Echo request, code 0, sum, identifier, sequence number (RFC 792). */
	uint8_t packet[8] = { ICMP_ECHO, 0, 0, 0, 0x53, 0x6c, 0, 1 };
	struct sockaddr_in to = address(addr, 0);
	uint16_t sum = checksum(packet, sizeof(packet));

	packet[2] = (uint8_t)(sum >> 8);
	packet[3] = (uint8_t)sum;
	if (sendto(fd, packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}

/* The packet comes with its IP header (RFC 791), whose length is in its first byte. */
static bool is_echo_reply(const uint8_t *packet, size_t n)
{
	struct rd r = rd_init(packet, n);

	rd_seek(&r, 4u * (rd_u8(&r) & 15u));
	return rd_u8(&r) == ICMP_ECHOREPLY && rd_ok(&r);
}

bool socket_ping_take(int fd, uint32_t *ret)
{
	struct sockaddr_in from;
	uint8_t packet[128];

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, packet, sizeof(packet), MSG_DONTWAIT,
				     (struct sockaddr *)&from, &len);

		if (n < 0)
			return false;
		if (!is_echo_reply(packet, (size_t)n))
			continue;
		*ret = ntohl(from.sin_addr.s_addr);
		return true;
	}
}

int socket_transfer(uint32_t self, const struct endpoint *client, int *ret, struct err *e)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;
	struct sockaddr_in own = address(self, 0), to = address(client->addr, client->port);

	if (fd < 0)
		return err_sys(e, "a socket");
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		r = err_sys(e, "a socket");
		close(fd);
		return r;
	}
	*ret = fd;
	return 0;
}

ssize_t socket_transfer_take(int fd, uint8_t *buf, size_t n)
{
	ssize_t got = recv(fd, buf, n, MSG_DONTWAIT | MSG_TRUNC);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	/* An empty or an oversized datagram is none of the protocol's: one that is ignored. */
	return got == 0 || (size_t)got > n ? 1 : got;
}

static int send_each(int fd, const uint8_t *data, size_t n, size_t size)
{
	for (size_t at = 0; at < n; at += size)
		if (send(fd, data + at, n - at < size ? n - at : size, 0) < 0)
			return -errno;
	return 0;
}

int socket_transfer_send(int fd, const uint8_t *data, size_t n, size_t size)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))] = { 0 };
	struct iovec part = { (void *)data, n };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	uint16_t segment = (uint16_t)size;
	struct cmsghdr *c;

	if (n <= size)
		return send_each(fd, data, n, size);
	m.msg_control = control;
	m.msg_controllen = sizeof(control);
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(segment));
	memcpy(CMSG_DATA(c), &segment, sizeof(segment));
	if (sendmsg(fd, &m, 0) >= 0)
		return 0;
	/* A card or kernel that cannot do this: EIO or EINVAL; segments that the way there does
	 * not let through whole: EINVAL, or EMSGSIZE by newer kernels.  Then one by one.
	 */
	if (errno != EIO && errno != EINVAL && errno != EMSGSIZE)
		return -errno;
	return send_each(fd, data, n, size);
}

unsigned socket_interface(const char *name)
{
	return if_nametoindex(name);
}

void socket_notify(const char *text)
{
	const char *where = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (!where || (where[0] != '/' && where[0] != '@') ||
	    strlen(where) >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, where, strlen(where));
	if (where[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(where)));
	close(fd);
}
