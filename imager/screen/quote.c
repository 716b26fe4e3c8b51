// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/quote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that mean nothing to a shell, wherever they stand. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=@+%"

/* Control characters, and what might not be UTF-8 of any terminal. */
static int is_odd(unsigned char c)
{
	return c < ' ' || c > '~';
}

/* bash, and the shell of busybox, know $'...'. */
static void put_escaped(FILE *f, const char *word)
{
	fputs("$'", f);
	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;

		if (is_odd(c))
			fprintf(f, "\\%03o", c);
		else if (c == '\'' || c == '\\')
			fprintf(f, "\\%c", c);
		else
			fputc(c, f);
	}
	fputc('\'', f);
}

static void put_quoted(FILE *f, const char *word)
{
	fputc('\'', f);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", f);
		else
			fputc(*word, f);
	fputc('\'', f);
}

static void put_word(FILE *f, const char *word)
{
	const char *p = word;

	while (*p && !is_odd((unsigned char)*p))
		p++;
	if (*p)
		put_escaped(f, word);
	else if (!*word || word[strspn(word, PLAIN)])
		put_quoted(f, word);
	else
		fputs(word, f);
}

char *quote_line(int argc, const char *const *argv)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		return NULL;
	for (int i = 0; i < argc; i++) {
		if (i)
			fputc(' ', f);
		put_word(f, argv[i]);
	}
	if (fclose(f) == EOF) {
		free(text);
		return NULL;
	}
	return text;
}

/* What must not be broken: '\'' between quotes; \ooo, \' and \\ in $'...'. */
static size_t unit(const char *open, const char *at)
{
	if (*open == '$' && *at == '\\')
		return at[1] >= '0' && at[1] <= '7' ? 4 : 2;
	return *open == '\'' && *at == '\'' ? 4 : 1;
}

const char *quote_break(const char *word, const char *at, char *line, size_t columns)
{
	const char *open = *word == '$' ? "$'" : *word == '\'' ? "'" : "";
	const char *shut = *open ? "'\\" : "\\";
	size_t n = strlen(open);

	if (at == word)
		at += n;
	memcpy(line, open, n + 1);
	if (n + strlen(at) <= columns) {
		memcpy(line + n, at, strlen(at) + 1);
		return NULL;
	}
	for (size_t u; u = unit(open, at), n + u + strlen(shut) <= columns; n += u, at += u)
		memcpy(line + n, at, u);
	memcpy(line + n, shut, strlen(shut) + 1);
	return at;
}
