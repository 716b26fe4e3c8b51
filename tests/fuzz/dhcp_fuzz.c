// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What comes to the DHCP ports. The first byte: bit 0 proxy, bit 1 ping, bit 2 known hosts
 * only, bit 3 HTTP boot, bit 4 a URL that is too long for the BOOTP field. Then messages, each
 * after 2 bytes of its length (little-endian, bit 15: to port 4011, bit 14: to us alone).
 */
#include "tests/fuzz/fuzz.h"

#include "tests/unit/lease_memory.h"

#include "pxe/dhcp/dhcp.h"

#define SELF  0x0a4d0001u
#define FIRST 0x0a4d0064u
#define LAST  0x0a4d006bu

struct world {
	struct lease_memory store;
	uint8_t mode;
	struct dhcp *d;
	struct now now;
};

static void boot(void *ctx, const struct dhcp_packet *p, enum client_kind kind,
		 struct boot_answer *ret)
{
	const struct world *w = ctx;

	MUST(p->type && client_kind_name(kind)[0]);
	MUST(kind != CLIENT_OTHER && kind != CLIENT_FOREIGN);
	memset(ret->file, 0, sizeof(ret->file));
	memset(ret->file, 'f', w->mode & 16 ? 255 : 20);
	ret->http = w->mode & 8;
}

static void check(const struct world *w, const struct reply *r)
{
	uint8_t *exact = fuzz_copy(r->data, r->len);
	struct dhcp_packet p;
	struct mac owner;

	MUST(r->len >= 300 && r->len <= DATAGRAM_MAX);
	MUST(dhcp_parse(exact, r->len, &p, NULL) == 0);
	MUST(p.op == DHCP_OP_REPLY && dhcp_addr(&p, OPT_SERVER_ID) == SELF);
	MUST(p.type == DHCP_OFFER || p.type == DHCP_ACK || p.type == DHCP_NAK);
	MUST(r->to.addr && (r->from_port == 67 || r->from_port == 4011));
	/* Nothing goes out of this network. */
	MUST(r->to.addr == UINT32_MAX || r->to.addr >> 8 == SELF >> 8);
	if (w->mode & 1)
		MUST(!p.yiaddr && p.type != DHCP_NAK && !w->store.puts);
	if (p.yiaddr) {
		bool mine = !memory_fixed((void *)&w->store, p.yiaddr, &owner, NULL);

		MUST(!mine || mac_equal(&owner, &p.mac));
		MUST(mine || (p.yiaddr >= FIRST && p.yiaddr <= LAST));
		MUST(p.yiaddr != SELF && dhcp_addr(&p, OPT_LEASE_TIME) == 600);
	}
	free(exact);
}

static void take(struct world *w, const uint8_t *data, size_t n, unsigned flags)
{
	uint8_t *exact = fuzz_copy(data, n);
	struct datagram in = { exact, n, { 0, 68 }, { UINT32_MAX, 67 } };
	uint32_t ping = 0;
	struct reply r;

	if (flags & 0x8000)
		in.from.addr = 0x0a4d0080;
	in.to.port = flags & 0x8000 ? 4011 : 67;
	in.to.addr = flags & 0x4000 ? SELF : UINT32_MAX;
	if (dhcp_take(w->d, &in, &w->now, &r, &ping)) {
		check(w, &r);
		MUST(!ping);
	}
	free(exact);
	if (ping) {
		MUST(w->mode & 2 && !(w->mode & 1));
		MUST(dhcp_deadline(w->d) > w->now.ms);
	}
	/* Somebody is at every other address. */
	while (ping & 1)
		if (dhcp_ponged(w->d, ping, &w->now, &r, &ping))
			check(w, &r);
	w->now.ms += 200 + (flags & 0x3000);
	w->now.wall += 1 + (flags & 0x2000);
	while (dhcp_tick(w->d, &w->now, &r))
		check(w, &r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct world *w = calloc(1, sizeof(*w));
	struct dhcp_config c = { .self = SELF,
				 .mask = 0xffffff00,
				 .first = FIRST,
				 .last = LAST,
				 .lease = 600,
				 .router = LAST,
				 .dns = { SELF, SELF, SELF },
				 .n_dns = 3,
				 .domain = "lab.example",
				 .boot = boot,
				 .boot_ctx = w };
	struct rd r = rd_init(data, n);

	MUST(w);
	w->mode = rd_u8(&r);
	w->now = (struct now){ 1000, 1700000000 };
	memory_add_host(&w->store, (struct mac){ { 0x52, 0x54, 0, 0x77, 0, 1 } }, FIRST, "pc1");
	memory_add_host(&w->store, (struct mac){ { 0x52, 0x54, 0, 0x77, 0, 2 } }, 0, "pc2");
	c.proxy = w->mode & 1;
	c.probe = w->mode & 2;
	c.known_hosts_only = w->mode & 4;
	c.store = memory_store(&w->store);
	MUST(dhcp_new(&c, &w->d, NULL) == 0);
	for (unsigned i = 0; i < 16 && rd_left(&r) > 2; i++) {
		unsigned flags = rd_le16(&r);
		size_t len = flags & 0xfff;

		if (len > rd_left(&r))
			len = rd_left(&r);
		take(w, rd_bytes(&r, len), len, flags);
	}
	dhcp_free(w->d);
	free(w);
	return 0;
}
