// SPDX-License-Identifier: GPL-3.0-or-later
/* export: configurations for the servers that a site has already, on standard output. */
#include "pxe/export/export.h"

#include "pxe/cmd/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct hosts {
	struct host *v;
	size_t n, cap;
};

static int keep_host(void *ctx, const struct host *h, struct err *e)
{
	struct hosts *all = ctx;
	size_t cap = all->cap ? all->cap * 2 : 64;
	struct host *more;

	if (all->n == all->cap) {
		more = reallocarray(all->v, cap, sizeof(*more));
		if (!more)
			return err_nomem(e);
		all->v = more;
		all->cap = cap;
	}
	all->v[all->n++] = *h;
	return 0;
}

static int export_to_stdout(struct place *p, const struct exporter *x, struct err *e)
{
	struct hosts all = { .n = 0 };
	struct text t = { 0 };
	int r = lab_resolve(&p->lab, e);

	if (!r)
		r = store_hosts(p->store, "all", false, keep_host, &all, e);
	if (!r) {
		struct export_site site = { &p->lab, all.v, all.n };

		r = export_render(x, &site, &t, e);
	}
	if (!r)
		fputs(text_get(&t), stdout);
	if (!r && x->dhcp && p->lab.dhcp != DHCP_OFF)
		fprintf(stderr,
			"slate-pxe: remark: write \"mode = off\" into [dhcp] of lab.conf, so "
			"that there are not two DHCP servers\n");
	text_free(&t);
	free(all.v);
	return r;
}

int pxe_export(const struct pxe_options *o, int argc, char **argv)
{
	struct err e = { "" };
	const struct exporter *x = export_find(argv[0], &e);
	struct place p;
	int r;

	(void)argc;
	if (!x)
		return place_status(-EINVAL, &e);
	r = place_open(o, &p, &e);
	if (r)
		return pxe_fail(r, &e);
	r = export_to_stdout(&p, x, &e);
	r = place_close(&p, r, &e);
	return place_status(r, &e);
}
