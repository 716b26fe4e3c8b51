// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/dhcp/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int check_config(const struct dhcp_config *c, struct err *e)
{
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX], self[ADDR_TEXT_MAX];
	uint32_t hosts = ~c->mask;

	addr_text(c->first, first);
	addr_text(c->last, last);
	addr_text(c->self, self);
	if (!c->self || !c->mask || (hosts & (hosts + 1)))
		return err_set(e, -EINVAL, "%s is no address of a network to serve", self);
	if (c->proxy)
		return 0;
	if (c->first > c->last)
		return err_set(e, -EINVAL, "the range from %s to %s is empty", first, last);
	if ((c->first & c->mask) != (c->self & c->mask) ||
	    (c->last & c->mask) != (c->self & c->mask))
		return err_set(e, -EINVAL,
			       "the range from %s to %s is not of the network of %s, which is "
			       "this server's address",
			       first, last, self);
	if (!c->lease)
		return err_set(e, -EINVAL, "a lease of 0 seconds is of no use");
	return 0;
}

int dhcp_new(const struct dhcp_config *c, struct dhcp **ret, struct err *e)
{
	struct dhcp *d;
	int err = check_config(c, e);

	if (err)
		return err;
	d = calloc(1, sizeof(*d));
	if (!d)
		return err_nomem(e);
	d->c = *c;
	err = dhcp_offers_init(&d->offers, c->probe && !c->proxy, e);
	if (err) {
		free(d);
		return err;
	}
	*ret = d;
	return 0;
}

void dhcp_free(struct dhcp *d)
{
	if (!d)
		return;
	dhcp_offers_free(&d->offers);
	free(d);
}

/* False: it is nothing that we answer, whoever sent it. */
static bool understood(struct dhcp *d, const struct datagram *in, struct dhcp_packet *p)
{
	char from[ADDR_TEXT_MAX], self[ADDR_TEXT_MAX];
	struct err e = { "" };

	addr_text(in->from.addr, from);
	if (in->len > DATAGRAM_MAX || dhcp_parse(in->data, in->len, p, &e)) {
		journal_say(d->c.journal, SAY_DEBUG, from, "%s sent what is not DHCP: %s", from,
			    e.msg[0] ? e.msg : "it is too long");
		return false;
	}
	if (p->op != DHCP_OP_REQUEST || !p->type)
		return false;
	if (p->giaddr && !dhcp_same_net(d, p->giaddr)) {
		addr_text(p->giaddr, from);
		journal_say(d->c.journal, SAY_NOTICE, from,
			    "the relay agent %s asks for a client in its network; only that of "
			    "%s is served",
			    from, addr_text(d->c.self, self));
		return false;
	}
	return true;
}

/* Finds out who asks. False: it gets no answer. */
static bool meet(struct dhcp *d, const struct datagram *in, const struct dhcp_packet *p,
		 const struct now *now, struct dhcp_exchange *x)
{
	struct err e = { "" };
	int r;

	*x = (struct dhcp_exchange){ .in = in, .p = p, .now = *now, .boot.none = true };
	x->judge = dhcp_times_judge(&d->times, now, d->c.lease);
	x->kind = client_kind(p);
	/* What has nothing to boot is none of a proxy's business. */
	if (d->c.proxy && x->kind == CLIENT_OTHER)
		return false;
	mac_text(&p->mac, x->mac);
	r = d->c.store.host(d->c.store.ctx, &p->mac, &x->fixed, x->name, &e);
	x->known = !r;
	if (r) {
		x->fixed = 0;
		x->name[0] = '\0';
	}
	x->name[sizeof(x->name) - 1] = '\0';
	if (x->name[0])
		snprintf(x->who, sizeof(x->who), "%s (%s)", x->name, x->mac);
	else
		snprintf(x->who, sizeof(x->who), "%s", x->mac);
	if (r && r != -ENOENT) {
		journal_say(d->c.journal, SAY_ERROR, x->mac,
			    "%s gets no answer, as the database failed: %s", x->who, e.msg);
		return false;
	}
	if (!x->known && d->c.known_hosts_only) {
		journal_say(d->c.journal, SAY_INFO, x->mac,
			    "%s (%s) gets no answer: it is not among the known hosts", x->who,
			    client_kind_name(x->kind));
		return false;
	}
	return true;
}

bool dhcp_take(struct dhcp *d, const struct datagram *in, const struct now *now,
	       struct reply *ret, uint32_t *ret_ping)
{
	struct dhcp_exchange x;
	struct dhcp_packet p;

	*ret_ping = 0;
	if (!understood(d, in, &p) || !meet(d, in, &p, now, &x))
		return false;
	if (d->c.proxy || in->to.port == PORT_PXE)
		return dhcp_proxy_take(d, &x, ret);
	return dhcp_server_take(d, &x, ret, ret_ping);
}

/* The packet that a probed offer answers; @copy holds its bytes. */
static struct datagram held(const struct dhcp_offer *f, uint8_t copy[DATAGRAM_MAX])
{
	memcpy(copy, f->data, f->len);
	return (struct datagram){ copy, f->len, f->from, f->to };
}

bool dhcp_ponged(struct dhcp *d, uint32_t addr, const struct now *now, struct reply *ret,
		 uint32_t *ret_ping)
{
	struct dhcp_offer *f = dhcp_offer_at(&d->offers, addr, now->ms);
	uint8_t copy[DATAGRAM_MAX];
	struct dhcp_exchange x;
	struct dhcp_packet p;
	struct datagram in;
	bool probed;

	*ret_ping = 0;
	if (!f || !f->len)
		return false;
	in = held(f, copy);
	probed = f->state == OFFER_PROBED;
	dhcp_offer_forget(f);
	if (dhcp_parse(in.data, in.len, &p, NULL) || !meet(d, &in, &p, now, &x))
		return false;
	dhcp_leave_alone(d, &x, addr);
	/* Too late: the offer is out; the client hears of it when it asks for the address. */
	return probed && dhcp_server_take(d, &x, ret, ret_ping);
}

/*
 * What was right when the ping was sent may not be now (the administrator gave the address to
 * another host): then nothing is offered, and the client asks again.
 */
static bool offer_probed(struct dhcp *d, struct dhcp_exchange *x, uint32_t addr,
			 struct reply *ret)
{
	struct err e = { "" };
	const char *why;

	return dhcp_may_have(d, x, addr, &why, &e) > 0 && dhcp_ack(d, x, DHCP_OFFER, addr, ret);
}

bool dhcp_tick(struct dhcp *d, const struct now *now, struct reply *ret)
{
	uint8_t copy[DATAGRAM_MAX];
	struct dhcp_exchange x;
	struct dhcp_packet p;
	struct dhcp_offer *f;
	struct datagram in;

	while ((f = dhcp_offer_next(&d->offers)) && f->until_ms <= now->ms) {
		uint32_t addr = f->addr;

		in = held(f, copy);
		dhcp_offer_passed(f, now->ms);
		if (!dhcp_parse(in.data, in.len, &p, NULL) && meet(d, &in, &p, now, &x) &&
		    offer_probed(d, &x, addr, ret))
			return true;
	}
	return false;
}

int64_t dhcp_deadline(const struct dhcp *d)
{
	const struct dhcp_offer *f = dhcp_offer_next(&d->offers);

	return f ? f->until_ms : -1;
}
