// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * lease_memory.h - a store of leases and hosts in memory, for tests and fuzz targets of
 * pxe/dhcp/.  One row a MAC, one row an address.  Can be told to fail.
 */
#ifndef TESTS_UNIT_LEASE_MEMORY_H
#define TESTS_UNIT_LEASE_MEMORY_H

#include "pxe/dhcp/lease.h"

#include <errno.h>
#include <stdio.h>

#define MEMORY_ROWS 512

struct lease_memory {
	struct lease rows[MEMORY_ROWS];
	size_t n;
	struct {
		struct mac mac;
		uint32_t addr;
		char name[64];
	} hosts[16];
	size_t n_hosts;
	unsigned puts, hosts_asked;
	int fail;     /* a negative errno for every call */
	int fail_put; /* for put() alone */
};

static inline struct lease *memory_at(struct lease_memory *m, uint32_t addr)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->rows[i].addr == addr)
			return &m->rows[i];
	return NULL;
}

static inline struct lease *memory_of(struct lease_memory *m, const struct mac *mac)
{
	for (size_t i = 0; i < m->n; i++)
		if (mac_equal(&m->rows[i].mac, mac))
			return &m->rows[i];
	return NULL;
}

static inline int memory_answer(const struct lease_memory *m, const struct lease *l,
				struct lease *ret, struct err *e)
{
	if (m->fail)
		return err_set(e, m->fail, "the store is told to fail");
	if (!l)
		return -ENOENT;
	*ret = *l;
	return 0;
}

static inline int memory_by_mac(void *ctx, const struct mac *mac, struct lease *ret,
				struct err *e)
{
	return memory_answer(ctx, memory_of(ctx, mac), ret, e);
}

static inline int memory_by_addr(void *ctx, uint32_t addr, struct lease *ret, struct err *e)
{
	return memory_answer(ctx, memory_at(ctx, addr), ret, e);
}

/* Knows nothing of fixed addresses, as lease.h allows: the server has to. */
static inline int memory_pick(void *ctx, const struct lease_wanted *w, uint32_t *ret,
			      struct err *e)
{
	struct lease_memory *m = ctx;
	int64_t best = INT64_MAX;

	if (m->fail)
		return err_set(e, m->fail, "the store is told to fail");
	for (uint32_t a = w->first; a <= w->last; a++) {
		const struct lease *l = memory_at(m, a);
		int64_t until = l ? l->until_wall : 0;

		if (until > w->now_wall || until >= best || w->held(w->held_ctx, a))
			continue;
		best = until;
		*ret = a;
	}
	return best == INT64_MAX ? -ENOENT : 0;
}

static inline int memory_put(void *ctx, const struct lease *lease, struct err *e)
{
	struct lease_memory *m = ctx;
	size_t n = 0;

	if (m->fail || m->fail_put)
		return err_set(e, m->fail ? m->fail : m->fail_put, "the store is told to fail");
	m->puts++;
	for (size_t i = 0; i < m->n; i++)
		if (m->rows[i].addr != lease->addr && !mac_equal(&m->rows[i].mac, &lease->mac))
			m->rows[n++] = m->rows[i];
	m->n = n;
	if (n == MEMORY_ROWS)
		return err_set(e, -ENOSPC, "the store is full");
	m->rows[m->n++] = *lease;
	return 0;
}

static inline int memory_host(void *ctx, const struct mac *mac, uint32_t *ret_addr,
			      char ret_name[64], struct err *e)
{
	struct lease_memory *m = ctx;

	if (m->fail)
		return err_set(e, m->fail, "the store is told to fail");
	m->hosts_asked++;
	for (size_t i = 0; i < m->n_hosts; i++) {
		if (!mac_equal(&m->hosts[i].mac, mac))
			continue;
		*ret_addr = m->hosts[i].addr;
		snprintf(ret_name, 64, "%s", m->hosts[i].name);
		return 0;
	}
	return -ENOENT;
}

static inline int memory_fixed(void *ctx, uint32_t addr, struct mac *ret, struct err *e)
{
	struct lease_memory *m = ctx;

	if (m->fail)
		return err_set(e, m->fail, "the store is told to fail");
	for (size_t i = 0; i < m->n_hosts; i++) {
		if (m->hosts[i].addr != addr)
			continue;
		*ret = m->hosts[i].mac;
		return 0;
	}
	return -ENOENT;
}

static inline struct lease_store memory_store(struct lease_memory *m)
{
	return (struct lease_store){ .ctx = m,
				     .by_mac = memory_by_mac,
				     .by_addr = memory_by_addr,
				     .pick = memory_pick,
				     .put = memory_put,
				     .host = memory_host,
				     .fixed = memory_fixed };
}

static inline void memory_add_host(struct lease_memory *m, struct mac mac, uint32_t addr,
				   const char *name)
{
	m->hosts[m->n_hosts].mac = mac;
	m->hosts[m->n_hosts].addr = addr;
	snprintf(m->hosts[m->n_hosts++].name, 64, "%s", name);
}

#endif
