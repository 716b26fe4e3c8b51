// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/fs_area.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_fs_pieces(&fs_fat, data, size, 40 << 20);
}
