// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/import/hostlist_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	for (n = strlen(s); n && (s[n - 1] == ' ' || s[n - 1] == '\t'); n--)
		s[n - 1] = '\0';
	return s;
}

/* A value in quotes, in place; *at is behind it.  NULL: the quotes do not end. */
static char *quoted(char **at)
{
	char *value = *at + 1, *from = value, *to = value;

	for (;; from++) {
		if (!*from)
			return NULL;
		if (*from == '"' && from[1] != '"')
			break;
		from += *from == '"';
		*to++ = *from;
	}
	*at = from + 1;
	*to = '\0';
	return value;
}

/* The next value, in place; *at is NULL behind the last.  NULL: something is wrong with it. */
static char *next_value(char **at, char separator)
{
	char *start = *at, *value, *end;

	while (*start == ' ')
		start++;
	if (*start != '"') {
		end = strchr(start, separator);
		*at = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		return trim(start);
	}
	value = quoted(&start);
	if (!value)
		return NULL;
	while (*start == ' ')
		start++;
	if (*start && *start != separator)
		return NULL;
	*at = *start ? start + 1 : NULL;
	return value;
}

static enum hostlist_column column_of(const char *name)
{
	static const struct {
		const char *name;
		enum hostlist_column column;
	} known[] = {
		{ "mac", COLUMN_MAC },
		{ "name", COLUMN_NAME },
		{ "group", COLUMN_GROUP },
		{ "address", COLUMN_ADDRESS },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcasecmp(name, known[i].name))
			return known[i].column;
	return COLUMN_OTHER;
}

bool hostlist_csv_head(struct hostlist *p, char *line)
{
	static const char separators[] = ",;\t";
	char copy[HOSTLIST_LINE_MAX];
	char *at = copy;
	const char *value;
	bool found = false;

	/* What stands there oftenest is what separates; a lone column has no need for one. */
	p->separator = ',';
	for (const char *s = separators; *s; s++)
		if (strchr(line, *s)) {
			p->separator = *s;
			break;
		}
	snprintf(copy, sizeof(copy), "%s", line);
	p->n_columns = 0;
	while (at && p->n_columns < HOSTLIST_COLUMNS_MAX) {
		value = next_value(&at, p->separator);
		if (!value)
			return false;
		p->columns[p->n_columns] = column_of(value);
		found = found || p->columns[p->n_columns] == COLUMN_MAC;
		p->n_columns++;
	}
	return found && !at;
}

int hostlist_csv_check(const struct hostlist *p)
{
	static const char *const names[] = { [COLUMN_MAC] = "mac",
					     [COLUMN_NAME] = "name",
					     [COLUMN_GROUP] = "group",
					     [COLUMN_ADDRESS] = "address" };

	for (int c = COLUMN_MAC; c <= COLUMN_ADDRESS; c++) {
		unsigned n = 0;

		for (size_t i = 0; i < p->n_columns; i++)
			n += p->columns[i] == (enum hostlist_column)c;
		if (n > 1)
			return hostlist_error(p, "there are %u columns \"%s\"", n, names[c]);
		if (!n && c <= COLUMN_NAME)
			return hostlist_error(p, "the first line names no column \"%s\"",
					      names[c]);
	}
	return 0;
}

static int copy_name(const struct hostlist *p, char *buf, size_t n, const char *value,
		     const char *what)
{
	if (strlen(value) >= n)
		return hostlist_error(p, "a name of a %s has at most 63 characters", what);
	memcpy(buf, value, strlen(value) + 1);
	return 0;
}

static int take_value(const struct hostlist *p, enum hostlist_column column, const char *value,
		      struct hostlist_row *ret)
{
	struct err why = { "" };

	switch (column) {
	case COLUMN_MAC:
		return mac_parse(value, &ret->host.mac, &why) ? hostlist_error(p, "%s", why.msg)
							      : 0;
	case COLUMN_NAME:
		return copy_name(p, ret->host.name, sizeof(ret->host.name), value, "machine");
	case COLUMN_GROUP:
		ret->has_group = true;
		return copy_name(p, ret->host.group, sizeof(ret->host.group), value, "group");
	case COLUMN_ADDRESS:
		ret->has_address = true;
		return hostlist_address(value, &ret->host.addr, &why)
			       ? hostlist_error(p, "%s", why.msg)
			       : 0;
	case COLUMN_OTHER:
		break;
	}
	return 0;
}

int hostlist_csv_row(const struct hostlist *p, char *line, struct hostlist_row *ret)
{
	char *at = line;
	size_t i = 0;
	int r = 0;

	for (; !r && at && i < p->n_columns; i++) {
		const char *value = next_value(&at, p->separator);

		if (!value)
			return hostlist_error(p,
					      "quotes that do not end, or go on behind them");
		r = take_value(p, p->columns[i], value, ret);
	}
	if (!r && (at || i < p->n_columns))
		r = hostlist_error(p, "the first line names %zu columns, but here are %s",
				   p->n_columns, at ? "more" : "fewer");
	return r;
}
