// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/log.h"

#include "common/plain.h"

void log_add(struct log *l, const char *line)
{
	plain_text(l->lines[l->n++ % LOG_LINES], LOG_WIDTH + 1, line, "");
}

json_t *log_json(const struct log *l)
{
	unsigned first = l->n > LOG_LINES ? l->n - LOG_LINES : 0;
	json_t *a = json_array();

	for (unsigned i = first; i < l->n; i++)
		json_array_append_new(a, json_string(l->lines[i % LOG_LINES]));
	return a;
}
