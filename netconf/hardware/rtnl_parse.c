// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/hardware/rtnl_parse.h"

#include "common/netlink.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

static struct rtnl_link *room(struct rtnl_reply *reply)
{
	size_t cap = reply->cap ? 2 * reply->cap : 16;
	struct rtnl_link *v;

	if (reply->n < reply->cap)
		return &reply->v[reply->n];
	v = reallocarray(reply->v, cap, sizeof(*v));
	if (!v)
		return NULL;
	reply->v = v;
	reply->cap = cap;
	return &v[reply->n];
}

static void parse_attribute(struct rtnl_link *link, struct netlink_attribute *a)
{
	size_t n = rd_left(&a->value);
	const uint8_t *p = n ? rd_bytes(&a->value, n) : NULL;

	if (!p)
		return;
	if (a->type == IFLA_IFNAME && strnlen((const char *)p, n) < sizeof(link->name)) {
		memcpy(link->name, p, strnlen((const char *)p, n));
	} else if (a->type == IFLA_PERM_ADDRESS && n == sizeof(link->perm.b)) {
		memcpy(link->perm.b, p, n);
		link->has_perm = mac_valid(&link->perm);
	}
}

/* struct ifinfomsg and what follows it. */
static int parse_link(struct rtnl_reply *reply, struct rd *r, struct err *e)
{
	struct rtnl_link link = { 0 }, *to;
	struct netlink_attribute a;

	rd_skip(r, 4); /* family, padding, type */
	link.ifindex = (int)rd_host32(r);
	link.flags = rd_host32(r);
	rd_skip(r, 4); /* change mask */
	while (netlink_attribute(r, &a))
		parse_attribute(&link, &a);
	if (!rd_ok(r) || link.ifindex <= 0 || !link.name[0])
		return err_set(e, -EBADMSG, "the kernel's list of interfaces is malformed");
	if (reply->n == RTNL_LINKS_MAX)
		return err_set(e, -E2BIG, "more than %d network interfaces", RTNL_LINKS_MAX);
	to = room(reply);
	if (!to)
		return err_nomem(e);
	*to = link;
	reply->n++;
	return 0;
}

static int parse_end(struct rtnl_reply *reply, struct rd *r, struct err *e)
{
	int32_t code = (int32_t)rd_host32(r);

	/* An errno of the kernel is below 4096. */
	if (!rd_ok(r) || code > 0 || code < -4095)
		return err_set(e, -EBADMSG, "the kernel's answer (rtnetlink) is malformed");
	reply->done = true;
	reply->code = code;
	return 0;
}

static int parse_message(struct rtnl_reply *reply, struct netlink_message *m, struct err *e)
{
	if (m->type == NLMSG_DONE || m->type == NLMSG_ERROR)
		return parse_end(reply, &m->body, e);
	return m->type == RTM_NEWLINK ? parse_link(reply, &m->body, e) : 0;
}

int rtnl_parse(struct rtnl_reply *reply, const void *buf, size_t len, struct err *e)
{
	struct rd all = rd_init(buf, len);
	struct netlink_message m;

	while (!reply->done && netlink_message(&all, &m)) {
		int r;

		if (m.seq != reply->seq)
			continue;
		reply->interrupted = reply->interrupted || m.flags & NLM_F_DUMP_INTR;
		r = parse_message(reply, &m, e);
		if (r)
			return r;
	}
	if (!rd_ok(&all))
		return err_set(e, -EBADMSG, "the kernel's answer (rtnetlink) is cut short");
	return 0;
}
