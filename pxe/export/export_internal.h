// SPDX-License-Identifier: GPL-3.0-or-later
/* export_internal.h - what the formats have in common. */
#ifndef PXE_EXPORT_INTERNAL_H
#define PXE_EXPORT_INTERNAL_H

#include "pxe/boot/boot.h"
#include "pxe/export/export.h"
#include "pxe/wire/datagram.h"

void export_dnsmasq(const struct export_site *s, struct text *ret);
void export_isc(const struct export_site *s, struct text *ret);
void export_kea(const struct export_site *s, struct text *ret);
void export_nginx(const struct export_site *s, struct text *ret);

/* Path or URL of the first file.  Returns @buf. */
#define EXPORT_FILE_MAX 128
const char *export_file(const struct export_site *s, enum loader l, char buf[EXPORT_FILE_MAX]);

uint32_t export_mask(const struct export_site *s);
/* The address of its own, when it is one of the lab's network; else 0. */
uint32_t export_fixed(const struct export_site *s, const struct host *h);
/* Hosts whose address of their own cannot be given: a comment line each behind @mark. */
void export_strangers(const struct export_site *s, const char *mark, struct text *ret);

/*
 * The range, in pieces between addresses that are taken: ours, the router's, the name
 * servers' and with @hosts those of machines.  Begin with *last = 0; false behind the last.
 */
bool export_next_range(const struct export_site *s, bool hosts, uint32_t *first,
		       uint32_t *last);

/* The name servers, as one list: "10.0.0.1, 10.0.0.2". */
void export_dns(const struct export_site *s, const char *between, struct text *ret);

#endif
