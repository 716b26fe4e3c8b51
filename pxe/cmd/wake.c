// SPDX-License-Identifier: GPL-3.0-or-later
/* wake: switches machines on by Wake-on-LAN. */
#include "pxe/wire/wake.h"

#include "pxe/cmd/place.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 3 /* nobody answers, so a lost packet is not noticed */

struct waking {
	int fd;
	struct sockaddr_in to;
	unsigned n;
};

/* All of it goes out by the lab's interface, whatever the routes of this machine are. */
static int open_socket(const struct lab *l, struct waking *w, struct err *e)
{
	uint32_t host_bits = ~UINT32_C(0) >> l->address.prefix;
	int on = 1;

	w->to = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_port = htons(WAKE_PORT),
				      .sin_addr.s_addr = htonl(l->address.addr | host_bits) };
	w->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return err_sys(e, "no socket");
	if (setsockopt(w->fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) ||
	    setsockopt(w->fd, SOL_SOCKET, SO_BINDTODEVICE, l->interface,
		       (socklen_t)strnlen(l->interface, IFNAMSIZ)))
		return err_sys(e, "%s cannot be used", l->interface);
	return 0;
}

static int wake_one(void *ctx, const struct host *h, struct err *e)
{
	struct waking *w = ctx;
	uint8_t packet[WAKE_LEN];

	wake_packet(&h->mac, packet);
	if (sendto(w->fd, packet, sizeof(packet), 0, (const struct sockaddr *)&w->to,
		   sizeof(w->to)) < 0)
		return err_sys(e, "the packet for %s cannot be sent", h->name);
	w->n++;
	return 0;
}

static int wake(struct place *p, const char *who, struct err *e)
{
	struct timespec pause = { .tv_nsec = 100000000 };
	struct waking w = { .fd = -1 };
	int r = lab_resolve(&p->lab, e);

	if (!r)
		r = open_socket(&p->lab, &w, e);
	for (int i = 0; !r && i < ROUNDS; i++) {
		if (i)
			nanosleep(&pause, NULL);
		w.n = 0;
		r = store_hosts(p->store, who, false, wake_one, &w, e);
	}
	if (w.fd >= 0)
		close(w.fd);
	if (!r)
		printf("%u machine%s called to wake up, by %s\n", w.n,
		       w.n == 1 ? " was" : "s were", p->lab.interface);
	return r;
}

int pxe_wake(const struct pxe_options *o, int argc, char **argv)
{
	struct err e = { "" };
	struct place p;
	int r = place_open(o, &p, &e);

	(void)argc;
	if (r)
		return pxe_fail(r, &e);
	r = wake(&p, argv[0], &e);
	r = place_close(&p, r, &e);
	return place_status(r, &e);
}
