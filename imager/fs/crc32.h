// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * crc32.h - the CRC-32 of gzip as filesystems use it: @crc is the running
 * value itself, begun with a seed of their own and not inverted at either end.
 */
#ifndef IMAGER_FS_CRC32_H
#define IMAGER_FS_CRC32_H

#include <libdeflate.h>
#include <stddef.h>
#include <stdint.h>

static inline uint32_t crc32_seeded(uint32_t crc, const void *p, size_t n)
{
	return ~libdeflate_crc32(~crc, p, n);
}

#endif
