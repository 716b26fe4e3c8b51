// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/fs_sealed.h"

#define SPAN  (48u << 20)
#define SUPER 1024u

/* The superblock, the log that it names, and the super root at its end. */
static void seal(uint8_t *disk)
{
	static const uint64_t at[] = { SUPER, SPAN - 4096 };

	for (unsigned i = 0; i < 2; i++) {
		uint8_t *sb = disk + at[i], *log;
		uint32_t seed = (uint32_t)le_at(sb + 12, 4), bytes = (uint32_t)le_at(sb + 8, 2);
		uint32_t shift = 10 + (uint32_t)le_at(sb + 20, 4) % 7;
		uint64_t block = le_at(sb + 0x40, 8) % (SPAN >> shift), n;

		put_le32(sb + 16, 0);
		put_le32(sb + 16, crc32_seeded(seed, sb, bytes < 1024 ? bytes : 1024));
		log = disk + (block << shift);
		n = le_at(log + 40, 4);
		if (!n || n > (SPAN >> shift) - block)
			continue;
		n <<= shift;
		bytes = (uint32_t)le_at(log + n - (1U << shift) + 4, 2);
		if (bytes >= 16 && bytes <= 1U << shift)
			put_le32(log + n - (1U << shift),
				 crc32_seeded(seed, log + n - (1U << shift) + 4, bytes - 4));
		put_le32(log, crc32_seeded(seed, log + 4, n - 4));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_fs_sealed(&fs_nilfs2, seal, data, size, SPAN);
}
