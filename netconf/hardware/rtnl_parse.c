// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/hardware/rtnl_parse.h"

#include "common/bytes.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

static uint16_t host16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, sizeof(uint16_t));
	uint16_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t host32(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, sizeof(uint32_t));
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

/* What fills up to the next multiple of four; the last one may lack it. */
static void skip_padding(struct rd *r, size_t len)
{
	size_t pad = (4 - len % 4) % 4;

	rd_skip(r, pad < rd_left(r) ? pad : rd_left(r));
}

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

static void parse_attribute(struct rtnl_link *link, unsigned type, struct rd value)
{
	size_t n = rd_left(&value);
	const uint8_t *p = n ? rd_bytes(&value, n) : NULL;

	if (!p)
		return;
	if (type == IFLA_IFNAME && strnlen((const char *)p, n) < sizeof(link->name)) {
		memcpy(link->name, p, strnlen((const char *)p, n));
	} else if (type == IFLA_PERM_ADDRESS && n == sizeof(link->perm.b)) {
		memcpy(link->perm.b, p, n);
		link->has_perm = mac_valid(&link->perm);
	}
}

/* struct ifinfomsg and what follows it. */
static int parse_link(struct rtnl_reply *reply, struct rd *r, struct err *e)
{
	struct rtnl_link link = { 0 }, *to;

	rd_skip(r, 4); /* family, padding, type */
	link.ifindex = (int)host32(r);
	link.flags = host32(r);
	rd_skip(r, 4); /* change mask */
	while (rd_left(r) >= 4) {
		size_t len = host16(r);
		unsigned type = host16(r) & NLA_TYPE_MASK;

		if (len < 4)
			r->bad = true;
		else
			parse_attribute(&link, type, rd_sub(r, len - 4));
		skip_padding(r, len);
	}
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
	int32_t code = (int32_t)host32(r);

	/* An errno of the kernel is below 4096. */
	if (!rd_ok(r) || code > 0 || code < -4095)
		return err_set(e, -EBADMSG, "the kernel's answer (rtnetlink) is malformed");
	reply->done = true;
	reply->code = code;
	return 0;
}

static int parse_message(struct rtnl_reply *reply, unsigned type, struct rd *r, struct err *e)
{
	if (type == NLMSG_DONE || type == NLMSG_ERROR)
		return parse_end(reply, r, e);
	return type == RTM_NEWLINK ? parse_link(reply, r, e) : 0;
}

int rtnl_parse(struct rtnl_reply *reply, const void *buf, size_t len, struct err *e)
{
	struct rd all = rd_init(buf, len);

	while (rd_left(&all) && !reply->done) {
		uint32_t size = host32(&all);
		unsigned type = host16(&all), flags = host16(&all);
		uint32_t seq = host32(&all);
		struct rd body;
		int r;

		rd_skip(&all, 4); /* port */
		body = rd_sub(&all, size < NLMSG_HDRLEN ? SIZE_MAX : size - NLMSG_HDRLEN);
		if (!rd_ok(&body))
			return err_set(e, -EBADMSG,
				       "the kernel's answer (rtnetlink) is cut short");
		skip_padding(&all, size);
		if (seq != reply->seq)
			continue;
		reply->interrupted = reply->interrupted || flags & NLM_F_DUMP_INTR;
		r = parse_message(reply, type, &body, e);
		if (r)
			return r;
	}
	return 0;
}
