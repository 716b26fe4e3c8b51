// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The input is a list of pieces as in fs_area.h.  Of version 5 the superblock,
 * the headers of free space and their trees by block number get right checksums,
 * as far down as two levels: there is no guessing them.
 */
#include "common/crc32c.h"
#include "tests/fuzz/fs_sealed.h"

#define SPAN    (48u << 20)
#define AGS_MAX 64u

static uint64_t be_at(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* Of [@off, @off + @n), the sum itself being at @at. */
static void seal_at(uint8_t *disk, uint64_t off, uint64_t n, uint32_t at)
{
	if (off > SPAN || n > SPAN - off || at + 4 > n)
		return;
	put_le32(disk + off + at, 0);
	put_le32(disk + off + at, ~crc32c(~0U, disk + off, (size_t)n));
}

struct geometry {
	uint64_t block, sector, ag_bytes;
};

static void seal_tree(uint8_t *disk, const struct geometry *g, uint64_t ag, uint64_t root)
{
	uint64_t node = ag * g->ag_bytes + root * g->block, n, max = (g->block - 56) / 12;

	if (node > SPAN - g->block)
		return;
	n = be_at(disk + node + 4, 2) ? be_at(disk + node + 6, 2) : 0; /* pointers */
	for (uint64_t i = 0; i < n && i < max; i++)
		seal_at(disk,
			ag * g->ag_bytes +
				be_at(disk + node + 56 + max * 8 + i * 4, 4) * g->block,
			g->block, 52);
	seal_at(disk, node, g->block, 52);
}

static void seal(uint8_t *disk)
{
	struct geometry g = { be_at(disk + 4, 4), be_at(disk + 102, 2), be_at(disk + 84, 4) };

	if ((be_at(disk + 100, 2) & 15) != 5 || g.block < 512 || g.block > 65536 ||
	    g.sector < 512)
		return;
	g.ag_bytes *= g.block;
	for (uint64_t ag = 0; ag < AGS_MAX && ag * g.ag_bytes < SPAN; ag++) {
		uint64_t agf = ag * g.ag_bytes + g.sector;

		if (agf > SPAN - g.sector)
			break;
		seal_tree(disk, &g, ag, be_at(disk + agf + 16, 4));
		seal_at(disk, agf, g.sector, 216);
	}
	seal_at(disk, 0, g.sector, 224);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_fs_sealed(&fs_xfs, seal, data, size, SPAN);
}
