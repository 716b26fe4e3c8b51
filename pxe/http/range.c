// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/http/range.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Digits from *@p on; false when there are none.  What is too large is as large as can be. */
static bool number(const char **p, uint64_t *ret)
{
	const char *start = *p;

	for (*ret = 0; **p >= '0' && **p <= '9'; ++*p)
		if (__builtin_mul_overflow(*ret, 10, ret) ||
		    __builtin_add_overflow(*ret, (uint64_t)(**p - '0'), ret))
			*ret = UINT64_MAX;
	return *p > start;
}

enum range range_parse(const char *header, uint64_t size, uint64_t *off, uint64_t *len)
{
	const char *p = header;
	uint64_t first = 0, last = UINT64_MAX;
	bool has_first;

	*off = 0;
	*len = size;
	if (!p || strncasecmp(p, "bytes=", 6) != 0)
		return RANGE_NONE;
	p += 6;
	has_first = *p != '-';
	if ((has_first && !number(&p, &first)) || *p++ != '-')
		return RANGE_NONE;
	if ((*p || !has_first) && !number(&p, &last))
		return RANGE_NONE;
	if (*p || first > last)
		return RANGE_NONE;
	if (!has_first) { /* "-N": the last N bytes */
		if (!last || !size)
			return RANGE_OUTSIDE;
		first = last < size ? size - last : 0;
		last = size - 1;
	}
	if (first >= size)
		return RANGE_OUTSIDE;
	if (last >= size)
		last = size - 1;
	*off = first;
	*len = last - first + 1;
	return RANGE_OK;
}
