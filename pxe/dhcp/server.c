// SPDX-License-Identifier: GPL-3.0-or-later
/* The DHCP server: what each message of a client leads to (RFC 2131 section 4.3). */
#include "pxe/dhcp/machine.h"

#define FULL_SAID_EVERY 60000 /* ms */

static bool store_failed(const struct dhcp *d, const struct dhcp_exchange *x,
			 const struct err *e)
{
	journal_say(d->c.journal, SAY_ERROR, x->mac, "%s gets no address: %s", x->who, e->msg);
	return false;
}

static bool range_full(struct dhcp *d, const struct dhcp_exchange *x)
{
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX];

	if (x->now.ms < d->full_said_ms)
		return false;
	d->full_said_ms = x->now.ms + FULL_SAID_EVERY;
	journal_say(d->c.journal, SAY_WARNING, NULL,
		    "%s gets no address: all from %s to %s are taken. Make the range in "
		    "lab.conf larger, or the lease time shorter",
		    x->who, addr_text(d->c.first, first), addr_text(d->c.last, last));
	return false;
}

static bool discover(struct dhcp *d, struct dhcp_exchange *x, struct reply *ret,
		     uint32_t *ret_ping)
{
	struct dhcp_offer *f;
	struct err e = { "" };
	uint32_t addr = 0;
	bool own, again;
	int r = dhcp_choose(d, x, &addr, &own, &e);

	if (r < 0)
		return store_failed(d, x, &e);
	if (!r)
		return range_full(d, x);
	f = dhcp_offer_of(&d->offers, &x->p->mac, x->now.ms);
	again = f && f->addr == addr;
	if (again && f->state == OFFER_PROBED) {
		dhcp_offer_probe(f, x->in, f->until_ms);
		return false;
	}
	f = dhcp_offer_make(&d->offers, &x->p->mac, addr, x->now.ms);
	/* Who has the lease may answer the ping itself. */
	if (d->c.probe && !own && !again) {
		dhcp_offer_probe(f, x->in, x->now.ms + OFFER_PROBED_MS);
		*ret_ping = addr;
		return false;
	}
	return dhcp_ack(d, x, DHCP_OFFER, addr, ret);
}

static void forget_offer(struct dhcp *d, const struct dhcp_exchange *x)
{
	struct dhcp_offer *f = dhcp_offer_of(&d->offers, &x->p->mac, x->now.ms);

	if (f)
		dhcp_offer_forget(f);
}

/* The lease is on stable storage before the client hears of it. */
static bool grant(struct dhcp *d, struct dhcp_exchange *x, uint32_t addr, struct reply *ret)
{
	struct lease l = { .addr = addr,
			   .mac = x->p->mac,
			   .until_wall = x->now.wall + d->c.lease };
	char text[ADDR_TEXT_MAX];
	struct err e = { "" };

	if (d->c.store.put(d->c.store.ctx, &l, &e))
		return store_failed(d, x, &e);
	forget_offer(d, x);
	if (!dhcp_ack(d, x, DHCP_ACK, addr, ret))
		return false;
	journal_say(d->c.journal, SAY_INFO, x->mac, "%s has %s (%s)%s%s", x->who,
		    addr_text(addr, text), client_kind_name(x->kind),
		    x->boot.none ? "" : ", boots ", x->boot.none ? "" : x->boot.file);
	return true;
}

/* Yes or no to a client that counts on our answer. */
static bool decide(struct dhcp *d, struct dhcp_exchange *x, uint32_t addr, struct reply *ret)
{
	struct err e = { "" };
	const char *why = NULL;
	int r = dhcp_may_have(d, x, addr, &why, &e);

	if (r < 0)
		return store_failed(d, x, &e);
	if (r)
		return grant(d, x, addr, ret);
	forget_offer(d, x);
	return dhcp_nak(d, x, addr, why, ret);
}

/*
 * SELECTING: a client takes an offer, perhaps one that we have forgotten.  But a copy of that
 * message which comes late, when the client has another address by now, must not move it back.
 */
static bool select_offer(struct dhcp *d, struct dhcp_exchange *x, uint32_t addr,
			 struct reply *ret)
{
	const struct dhcp_offer *f = dhcp_offer_of(&d->offers, &x->p->mac, x->now.ms);
	struct err e = { "" };
	struct lease has;
	int r = dhcp_lease_of(d, x, &has, &e);

	if (r < 0)
		return store_failed(d, x, &e);
	if (r && has.addr != addr && has.until_wall > x->judge && !(f && f->addr == addr))
		return dhcp_nak(d, x, addr, "it has another address by now", ret);
	return decide(d, x, addr, ret);
}

