// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/lease_store.h"

#include <errno.h>
#include <stdio.h>

static int by_mac(void *ctx, const struct mac *mac, struct lease *ret, struct err *e)
{
	*ret = (struct lease){ .mac = *mac };
	return store_lease_by_mac(ctx, mac, &ret->addr, &ret->until_wall, &ret->declined, e);
}

static int by_addr(void *ctx, uint32_t addr, struct lease *ret, struct err *e)
{
	*ret = (struct lease){ .addr = addr };
	return store_lease_by_addr(ctx, addr, &ret->mac, &ret->until_wall, &ret->declined, e);
}

static int pick(void *ctx, const struct lease_wanted *w, uint32_t *ret, struct err *e)
{
	const struct store_pick p = { w->first, w->last, w->now_wall, w->held, w->held_ctx };

	return store_lease_pick(ctx, &p, ret, e);
}

static int put(void *ctx, const struct lease *l, struct err *e)
{
	return store_lease_put(ctx, l->addr, &l->mac, l->until_wall, l->declined, e);
}

static int host(void *ctx, const struct mac *mac, uint32_t *ret_addr, char ret_name[64],
		struct err *e)
{
	struct host h;
	int r = store_host_by_mac(ctx, mac, &h, e);

	if (!r && !h.known)
		r = err_set(e, -ENOENT, "only seen");
	if (r)
		return r;
	*ret_addr = h.addr;
	snprintf(ret_name, 64, "%s", h.name);
	return 0;
}

static int fixed(void *ctx, uint32_t addr, struct mac *ret, struct err *e)
{
	struct host h;
	int r = store_host_by_addr(ctx, addr, &h, e);

	if (!r)
		*ret = h.mac;
	return r;
}

struct lease_store lease_store(struct store *s)
{
	return (struct lease_store){ s, by_mac, by_addr, pick, put, host, fixed };
}
