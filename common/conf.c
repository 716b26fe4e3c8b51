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

/* A section is told when its line comes, as inih tells only of names and values. */
static int section_line(struct parser *p)
{
	char *name = p->line + strspn(p->line, " \t"), *end;
	struct conf_entry entry = { .file = p->file, .line = p->number };
	int r;

	if (*name != '[')
		return 0;
	if (name != p->line)
		return bad_line(p, (size_t)(name - p->line),
				"a section begins where the line begins");
	end = strchr(++name, ']');
	if (!end)
		return bad_line(p, (size_t)(name - p->line) - 1, "a '[' without its ']'");
	if (end == name || end - name > CONF_NAME_MAX)
		return bad_line(p, (size_t)(name - p->line),
				"the name of a section has 1 to 48 characters");
	entry.column = (unsigned)(name - p->line) + 1;
	*end = '\0';
	entry.section = name;
	entry.value = name;
	r = p->take(p->ctx, &entry, p->e);
	*end = ']';
	return r;
}

/* inih keeps 49 characters of a name and forgets the rest. */
static int check_line(struct parser *p, size_t n)
{
	const char *start = p->line + strspn(p->line, " \t"), *end;

	if (memchr(p->line, '\0', n))
		return bad_line(p, strlen(p->line), "a NUL byte: this is not a text file");
	if (*start == ';' || *start == '#' || *start == '[' || start != p->line)
		return 0;
	end = strpbrk(start, "=:");
	if (end && end - start > CONF_NAME_MAX)
		return bad_line(p, 0, "a name of more than 48 characters");
	return 0;
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
	if (!r)
		r = section_line(p);
	if (r) {
		give_up(p, r);
		return NULL;
	}
	memcpy(str, p->line, n + 1);
	return str;
}

static int take_entry(void *user, const char *section, const char *name, const char *value)
{
	struct parser *p = user;
	struct conf_entry entry = { p->file, p->number, 1, section, name, value };
	const char *from = p->line, *at;
	int r;

	if (p->failed)
		return 1;
	/* The name stands before the value, except on a line that goes on with it. */
	if (!isspace((unsigned char)*from))
		from += strcspn(from, "=:");
	at = strstr(from, value);
	if (at)
		entry.column = (unsigned)(at - p->line) + 1;
	r = p->take(p->ctx, &entry, p->e);
	if (r)
		give_up(p, r);
	return 1;
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

int conf_error(const struct conf_entry *entry, const char *at, struct err *e, const char *fmt,
	       ...)
{
	size_t behind = at && entry->value ? (size_t)(at - entry->value) : 0;
	char text[ERR_MSG_MAX], clean[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, -EINVAL, "%s:%u:%zu: %s", entry->file, entry->line,
		       entry->column + behind, plain_text(clean, sizeof(clean), text, ""));
}
