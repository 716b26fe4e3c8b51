// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/fs_area.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The area ends where the input does, or one page later. */
	return fuzz_fs(&fs_swap, data, size, size + (size & 1) * 4096);
}
