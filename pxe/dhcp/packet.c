// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/dhcp/packet.h"

#include <errno.h>

#define ETHERNET   1
#define COOKIE     0x63825363u /* RFC 2131 section 3 */
#define IP_UDP     28          /* bytes of the headers that option 57 counts, too */
#define SIZE_LEAST 576         /* what every client takes, RFC 2132 section 9.10 */
#define BOOTP_SIZE 300         /* RFC 951; some relays and ROMs drop what is shorter */

/* The fields before the options; the texts of sname and file are handed on as they are. */
static int parse_head(struct rd *r, struct dhcp_packet *ret, struct rd *ret_sname,
		      struct rd *ret_file, struct err *e)
{
	uint8_t htype, hlen;
	const uint8_t *mac;

	ret->op = rd_u8(r);
	htype = rd_u8(r);
	hlen = rd_u8(r);
	ret->hops = rd_u8(r);
	ret->xid = rd_be32(r);
	ret->secs = rd_be16(r);
	ret->flags = rd_be16(r);
	ret->ciaddr = rd_be32(r);
	ret->yiaddr = rd_be32(r);
	ret->siaddr = rd_be32(r);
	ret->giaddr = rd_be32(r);
	mac = rd_bytes(r, 16);
	*ret_sname = rd_sub(r, 64);
	*ret_file = rd_sub(r, 128);
	if (rd_be32(r) != COOKIE || !mac)
		return err_set(e, -EBADMSG,
			       "it is no DHCP message: the magic cookie is missing");
	if (ret->op != DHCP_OP_REQUEST && ret->op != DHCP_OP_REPLY)
		return err_set(e, -EBADMSG, "operation %u is neither request nor reply",
			       ret->op);
	if (htype != ETHERNET || hlen != sizeof(ret->mac.b))
		return err_set(e, -EBADMSG,
			       "hardware type %u with addresses of %u bytes: only "
			       "Ethernet is served",
			       htype, hlen);
	memcpy(ret->mac.b, mac, sizeof(ret->mac.b));
	if (!mac_valid(&ret->mac))
		return err_set(e, -EBADMSG, "its sender has a MAC that no card can have");
	return 0;
}

int dhcp_parse(const uint8_t *data, size_t len, struct dhcp_packet *ret, struct err *e)
{
	struct rd r = rd_init(data, len), sname, file;
	int err;

	memset(ret, 0, sizeof(*ret));
	if (len < DHCP_HEAD)
		return err_set(e, -EBADMSG, "%zu bytes are too few for a DHCP message", len);
	err = parse_head(&r, ret, &sname, &file, e);
	if (err)
		return err;
	return dhcp_parse_options(&r, &file, &sname, ret, e);
}

uint32_t dhcp_addr(const struct dhcp_packet *p, enum dhcp_option o)
{
	struct rd r = rd_init(p->options[o].data, p->options[o].len);

	return p->options[o].len == 4 ? rd_be32(&r) : 0;
}

bool dhcp_asks_for(const struct dhcp_packet *p, enum dhcp_option o)
{
	const struct dhcp_value *v = &p->options[OPT_PARAMETERS];

	return v->len && memchr(v->data, o, v->len);
}

/* Bytes of a message that the client takes. */
static size_t client_limit(const struct dhcp_packet *to)
{
	const struct dhcp_value *v = &to->options[OPT_MAX_SIZE];
	struct rd r = rd_init(v->data, v->len);
	size_t most = v->len == 2 ? rd_be16(&r) : SIZE_LEAST;

	if (most < SIZE_LEAST)
		most = SIZE_LEAST;
	return most - IP_UDP;
}

/* Bytes that an option of @n takes. */
static size_t option_size(size_t n)
{
	return n + 2 * (n ? (n + 254) / 255 : 1);
}

