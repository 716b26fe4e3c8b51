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

/* Neither leased nor given to a host for good: 1, 0, or a negative errno. */
static int is_unused(struct store *s, uint32_t addr, struct err *e)
{
	struct query q = query(s, "SELECT EXISTS (SELECT 1 FROM leases WHERE addr = ?1) OR "
				  "EXISTS (SELECT 1 FROM hosts WHERE addr = ?1)");
	int r;

	query_int(&q, addr);
	r = query_row(&q, e);
	if (r > 0)
		r = !query_get_int(&q, 0);
	query_end(&q);
	return r;
}

/* The lease that ended first. */
static int oldest(struct store *s, uint32_t first, uint32_t last, int64_t now, uint32_t *ret,
		  struct err *e)
{
	struct query q = query(s, "SELECT addr FROM leases WHERE addr BETWEEN ? AND ? AND "
				  "until <= ? AND addr NOT IN (SELECT addr FROM hosts WHERE "
				  "addr != 0) ORDER BY until, addr LIMIT 1");
	int r;

	query_int(&q, first);
	query_int(&q, last);
	query_int(&q, now);
	r = query_row(&q, e);
	if (r > 0)
		*ret = (uint32_t)query_get_int(&q, 0);
	query_end(&q);
	return r > 0 ? 0 : r ? r : -ENOENT;
}

int store_lease_pick(struct store *s, uint32_t first, uint32_t last, int64_t now,
		     uint32_t *ret_addr, struct err *e)
{
	uint64_t n = (uint64_t)last - first + 1;

	if (s->next_free < first || s->next_free > last)
		s->next_free = first;
	for (uint64_t i = 0; i < n; i++) {
		uint32_t addr = first + (uint32_t)((s->next_free - first + i) % n);
		int r = is_unused(s, addr, e);

		if (r < 0)
			return r;
		if (!r)
			continue;
		*ret_addr = addr;
		s->next_free = addr == last ? first : addr + 1;
		return 0;
	}
	return oldest(s, first, last, now, ret_addr, e);
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