/*
 * INIT-REBOOT, RENEWING, REBINDING: a client has an address and asks if it may keep it.
 * Of clients that we do not know we say no only when the address is surely wrong (another
 * network, another machine's): another server may know them.  One that asks nobody but us to
 * renew was given its address here, even if that was forgotten.
 */
static bool keep(struct dhcp *d, struct dhcp_exchange *x, uint32_t addr, struct reply *ret)
{
	bool ours = x->p->ciaddr && x->in->to.addr == d->c.self;
	struct err e = { "" };
	const char *why = NULL;
	uint32_t right = 0;
	int known = dhcp_recorded(d, x, &right, &e), may;

	if (known < 0)
		return store_failed(d, x, &e);
	if (known && right != addr)
		return dhcp_nak(d, x, addr, "another address is meant for it", ret);
	if (known || ours || !dhcp_same_net(d, addr))
		return decide(d, x, addr, ret);
	may = dhcp_is_free(d, x, addr, &why, &e);
	if (may < 0)
		return store_failed(d, x, &e);
	return !may && dhcp_nak(d, x, addr, why, ret);
}

static bool request(struct dhcp *d, struct dhcp_exchange *x, struct reply *ret,
		    uint32_t *ret_ping)
{
	uint32_t server = dhcp_addr(x->p, OPT_SERVER_ID);
	uint32_t addr = dhcp_addr(x->p, OPT_REQUESTED_ADDR);

	(void)ret_ping;
	if (server && server != d->c.self) {
		forget_offer(d, x); /* it took another server's */
		return false;
	}
	/* Who has an address already asks for that. */
	if (!addr || (!server && x->p->ciaddr))
		addr = x->p->ciaddr;
	if (!addr)
		return false;
	return server ? select_offer(d, x, addr, ret) : keep(d, x, addr, ret);
}

/* DECLINE and RELEASE: of the client's own address, at this server, and nothing else. */
static bool gives_up(struct dhcp *d, const struct dhcp_exchange *x, uint32_t addr)
{
	struct err e = { "" };
	struct lease l;
	int r;

	if (!addr || dhcp_addr(x->p, OPT_SERVER_ID) != d->c.self)
		return false;
	r = dhcp_lease_of(d, x, &l, &e);
	if (r < 0)
		return store_failed(d, x, &e);
	return r && l.addr == addr && l.until_wall > x->judge;
}

static bool decline(struct dhcp *d, struct dhcp_exchange *x, struct reply *ret,
		    uint32_t *ret_ping)
{
	uint32_t addr = dhcp_addr(x->p, OPT_REQUESTED_ADDR);

	(void)ret;
	(void)ret_ping;
	if (gives_up(d, x, addr)) {
		forget_offer(d, x);
		dhcp_leave_alone(d, x, addr);
	}
	return false;
}

/* The lease ends, but is kept: the client gets the same address next time if it can. */
static bool release(struct dhcp *d, struct dhcp_exchange *x, struct reply *ret,
		    uint32_t *ret_ping)
{
	struct lease l = { .addr = x->p->ciaddr, .mac = x->p->mac, .until_wall = x->now.wall };
	char text[ADDR_TEXT_MAX];
	struct err e = { "" };

	(void)ret;
	(void)ret_ping;
	if (!gives_up(d, x, l.addr))
		return false;
	forget_offer(d, x);
	addr_text(l.addr, text);
	if (d->c.store.put(d->c.store.ctx, &l, &e))
		journal_say(d->c.journal, SAY_ERROR, x->mac,
			    "%s gives %s back, which cannot be noted: %s", x->who, text, e.msg);
	else
		journal_say(d->c.journal, SAY_INFO, x->mac, "%s gives %s back", x->who, text);
	return false;
}

/* It has an address by other means and wants to know the rest. */
static bool inform(struct dhcp *d, struct dhcp_exchange *x, struct reply *ret,
		   uint32_t *ret_ping)
{
	(void)ret_ping;
	if (!dhcp_same_net(d, x->p->ciaddr))
		return false;
	return dhcp_ack(d, x, DHCP_ACK, 0, ret);
}

bool dhcp_server_take(struct dhcp *d, struct dhcp_exchange *x, struct reply *ret,
		      uint32_t *ret_ping)
{
	static bool (*const by_type[])(struct dhcp *, struct dhcp_exchange *, struct reply *,
				       uint32_t *) = {
		[DHCP_DISCOVER] = discover, [DHCP_REQUEST] = request, [DHCP_DECLINE] = decline,
		[DHCP_RELEASE] = release,   [DHCP_INFORM] = inform,
	};
	unsigned type = x->p->type;

	if (type >= sizeof(by_type) / sizeof(by_type[0]) || !by_type[type])
		return false;
	return by_type[type](d, x, ret, ret_ping);
}
