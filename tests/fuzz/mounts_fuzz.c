// SPDX-License-Identifier: GPL-3.0-or-later
/* /proc/self/mountinfo, and behind a zero byte /proc/swaps, on a machine with one disk. */
#include "tests/fuzz/fuzz.h"

#include "imager/screen/inventory_internal.h"

#include <sys/sysmacros.h>

static char *text(const uint8_t *data, size_t n)
{
	char *t = malloc(n + 1);

	MUST(t);
	memcpy(t, data, n);
	t[n] = '\0';
	return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct place v[] = { { .name = "sda", .path = "/dev/sda", .id = makedev(8, 0) },
			     { .name = "sda1", .path = "/dev/sda1", .id = makedev(8, 1) } };
	struct picture p = { v, 2, 2 };
	const uint8_t *zero = n ? memchr(data, 0, n) : NULL;
	size_t first = zero ? (size_t)(zero - data) : n;
	char *mounts = text(n ? data : (const uint8_t *)"", first);
	char *swaps = zero ? text(zero + 1, n - first - 1) : NULL;

	inventory_mounts(&p, mounts);
	inventory_swaps(&p, swaps);
	MUST(p.n == 2);
	for (size_t i = 0; i < p.n; i++) {
		MUST(strnlen(v[i].mounts, sizeof(v[i].mounts)) < sizeof(v[i].mounts));
		for (const char *c = v[i].mounts; *c; c++)
			MUST((unsigned char)*c >= ' ' && *c != 0x7f);
	}
	free(mounts);
	free(swaps);
	return 0;
}
