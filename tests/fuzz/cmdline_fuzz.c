// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernel's command line, as a boot menu or a stranger wrote it. */
#include "tests/fuzz/fuzz.h"

#include "rescue/place/cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = fuzz_copy(data, n);
	struct err e = { "" };
	struct cmdline c;

	if (cmdline_parse((const char *)copy, n, &c, &e))
		MUST(e.msg[0]);
	MUST(!c.server[0] || !cmdline_server(c.server, NULL));
	MUST(c.reboot_after <= 86400);
	for (const char *p = c.image; *p; p++)
		MUST((unsigned char)*p >= ' ' && *p != 0x7f);
	free(copy);
	return 0;
}
