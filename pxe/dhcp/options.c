// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Options: one after the other, in up to three places of a message (RFC 2132 section 9.3),
 * and the same option perhaps in several pieces (RFC 3396).  They are walked twice: the
 * first time tells which came in pieces, the second puts these together.
 */
#include "pxe/dhcp/packet.h"

#include <errno.h>

#define OVERLOAD_FILE  1
#define OVERLOAD_SNAME 2
#define PLACES         3

struct counted {
	unsigned pieces[256];
	size_t len[256];
};

/* False at the end; also when an option runs over it: then @r is bad. */
static bool next_option(struct rd *r, uint8_t *ret_code, struct dhcp_value *ret)
{
	while (rd_left(r)) {
		*ret_code = rd_u8(r);
		if (*ret_code == OPT_PAD)
			continue;
		if (*ret_code == OPT_END)
			return false;
		ret->len = rd_u8(r);
		ret->data = rd_bytes(r, ret->len);
		return rd_ok(r);
	}
	return false;
}

/* Notes the first piece of each option, and how many there are. */
static int count(struct rd place, struct counted *c, struct dhcp_packet *ret, struct err *e)
{
	struct dhcp_value v;
	uint8_t code = 0;

	while (next_option(&place, &code, &v)) {
		if (!c->pieces[code]++)
			ret->options[code] = v;
		c->len[code] += v.len;
	}
	if (!rd_ok(&place))
		return err_set(e, -EBADMSG, "option %u runs over the end of the message", code);
	return 0;
}

/* Gives options in pieces a place in @joined; they are still empty there. */
static int make_room(const struct counted *c, struct dhcp_packet *ret, struct err *e)
{
	for (unsigned code = 0; code < 256; code++) {
		if (c->pieces[code] < 2)
			continue;
		if (c->len[code] > sizeof(ret->joined) - ret->n_joined)
			return err_set(e, -EBADMSG, "option %u comes in too many pieces", code);
		ret->options[code].data = ret->joined + ret->n_joined;
		ret->options[code].len = 0;
		ret->n_joined += c->len[code];
	}
	return 0;
}

static void join(struct rd place, const struct counted *c, struct dhcp_packet *ret)
{
	struct dhcp_value v;
	uint8_t code;

	while (next_option(&place, &code, &v)) {
		struct dhcp_value *whole = &ret->options[code];

		if (c->pieces[code] < 2)
			continue;
		memcpy(ret->joined + (whole->data - ret->joined) + whole->len, v.data, v.len);
		whole->len += v.len;
	}
}

/* A field of text, which need not end with a NUL; @n: room for all of it and a NUL. */
static void text_field(const struct rd *field, char *ret, size_t n)
{
	memcpy(ret, field->buf, field->len < n ? field->len : n - 1);
}

int dhcp_parse_options(const struct rd *options, const struct rd *file, const struct rd *sname,
		       struct dhcp_packet *ret, struct err *e)
{
	struct rd places[PLACES] = { *options };
	struct counted c = { { 0 }, { 0 } };
	const struct dhcp_value *v;
	unsigned n = 1, overload = 0;
	int err = count(places[0], &c, ret, e);

	v = &ret->options[OPT_OVERLOAD];
	if (!err && v->len == 1)
		overload = v->data[0];
	if (overload & OVERLOAD_FILE)
		places[n++] = *file;
	else
		text_field(file, ret->file, sizeof(ret->file));
	if (overload & OVERLOAD_SNAME)
		places[n++] = *sname;
	else
		text_field(sname, ret->sname, sizeof(ret->sname));
	for (unsigned i = 1; i < n && !err; i++)
		err = count(places[i], &c, ret, e);
	if (!err)
		err = make_room(&c, ret, e);
	if (err)
		return err;
	for (unsigned i = 0; i < n; i++)
		join(places[i], &c, ret);
	v = &ret->options[OPT_TYPE];
	if (v->data && v->len != 1)
		return err_set(e, -EBADMSG, "its type (option 53) has %zu bytes", v->len);
	ret->type = v->data ? v->data[0] : 0;
	return 0;
}
