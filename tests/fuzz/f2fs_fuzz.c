// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/fs_sealed.h"

#define SPAN  (64u << 20)
#define BLOCK 4096u
#define MAGIC 0xf2f52010u

static void seal_block(uint8_t *disk, uint64_t block)
{
	uint8_t *cp = disk + block % (SPAN / BLOCK) * BLOCK;

	if (block < SPAN / BLOCK && le_at(cp + 164, 4) == BLOCK - 4)
		put_le32(cp + BLOCK - 4, crc32_seeded(MAGIC, cp, BLOCK - 4));
}

/* The begin and the end of each checkpoint. */
static void seal(uint8_t *disk)
{
	for (unsigned i = 0; i < 4; i++) {
		uint64_t cp = le_at(disk + i / 2 * BLOCK + 1024 + 76, 4) + i % 2 * 512;

		if (cp >= SPAN / BLOCK)
			continue;
		seal_block(disk, cp);
		seal_block(disk, cp + le_at(disk + cp * BLOCK + 136, 4) - 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_fs_sealed(&fs_f2fs, seal, data, size, SPAN);
}
