// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/probe.h"

#include "common/clock.h"
#include "pxe/dhcp/packet.h"
#include "pxe/serve/loop.h"
#include "pxe/serve/sockets.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define COOKIE 0x63825363 /* RFC 2131 section 3 */

/* A DISCOVER of a machine that nobody has; the answer is to be broadcast. */
static void write_discover(struct reply *r, uint32_t xid)
{
	struct wr w = wr_init(r->data, sizeof(r->data));
	uint8_t mac[16] = { 0x02, 'S', 'l', 'a', 't', 'e' }; /* locally administered */
	uint8_t head[] = { 1,
			   1,
			   6,
			   0,
			   (uint8_t)(xid >> 24),
			   (uint8_t)(xid >> 16),
			   (uint8_t)(xid >> 8),
			   (uint8_t)xid,
			   0,
			   0,
			   0x80,
			   0 };
	uint8_t options[] = { COOKIE >> 24,       COOKIE >> 16 & 0xff,
			      COOKIE >> 8 & 0xff, COOKIE & 0xff,
			      OPT_TYPE,           1,
			      DHCP_DISCOVER,      255 };

	wr_bytes(&w, head, sizeof(head));
	wr_zero(&w, 16); /* addresses */
	wr_bytes(&w, mac, sizeof(mac));
	wr_zero(&w, 192); /* names */
	wr_bytes(&w, options, sizeof(options));
	wr_zero(&w, 300 - w.pos);
	r->len = w.pos;
	r->from_port = CLIENT_PORT;
	r->to = (struct endpoint){ 0xffffffff, 67 };
}

/* Offers of an address for our question. */
static uint32_t take_offers(int fd, struct inbox *box, uint32_t xid, uint32_t self)
{
	unsigned n = socket_take(fd, CLIENT_PORT, box);
	struct dhcp_packet *p = malloc(sizeof(*p));
	uint32_t server = 0;

	for (unsigned i = 0; p && i < n && !server; i++) {
		const struct datagram *d = &box->got[i];

		if (dhcp_parse(d->data, d->len, p, NULL) || p->op != DHCP_OP_REPLY ||
		    p->xid != xid || p->type != DHCP_OFFER || !p->yiaddr ||
		    d->from.addr == self)
			continue;
		server = dhcp_addr(p, OPT_SERVER_ID);
		if (!server)
			server = d->from.addr;
	}
	free(p);
	return server;
}

static int ask(int fd, uint32_t self, uint32_t *ret_server, struct err *e)
{
	struct inbox *box = malloc(sizeof(*box));
	struct reply *r = malloc(sizeof(*r));
	int64_t end = clock_ms() + PROBE_MS, again = clock_ms();
	int status = box && r ? 0 : err_nomem(e);
	uint32_t xid;

	if (getrandom(&xid, sizeof(xid), 0) != sizeof(xid))
		xid = (uint32_t)end;
	while (!status && !*ret_server && clock_ms() < end) {
		if (clock_ms() >= again) {
			write_discover(r, xid);
			status = socket_send(fd, r);
			if (status)
				err_set(e, status, "the network cannot be asked for DHCP");
			again = clock_ms() + PROBE_MS / 2;
		}
		usleep(50000);
		*ret_server = take_offers(fd, box, xid, self);
	}
	free(r);
	free(box);
	return status;
}

int probe_dhcp(const char *interface, uint32_t self, uint32_t *ret_server, struct err *e)
{
	int fd, r;

	*ret_server = 0;
	r = socket_udp(CLIENT_PORT, interface, &fd, e);
	if (r)
		return r;
	r = ask(fd, self, ret_server, e);
	close(fd);
	return r;
}
