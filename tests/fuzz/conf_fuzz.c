// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * INI files.  Every entry must stand where it says that it stands; every
 * refusal must have a place.
 */
#include "tests/fuzz/fuzz.h"

#include "common/conf.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct seen {
	const char *text;
	size_t len;
	unsigned line;
};

/* Line @number of the text, from 1; sets its length. */
static const char *line_at(const struct seen *s, unsigned number, size_t *ret_len)
{
	const char *p = s->text, *end = s->text + s->len, *nl;

	while (end - p >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	while ((nl = memchr(p, '\n', (size_t)(end - p))) && --number)
		p = nl + 1;
	*ret_len = (size_t)((nl ? nl : end) - p);
	return p;
}

static int take(void *ctx, const struct conf_entry *en, struct err *e)
{
	struct seen *s = ctx;
	size_t len, n = strlen(en->value);
	const char *line = line_at(s, en->line, &len);

	(void)e;
	MUST(en->line >= s->line && en->column >= 1 && en->name_column >= 1);
	MUST(en->name || en->line > s->line || s->line == 0);
	MUST(en->column - 1 + n <= len && !memcmp(line + en->column - 1, en->value, n));
	MUST(!n || (!isspace((unsigned char)en->value[0]) || !en->name));
	MUST(strlen(en->section) <= CONF_NAME_MAX);
	s->line = en->line;
	if (!en->name || en->goes_on)
		return 0;
	n = strlen(en->name);
	MUST(n && n <= CONF_NAME_MAX);
	MUST(en->name_column < en->column);
	MUST(!memcmp(line + en->name_column - 1, en->name, n));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = (char *)fuzz_copy(data, size);
	struct seen s = { text, size, 0 };
	struct err e = { "" };
	unsigned line, column;

	if (conf_parse("f", text, size, take, &s, &e))
		MUST(sscanf(e.msg, "f:%u:%u: ", &line, &column) == 2 && line && column);
	free(text);
	return 0;
}
