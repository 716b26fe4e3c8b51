// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/facts.h"

#include "imager/screen/wide.h"
#include "imager/ui/size.h"

#include <inttypes.h>
#include <stdio.h>

/* Columns of the name of a fact; text_look.h and text_work.h leave it room. */
#define NAME_W 20

void facts_add(struct text *t, enum text_id what, const char *value)
{
	size_t w = wide_columns(tr(what));

	text_add(t, "%s:%*s %s\n", tr(what), w < NAME_W ? (int)(NAME_W - w) : 0, "",
		 value[0] ? value : tr(T_NOTHING));
}

void facts_size(struct text *t, enum text_id what, uint64_t bytes)
{
	char size[SIZE_TEXT_MAX], exact[24], line[128];

	snprintf(exact, sizeof(exact), "%" PRIu64, bytes);
	facts_add(t, what,
		  tr_print(line, sizeof(line), T_INFO_BYTES, size_text(size, bytes), exact));
}
