// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/import/hostlist_internal.h"

#include "pxe/wire/datagram.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hostlist_error(const struct hostlist *p, const char *fmt, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(p->e, -EINVAL, "%s:%u: %s", p->file, p->line, text);
}

int hostlist_address(const char *text, uint32_t *ret, struct err *e)
{
	uint32_t addr;
	int r;

	*ret = 0;
	if (!*text)
		return 0;
	r = addr_parse(text, &addr, e);
	if (r)
		return r;
	if (addr >> 24 == 0 || addr >> 24 == 127 || addr >> 28 >= 14)
		return err_set(e, -EINVAL, "no machine can have the address %s", text);
	*ret = addr;
	return 0;
}

/* What both forms have in common. */
static int check_row(const struct hostlist *p, const struct hostlist_row *row)
{
	const struct host *h = &row->host;

	if (!mac_valid(&h->mac))
		return hostlist_error(p, "no card can have that MAC");
	if (!store_host_name_ok(h->name))
		return hostlist_error(
			p,
			"\"%.80s\" is no name of a machine: 1 to 63 letters, digits "
			"and '-', not digits alone",
			h->name);
	if (h->group[0] && !store_name_ok(h->group))
		return hostlist_error(
			p,
			"\"%.80s\" is no name of a group: 1 to 63 letters, digits "
			"and '-'",
			h->group);
	if (!strcmp(h->name, "all") || !strcmp(h->group, "all"))
		return hostlist_error(p, "\"all\" means all machines");
	return 0;
}

static int add_row(struct hostlist *p, const struct hostlist_row *row)
{
	int r = check_row(p, row);

	if (r)
		return r;
	if (p->n == HOSTLIST_MOST)
		return hostlist_error(p, "more than %d machines", HOSTLIST_MOST);
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 64;
		struct hostlist_row *more = reallocarray(p->rows, cap, sizeof(*more));

		if (!more)
			return err_nomem(p->e);
		p->rows = more;
		p->cap = cap;
	}
	p->rows[p->n] = *row;
	p->rows[p->n++].line = p->line;
	return 0;
}

/* The first line that says something decides: a head with "mac" in it, or ethers. */
static int take_line(struct hostlist *p, char *line)
{
	struct hostlist_row row = { .line = 0 };
	int r;

	if (!p->kind && hostlist_csv_head(p, line)) {
		p->kind = HOSTLIST_CSV;
		return hostlist_csv_check(p);
	}
	if (!p->kind)
		p->kind = HOSTLIST_ETHERS;
	r = p->kind == HOSTLIST_CSV ? hostlist_csv_row(p, line, &row)
				    : hostlist_ethers_row(p, line, &row);
	return r ? r : add_row(p, &row);
}

static int by_mac(const void *a, const void *b)
{
	const struct hostlist_row *x = a, *y = b;
	int r = memcmp(&x->host.mac, &y->host.mac, sizeof(x->host.mac));

	return r ? r : (x->line > y->line) - (x->line < y->line);
}

static int by_line(const void *a, const void *b)
{
	const struct hostlist_row *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

/* Leaves the rows in their order. */
static int check_twice(struct hostlist *p)
{
	char mac[MAC_TEXT_MAX];
	int r = 0;

	if (!p->n)
		return 0;
	qsort(p->rows, p->n, sizeof(*p->rows), by_mac);
	for (size_t i = 1; !r && i < p->n; i++) {
		if (!mac_equal(&p->rows[i].host.mac, &p->rows[i - 1].host.mac))
			continue;
		p->line = p->rows[i].line;
		r = hostlist_error(p, "%s stands in line %u already",
				   mac_text(&p->rows[i].host.mac, mac), p->rows[i - 1].line);
	}
	qsort(p->rows, p->n, sizeof(*p->rows), by_line);
	return r;
}

/* The next line into @line, without its end and the blanks around it. */
static int next_line(struct hostlist *p, const char **at, const char *end, char *line)
{
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	size_t n = (size_t)((stop ? stop : end) - *at);
	const char *from = *at;

	p->line++;
	*at += n + (stop != NULL);
	if (memchr(from, '\0', n))
		return hostlist_error(p, "a NUL byte: this is not a text file");
	if (n >= HOSTLIST_LINE_MAX)
		return hostlist_error(p, "a line of more than %d bytes", HOSTLIST_LINE_MAX - 1);
	while (n && isspace((unsigned char)from[n - 1]) && from[n - 1] != '\t')
		n--;
	memcpy(line, from, n);
	line[n] = '\0';
	return 0;
}

int hostlist_parse(const char *file, const char *text, size_t len, struct hostlist_row **ret,
		   size_t *ret_n, struct err *e)
{
	struct hostlist p = { .file = file, .e = e };
	const char *at = text, *end = text + len;
	char line[HOSTLIST_LINE_MAX];
	int r = 0;

	if (len > HOSTLIST_FILE_MAX)
		return err_set(e, -EINVAL, "%s: too large for a list of machines", file);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		at += 3; /* the mark that some editors put before UTF-8 */
	while (!r && at < end) {
		r = next_line(&p, &at, end, line);
		if (!r && line[strspn(line, " \t")] && line[0] != '#')
			r = take_line(&p, line);
	}
	if (!r)
		r = check_twice(&p);
	if (r) {
		free(p.rows);
		return r;
	}
	*ret = p.rows;
	*ret_n = p.n;
	return 0;
}
