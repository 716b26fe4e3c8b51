// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/read_back.h"

#include <inttypes.h>
#include <stdio.h>

const char *read_back_text(const struct report *r, char buf[READ_BACK_MAX])
{
	const struct read_back *b = &r->read_back;
	char how_many[64] = "";

	buf[0] = 0;
	if (r->verify == VERIFY_SAMPLE)
		snprintf(how_many, sizeof(how_many), "%" PRIu64 " of %" PRIu64 " chunks ",
			 b->chunks, b->of);
	if (r->verify)
		snprintf(buf, READ_BACK_MAX, ", %sread back and found equal", how_many);
	return buf;
}
