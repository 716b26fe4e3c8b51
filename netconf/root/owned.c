// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/root/owned.h"

#include "common/hash.h"
#include "common/text.h"

#include <string.h>

#define MARK "# Made by slate-netconf; change the policy, not this file. sha256:"
#define HEX  (2 * (size_t)HASH_SIZE)

/* The length of a "#!" line that has to stay first, with its end; 0: there is none. */
static size_t first_line(const char *content, size_t len)
{
	const char *end;

	if (len < 2 || memcmp(content, "#!", 2) != 0)
		return 0;
	end = memchr(content, '\n', len);
	return end ? (size_t)(end - content) + 1 : 0;
}

/* The sum of all but the mark: @head bytes before it, and @body. */
static int sum(const char *content, size_t head, const char *body, size_t n, char hex[HEX + 1],
	       struct err *e)
{
	uint8_t out[HASH_SIZE];
	struct hash *h;
	int r = hash_new(&h, e);

	if (r)
		return r;
	hash_begin(h);
	hash_add(h, content, head);
	hash_add(h, body, n);
	r = hash_end(h, out);
	hash_free(h);
	if (r)
		return err_set(e, r, "the SHA-256 of libcrypto does not work");
	hash_hex(out, HASH_SIZE, hex);
	return 0;
}

int owned_mark(const char *content, char **ret, struct err *e)
{
	size_t len = strlen(content), head = first_line(content, len);
	char hex[HEX + 1];
	struct text t = { 0 };
	int r = sum(content, head, content + head, len - head, hex, e);

	if (r)
		return r;
	text_add_bytes(&t, content, head);
	text_add(&t, MARK "%s\n", hex);
	text_add_bytes(&t, content + head, len - head);
	return text_take(&t, ret, e);
}

enum owned owned_check(const char *content, size_t len)
{
	size_t head = first_line(content, len), n = strlen(MARK), body = head + n + HEX + 1;
	const char *mark = content + head;
	char hex[HEX + 1];

	if (len - head < n || memcmp(mark, MARK, n) != 0)
		return OWNED_NOT;
	if (len < body || content[body - 1] != '\n' ||
	    sum(content, head, content + body, len - body, hex, NULL))
		return OWNED_EDITED;
	return memcmp(mark + n, hex, HEX) ? OWNED_EDITED : OWNED_OURS;
}
