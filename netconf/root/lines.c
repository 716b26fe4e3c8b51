// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/root/lines.h"

#include <ctype.h>
#include <string.h>

void lines_begin(struct lines *l, const char *text, size_t len)
{
	*l = (struct lines){ .next = text, .end = text + len };
}

bool lines_next(struct lines *l)
{
	const char *end;
	size_t n;

	if (l->next == l->end)
		return false;
	end = memchr(l->next, '\n', (size_t)(l->end - l->next));
	n = (size_t)((end ? end : l->end) - l->next);
	if (n > sizeof(l->line) - 1)
		n = sizeof(l->line) - 1;
	memcpy(l->line, l->next, n);
	l->line[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (!l->line[i])
			l->line[i] = '?';
	if (n && l->line[n - 1] == '\r')
		l->line[n - 1] = '\0';
	l->next = end ? end + 1 : l->end;
	l->number++;
	return true;
}

static bool blank(char c)
{
	return isspace((unsigned char)c);
}

char *line_word(char **at)
{
	char *p = *at, *word;

	while (blank(*p))
		p++;
	if (!*p)
		return NULL;
	word = p;
	if (*p == '"') {
		word = ++p;
		p += strcspn(p, "\"");
	} else {
		while (*p && !blank(*p))
			p++;
	}
	*at = *p ? p + 1 : p;
	*p = '\0';
	return word;
}

char *line_strip(char *text)
{
	size_t n;

	while (blank(*text))
		text++;
	n = strlen(text);
	while (n && blank(text[n - 1]))
		text[--n] = '\0';
	return text;
}
