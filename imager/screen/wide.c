// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/wide.h"

#include "common/plain.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One character of @s as it stands there; the bytes it takes. */
static size_t decode(const char *s, wchar_t *ret)
{
	/* As plain_text() cuts between characters, one needs at most four bytes. */
	char one[5] = "", raw[5] = "";
	const uint8_t *b = (const uint8_t *)one;
	size_t len, n = strnlen(s, 4);

	memcpy(raw, s, n);
	plain_text(one, sizeof(one), raw, "");
	len = b[0] < 0x80 ? 1 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
	*ret = len == 1 ? b[0] : b[0] & (0x7f >> len);
	for (size_t i = 1; i < len; i++)
		*ret = *ret << 6 | (b[i] & 0x3f);
	/* A C1 control is two bytes of which plain_text() makes one '?'. */
	if (len == 1 && one[0] == '?' && (uint8_t)s[0] == 0xc2 &&
	    ((uint8_t)s[1] & 0xe0) == 0x80)
		return 2;
	return len;
}

/* What the terminal gets for @c, and its columns. */
static size_t shown(wchar_t *c)
{
	char bytes[MB_LEN_MAX];
	mbstate_t state = { 0 };
	int w = wcwidth(*c);

	if (w < 0 || wcrtomb(bytes, *c, &state) == (size_t)-1) {
		*c = '?';
		return 1;
	}
	return (size_t)w;
}

size_t wide_take(const char **s, size_t columns, wchar_t *dst, size_t n)
{
	size_t used = 0, put = 0;

	while (**s) {
		wchar_t c;
		size_t len = decode(*s, &c), w = shown(&c);

		if (used + w > columns || put + 2 > n)
			break;
		/* One that combines needs something before it. */
		if (!w && !put)
			c = '?', w = 1;
		if (used + w > columns)
			break;
		dst[put++] = c;
		used += w;
		*s += len;
	}
	dst[put] = 0;
	return used;
}

size_t wide_columns(const char *s)
{
	size_t sum = 0;

	for (bool first = true; *s; first = false) {
		wchar_t c;
		size_t len = decode(s, &c), w = shown(&c);

		sum += !w && first ? 1 : w;
		s += len;
	}
	return sum;
}

size_t wide_line(const char *s, size_t columns, const char **ret_next)
{
	const char *at = s, *blank = NULL;
	size_t used = 0;

	while (*at && *at != '\n') {
		wchar_t c;
		size_t len = decode(at, &c), w = shown(&c);

		if (*at == ' ')
			blank = at;
		if (used + w > columns)
			break;
		used += w;
		at += len;
	}
	if (*at && *at != '\n' && blank && blank > s)
		at = blank;
	*ret_next = !*at ? NULL : at + (*at == '\n' || *at == ' ');
	return (size_t)(at - s);
}

size_t wide_utf8(wchar_t c, char dst[static 5])
{
	uint32_t u = (uint32_t)c;
	size_t n = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;

	if (!u || u > 0x10ffff || (u >= 0xd800 && u < 0xe000))
		return 0;
	for (size_t i = n; i-- > 1; u >>= 6)
		dst[i] = (char)(0x80 | (u & 0x3f));
	dst[0] = (char)(n == 1 ? u : (0xf00U >> n & 0xf0) | u);
	dst[n] = 0;
	return n;
}
