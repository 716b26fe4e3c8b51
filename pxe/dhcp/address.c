// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which address a client gets (RFC 2131 section 4.3.1).  A client is its MAC: the firmware
 * and the operating system of one PC send different client identifiers (option 61), or none,
 * and shall have one address.
 */
#include "pxe/dhcp/machine.h"

#include <errno.h>

struct mac lease_nobody(uint32_t addr)
{
	return (struct mac){ { 3, 0, (uint8_t)(addr >> 24), (uint8_t)(addr >> 16),
			       (uint8_t)(addr >> 8), (uint8_t)addr } };
}

/* Addresses of this network that are no client's, whoever asks. */
static const char *never(const struct dhcp *d, uint32_t addr)
{
	if (!dhcp_same_net(d, addr))
		return "it is not of this network";
	if (addr == d->c.self)
		return "it is the server's own";
	if (addr == d->c.router)
		return "it is the router's";
	if ((addr & ~d->c.mask) == 0 || (addr | d->c.mask) == ADDR_ALL)
		return "it is the network's own or its broadcast address";
	return NULL;
}

/* Does the lease store let @x have @addr? */
static int unleased(struct dhcp *d, const struct dhcp_exchange *x, uint32_t addr,
		    const char **ret_why, struct err *e)
{
	struct lease l;
	int r = d->c.store.by_addr(d->c.store.ctx, addr, &l, e);

	if (r == -ENOENT)
		return 1;
	if (r)
		return r;
	if (l.until_wall <= x->judge || mac_equal(&l.mac, &x->p->mac))
		return 1;
	*ret_why = l.declined ? "another machine uses it" : "another machine has it";
	return 0;
}

int dhcp_is_free(struct dhcp *d, const struct dhcp_exchange *x, uint32_t addr,
		 const char **ret_why, struct err *e)
{
	const struct dhcp_offer *f = dhcp_offer_at(&d->offers, addr, x->now.ms);
	struct mac owner;
	int r;

	*ret_why = never(d, addr);
	if (*ret_why)
		return 0;
	if (f && !mac_equal(&f->mac, &x->p->mac)) {
		*ret_why = "it was just offered to another machine";
		return 0;
	}
	r = d->c.store.fixed(d->c.store.ctx, addr, &owner, e);
	if (r && r != -ENOENT)
		return r;
	if (!r && !mac_equal(&owner, &x->p->mac)) {
		*ret_why = "it is another machine's fixed address";
		return 0;
	}
	return unleased(d, x, addr, ret_why, e);
}

int dhcp_may_have(struct dhcp *d, const struct dhcp_exchange *x, uint32_t addr,
		  const char **ret_why, struct err *e)
{
	const char *why_not_fixed;
	int r;

	if (x->fixed && addr != x->fixed) {
		r = dhcp_is_free(d, x, x->fixed, &why_not_fixed, e);
		*ret_why = "it has a fixed address";
		if (r)
			return r < 0 ? r : 0;
	}
	r = dhcp_is_free(d, x, addr, ret_why, e);
	if (r <= 0 || addr == x->fixed || (addr >= d->c.first && addr <= d->c.last))
		return r;
	*ret_why = "it is outside of the range";
	return 0;
}

/* What decides whether a picked address will do. */
struct picking {
	struct dhcp *d;
	const struct dhcp_exchange *x;
	int failed; /* a negative errno of the store */
	struct err *e;
};

static bool is_held(void *ctx, uint32_t addr)
{
	struct picking *p = ctx;
	const char *why;
	int r = p->failed ? p->failed : dhcp_is_free(p->d, p->x, addr, &why, p->e);

	if (r < 0)
		p->failed = r;
	return r <= 0;
}

/* One that nobody has. */
static int choose_free(struct dhcp *d, const struct dhcp_exchange *x, uint32_t *ret,
		       struct err *e)
{
	struct picking p = { .d = d, .x = x, .e = e };
	const struct lease_wanted w = { d->c.first, d->c.last, x->judge, is_held, &p };
	int r = d->c.store.pick(d->c.store.ctx, &w, ret, e);

	if (p.failed)
		return p.failed;
	if (!r && (*ret < d->c.first || *ret > d->c.last))
		return err_set(e, -EUCLEAN, "the store of leases picks wrong addresses");
	return r == -ENOENT ? 0 : r ? r : 1;
}

int dhcp_lease_of(struct dhcp *d, const struct dhcp_exchange *x, struct lease *ret,
		  struct err *e)
{
	int r = d->c.store.by_mac(d->c.store.ctx, &x->p->mac, ret, e);

	return r == -ENOENT ? 0 : r ? r : 1;
}

int dhcp_choose(struct dhcp *d, const struct dhcp_exchange *x, uint32_t *ret, bool *ret_own,
		struct err *e)
{
	const struct dhcp_offer *f = dhcp_offer_of(&d->offers, &x->p->mac, x->now.ms);
	struct lease had = { 0 };
	char text[ADDR_TEXT_MAX];
	uint32_t wishes[4];
	const char *why;
	int r = dhcp_lease_of(d, x, &had, e);

	if (r < 0)
		return r;
	wishes[0] = x->fixed;
	wishes[1] = f ? f->addr : 0;
	wishes[2] = had.addr;
	wishes[3] = dhcp_addr(x->p, OPT_REQUESTED_ADDR);
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		if (!wishes[i])
			continue;
		r = dhcp_may_have(d, x, wishes[i], &why, e);
		if (!r && wishes[i] == x->fixed)
			journal_say(d->c.journal, SAY_NOTICE, x->mac,
				    "%s cannot have its fixed address %s now: %s. It gets "
				    "another one",
				    x->who, addr_text(x->fixed, text), why);
		if (!r)
			continue;
		*ret = wishes[i];
		*ret_own = *ret == had.addr && had.until_wall > x->judge;
		return r;
	}
	*ret_own = false;
	return choose_free(d, x, ret, e);
}

int dhcp_recorded(struct dhcp *d, const struct dhcp_exchange *x, uint32_t *ret, struct err *e)
{
	struct lease had = { 0 };
	const char *why;
	int r = 0;

	if (x->fixed) {
		*ret = x->fixed;
		r = dhcp_is_free(d, x, x->fixed, &why, e);
	}
	if (r)
		return r;
	r = dhcp_lease_of(d, x, &had, e);
	if (r > 0)
		*ret = had.addr;
	return r > 0 || x->fixed ? 1 : r;
}

void dhcp_leave_alone(struct dhcp *d, const struct dhcp_exchange *x, uint32_t addr)
{
	struct lease l = { .addr = addr,
			   .mac = lease_nobody(addr),
			   .until_wall = x->now.wall + DECLINED_FOR,
			   .declined = true };
	char text[ADDR_TEXT_MAX];
	struct err e = { "" };

	addr_text(addr, text);
	if (d->c.store.put(d->c.store.ctx, &l, &e))
		journal_say(d->c.journal, SAY_ERROR, x->mac,
			    "%s cannot be marked as in use: %s", text, e.msg);
	else
		journal_say(d->c.journal, SAY_WARNING, x->mac,
			    "%s is used by a machine that did not get it from here; nobody is "
			    "given it for %d minutes. Give that machine another address, or "
			    "leave this one out of the range",
			    text, DECLINED_FOR / 60);
}
