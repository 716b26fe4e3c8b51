// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * refuse.h - what a parser must refuse: every flipped bit, every cut, and
 * impossible values under a right seal.
 */
#ifndef TESTS_UNIT_REFUSE_H
#define TESTS_UNIT_REFUSE_H

#include "tests/unit/seal.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Parses @n bytes and frees what it got; @arg is the test's own. */
typedef int (*parse_fn)(const void *buf, size_t n, void *arg, struct err *e);

/* Parses a copy without a byte of room behind it, so that no overrun is overlooked. */
static inline int parse_copy(parse_fn parse, const void *buf, size_t n, void *arg,
			     struct err *e)
{
	uint8_t *copy = malloc(n ? n : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, buf, n);
	*e = (struct err){ "" };
	r = parse(copy, n, arg, e);
	free(copy);
	return r;
}

static inline void refuse_flips(parse_fn parse, const void *buf, size_t n, void *arg)
{
	uint8_t *copy = malloc(n);
	struct err e;

	assert_non_null(copy);
	memcpy(copy, buf, n);
	assert_int_equal(parse_copy(parse, copy, n, arg, &e), 0);
	for (size_t bit = 0; bit < 8 * n; bit++) {
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (parse_copy(parse, copy, n, arg, &e) != -EBADMSG || !e.msg[0])
			fail_msg("bit %zu of byte %zu may be flipped", bit % 8, bit / 8);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(copy);
}

/* Cut short by any number of bytes, also with a right size field; or with one more. */
static inline void refuse_cuts(parse_fn parse, const void *buf, size_t n, size_t seal_width,
			       void *arg)
{
	uint8_t *copy = malloc(n + 1);
	struct err e;

	assert_non_null(copy);
	for (size_t len = 0; len <= n + 1; len++) {
		if (len == n)
			continue;
		memcpy(copy, buf, n);
		copy[n] = 0;
		if (parse_copy(parse, copy, len, arg, &e) != -EBADMSG)
			fail_msg("may have %zu bytes instead of %zu", len, n);
		if (len < FRAME_HEAD)
			continue;
		poke(copy, 4, 4, len - FRAME_HEAD);
		seal(copy, len, seal_width);
		if (parse_copy(parse, copy, len, arg, &e) != -EBADMSG)
			fail_msg("may have %zu bytes instead of %zu, sealed", len, n);
	}
	free(copy);
}

/* One impossible value, and a word of the text that must come of it. */
struct wrong {
	size_t off, width;
	uint64_t value;
	const char *text;
};

static inline void refuse_values(parse_fn parse, const void *buf, size_t n, size_t seal_width,
				 const struct wrong *w, size_t n_wrong, void *arg)
{
	uint8_t *copy = malloc(n);
	struct err e;

	assert_non_null(copy);
	for (size_t i = 0; i < n_wrong; i++) {
		memcpy(copy, buf, n);
		poke(copy, w[i].off, w[i].width, w[i].value);
		seal(copy, n, seal_width);
		if (parse_copy(parse, copy, n, arg, &e) != -EBADMSG)
			fail_msg("byte %zu may be %#llx", w[i].off,
				 (unsigned long long)w[i].value);
		if (!strstr(e.msg, w[i].text))
			fail_msg("byte %zu: %#llx gives \"%s\"", w[i].off,
				 (unsigned long long)w[i].value, e.msg);
	}
	free(copy);
}

/* Group fixtures: *state is a hash for all tests. */
static inline int hash_setup(void **state)
{
	struct hash *h = NULL;
	int r = hash_new(&h, NULL);

	*state = h;
	return r;
}

static inline int hash_teardown(void **state)
{
	hash_free(*state);
	return 0;
}

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

#endif
