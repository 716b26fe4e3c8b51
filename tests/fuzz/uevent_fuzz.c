// SPDX-License-Identifier: GPL-3.0-or-later
/* The uevent file of a device: a key, a line feed, then the lines of KEY=VALUE. */
#include "tests/fuzz/fuzz.h"

#include "netconf/hardware/sysfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), buf[16];
	size_t key;

	MUST(text);
	if (n)
		memcpy(text, data, n);
	text[n] = '\0';
	key = strcspn(text, "\n");
	if (text[key]) {
		const char *lines = text + key + 1;
		bool found;

		text[key] = '\0';
		found = uevent_value(lines, text, buf, sizeof(buf));
		MUST(memchr(buf, 0, sizeof(buf)));
		MUST(found || !buf[0]);
		for (const char *p = buf; *p; p++)
			MUST((unsigned char)*p >= ' ' && *p != 0x7f);
		/* A value is only found where its key is. */
		MUST(!found || strstr(lines, text));
	}
	free(text);
	return 0;
}
