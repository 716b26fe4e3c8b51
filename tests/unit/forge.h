// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * forge.h - makes the seals of a whole image right again after something in
 * it was changed, and on wish index and trailer too.  Needs no cmocka: the
 * fuzz targets use it as well.
 */
#ifndef TESTS_UNIT_FORGE_H
#define TESTS_UNIT_FORGE_H

#include "tests/unit/seal.h"

#define FORGE_RECORDS 256 /* more are left alone */

/* What lies where in an image. */
struct places {
	size_t header_end; /* and that of the maps */
	size_t records[FORGE_RECORDS], n_records;
	size_t index, index_len; /* index_len 0: there is none */
	size_t trailer;          /* 0: there is none */
};

/* Seals the frame at buf[at], notes where it is, and returns where the next may begin. */
static inline size_t forge_frame(uint8_t *buf, size_t n, size_t at, struct places *p)
{
	uint64_t len = 0, packed = 0;
	int kind = frame_peek(buf + at, n - at, &len);

	if (kind < 0 || len > n - at)
		return at + 1;
	if (kind == FRAME_HEADER || kind == FRAME_MAP) {
		seal(buf + at, len, SEAL_WHOLE);
		p->header_end = at + len;
	} else if (kind == FRAME_RECORD && len >= RECORD_FIXED) {
		seal(buf + at, len, SEAL_RECORD);
		packed = peek(buf + at, 52, 4);
		if (p->n_records < FORGE_RECORDS)
			p->records[p->n_records++] = at;
	} else if (kind == FRAME_INDEX) {
		p->index = at;
		p->index_len = len;
	} else if (kind == FRAME_TRAILER && len == TRAILER_SIZE) {
		p->trailer = at;
	}
	return packed < n - at - len ? at + len + packed : n;
}

/* Makes the entries those of the records. */
static inline void forge_index(uint8_t *buf, const struct places *p)
{
	uint8_t *entry = buf + p->index + INDEX_FIXED;

	for (size_t i = 0; i < p->n_records; i++, entry += INDEX_ENTRY) {
		size_t at = p->records[i];

		if (INDEX_FIXED + (i + 1) * INDEX_ENTRY > p->index_len)
			return;
		poke(entry, 0, 8, at);
		memcpy(entry + 8, buf + at + 96, 8);
		poke(entry, 16, 4, FRAME_HEAD + peek(buf, at + 4, 4) + peek(buf, at + 52, 4));
		entry[20] = buf[at + 36];
		entry[21] = peek(buf, at + 60, 4) > 0;
		memcpy(entry + 24, buf + at + 64, HASH_SIZE);
	}
}

/* Seals all frames; with @whole, index and trailer also say what the image is like. */
static inline void forge(uint8_t *buf, size_t n, bool whole)
{
	struct places p = { 0 };
	uint8_t *t;

	for (size_t at = 0; at < n;)
		at = forge_frame(buf, n, at, &p);
	if (whole && p.index_len >= INDEX_FIXED)
		forge_index(buf, &p);
	if (!p.trailer)
		return;
	t = buf + p.trailer;
	if (whole) {
		poke(t, 32, 8, p.trailer + TRAILER_SIZE);
		poke(t, 40, 8, p.index);
		poke(t, 48, 8, p.index_len);
		poke(t, 56, 8, p.index_len < INDEX_FIXED ? 0 : peek(buf, p.index + 32, 8));
	}
	sum_to(buf, p.header_end, t + 128, HASH_SIZE);
	sum_to(buf + p.index, p.index_len, t + 160, HASH_SIZE);
	seal(t, TRAILER_SIZE, SEAL_WHOLE);
}

#endif
