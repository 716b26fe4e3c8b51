// SPDX-License-Identifier: GPL-3.0-or-later
/* dnsmasq(8), 2.90. */
#include "pxe/export/export_internal.h"

static void add_network(const struct export_site *s, struct text *ret)
{
	const struct lab *l = s->lab;
	char first[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX];
	uint32_t from, to = 0;

	text_add(ret, "interface=%s\n", l->interface);
	addr_text(export_mask(s), mask);
	while (export_next_range(s, false, &from, &to))
		text_add(ret, "dhcp-range=%s,%s,%s,%u\n", addr_text(from, first),
			 addr_text(to, last), mask, l->lease);
	/* Without a word it tells its own address as router and name server. */
	text_add(ret, "dhcp-option=option:router%s%s\n", l->router ? "," : "",
		 l->router ? addr_text(l->router, first) : "");
	text_add(ret, "dhcp-option=option:dns-server%s", l->n_dns ? "," : "");
	export_dns(s, ",", ret);
	text_add(ret, "\n");
	if (l->domain[0])
		text_add(ret, "domain=%s\n", l->domain);
	if (!l->probe)
		text_add(ret, "no-ping\n");
	if (l->known_hosts_only)
		text_add(ret, "dhcp-ignore=tag:!known\n");
}

static void add_boot(const struct export_site *s, struct text *ret)
{
	/* iPXE gets the script, or loaders that it can start. */
	bool script = !s->lab->ipxe_loader;
	const char *not_ipxe = script ? ",tag:!ipxe" : "";
	char file[EXPORT_FILE_MAX], server[ADDR_TEXT_MAX];

	addr_text(s->lab->address.addr, server);
	text_add(ret, "\n# Who asks: by vendor class, architecture, and what iPXE says.\n"
		      "dhcp-vendorclass=set:pxe,PXEClient\n"
		      "dhcp-vendorclass=set:http,HTTPClient\n"
		      "dhcp-match=set:arch,option:client-arch\n"
		      "dhcp-match=set:bios,option:client-arch,0\n"
		      "dhcp-match=set:uefi,option:client-arch,7\n"
		      "dhcp-match=set:uefi,option:client-arch,9\n"
		      "dhcp-match=set:uefi,option:client-arch,16\n"
		      "dhcp-match=set:ipxe,175\n"
		      "dhcp-userclass=set:ipxe,iPXE\n");
	text_add(ret, "\n# What it is to fetch.  Old ROMs do not tell their architecture.\n");
	text_add(ret, "dhcp-boot=tag:pxe,tag:bios%s,%s,,%s\n", not_ipxe,
		 export_file(s, LOADER_BIOS, file), server);
	text_add(ret, "dhcp-boot=tag:pxe,tag:!arch%s,%s,,%s\n", not_ipxe, file, server);
	text_add(ret, "dhcp-boot=tag:pxe,tag:uefi,tag:!ipxe,%s,,%s\n",
		 export_file(s, LOADER_UEFI, file), server);
	text_add(ret, "dhcp-boot=tag:http,tag:uefi,tag:!ipxe,%s,,%s\n",
		 export_file(s, LOADER_UEFI_HTTP, file), server);
	text_add(ret, "dhcp-option-force=tag:http,tag:uefi,tag:!ipxe,60,HTTPClient\n");
	text_add(ret, "dhcp-boot=tag:ipxe%s,%s,,%s\n", script ? "" : ",tag:uefi",
		 export_file(s, script ? LOADER_IPXE : LOADER_GRUB, file), server);
	text_add(ret, "# iPXE need not wait for another server's word (3 seconds).\n"
		      "dhcp-option-force=tag:ipxe,175,b0:01:01\n"
		      "# shim looks for its second stage beside the name in the BOOTP field.\n"
		      "dhcp-no-override\n");
}

void export_dnsmasq(const struct export_site *s, struct text *ret)
{
	char mac[MAC_TEXT_MAX], addr[ADDR_TEXT_MAX];

	text_add(ret,
		 "# dnsmasq beside slate-pxe: /etc/dnsmasq.d/slate.conf\n"
		 "# lab.conf needs \"mode = off\" in [dhcp]; TFTP and HTTP are slate-pxe's.\n");
	export_strangers(s, "# ", ret);
	add_network(s, ret);
	add_boot(s, ret);
	if (s->n)
		text_add(ret, "\n");
	for (size_t i = 0; i < s->n; i++) {
		const struct host *h = &s->hosts[i];
		uint32_t fixed = export_fixed(s, h);

		text_add(ret, "dhcp-host=%s,%s%s%s\n", mac_text(&h->mac, mac),
			 fixed ? addr_text(fixed, addr) : "", fixed ? "," : "", h->name);
	}
}
