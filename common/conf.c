// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/conf.h"

#include "common/io.h"
#include "common/plain.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct parser {
	const char *file, *next, *end;
	char line[CONF_LINE_MAX + 4]; /* what inih has now */
	unsigned number;
	bool has_name; /* the section has a name already: an indented line goes on with it */
	conf_take *take;
	void *ctx;
	struct err *e;
	int failed; /* the first failure: a negative errno */
};

/* Keeps the first failure; inih then sees the end of the file. */
static void give_up(struct parser *p, int r)
{
	if (!p->failed)
		p->failed = r;
	p->next = p->end;
}

static int bad_line(struct parser *p, size_t column, const char *text)
{
	return err_set(p->e, -EINVAL, "%s:%u:%zu: %s", p->file, p->number, column + 1, text);
}

static const char *skip_space(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

static size_t place(const struct parser *p, const char *at)
{
	return (size_t)(at - p->line);
}

/* The first of @chars, or where a comment begins, or the end: as inih looks for them. */
static const char *find(const char *s, const char *chars)
{
	bool space = false;

	while (*s && !strchr(chars, *s) && !(space && *s == ';'))
		space = isspace((unsigned char)*s++);
	return s;
}

/* A section is told when its line comes, as inih tells only of names and values. */
static int section_line(struct parser *p, char *name)
{
	struct conf_entry entry = { .file = p->file, .line = p->number };
	char *end;
	int r;

	if (name != p->line)
		return bad_line(p, place(p, name), "a section begins where the line begins");
	name++;
	end = name + (find(name, "]") - name);
	if (*end != ']')
		return bad_line(p, place(p, name) - 1, "a '[' without its ']'");
	if (end == name || end - name > CONF_NAME_MAX)
		return bad_line(p, place(p, name),
				"the name of a section has 1 to 48 characters");
	if (*skip_space(end + 1) && !strchr("#;", *skip_space(end + 1)))
		return bad_line(p, place(p, skip_space(end + 1)),
				"behind a [section] only a comment may stand");
	p->has_name = false;
	entry.column = entry.name_column = (unsigned)place(p, name) + 1;
	*end = '\0';
	entry.section = name;
	entry.value = name;
	r = p->take(p->ctx, &entry, p->e);
	*end = ']';
	return r;
}

static const char *name_end(const char *s)
{
	return find(s, "=:");
}

/* inih keeps 49 characters of a name and forgets the rest. */
static int name_line(struct parser *p, const char *start)
{
	const char *end = name_end(start);

	if (*end != '=' && *end != ':')
		return bad_line(p, place(p, start),
				"neither \"name = value\" nor \"[section]\"");
	if (end == start)
		return bad_line(p, place(p, start), "no name before the '='");
	if (end - start > CONF_NAME_MAX)
		return bad_line(p, place(p, start), "a name of more than 48 characters");
	return 0;
}

static int check_line(struct parser *p, size_t n)
{
	char *start = p->line + (skip_space(p->line) - p->line);
	bool goes_on = start != p->line && p->has_name;

	if (memchr(p->line, '\0', n))
		return bad_line(p, strlen(p->line), "a NUL byte: this is not a text file");
	if (!*start || *start == ';' || *start == '#')
		return 0;
	if (*start == '[')
		return section_line(p, start);
	/* Older versions of inih (55) leave the comment of such a line in its value. */
	if (goes_on)
		p->line[find(start, "") - p->line] = '\0';
	return goes_on ? 0 : name_line(p, start);
}

/* Gives inih the next line, as fgets() does. */
static char *read_line(char *str, int num, void *stream)
{
	struct parser *p = stream;
	const char *end;
	size_t n;
	int r;

	if (p->next == p->end)
		return NULL;
	end = memchr(p->next, '\n', (size_t)(p->end - p->next));
	n = (size_t)((end ? end : p->end) - p->next);
	p->number++;
	if (n > CONF_LINE_MAX || n + 2 > (size_t)num) {
		give_up(p, bad_line(p, CONF_LINE_MAX,
				    "a line of more than 196 characters; the rest may stand "
				    "on the next line, indented"));
		return NULL;
	}
	memcpy(p->line, p->next, n);
	p->line[n] = '\0';
	p->next += n + (end != NULL);
	r = check_line(p, n);
	if (r) {
		give_up(p, r);
		return NULL;
	}
	memcpy(str, p->line, strlen(p->line) + 1);
	return str;
}

static int take_entry(void *user, const char *section, const char *name, const char *value)
{
	struct parser *p = user;
	const char *start = skip_space(p->line), *at = start;
	struct conf_entry entry = { .file = p->file,
				    .line = p->number,
				    .section = section,
				    .name = name,
				    .value = value };
	int r;

	if (p->failed)
		return 1;
	entry.goes_on = start != p->line && p->has_name;
	if (!entry.goes_on)
		at = skip_space(name_end(start) + 1);
	p->has_name = true;
	entry.name_column = (unsigned)place(p, start) + 1;
	entry.column = (unsigned)place(p, at) + 1;
	r = p->take(p->ctx, &entry, p->e);
	if (r)
		give_up(p, r);
	return 1;
}

/* Some editors begin a file with it. */
static void skip_bom(struct parser *p)
{
	while (p->end - p->next >= 3 && !memcmp(p->next, "\xef\xbb\xbf", 3))
		p->next += 3;
}

int conf_parse(const char *file, const char *text, size_t len, conf_take *take, void *ctx,
	       struct err *e)
{
	struct parser p = {
		.file = file, .next = text, .end = text + len, .take = take, .ctx = ctx, .e = e
	};
	int line;

	if (len > CONF_FILE_MAX)
		return err_set(e, -EINVAL, "%s: too large for a configuration file", file);
	skip_bom(&p);
	line = ini_parse_stream(read_line, &p, take_entry, &p);
	if (p.failed)
		return p.failed;
	if (line < 0)
		return err_nomem(e);
	if (line > 0)
		return err_set(e, -EINVAL,
			       "%s:%d:1: neither \"name = value\" nor \"[section]\"", file,
			       line);
	return 0;
}

int conf_read(const char *file, conf_take *take, void *ctx, struct err *e)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), r;
	char *text = NULL;
	size_t len;

	if (fd < 0)
		return err_sys(e, "%s", file);
	text = io_slurp_fd(fd, CONF_FILE_MAX, &len);
	r = text ? conf_parse(file, text, len, take, ctx, e) : err_sys(e, "%s", file);
	free(text);
	close(fd);
	return r;
}

/* "FILE:LINE:COLUMN: text"; plain, as it may show what stands in the file. */
static int place_error(const struct conf_entry *entry, size_t column, struct err *e,
		       const char *fmt, va_list ap)
{
	char text[ERR_MSG_MAX], clean[ERR_MSG_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	return err_set(e, -EINVAL, "%s:%u:%zu: %s", entry->file, entry->line, column,
		       plain_text(clean, sizeof(clean), text, ""));
}

int conf_error(const struct conf_entry *entry, const char *at, struct err *e, const char *fmt,
	       ...)
{
	size_t behind = at && entry->value ? (size_t)(at - entry->value) : 0;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = place_error(entry, entry->column + behind, e, fmt, ap);
	va_end(ap);
	return r;
}

int conf_error_name(const struct conf_entry *entry, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = place_error(entry, entry->name_column, e, fmt, ap);
	va_end(ap);
	return r;
}
