// SPDX-License-Identifier: GPL-3.0-or-later
/* A server's answer: the lines of its header, an empty one, the body in pieces of 7. */
#include "tests/fuzz/fuzz.h"

#include "imager/image/http_answer.h"

static void check_text(const char *text, size_t room)
{
	size_t n = strnlen(text, room);

	MUST(n < room);
	for (size_t i = 0; i < n; i++)
		MUST(text[i] >= ' ' && text[i] <= '~');
}

static void check(const struct http_answer *a)
{
	MUST(a->status == 0 || (a->status >= 100 && a->status <= 999));
	if (a->ranged)
		MUST(a->begin < a->end && a->end <= a->total && a->total < INT64_MAX);
	check_text(a->reason, sizeof(a->reason));
	check_text(a->etag, sizeof(a->etag));
	check_text(a->modified, sizeof(a->modified));
	check_text(a->says, sizeof(a->says));
	MUST(a->retry_after <= 3600);
	MUST(http_answer_same(a, a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct http_answer a = { 0 };
	size_t at = 0;
	bool body = false;

	while (at < n) {
		const uint8_t *end = body ? NULL : memchr(data + at, '\n', n - at);
		size_t len = end ? (size_t)(end - data) + 1 - at : n - at;
		uint8_t *piece;

		if (body && len > 7)
			len = 7;
		piece = fuzz_copy(data + at, len);
		if (body)
			http_answer_body(&a, (const char *)piece, len);
		else
			http_answer_line(&a, (const char *)piece, len);
		free(piece);
		body = body || (len == 1 && data[at] == '\n') ||
		       (len == 2 && data[at] == '\r' && data[at + 1] == '\n');
		at += len;
	}
	check(&a);
	return 0;
}
