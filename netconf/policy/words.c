// SPDX-License-Identifier: GPL-3.0-or-later
/* Words of a value, plain or "quoted", and words that are one of a few. */
#include "netconf/policy/parse.h"

#include <errno.h>
#include <string.h>

const struct choice_word pin_words[] = { { "auto", PIN_AUTO },
					 { "mac", PIN_MAC },
					 { "path", PIN_PATH },
					 { "onboard", PIN_ONBOARD },
					 { 0 } };
const struct choice_word strangers_words[] = { { "path-name", STRANGERS_PATH_NAME },
					       { "keep", STRANGERS_KEEP },
					       { 0 } };
const struct choice_word style_words[] = {
	{ "auto", STYLE_AUTO },
	{ "none", STYLE_NONE },
	{ "ifupdown", STYLE_IFUPDOWN },
	{ "networkd", STYLE_NETWORKD },
	{ "netplan", STYLE_NETPLAN },
	{ "nm", STYLE_NM },
	{ 0 },
};
const struct choice_word required_words[] = { { "yes", true }, { "no", false }, { 0 } };

static int put(const struct conf_entry *entry, struct word *w, size_t *n, char c, struct err *e)
{
	if (*n + 1 >= sizeof(w->s))
		return conf_error(entry, w->at, e, "a word of more than %zu characters",
				  sizeof(w->s) - 1);
	w->s[(*n)++] = c;
	w->s[*n] = '\0';
	return 0;
}

/* From behind the first quote; *@next goes behind the last. */
static int quoted(const struct conf_entry *entry, const char **next, struct word *w,
		  struct err *e)
{
	const char *s = *next + 1;
	size_t n = 0;
	int r = 0;

	for (; !r && *s && *s != '"'; s++) {
		if (*s == '\\' && s[1] != '"' && s[1] != '\\')
			return conf_error(entry, s, e,
					  "within quotes, write \\\\ for \\ and \\\" for \"");
		s += *s == '\\';
		r = put(entry, w, &n, *s, e);
	}
	if (r)
		return r;
	if (!*s)
		return conf_error(entry, w->at, e,
				  "a quote without its end on the same line (a ';' behind a "
				  "space begins a comment, also here)");
	w->quoted = true;
	*next = s + 1;
	if (**next && !strchr(" \t", **next))
		return conf_error(entry, *next, e, "a space must stand behind a quoted word");
	return 1;
}

int value_word(const struct conf_entry *entry, const char **next, struct word *ret,
	       struct err *e)
{
	const char *s = *next + strspn(*next, " \t");
	size_t n = 0;

	*ret = (struct word){ .at = s };
	*next = s;
	if (!*s)
		return 0;
	if (*s == '"')
		return quoted(entry, next, ret, e);
	for (; *s && !strchr(" \t", *s); s++)
		if (put(entry, ret, &n, *s, e))
			return -EINVAL;
	*next = s;
	return 1;
}

void value_put_word(struct text *t, const char *s)
{
	if (*s && !strpbrk(s, " \t\"\\;#"))
		return text_add(t, "%s", s);
	text_add(t, "\"");
	for (; *s; s++)
		text_add(t, "%s%c", *s == '"' || *s == '\\' ? "\\" : "", *s);
	text_add(t, "\"");
}

int choice_parse(const struct conf_entry *entry, const struct choice_word *table, int *ret,
		 struct err *e)
{
	struct text list = { 0 };
	int r;

	for (const struct choice_word *c = table; c->word; c++) {
		if (!strcmp(entry->value, c->word)) {
			text_free(&list);
			*ret = c->value;
			return 0;
		}
		text_add(&list, "%s%s", c == table ? "" : c[1].word ? ", " : " or ", c->word);
	}
	r = conf_error(entry, NULL, e, "%s is %s, not \"%s\"", entry->name, text_get(&list),
		       entry->value);
	text_free(&list);
	return r;
}

const char *choice_text(const struct choice_word *table, int value)
{
	while (table->word && table->value != value)
		table++;
	return table->word;
}
