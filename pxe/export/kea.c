// SPDX-License-Identifier: GPL-3.0-or-later
/* Kea Administrator Reference Manual, 2.2: the DHCPv4 server.  It reads JSON with comments. */
#include "pxe/export/export_internal.h"

static void add_class(const struct export_site *s, const char *name, const char *when,
		      const char *test, enum loader l, const char *option, struct text *ret)
{
	char file[EXPORT_FILE_MAX], server[ADDR_TEXT_MAX];

	text_add(ret,
		 "\t\t{ \"name\": \"slate-%s\",\n"
		 "\t\t  \"test\": \"%s%s\",\n"
		 "\t\t  \"next-server\": \"%s\", \"boot-file-name\": \"%s\"%s%s%s }",
		 name, when, test, addr_text(s->lab->address.addr, server),
		 export_file(s, l, file), option[0] ? ",\n\t\t  \"option-data\": [ " : "",
		 option, option[0] ? " ]" : "");
}

#define UEFI                                                                                   \
	"(option[93].hex == 0x0007 or option[93].hex == 0x0009 or option[93].hex == 0x0010)"

/* iPXE gets the script, or, where it starts no shim, GRUB; else what its firmware gets. */
static void add_ipxe(const struct export_site *s, struct text *ret)
{
	bool script = !s->lab->ipxe_loader;

	/* The option: it need not wait for another server's word. */
	add_class(s, "ipxe", script ? "" : UEFI " and ",
		  "(option[175].exists or option[77].hex == 'iPXE')",
		  script ? LOADER_IPXE : LOADER_GRUB,
		  "{ \"code\": 175, \"csv-format\": false, \"data\": \"b00101\" }", ret);
	text_add(ret, ",\n");
}

static void add_classes(const struct export_site *s, struct text *ret)
{
	static const char not_ipxe[] = "not member('slate-ipxe') and ";

	text_add(ret, "\t\"option-def\": [\n\t\t{ \"name\": \"slate-ipxe\", \"code\": 175, "
		      "\"type\": \"binary\" }\n\t],\n\t\"client-classes\": [\n");
	add_ipxe(s, ret);
	add_class(s, "http", not_ipxe,
		  "substring(option[60].hex, 0, 10) == 'HTTPClient' and " UEFI,
		  LOADER_UEFI_HTTP,
		  "{ \"name\": \"vendor-class-identifier\", \"data\": \"HTTPClient\" }", ret);
	text_add(ret, ",\n");
	add_class(s, "uefi", not_ipxe,
		  "substring(option[60].hex, 0, 9) == 'PXEClient' and " UEFI, LOADER_UEFI, "",
		  ret);
	text_add(ret, ",\n");
	/* Old ROMs do not tell their architecture. */
	add_class(s, "bios", not_ipxe,
		  "substring(option[60].hex, 0, 9) == 'PXEClient' and "
		  "(not option[93].exists or option[93].hex == 0x0000)",
		  LOADER_BIOS, "", ret);
	text_add(ret, "\n\t],\n");
}

static void add_option(bool *first, const char *name, const char *value, struct text *ret)
{
	text_add(ret, "%s\n\t\t\t{ \"name\": \"%s\", \"data\": \"%s\" }", *first ? "" : ",",
		 name, value);
	*first = false;
}

static void add_options(const struct export_site *s, struct text *ret)
{
	char addr[ADDR_TEXT_MAX];
	struct text dns = { 0 };
	bool first = true;

	text_add(ret, "\t\t\"option-data\": [");
	export_dns(s, ", ", &dns);
	if (s->lab->router)
		add_option(&first, "routers", addr_text(s->lab->router, addr), ret);
	if (s->lab->n_dns)
		add_option(&first, "domain-name-servers", text_get(&dns), ret);
	if (s->lab->domain[0])
		add_option(&first, "domain-name", s->lab->domain, ret);
	text_add(ret, "%s],\n", first ? "" : "\n\t\t");
	ret->bad = ret->bad || !text_ok(&dns);
	text_free(&dns);
}

static void add_hosts(const struct export_site *s, struct text *ret)
{
	char mac[MAC_TEXT_MAX], addr[ADDR_TEXT_MAX];

	text_add(ret, "\t\t\"reservations\": [");
	for (size_t i = 0; i < s->n; i++) {
		const struct host *h = &s->hosts[i];
		uint32_t fixed = export_fixed(s, h);

		text_add(ret,
			 "%s\n\t\t\t{ \"hw-address\": \"%s\", \"hostname\": \"%s\"%s%s%s }",
			 i ? "," : "", mac_text(&h->mac, mac), h->name,
			 fixed ? ", \"ip-address\": \"" : "",
			 fixed ? addr_text(fixed, addr) : "", fixed ? "\"" : "");
	}
	text_add(ret, "%s]\n", s->n ? "\n\t\t" : "");
}

static void add_pools(const struct export_site *s, struct text *ret)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	uint32_t first, last = 0;
	bool begun = false;

	while (export_next_range(s, false, &first, &last)) {
		text_add(ret, "%s\n\t\t\t{ \"pool\": \"%s - %s\"%s }", begun ? "," : "",
			 addr_text(first, from), addr_text(last, to),
			 s->lab->known_hosts_only ? ", \"client-class\": \"KNOWN\"" : "");
		begun = true;
	}
	text_add(ret, "\n\t\t],\n");
}

void export_kea(const struct export_site *s, struct text *ret)
{
	const struct lab *l = s->lab;
	char net[ADDR_TEXT_MAX];

	text_add(
		ret,
		"// Kea beside slate-pxe: /etc/kea/kea-dhcp4.conf\n"
		"// lab.conf needs \"mode = off\" in [dhcp]; TFTP and HTTP are slate-pxe's.\n");
	export_strangers(s, "// ", ret);
	text_add(ret,
		 "{\n\"Dhcp4\": {\n"
		 "\t\"interfaces-config\": { \"interfaces\": [ \"%s\" ] },\n"
		 "\t\"lease-database\": { \"type\": \"memfile\" },\n"
		 "\t\"valid-lifetime\": %u,\n",
		 l->interface, l->lease);
	add_classes(s, ret);
	text_add(ret,
		 "\t\"subnet4\": [ {\n\t\t\"id\": 1,\n\t\t\"subnet\": \"%s/%u\",\n"
		 "\t\t\"pools\": [",
		 addr_text(l->address.addr & export_mask(s), net), l->address.prefix);
	add_pools(s, ret);
	add_options(s, ret);
	add_hosts(s, ret);
	text_add(ret, "\t} ]\n} }\n");
}
