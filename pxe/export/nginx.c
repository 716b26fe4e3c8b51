// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nginx 1.22 in front of slate-pxe: files are its own work, what needs the database goes
 * on to slate-pxe.  So do uploads: nginx knows no tokens and does not verify.
 */
#include "pxe/export/export_internal.h"

static void add_allowed(const struct lab *l, struct text *ret)
{
	char addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < l->n_admin; i++)
		text_add(ret, "\t\tallow %s/%u;\n", addr_text(l->admin[i].addr, addr),
			 l->admin[i].prefix);
	if (!l->n_admin)
		text_add(ret, "\t\tallow 127.0.0.0/8;\n\t\tallow %s/%u;\n",
			 addr_text(l->address.addr & ~UINT32_C(0) << (32 - l->address.prefix),
				   addr),
			 l->address.prefix);
	text_add(ret, "\t\tdeny all;\n");
}

static void add_files(const struct lab *l, struct text *ret)
{
	text_add(ret,
		 "\n\t# Uploads come under a name with a dot until they are whole.\n"
		 "\tlocation ~ /\\. {\n\t\treturn 404;\n\t}\n"
		 "\n\tlocation /images/ {\n\t\talias \"%s/\";\n"
		 "\t\tclient_max_body_size 0;\n"
		 "\t\tproxy_request_buffering off;\n"
		 "\t\tlimit_except GET HEAD {\n"
		 "\t\t\tproxy_pass http://127.0.0.1:%u;\n\t\t}\n\t}\n",
		 l->images, l->http_listen);
	text_add(ret,
		 "\n\t# Menus and scripts are made for each machine.\n"
		 "\tlocation ~ ^/boot/(.*/)?(pxelinux\\.cfg/|grub\\.cfg|slate\\.ipxe) {\n"
		 "\t\tproxy_pass http://127.0.0.1:%u;\n\t}\n"
		 "\tlocation /boot/ {\n\t\talias \"%s/\";\n"
		 "\t\t# UEFI starts by HTTP only what has this type.\n"
		 "\t\ttypes { application/efi efi; }\n\t}\n",
		 l->http_listen, l->boot);
}

void export_nginx(const struct export_site *s, struct text *ret)
{
	const struct lab *l = s->lab;
	char addr[ADDR_TEXT_MAX];

	text_add(ret,
		 "# nginx in front of slate-pxe: /etc/nginx/sites-enabled/slate\n"
		 "# lab.conf has \"listen-port = %u\" in [http].\n"
		 "server {\n"
		 "\tlisten %s:%u;\n"
		 "\tserver_name _;\n"
		 "\tsendfile on;\n"
		 "\ttcp_nopush on;\n"
		 "\tgzip off;\n"
		 "\tdefault_type application/octet-stream;\n"
		 "\tproxy_http_version 1.1;\n"
		 "\tproxy_read_timeout 15m; # an upload is verified before it is answered\n"
		 "\tproxy_send_timeout 15m;\n"
		 "\tclient_body_timeout 15m; # a failing disk may be read for long\n",
		 l->http_listen, addr_text(l->address.addr, addr), l->http_port);
	add_files(l, ret);
	text_add(ret, "\n\tlocation /api/ {\n\t\tproxy_pass http://127.0.0.1:%u;\n\t}\n",
		 l->http_listen);
	text_add(ret, "\t# All requests come to slate-pxe from here: who may is decided here.\n"
		      "\tlocation /api/v1/admin/ {\n");
	add_allowed(l, ret);
	text_add(ret, "\t\tproxy_pass http://127.0.0.1:%u;\n\t}\n}\n", l->http_listen);
}
