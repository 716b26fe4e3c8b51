// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * export.h - configurations for servers that a site has already.  DHCP servers give the
 * addresses and name the first file; slate-pxe, with "mode = off" in [dhcp], has that
 * file and all that follows it.
 */
#ifndef PXE_EXPORT_EXPORT_H
#define PXE_EXPORT_EXPORT_H

#include "common/text.h"
#include "pxe/config/lab.h"
#include "pxe/store/store.h"

struct export_site {
	const struct lab *lab; /* resolved */
	const struct host *hosts;
	size_t n;
};

struct exporter {
	const char *name;
	bool dhcp; /* takes the place of our own DHCP */
	void (*render)(const struct export_site *s, struct text *ret);
};

/* By name; NULL with what there is. */
const struct exporter *export_find(const char *name, struct err *e);
/*
 * Appends the whole file to @ret.  -ECANCELED: something in lab.conf cannot be said in
 * that file, or must be set before.
 */
int export_render(const struct exporter *x, const struct export_site *s, struct text *ret,
		  struct err *e);

#endif
