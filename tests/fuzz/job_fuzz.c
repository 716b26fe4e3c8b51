// SPDX-License-Identifier: GPL-3.0-or-later
/* Jobs as a server sends them, and the address of their image. */
#include "tests/fuzz/fuzz.h"

#include "rescue/server/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = fuzz_copy(data, n);
	struct job_order j;
	char url[300], then[16];

	if (!job_order_parse((const char *)copy, n, &j, NULL)) {
		MUST(j.token[0] && !strchr(j.token, '\n'));
		MUST(j.verify[0]);
		if (!job_image_url("http://s", j.image, url, sizeof(url), NULL))
			MUST(!strstr(url, "/../") && strspn(url, "\n ") == 0);
	}
	job_then_parse((const char *)copy, n, then);
	free(copy);
	return 0;
}
