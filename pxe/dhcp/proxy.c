// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * proxyDHCP (PXE 2.1 section 2.2): tells netboot clients what to boot while another server
 * gives them addresses.  On port 67 to their DISCOVER; on port 4011 to those that ask again
 * there when they have an address.
 */
#include "pxe/dhcp/machine.h"

/* Where an answer from port 4011 goes: back to where the question came from. */
static void to_source(const struct dhcp_exchange *x, struct reply *ret)
{
	/* UEFI asks from port 4011, iPXE from port 68; both listen there and nowhere else. */
	ret->from_port = PORT_PXE;
	ret->to = x->in->from;
	if (!ret->to.addr)
		ret->to.addr = ADDR_ALL;
}

static bool answer(struct dhcp *d, struct dhcp_exchange *x, enum dhcp_type type,
		   struct reply *ret)
{
	struct dhcp_answer a = { .type = type };
	struct dhcp_reply r;

	dhcp_ask_boot(d, x);
	if (x->boot.none)
		return false;
	dhcp_boot_head(d, x, &a);
	dhcp_begin(&r, ret->data, sizeof(ret->data), x->p, &a);
	dhcp_add_u32(&r, OPT_SERVER_ID, d->c.self);
	dhcp_add_boot(d, x, &r);
	if (!dhcp_send(d, x, &r, type, ret))
		return false;
	if (x->in->to.port == PORT_PXE)
		to_source(x, ret);
	journal_say(d->c.journal, SAY_INFO, x->mac, "%s (%s) is told to boot %s", x->who,
		    client_kind_name(x->kind), x->boot.file);
	return true;
}

bool dhcp_proxy_take(struct dhcp *d, struct dhcp_exchange *x, struct reply *ret)
{
	bool at_pxe = x->in->to.port == PORT_PXE;
	uint32_t from = x->in->from.addr;

	/* Nothing is sent to strangers, whose addresses may be forged. */
	if (at_pxe && from && !dhcp_same_net(d, from))
		return false;
	if (x->p->type == DHCP_INFORM && (at_pxe || dhcp_same_net(d, x->p->ciaddr)))
		return answer(d, x, DHCP_ACK, ret);
	/* A REQUEST on port 67 is for the server that gives addresses. */
	if (x->p->type == DHCP_REQUEST && at_pxe)
		return answer(d, x, DHCP_ACK, ret);
	if (x->p->type == DHCP_DISCOVER)
		return answer(d, x, DHCP_OFFER, ret);
	return false;
}
