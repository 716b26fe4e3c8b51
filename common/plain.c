// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/plain.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Well-formed UTF-8: the Unicode Standard, table 3-7. */
static const struct {
	uint8_t first, last; /* first byte of the character */
	uint8_t low, high;   /* second byte; all further ones are 80..bf */
	uint8_t len;
} forms[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* Bytes of the character at @s, 0 if there is no valid one. */
static size_t char_len(const uint8_t *s)
{
	size_t f = 0, i = 2;

	while (f < sizeof(forms) / sizeof(forms[0]) &&
	       (s[0] < forms[f].first || s[0] > forms[f].last))
		f++;
	if (f == sizeof(forms) / sizeof(forms[0]))
		return 0;
	if (forms[f].len == 1)
		return 1;
	if (s[1] < forms[f].low || s[1] > forms[f].high)
		return 0;
	while (i < forms[f].len && s[i] >= 0x80 && s[i] <= 0xbf)
		i++;
	return i == forms[f].len ? i : 0;
}

/* C0, DEL and C1 (U+0080 to U+009F, in UTF-8 c2 80 to c2 9f). */
static bool is_control(const uint8_t *s)
{
	return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

char *plain_text(char *dst, size_t n, const char *src, const char *keep)
{
	const uint8_t *s = (const uint8_t *)src;
	size_t w = 0;

	while (*s) {
		size_t len = char_len(s);
		bool good = len && (!is_control(s) || strchr(keep, *s));
		size_t put = good ? len : 1;

		if (put >= n - w)
			break;
		memcpy(dst + w, good ? (const char *)s : "?", put);
		w += put;
		s += len ? len : 1;
	}
	dst[w] = 0;
	return dst;
}
