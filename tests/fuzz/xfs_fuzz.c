// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/fs_area.h"

/* Most seeds are of version 4: no checksum is in the way of a change. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_fs_pieces(&fs_xfs, data, size, 48 << 20);
}