static void put_option(struct wr *w, uint8_t code, const uint8_t *p, size_t n)
{
	do {
		size_t piece = n < 255 ? n : 255;

		wr_u8(w, code);
		wr_u8(w, (uint8_t)piece);
		wr_bytes(w, p, piece);
		p += piece;
		n -= piece;
	} while (n);
}

/* RFC 2131 section 4.3, table 3. */
static void put_head(struct wr *w, const struct dhcp_packet *to, const struct dhcp_answer *a)
{
	bool nak = a->type == DHCP_NAK;
	size_t n = a->file ? strlen(a->file) : 0;

	wr_u8(w, DHCP_OP_REPLY);
	wr_u8(w, ETHERNET);
	wr_u8(w, sizeof(to->mac.b));
	wr_u8(w, 0); /* hops */
	wr_be32(w, to->xid);
	wr_be16(w, 0); /* secs */
	/* The client has no right address: the relay must not send a NAK there. */
	wr_be16(w, nak && to->giaddr ? to->flags | DHCP_BROADCAST : to->flags);
	wr_be32(w, a->type == DHCP_ACK ? to->ciaddr : 0);
	wr_be32(w, a->yiaddr);
	wr_be32(w, a->siaddr);
	wr_be32(w, to->giaddr);
	wr_bytes(w, to->mac.b, sizeof(to->mac.b));
	wr_zero(w, 16 - sizeof(to->mac.b));
	wr_zero(w, 64); /* sname */
	if (n > 127)
		n = 0;
	wr_bytes(w, a->file, n);
	wr_zero(w, 128 - n);
	wr_be32(w, COOKIE);
}

void dhcp_begin(struct dhcp_reply *r, uint8_t *buf, size_t n, const struct dhcp_packet *to,
		const struct dhcp_answer *a)
{
	size_t most = client_limit(to), relay = 0;
	uint8_t type = (uint8_t)a->type;

	r->relay = to->options[OPT_RELAY];
	if (r->relay.data)
		relay = option_size(r->relay.len);
	most += relay;
	if (most > n)
		most = n;
	if (most > DATAGRAM_MAX)
		most = DATAGRAM_MAX;
	r->bad = most < BOOTP_SIZE + relay;
	/* One byte stays for the end. */
	r->w = wr_init(buf, r->bad ? 0 : most - relay - 1);
	put_head(&r->w, to, a);
	dhcp_add(r, OPT_TYPE, &type, 1);
}

void dhcp_add(struct dhcp_reply *r, enum dhcp_option o, const void *p, size_t n)
{
	put_option(&r->w, (uint8_t)o, p, n);
}

void dhcp_add_u32(struct dhcp_reply *r, enum dhcp_option o, uint32_t v)
{
	uint8_t b[4];
	struct wr w = wr_init(b, sizeof(b));

	wr_be32(&w, v);
	dhcp_add(r, o, b, sizeof(b));
}

void dhcp_add_text(struct dhcp_reply *r, enum dhcp_option o, const char *text)
{
	dhcp_add(r, o, text, strlen(text));
}

void dhcp_add_spare(struct dhcp_reply *r, enum dhcp_option o, const void *p, size_t n)
{
	if (wr_ok(&r->w) && option_size(n) <= r->w.len - r->w.pos)
		dhcp_add(r, o, p, n);
}

int dhcp_end(struct dhcp_reply *r, size_t *ret_len, struct err *e)
{
	if (r->bad || !wr_ok(&r->w))
		return err_set(e, -EMSGSIZE, "the answer is longer than the client takes");
	r->w.len += 1 + (r->relay.data ? option_size(r->relay.len) : 0);
	if (r->relay.data)
		put_option(&r->w, OPT_RELAY, r->relay.data, r->relay.len);
	wr_u8(&r->w, OPT_END);
	if (r->w.pos < BOOTP_SIZE) {
		/* It was made sure at the begin that there is room. */
		r->w.len = BOOTP_SIZE;
		wr_zero(&r->w, BOOTP_SIZE - r->w.pos);
	}
	*ret_len = r->w.pos;
	return 0;
}
