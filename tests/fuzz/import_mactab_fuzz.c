// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	return fuzz_import("mactab", data, n);
}
