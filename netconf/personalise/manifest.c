// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEAD "slate-netconf vault 1\n"
#define HEX  (2 * HASH_SIZE)
#define END  (4 + HEX + 1) /* "end ", the sum, a newline */

static int sum_of(const void *p, size_t n, uint8_t out[HASH_SIZE], struct err *e)
{
	struct hash *h;
	int r = hash_new(&h, e);

	if (r)
		return r;
	r = hash_buf(h, p, n, out);
	hash_free(h);
	return r ? err_set(e, r, "libcrypto failed") : 0;
}

static int bad(struct err *e, unsigned line, const char *text)
{
	return err_set(e, -EBADMSG, "line %u: %s", line, text);
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool take_sum(const char **p, const char *end, uint8_t sum[HASH_SIZE])
{
	if (end - *p < HEX)
		return false;
	for (size_t i = 0; i < HASH_SIZE; i++) {
		int high = digit((*p)[2 * i]), low = digit((*p)[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		sum[i] = (uint8_t)(high << 4 | low);
	}
	*p += HEX;
	return true;
}

/* " NUMBER" in @base, at most @max. */
static bool take_number(const char **p, const char *end, unsigned base, size_t max, size_t *ret)
{
	size_t v = 0;
	int d, n;

	if (*p == end || *(*p)++ != ' ')
		return false;
	for (n = 0; *p < end && (d = digit(**p)) >= 0 && d < (int)base; n++, (*p)++) {
		v = v * base + (size_t)d;
		if (v > max)
			return false;
	}
	*ret = v;
	return n > 0;
}

static bool take_name(const char *p, const char *end, char name[IDENTITY_NAME_MAX])
{
	size_t n = (size_t)(end - p);

	if (n < 2 || *p != ' ' || n > IDENTITY_NAME_MAX || memchr(p, '\0', n))
		return false;
	memcpy(name, p + 1, n - 1);
	name[n - 1] = '\0';
	return identity_name(name);
}

static int take_line(const char *p, const char *end, unsigned number, struct manifest *ret,
		     struct err *e)
{
	struct manifest_line *line = &ret->v[ret->n];
	size_t mode;

	if (ret->n == IDENTITY_ITEMS_MAX)
		return bad(e, number, "more files than one machine can have");
	if (!take_sum(&p, end, line->sum) || !take_number(&p, end, 8, 0777, &mode) ||
	    !take_number(&p, end, 10, IDENTITY_ITEM_MAX, &line->size) ||
	    !take_name(p, end, line->name))
		return bad(e, number, "not \"SHA256 MODE SIZE NAME\"");
	line->mode = (mode_t)mode;
	for (size_t i = 0; i < ret->n; i++)
		if (!strcmp(ret->v[i].name, line->name))
			return bad(e, number, "a name for the second time");
	ret->n++;
	return 0;
}

/* The last line proves that nothing is missing and nothing was changed. */
static int check_end(const char *text, size_t len, struct err *e)
{
	uint8_t want[HASH_SIZE], is[HASH_SIZE];
	const char *p;
	int r;

	if (len < END || memcmp(text + len - END, "end ", 4) != 0 || text[len - 1] != '\n')
		return err_set(e, -EBADMSG, "it is cut short");
	p = text + len - END + 4;
	if (!take_sum(&p, text + len, want))
		return err_set(e, -EBADMSG, "it is cut short");
	r = sum_of(text, len - END, is, e);
	if (r)
		return r;
	return memcmp(want, is, HASH_SIZE)
		       ? err_set(e, -EBADMSG, "it was changed, or is damaged")
		       : 0;
}

int manifest_parse(const char *text, size_t len, struct manifest *ret, struct err *e)
{
	const char *p = text + sizeof(HEAD) - 1, *end = text + len - END;
	unsigned number = 1;
	int r = 0;

	ret->n = 0;
	if (len > MANIFEST_MAX || len < sizeof(HEAD) - 1 ||
	    memcmp(text, HEAD, sizeof(HEAD) - 1) != 0)
		return bad(e, 1, "no manifest of a vault, or of a newer slate-netconf");
	r = check_end(text, len, e);
	while (!r && p < end) {
		const char *next = memchr(p, '\n', (size_t)(end - p));

		if (!next)
			return bad(e, number + 1, "no end of the line");
		r = take_line(p, next, ++number, ret, e);
		p = next + 1;
	}
	return r;
}

int manifest_render(const struct identity *id, struct text *ret, struct err *e)
{
	uint8_t sum[HASH_SIZE];
	char hex[HEX + 1];
	int r = 0;

	text_add(ret, HEAD);
	for (size_t i = 0; i < id->n && !r; i++) {
		const struct item *it = &id->v[i];

		r = sum_of(it->content, it->len, sum, e);
		hash_hex(sum, HASH_SIZE, hex);
		text_add(ret, "%s %04o %zu %s\n", hex, (unsigned)it->mode, it->len, it->name);
	}
	if (!r)
		r = sum_of(text_get(ret), ret->len, sum, e);
	if (r)
		return r;
	hash_hex(sum, HASH_SIZE, hex);
	text_add(ret, "end %s\n", hex);
	return text_ok(ret) ? 0 : err_nomem(e);
}

int manifest_check(const struct manifest_line *line, const char *content, size_t len,
		   struct err *e)
{
	uint8_t is[HASH_SIZE];
	int r = sum_of(content, len, is, e);

	if (r)
		return r;
	if (len != line->size || memcmp(is, line->sum, HASH_SIZE) != 0)
		return err_set(e, -EBADMSG, "%s is not what was saved", line->name);
	return 0;
}
