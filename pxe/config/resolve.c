// SPDX-License-Identifier: GPL-3.0-or-later
/* What lab.conf leaves open, from this machine's interfaces. */
#include "pxe/config/interfaces.h"
#include "pxe/config/lab.h"
#include "pxe/wire/datagram.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 1918. */
static bool is_private(uint32_t addr)
{
	static const struct network networks[] = { { 0x0a000000, 8 },
						   { 0xac100000, 12 },
						   { 0xc0a80000, 16 } };

	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		if (network_has(&networks[i], addr))
			return true;
	return false;
}

static bool fits(const struct lab *l, const struct interface *i)
{
	if (i->secondary)
		return false;
	if (l->interface[0])
		return !strcmp(l->interface, i->name);
	return i->permanent && is_private(i->addr);
}

/* All addresses there are, for the administrator to choose from. */
static void list_all(const struct interface *v, size_t n, char *buf, size_t size)
{
	char addr[ADDR_TEXT_MAX];
	size_t used = 0;

	snprintf(buf, size, "this machine has no IPv4 address");
	for (size_t i = 0; i < n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s %s/%u%s",
					 i ? ", " : "there are ", v[i].name,
					 addr_text(v[i].addr, addr), v[i].prefix,
					 v[i].permanent ? "" : " (leased)");
}

static int refuse(const struct lab *l, const struct interface *v, size_t n, unsigned found,
		  struct err *e)
{
	char list[512];

	list_all(v, n, list, sizeof(list));
	if (l->interface[0])
		return err_set(e, -ECANCELED, "%s has no IPv4 address; %s", l->interface, list);
	if (!found)
		return err_set(e, -ECANCELED,
			       "no interface has a private static address: give the lab's card "
			       "one (as 192.168.67.1/24), or write \"interface = NAME\" into "
			       "[lab] of " LAB_CONF "; %s",
			       list);
	return err_set(e, -ECANCELED,
		       "several interfaces could be the lab's: write \"interface = NAME\" into "
		       "[lab] of " LAB_CONF "; %s",
		       list);
}

/* The upper half of the network, 200 addresses at most. */
static int choose_range(struct lab *l, struct err *e)
{
	uint32_t mask = ~UINT32_C(0) << (32 - l->address.prefix);
	uint32_t net = l->address.addr & mask, size = ~mask + 1;

	if (size < 8)
		return err_set(e, -ECANCELED,
			       "the network of %s has only %u addresses: too few for a lab",
			       l->interface, size);
	l->first = net + size / 2;
	l->last = net + size - 2;
	if (l->last - l->first > 199)
		l->first = l->last - 199;
	if (l->address.addr >= l->first && l->address.addr <= l->last) {
		l->first = net + 1;
		l->last = net + size / 2 - 1;
	}
	return 0;
}

/* A range stands within the network, without our own address. */
static int check_range(const struct lab *l, struct err *e)
{
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX], own[ADDR_TEXT_MAX];
	uint32_t mask = ~UINT32_C(0) << (32 - l->address.prefix);

	addr_text(l->first, first);
	addr_text(l->last, last);
	addr_text(l->address.addr, own);
	if (!network_has(&l->address, l->first) || !network_has(&l->address, l->last))
		return err_set(e, -ECANCELED,
			       "the range %s-%s is not in the network of %s, %s/%u", first,
			       last, l->interface, own, l->address.prefix);
	if (l->address.addr >= l->first && l->address.addr <= l->last)
		return err_set(e, -ECANCELED,
			       "this server's own address %s is in the range %s-%s", own, first,
			       last);
	if ((l->first & ~mask) == 0 || (l->last | mask) == ~UINT32_C(0))
		return err_set(
			e, -ECANCELED,
			"the range %s-%s holds the first or last address of the network, "
			"which no machine can have",
			first, last);
	return 0;
}

static int resolve(struct lab *l, const struct interface *v, size_t n, struct err *e)
{
	const struct interface *chosen = NULL;
	unsigned found = 0;

	for (size_t i = 0; i < n; i++) {
		if (!fits(l, &v[i]))
			continue;
		/* Of several addresses of one interface, the first. */
		if (!chosen)
			chosen = &v[i];
		found++;
	}
	if (!found || (found > 1 && !l->interface[0]))
		return refuse(l, v, n, found, e);
	if (chosen->prefix == 0 || chosen->prefix > 30)
		return err_set(e, -ECANCELED, "%s has no network around its address (/%u)",
			       chosen->name, chosen->prefix);
	memcpy(l->interface, chosen->name, sizeof(l->interface));
	l->address = (struct network){ chosen->addr, chosen->prefix };
	return l->first ? check_range(l, e) : choose_range(l, e);
}

int lab_resolve(struct lab *l, struct err *e)
{
	struct interface *v;
	size_t n;
	int r = interfaces_list(&v, &n, e);

	if (r)
		return r;
	r = resolve(l, v, n, e);
	free(v);
	return r;
}
