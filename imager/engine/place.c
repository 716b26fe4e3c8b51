// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/place.h"

#include <stdlib.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The entries of a usual GPT; the header takes a sector more. */
#define GPT_ENTRIES 16384

bool place_has_table(const struct header *h)
{
	for (uint32_t i = 0; i < h->n_regions; i++)
		if (h->regions[i].kind == REGION_TABLE)
			return true;
	return false;
}

uint32_t place_last(const struct header *h)
{
	uint32_t i = h->n_regions;

	while (i > 0 && (h->regions[--i].kind != REGION_AREA || h->regions[i].use != USE_ALL))
		;
	return i;
}

uint32_t place_find(const struct header *h, unsigned number)
{
	uint32_t i = 0;

	while (i < h->n_regions && h->regions[i].part != number)
		i++;
	return i;
}

uint64_t place_wanted(const struct header *h, bool held)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < h->n_regions; i++)
		if (h->regions[i].use <= (held ? USE_HELD : USE_ALL))
			sum += h->regions[i].used_bytes;
	return sum;
}

/* "1, 2, 5" */
static const char *list_parts(const struct header *h, char *buf, size_t n)
{
	size_t len = 0;

	buf[0] = '\0';
	for (uint32_t i = 0; i < h->n_regions && len < n; i++)
		if (h->regions[i].part)
			len += (size_t)snprintf(buf + len, n - len, "%s%" PRIu32,
						len ? ", " : "", h->regions[i].part);
	return len ? buf : "none";
}

static void place_part(struct header *h, struct region *g, const char *device,
		       const struct ptable *table, struct blockers *b)
{
	size_t i = 0;

	g->use = USE_ALL;
	if (!table || !table->n) {
		g->off = 0;
		h->device_size = g->size;
		return;
	}
	while (i < table->n && table->v[i].number != g->part)
		i++;
	if (i == table->n) {
		blockers_add(b, "%s has no partition %" PRIu32, device, g->part);
		return;
	}
	if (table->v[i].size < g->size)
		blockers_add(b,
			     "partition %" PRIu32 " of %s is too small: it has %" PRIu64
			     " bytes, the image needs %" PRIu64 " (%" PRIu64 " more)",
			     g->part, device, table->v[i].size, g->size,
			     g->size - table->v[i].size);
	g->off = table->v[i].off;
	if (h->device_size < g->off + g->size)
		h->device_size = g->off + g->size;
}

void place_parts(struct header *h, const char *device, const struct ptable *table,
		 const struct parts *parts, struct blockers *b)
{
	char list[256];

	h->device_size = 0;
	for (uint32_t i = 0; i < h->n_regions; i++)
		h->regions[i].use = USE_NONE;
	if (parts->n > 1 && (!table || !table->n))
		blockers_add(b,
			     "%s has no partition table: give one partition's number, or "
			     "restore the whole disk first",
			     device);
	for (unsigned i = 0; i < parts->n; i++) {
		uint32_t k = place_find(h, parts->v[i]);

		if (k == h->n_regions)
			blockers_add(b, "the image has no partition %u; it has: %s",
				     parts->v[i], list_parts(h, list, sizeof(list)));
		else
			place_part(h, &h->regions[k], device, table, b);
	}
}

/* What a GPT needs behind the last partition. */
static uint64_t tail_size(const struct header *h, const struct region *last)
{
	return strcmp(last->fs, "gpt") ? 0 : GPT_ENTRIES + h->sector;
}

bool place_whole(struct header *h, const char *device, uint64_t size, struct blockers *b)
{
	struct region *last = &h->regions[h->n_regions - 1];
	uint64_t room, tail;

	if (size == h->device_size)
		return false;
	if (!place_has_table(h)) {
		if (size < h->device_size)
			blockers_add(b,
				     "%s is too small: it has %" PRIu64
				     " bytes, the image needs %" PRIu64 " (%" PRIu64 " more)",
				     device, size, h->device_size, h->device_size - size);
		return false;
	}
	tail = tail_size(h, last);
	room = size > tail ? size - tail : 0;
	if (last->kind == REGION_TABLE && h->n_regions > 1)
		last->use = USE_HELD;
	for (uint32_t i = 0; i < h->n_regions; i++) {
		const struct region *g = &h->regions[i];
		uint64_t end = g->off + g->size;

		if (g->use == USE_ALL && end > room)
			blockers_add(b,
				     "%s is too small: it has %" PRIu64
				     " bytes, and partition %" PRIu32 " (%s) would end %" PRIu64
				     " bytes behind the space that is left for partitions",
				     device, size, g->part, g->fs[0] ? g->fs : "raw",
				     end - room);
	}
	return true;
}

struct region_progress *place_progress(const struct header *h, bool held)
{
	struct region_progress *v = calloc((size_t)h->n_regions + 1, sizeof(*v));

	for (uint32_t i = 0; v && i < h->n_regions; i++) {
		const struct region *g = &h->regions[i];
		bool counts = held ? g->use != USE_NONE : g->use == USE_ALL;

		v[i] = (struct region_progress){ .off = g->off,
						 .size = g->size,
						 .part = g->part,
						 .total = counts ? g->used_bytes : 0 };
	}
	return v;
}
