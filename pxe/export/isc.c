// SPDX-License-Identifier: GPL-3.0-or-later
/* dhcpd.conf(5), dhcp-options(5), dhcp-eval(5) of ISC DHCP 4.4. */
#include "pxe/export/export_internal.h"

/* dhcpd would give a fixed address to somebody else, too, when it is in a range. */
static void add_ranges(const struct export_site *s, struct text *ret)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	uint32_t first, last = 0;

	while (export_next_range(s, true, &first, &last))
		text_add(ret, "\t\trange %s %s;\n", addr_text(first, from),
			 addr_text(last, to));
}

#define UEFI                                                                                   \
	"(option slate-arch = 00:07 or option slate-arch = 00:09 or option slate-arch = 00:10)"

/* iPXE gets the script, or, where it starts no shim, GRUB; else what its firmware gets. */
static void add_ipxe(const struct export_site *s, struct text *ret)
{
	bool script = !s->lab->ipxe_loader;
	char file[EXPORT_FILE_MAX];

	/* To dhcpd a condition that begins with a parenthesis ends with it. */
	text_add(ret,
		 "\tif %s(exists slate-ipxe or option user-class = \"iPXE\")%s {\n"
		 "\t\tfilename \"%s\";\n"
		 "\t\t# iPXE need not wait for another server's word (3 seconds).\n"
		 "\t\toption slate-ipxe b0:01:01;\n",
		 script ? "" : "exists slate-arch and ", script ? "" : " and " UEFI,
		 export_file(s, script ? LOADER_IPXE : LOADER_GRUB, file));
}

static void add_boot(const struct export_site *s, struct text *ret)
{
	char file[EXPORT_FILE_MAX];

	add_ipxe(s, ret);
	text_add(ret,
		 "\t} elsif substring(option vendor-class-identifier, 0, 10) = \"HTTPClient\"\n"
		 "\t\tand " UEFI " {\n"
		 "\t\toption vendor-class-identifier \"HTTPClient\";\n"
		 "\t\tfilename \"%s\";\n",
		 export_file(s, LOADER_UEFI_HTTP, file));
	text_add(ret,
		 "\t} elsif substring(option vendor-class-identifier, 0, 9) = \"PXEClient\" {\n"
		 "\t\tif " UEFI " {\n"
		 "\t\t\tfilename \"%s\";\n",
		 export_file(s, LOADER_UEFI, file));
	text_add(ret,
		 "\t\t# Old ROMs do not tell their architecture.\n"
		 "\t\t} elsif not exists slate-arch or option slate-arch = 00:00 {\n"
		 "\t\t\tfilename \"%s\";\n"
		 "\t\t}\n\t}\n",
		 export_file(s, LOADER_BIOS, file));
}

static void add_subnet(const struct export_site *s, struct text *ret)
{
	const struct lab *l = s->lab;
	char net[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX];

	text_add(ret, "subnet %s netmask %s {\n",
		 addr_text(l->address.addr & export_mask(s), net),
		 addr_text(export_mask(s), mask));
	text_add(ret, "\tdefault-lease-time %u;\n\tmax-lease-time %u;\n", l->lease, l->lease);
	if (!l->probe)
		text_add(ret, "\tping-check false;\n");
	if (l->router)
		text_add(ret, "\toption routers %s;\n", addr_text(l->router, net));
	if (l->n_dns) {
		text_add(ret, "\toption domain-name-servers ");
		export_dns(s, ", ", ret);
		text_add(ret, ";\n");
	}
	if (l->domain[0])
		text_add(ret, "\toption domain-name \"%s\";\n", l->domain);
	text_add(ret, "\tpool {\n%s", l->known_hosts_only ? "\t\tdeny unknown-clients;\n" : "");
	add_ranges(s, ret);
	text_add(ret, "\t}\n\tnext-server %s;\n", addr_text(l->address.addr, net));
	add_boot(s, ret);
	text_add(ret, "}\n");
}

void export_isc(const struct export_site *s, struct text *ret)
{
	char mac[MAC_TEXT_MAX], addr[ADDR_TEXT_MAX];

	text_add(ret,
		 "# ISC DHCP beside slate-pxe: /etc/dhcp/dhcpd.conf, on interface %s\n"
		 "# lab.conf needs \"mode = off\" in [dhcp]; TFTP and HTTP are slate-pxe's.\n",
		 s->lab->interface);
	export_strangers(s, "# ", ret);
	text_add(ret, "option slate-arch code 93 = unsigned integer 16;\n"
		      "option slate-ipxe code 175 = string;\n\n");
	add_subnet(s, ret);
	for (size_t i = 0; i < s->n; i++) {
		const struct host *h = &s->hosts[i];
		uint32_t fixed = export_fixed(s, h);

		text_add(ret, "host %s { hardware ethernet %s; ", h->name,
			 mac_text(&h->mac, mac));
		if (fixed)
			text_add(ret, "fixed-address %s; ", addr_text(fixed, addr));
		text_add(ret, "option host-name \"%s\"; }\n", h->name);
	}
}
