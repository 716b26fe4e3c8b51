// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * btrfs_sum.c - the checksums that Btrfs has over superblocks and nodes.
 *
 * Sources: xxHash specification 0.1.1; RFC 7693 for BLAKE2b (libcrypto 3.0 has
 * it only with sums of 64 bytes, which begin differently).
 */
#include "common/crc32c.h"
#include "imager/fs/btrfs.h"

#include <errno.h>

#define FIELD 32 /* bytes that every block keeps for its sum */

/* ---- XXH64 with seed 0, of multiples of 32 bytes --------------------------- */

#define P1 UINT64_C(0x9E3779B185EBCA87)
#define P2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define P3 UINT64_C(0x165667B19E3779F9)
#define P4 UINT64_C(0x85EBCA77C2B2AE63)

static uint64_t rotate_left(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

static uint64_t xxh64_round(uint64_t sum, uint64_t lane)
{
	return rotate_left(sum + lane * P2, 31) * P1;
}

static uint64_t xxh64(const uint8_t *p, size_t n)
{
	uint64_t lane[4] = { P1 + P2, P2, 0, 0 - P1 }, sum;
	struct rd r = rd_init(p, n);

	while (rd_left(&r))
		for (int i = 0; i < 4; i++)
			lane[i] = xxh64_round(lane[i], rd_le64(&r));
	sum = rotate_left(lane[0], 1) + rotate_left(lane[1], 7) + rotate_left(lane[2], 12) +
	      rotate_left(lane[3], 18);
	for (int i = 0; i < 4; i++)
		sum = (sum ^ xxh64_round(0, lane[i])) * P1 + P4;
	sum += n;
	sum = (sum ^ sum >> 33) * P2;
	sum = (sum ^ sum >> 29) * P3;
	return sum ^ sum >> 32;
}

/* ---- BLAKE2b with 32 bytes and no key -------------------------------------- */

#define BLAKE_BLOCK  128
#define BLAKE_ROUNDS 12

static const uint64_t blake_iv[8] = {
	UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b),
	UINT64_C(0x3c6ef372fe94f82b), UINT64_C(0xa54ff53a5f1d36f1),
	UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
	UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179),
};

static const uint8_t blake_order[10][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

static const uint8_t blake_mixed[8][4] = {
	{ 0, 4, 8, 12 },  { 1, 5, 9, 13 },  { 2, 6, 10, 14 }, { 3, 7, 11, 15 },
	{ 0, 5, 10, 15 }, { 1, 6, 11, 12 }, { 2, 7, 8, 13 },  { 3, 4, 9, 14 },
};

static void blake_mix(uint64_t v[16], const uint8_t at[4], uint64_t x, uint64_t y)
{
	uint64_t *a = &v[at[0]], *b = &v[at[1]], *c = &v[at[2]], *d = &v[at[3]];

	*a += *b + x;
	*d = rotate_left(*d ^ *a, 32);
	*c += *d;
	*b = rotate_left(*b ^ *c, 40);
	*a += *b + y;
	*d = rotate_left(*d ^ *a, 48);
	*c += *d;
	*b = rotate_left(*b ^ *c, 1);
}

/* @done: bytes up to the end of this block, without what fills it up. */
static void blake_block(uint64_t h[8], const uint8_t block[BLAKE_BLOCK], uint64_t done,
			bool last)
{
	struct rd r = rd_init(block, BLAKE_BLOCK);
	uint64_t v[16], m[16];

	for (int i = 0; i < 16; i++)
		m[i] = rd_le64(&r);
	memcpy(v, h, 8 * sizeof(*v));
	memcpy(v + 8, blake_iv, sizeof(blake_iv));
	v[12] ^= done;
	if (last)
		v[14] = ~v[14];
	for (int round = 0; round < BLAKE_ROUNDS; round++) {
		const uint8_t *order = blake_order[round % 10];

		for (int i = 0; i < 8; i++)
			blake_mix(v, blake_mixed[i], m[order[2 * i]], m[order[2 * i + 1]]);
	}
	for (int i = 0; i < 8; i++)
		h[i] ^= v[i] ^ v[i + 8];
}

static void blake2b(const uint8_t *p, size_t n, uint8_t out[FIELD])
{
	struct wr w = wr_init(out, FIELD);
	uint8_t last[BLAKE_BLOCK] = { 0 };
	uint64_t h[8], done = 0;

	memcpy(h, blake_iv, sizeof(h));
	h[0] ^= 0x01010000 ^ FIELD;
	for (; n - done > BLAKE_BLOCK; done += BLAKE_BLOCK)
		blake_block(h, p + done, done + BLAKE_BLOCK, false);
	memcpy(last, p + done, n - done);
	blake_block(h, last, n, true);
	for (int i = 0; i < FIELD / 8; i++)
		wr_le64(&w, h[i]);
}

/* ---- by type --------------------------------------------------------------- */

static bool sum_crc32c(const struct btrfs_sums *s, const uint8_t *p, size_t n, struct wr *w)
{
	(void)s;
	wr_le32(w, ~crc32c(~0U, p, n));
	return true;
}

static bool sum_xxh64(const struct btrfs_sums *s, const uint8_t *p, size_t n, struct wr *w)
{
	(void)s;
	wr_le64(w, xxh64(p, n));
	return true;
}

static bool sum_sha256(const struct btrfs_sums *s, const uint8_t *p, size_t n, struct wr *w)
{
	uint8_t out[HASH_SIZE];

	if (hash_buf(s->sha, p, n, out))
		return false;
	wr_bytes(w, out, sizeof(out));
	return true;
}

static bool sum_blake2b(const struct btrfs_sums *s, const uint8_t *p, size_t n, struct wr *w)
{
	uint8_t out[FIELD];

	(void)s;
	blake2b(p, n, out);
	wr_bytes(w, out, sizeof(out));
	return true;
}

static bool (*const by_type[])(const struct btrfs_sums *s, const uint8_t *p, size_t n,
			       struct wr *w) = {
	sum_crc32c,
	sum_xxh64,
	sum_sha256,
	sum_blake2b,
};

int btrfs_sums_open(struct btrfs_sums *s, unsigned type, struct err *e)
{
	*s = (struct btrfs_sums){ .type = type };
	if (type >= sizeof(by_type) / sizeof(by_type[0]))
		return err_set(e, -EOPNOTSUPP,
			       "its kind of checksum (%u) is newer than this program", type);
	return by_type[type] == sum_sha256 ? hash_new(&s->sha, e) : 0;
}

void btrfs_sums_close(struct btrfs_sums *s)
{
	hash_free(s->sha);
	s->sha = NULL;
}

bool btrfs_sum_is_right(const struct btrfs_sums *s, const uint8_t *block, size_t n)
{
	uint8_t sum[FIELD];
	struct wr w = wr_init(sum, sizeof(sum));

	return by_type[s->type](s, block + FIELD, n - FIELD, &w) && !memcmp(sum, block, w.pos);
}
