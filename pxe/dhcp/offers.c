// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/dhcp/offers.h"

#include <stdlib.h>
#include <string.h>

int dhcp_offers_init(struct dhcp_offers *o, bool probe, struct err *e)
{
	*o = (struct dhcp_offers){ .v = calloc(OFFERS_MAX, sizeof(*o->v)) };
	if (probe)
		o->room = calloc(OFFERS_MAX, DATAGRAM_MAX);
	if (!o->v || (probe && !o->room)) {
		dhcp_offers_free(o);
		return err_nomem(e);
	}
	for (size_t i = 0; probe && i < OFFERS_MAX; i++)
		o->v[i].data = o->room + i * DATAGRAM_MAX;
	return 0;
}

void dhcp_offers_free(struct dhcp_offers *o)
{
	free(o->v);
	free(o->room);
	*o = (struct dhcp_offers){ 0 };
}

static bool is_over(const struct dhcp_offer *f, int64_t now_ms)
{
	return f->state == OFFER_NONE || (f->state == OFFER_MADE && f->until_ms <= now_ms);
}

struct dhcp_offer *dhcp_offer_of(struct dhcp_offers *o, const struct mac *mac, int64_t now_ms)
{
	for (size_t i = 0; i < o->used; i++)
		if (!is_over(&o->v[i], now_ms) && mac_equal(&o->v[i].mac, mac))
			return &o->v[i];
	return NULL;
}

struct dhcp_offer *dhcp_offer_at(struct dhcp_offers *o, uint32_t addr, int64_t now_ms)
{
	for (size_t i = 0; i < o->used; i++)
		if (o->v[i].addr == addr && !is_over(&o->v[i], now_ms))
			return &o->v[i];
	return NULL;
}

void dhcp_offer_forget(struct dhcp_offer *f)
{
	f->state = OFFER_NONE;
}

/* One that is over, or was never used; when there is none, the one that would end first. */
static struct dhcp_offer *free_entry(struct dhcp_offers *o, int64_t now_ms)
{
	struct dhcp_offer *first = &o->v[0];

	for (size_t i = 0; i < o->used; i++) {
		if (is_over(&o->v[i], now_ms))
			return &o->v[i];
		if (o->v[i].until_ms < first->until_ms)
			first = &o->v[i];
	}
	return o->used < OFFERS_MAX ? &o->v[o->used++] : first;
}

struct dhcp_offer *dhcp_offer_make(struct dhcp_offers *o, const struct mac *mac, uint32_t addr,
				   int64_t now_ms)
{
	struct dhcp_offer *f = dhcp_offer_of(o, mac, now_ms);

	if (!f)
		f = free_entry(o, now_ms);
	f->state = OFFER_MADE;
	f->mac = *mac;
	f->addr = addr;
	f->until_ms = now_ms + OFFER_KEPT_MS;
	f->len = 0;
	return f;
}

void dhcp_offer_probe(struct dhcp_offer *f, const struct datagram *in, int64_t due_ms)
{
	f->state = OFFER_PROBED;
	f->until_ms = due_ms;
	memmove(f->data, in->data, in->len);
	f->len = in->len;
	f->from = in->from;
	f->to = in->to;
}

void dhcp_offer_passed(struct dhcp_offer *f, int64_t now_ms)
{
	f->state = OFFER_MADE;
	f->until_ms = now_ms + OFFER_KEPT_MS;
}

struct dhcp_offer *dhcp_offer_next(const struct dhcp_offers *o)
{
	struct dhcp_offer *next = NULL;

	for (size_t i = 0; i < o->used; i++)
		if (o->v[i].state == OFFER_PROBED &&
		    (!next || o->v[i].until_ms < next->until_ms))
			next = &o->v[i];
	return next;
}
