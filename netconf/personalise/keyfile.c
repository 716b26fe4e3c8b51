// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/keyfile.h"

#include "common/text.h"

#include <string.h>

static const char *const sections[] = { "[ethernet]", "[wifi]", "[802-3-ethernet]",
					"[802-11-wireless]" };

enum line { LINE_OTHER, LINE_HERE, LINE_ELSEWHERE, LINE_CLONED };

/* Whether the section that begins with the @n bytes of @line is one of a card. */
static bool is_card(const char *line, size_t n)
{
	while (n && strchr(" \t\r", line[n - 1]))
		n--;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (n == strlen(sections[i]) && !memcmp(line, sections[i], n))
			return true;
	return false;
}

/* The MAC address that the line gives to @key; false: it gives none. */
static bool value(const char *line, size_t n, const char *key, struct mac *ret)
{
	size_t k = strlen(key);
	char word[MAC_TEXT_MAX];

	if (n <= k || memcmp(line, key, k) != 0)
		return false;
	while (k < n && (line[k] == ' ' || line[k] == '\t'))
		k++;
	if (k == n || line[k++] != '=')
		return false;
	while (k < n && (line[k] == ' ' || line[k] == '\t'))
		k++;
	while (n > k && strchr(" \t\r", line[n - 1]))
		n--;
	if (n - k != MAC_TEXT_MAX - 1)
		return false;
	memcpy(word, line + k, MAC_TEXT_MAX - 1);
	word[MAC_TEXT_MAX - 1] = '\0';
	return !mac_parse(word, ret, NULL);
}

static enum line kind_of(const char *line, size_t n, const struct machine *m)
{
	struct mac mac;

	if (value(line, n, "mac-address", &mac))
		return machine_has(m, &mac) ? LINE_HERE : LINE_ELSEWHERE;
	return value(line, n, "cloned-mac-address", &mac) ? LINE_CLONED : LINE_OTHER;
}

/* One pass: which kinds there are (a bit each); with @out, all lines but those in @drop. */
static unsigned pass(const char *text, size_t len, const struct machine *m, unsigned drop,
		     struct text *out, size_t *removed)
{
	const char *end = text + len, *p;
	bool card = false;
	unsigned seen = 0;
	size_t n;

	*removed = 0;
	for (p = text; p < end; p += n) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		enum line kind = LINE_OTHER;
		size_t bare = (size_t)((nl ? nl : end) - p);

		n = bare + (nl != NULL);
		if (bare && *p == '[')
			card = is_card(p, bare);
		else if (card)
			kind = kind_of(p, bare, m);
		seen |= 1U << kind;
		if (drop & 1U << kind)
			++*removed;
		else if (out)
			text_add_bytes(out, p, n);
	}
	return seen;
}

int keyfile_unbind(const char *text, size_t len, const struct machine *m, char **ret,
		   size_t *removed, struct err *e)
{
	struct text out = { 0 };
	unsigned drop = 1U << LINE_ELSEWHERE;

	if (!(pass(text, len, m, 0, NULL, removed) & 1U << LINE_HERE))
		drop |= 1U << LINE_CLONED;
	pass(text, len, m, drop, &out, removed);
	return text_take(&out, ret, e);
}
