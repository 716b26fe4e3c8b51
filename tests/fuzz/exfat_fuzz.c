// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/fs_sealed.h"
#include "tests/unit/exfat_seal.h"

/* Both boot regions, with sectors of the size that each of them tells. */
static void seal(uint8_t *disk)
{
	unsigned shift = disk[108];

	if (shift < 9 || shift > 12)
		return;
	exfat_seal(disk, shift);
	exfat_seal(disk + ((size_t)12 << shift), shift);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_fs_sealed(&fs_exfat, seal, data, size, 16u << 20);
}
