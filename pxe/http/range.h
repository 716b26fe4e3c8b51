// SPDX-License-Identifier: GPL-3.0-or-later
/* range.h - "Range: bytes=A-B" (RFC 9110 section 14): single ranges only. */
#ifndef PXE_HTTP_RANGE_H
#define PXE_HTTP_RANGE_H

#include <stdint.h>

enum range { RANGE_NONE, RANGE_OK, RANGE_OUTSIDE };

/*
 * What of @size bytes is wanted: [*off, *off + *len).  RANGE_NONE: all of it, also when the
 * header (may be NULL) is not one that we take, as several ranges: then the whole is right too.
 * RANGE_OUTSIDE: 416.
 */
enum range range_parse(const char *header, uint64_t size, uint64_t *off, uint64_t *len);

#endif
