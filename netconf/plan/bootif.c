// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/plan/bootif.h"

#include <ctype.h>
#include <string.h>

/* Where the word at @s ends; spaces within double quotes belong to it (kernel/params.c). */
static const char *word_end(const char *s)
{
	bool quoted = false;

	for (; *s && (quoted || !isspace((unsigned char)*s)); s++)
		quoted = quoted != (*s == '"');
	return s;
}

static bool parse(const char *s, size_t n, struct mac *ret)
{
	static const char type[] = "01-";
	char text[MAC_TEXT_MAX];
	size_t skip = sizeof(type) - 1;

	if (n != skip + MAC_TEXT_MAX - 1 || memcmp(s, type, skip) != 0)
		return false;
	memcpy(text, s + skip, n - skip);
	text[n - skip] = '\0';
	return !mac_parse(text, ret, NULL) && mac_valid(ret);
}

bool bootif_find(const char *cmdline, struct mac *ret)
{
	static const char key[] = "BOOTIF=";
	size_t skip = sizeof(key) - 1;
	bool found = false;

	for (const char *s = cmdline, *end; *s; s = end) {
		while (isspace((unsigned char)*s))
			s++;
		end = word_end(s);
		if ((size_t)(end - s) > skip && !memcmp(s, key, skip))
			found = parse(s + skip, (size_t)(end - s) - skip, ret);
	}
	return found;
}
