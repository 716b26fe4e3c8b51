// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * exfat_seal.h - the checksum of a boot region of exFAT, so that what a test
 * changes in it is not found by that alone.
 */
#ifndef TESTS_UNIT_EXFAT_SEAL_H
#define TESTS_UNIT_EXFAT_SEAL_H

#include "common/bytes.h"

/* @region: twelve sectors of 1 << @shift bytes. */
static inline void exfat_seal(uint8_t *region, unsigned shift)
{
	size_t n = (size_t)11 << shift, sector = (size_t)1 << shift;
	struct wr w = wr_init(region + n, sector);
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		if (i != 106 && i != 107 && i != 112)
			sum = (sum << 31 | sum >> 1) + region[i];
	for (size_t i = 0; i < sector; i += 4)
		wr_le32(&w, sum);
}

#endif
