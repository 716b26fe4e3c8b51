// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/netlink.h"

#include <linux/netlink.h>

uint16_t rd_host16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, sizeof(uint16_t));
	uint16_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

uint32_t rd_host32(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, sizeof(uint32_t));
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

/* The @len bytes behind a header, and what fills up to the next multiple of four. */
static struct rd body(struct rd *r, size_t len)
{
	struct rd ret = rd_sub(r, len);
	size_t pad = (4 - len % 4) % 4;

	/* The last one may lack it.  Both headers have a multiple of four. */
	rd_skip(r, pad < rd_left(r) ? pad : rd_left(r));
	return ret;
}

bool netlink_message(struct rd *r, struct netlink_message *ret)
{
	uint32_t size;

	*ret = (struct netlink_message){ 0 };
	if (!rd_left(r))
		return false;
	size = rd_host32(r);
	ret->type = rd_host16(r);
	ret->flags = rd_host16(r);
	ret->seq = rd_host32(r);
	rd_skip(r, sizeof(uint32_t)); /* port */
	r->bad = r->bad || size < NLMSG_HDRLEN;
	if (rd_ok(r))
		ret->body = body(r, size - NLMSG_HDRLEN);
	return rd_ok(r);
}

bool netlink_attribute(struct rd *r, struct netlink_attribute *ret)
{
	uint16_t size;

	*ret = (struct netlink_attribute){ 0 };
	if (rd_left(r) < NLA_HDRLEN)
		return false;
	size = rd_host16(r);
	ret->type = rd_host16(r) & NLA_TYPE_MASK;
	r->bad = r->bad || size < NLA_HDRLEN;
	if (rd_ok(r))
		ret->value = body(r, size - NLA_HDRLEN);
	return rd_ok(r);
}
