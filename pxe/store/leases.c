// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/store/query.h"

#include <errno.h>

int store_lease_by_mac(struct store *s, const struct mac *mac, uint32_t *ret_addr,
		       int64_t *ret_until, bool *ret_declined, struct err *e)
{
	struct query q = query(s, "SELECT addr, until FROM leases WHERE mac = ? AND "
				  "declined = 0");
	int r;

	query_mac(&q, mac);
	r = query_row(&q, e);
	if (r > 0) {
		*ret_addr = (uint32_t)query_get_int(&q, 0);
		*ret_until = query_get_int(&q, 1);
		*ret_declined = false;
	}
	query_end(&q);
	return r > 0 ? 0 : r ? r : -ENOENT;
}

int store_lease_by_addr(struct store *s, uint32_t addr, struct mac *ret_mac, int64_t *ret_until,
			bool *ret_declined, struct err *e)
{
	struct query q = query(s, "SELECT mac, until, declined FROM leases WHERE addr = ?");
	int r;

	query_int(&q, addr);
	r = query_row(&q, e);
	if (r > 0) {
		query_get_mac(&q, 0, ret_mac);
		*ret_until = query_get_int(&q, 1);
		*ret_declined = query_get_int(&q, 2) != 0;
	}
	query_end(&q);
	return r > 0 ? 0 : r ? r : -ENOENT;
}

/* The first address from @from on that is in no lease and no host's. */
static int unused(struct store *s, const struct store_pick *p, uint32_t from, uint32_t *ret,
		  struct err *e)
{
	struct query q = query(s, "SELECT addr FROM leases WHERE addr BETWEEN ?1 AND ?2 UNION "
				  "SELECT addr FROM hosts WHERE addr BETWEEN ?1 AND ?2 AND "
				  "addr != 0 ORDER BY addr");
	uint64_t at = from;
	int r;

	query_int(&q, from);
	query_int(&q, p->last);
	while ((r = query_row(&q, e)) >= 0) {
		uint64_t used = r ? (uint64_t)query_get_int(&q, 0) : (uint64_t)p->last + 1;

		while (at < used && p->held(p->held_ctx, (uint32_t)at))
			at++;
		if (!r || at < used)
			break;
		at = used + 1;
	}
	query_end(&q);
	if (r < 0)
		return r;
	*ret = (uint32_t)at;
	return at <= p->last ? 0 : -ENOENT;
}

/* The lease that ended first. */
static int oldest(struct store *s, const struct store_pick *p, uint32_t *ret, struct err *e)
{
	struct query q = query(s, "SELECT addr FROM leases WHERE addr BETWEEN ? AND ? AND "
				  "until <= ? AND addr NOT IN (SELECT addr FROM hosts WHERE "
				  "addr != 0) ORDER BY until, addr");
	int r;

	query_int(&q, p->first);
	query_int(&q, p->last);
	query_int(&q, p->now);
	while ((r = query_row(&q, e)) > 0) {
		*ret = (uint32_t)query_get_int(&q, 0);
		if (!p->held(p->held_ctx, *ret))
			break;
	}
	query_end(&q);
	return r > 0 ? 0 : r ? r : -ENOENT;
}

int store_lease_pick(struct store *s, const struct store_pick *p, uint32_t *ret_addr,
		     struct err *e)
{
	int r;

	if (s->next_free < p->first || s->next_free > p->last)
		s->next_free = p->first;
	r = unused(s, p, s->next_free, ret_addr, e);
	if (r == -ENOENT && s->next_free > p->first)
		r = unused(s, p, p->first, ret_addr, e);
	if (!r)
		s->next_free = *ret_addr + 1;
	return r == -ENOENT ? oldest(s, p, ret_addr, e) : r;
}

int store_lease_put(struct store *s, uint32_t addr, const struct mac *mac, int64_t until,
		    bool declined, struct err *e)
{
	struct query q = query(s, "INSERT OR REPLACE INTO leases (addr, mac, until, declined) "
				  "VALUES (?, ?, ?, ?)");

	query_int(&q, addr);
	query_mac(&q, mac);
	query_int(&q, until);
	query_int(&q, declined);
	return query_run(&q, e);
}
