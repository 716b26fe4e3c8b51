// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/same.h"

#include <errno.h>
#include <stdlib.h>

#define SLOTS_MIN 1024

void same_free(struct same *s)
{
	free(s->slots);
	*s = (struct same){ 0 };
}

/* The slot that holds @sum, or the empty one where it belongs. */
static uint32_t *slot(const struct same *s, const struct entry *v, const uint8_t sum[HASH_SIZE])
{
	struct rd r = rd_init(sum, HASH_SIZE);
	uint64_t i = rd_le64(&r) & s->mask;

	while (s->slots[i] && memcmp(v[s->slots[i] - 1].sum, sum, HASH_SIZE))
		i = (i + 1) & s->mask;
	return &s->slots[i];
}

int64_t same_find(const struct same *s, const struct entry *v, const uint8_t sum[HASH_SIZE])
{
	return s->slots ? (int64_t)*slot(s, v, sum) - 1 : -1;
}

static int grow(struct same *s, const struct entry *v)
{
	uint64_t n = s->slots ? 2 * (s->mask + 1) : SLOTS_MIN;
	struct same bigger = { .slots = calloc(n, sizeof(*s->slots)), .mask = n - 1 };

	if (!bigger.slots)
		return -ENOMEM;
	for (uint64_t i = 0; s->slots && i <= s->mask; i++)
		if (s->slots[i])
			*slot(&bigger, v, v[s->slots[i] - 1].sum) = s->slots[i];
	bigger.n = s->n;
	free(s->slots);
	*s = bigger;
	return 0;
}

int same_add(struct same *s, const struct entry *v, uint64_t ordinal)
{
	uint32_t *at;

	if (ordinal >= UINT32_MAX) /* beyond any index: nothing is lost but a saving */
		return 0;
	if ((!s->slots || s->n >= s->mask / 2) && grow(s, v) < 0)
		return -ENOMEM;
	at = slot(s, v, v[ordinal].sum);
	if (!*at) {
		*at = (uint32_t)ordinal + 1;
		s->n++;
	}
	return 0;
}
