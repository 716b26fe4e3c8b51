// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/dhcp/machine.h"

/*
 * RFC 2131 section 4.1.  A client without the broadcast flag would take its answer at the
 * address that it is given, but it does not answer ARP for it yet: to send it there, we would
 * need a raw socket. So it is broadcast, which the flag's absence allows and all clients take.
 */
static struct endpoint destination(const struct dhcp *d, const struct dhcp_packet *p,
				   enum dhcp_type type)
{
	if (p->giaddr)
		return (struct endpoint){ p->giaddr, PORT_SERVER };
	if (type == DHCP_ACK && p->ciaddr && dhcp_same_net(d, p->ciaddr))
		return (struct endpoint){ p->ciaddr, PORT_CLIENT };
	return (struct endpoint){ ADDR_ALL, PORT_CLIENT };
}

bool dhcp_send(struct dhcp *d, const struct dhcp_exchange *x, struct dhcp_reply *r,
	       enum dhcp_type type, struct reply *ret)
{
	struct err e = { "" };

	if (dhcp_end(r, &ret->len, &e)) {
		journal_say(d->c.journal, SAY_WARNING, x->mac, "%s gets no answer: %s", x->who,
			    e.msg);
		return false;
	}
	ret->from_port = PORT_SERVER;
	ret->to = destination(d, x->p, type);
	return true;
}

/* Told when the client asks for it, or does not say what it wants. */
static bool wanted(const struct dhcp_packet *p, enum dhcp_option o)
{
	return !p->options[OPT_PARAMETERS].data || dhcp_asks_for(p, o);
}

static void add_addrs(struct dhcp_reply *r, const struct dhcp_packet *p, enum dhcp_option o,
		      const uint32_t *addrs, size_t n)
{
	uint8_t b[4 * 3];
	struct wr w = wr_init(b, sizeof(b));

	for (size_t i = 0; i < n && i < 3; i++)
		wr_be32(&w, addrs[i]);
	if (w.pos && wanted(p, o))
		dhcp_add_spare(r, o, b, w.pos);
}

static void add_text(struct dhcp_reply *r, const struct dhcp_packet *p, enum dhcp_option o,
		     const char *text)
{
	if (text[0] && wanted(p, o))
		dhcp_add_spare(r, o, text, strlen(text));
}

/* What the client needs to speak with others. */
static void add_network(const struct dhcp_config *c, const struct dhcp_exchange *x,
			struct dhcp_reply *r)
{
	uint32_t broadcast = c->self | ~c->mask;

	/* Before the router, RFC 2132 section 3.3. */
	dhcp_add_u32(r, OPT_MASK, c->mask);
	add_addrs(r, x->p, OPT_ROUTER, &c->router, c->router ? 1 : 0);
	add_addrs(r, x->p, OPT_DNS, c->dns, c->n_dns);
	add_addrs(r, x->p, OPT_BROADCAST, &broadcast, 1);
	add_text(r, x->p, OPT_HOSTNAME, x->name);
	add_text(r, x->p, OPT_DOMAIN, c->domain);
}

bool dhcp_ack(struct dhcp *d, struct dhcp_exchange *x, enum dhcp_type type, uint32_t addr,
	      struct reply *ret)
{
	struct dhcp_answer a = { .type = type, .yiaddr = addr };
	struct dhcp_reply r;

	dhcp_ask_boot(d, x);
	dhcp_boot_head(d, x, &a);
	/* A rescue system that was started from a stick finds its server by that. */
	if (x->kind == CLIENT_OTHER)
		a.siaddr = d->c.self;
	dhcp_begin(&r, ret->data, sizeof(ret->data), x->p, &a);
	dhcp_add_u32(&r, OPT_SERVER_ID, d->c.self);
	if (addr) {
		dhcp_add_u32(&r, OPT_LEASE_TIME, d->c.lease);
		dhcp_add_u32(&r, OPT_T1, d->c.lease / 2);
		dhcp_add_u32(&r, OPT_T2, (uint32_t)((uint64_t)d->c.lease * 7 / 8));
	}
	/* Before what can be left out when it does not fit. */
	dhcp_add_boot(d, x, &r);
	add_network(&d->c, x, &r);
	return dhcp_send(d, x, &r, type, ret);
}

bool dhcp_nak(struct dhcp *d, struct dhcp_exchange *x, uint32_t addr, const char *why,
	      struct reply *ret)
{
	struct dhcp_answer a = { .type = DHCP_NAK };
	struct dhcp_reply r;
	char text[ADDR_TEXT_MAX];

	journal_say(d->c.journal, SAY_NOTICE, x->mac,
		    "%s cannot have %s: %s. It is told to ask anew", x->who,
		    addr_text(addr, text), why);
	dhcp_begin(&r, ret->data, sizeof(ret->data), x->p, &a);
	dhcp_add_u32(&r, OPT_SERVER_ID, d->c.self);
	dhcp_add_text(&r, OPT_MESSAGE, why);
	return dhcp_send(d, x, &r, DHCP_NAK, ret);
}
