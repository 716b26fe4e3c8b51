// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * crc32c.h - the CRC of Castagnoli (RFC 3720, B.4): what most filesystems of
 * Linux have over their metadata.
 */
#ifndef COMMON_CRC32C_H
#define COMMON_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * The running value after @n bytes more, without any inversion at the begin or
 * the end.  The sum of RFC 3720 is ~crc32c(~0, p, n).
 */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

#endif
