// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * mutants.h - damaged copies of a filesystem for its reader: bits flipped,
 * sectors overwritten, the end cut off.  What comes out must be an error, a
 * problem, or a map that has all bytes which the good filesystem uses.
 * For *_test.c of the readers in imager/fs/.
 */
#ifndef TESTS_UNIT_MUTANTS_H
#define TESTS_UNIT_MUTANTS_H

#include "tests/unit/fs_place.h"

struct mutation {
	unsigned no;
	uint64_t off; /* [off, off + len) was changed; len 0: nothing was */
	uint32_t len;
	uint64_t size; /* of the area, smaller when it was cut */
};

struct mutants {
	const struct fs_ops *ops;
	const char *path;           /* a file with the filesystem; as before afterwards */
	const struct extents *meta; /* where changes matter; NULL: all that is used */
	unsigned n;                 /* how many; 0: 200 */
	/*
	 * A change that nobody could notice, as there is no checksum and no
	 * second place that would tell: bytes of @lost may then be missing.
	 * NULL: there is no such change.
	 */
	bool (*may_lose)(const struct mutation *m, const struct extents *lost);
};

static inline uint64_t mutants_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 24;
}

/* A place in @x, all of its bytes being equally likely. */
static inline uint64_t mutants_place(const struct extents *x, uint64_t *state)
{
	uint64_t at = mutants_random(state) % extents_total(x);

	for (size_t i = 0;; i++) {
		if (at < x->v[i].len)
			return x->v[i].off + at;
		at -= x->v[i].len;
	}
}

static inline struct mutation mutants_make(const struct mutants *t, const struct extents *used,
					   const struct dev *d, unsigned no, uint8_t old[512])
{
	uint64_t state = no + 1;
	struct mutation m = { .no = no, .size = d->size };
	uint8_t buf[512];

	for (int i = 0; i < 4; i++)
		(void)mutants_random(&state);
	if (no % 8 == 7) {
		m.size = mutants_random(&state) % d->size;
		return m;
	}
	m.off = mutants_place(t->meta ? t->meta : used, &state);
	m.len = no % 8 < 5 ? 1 + (uint32_t)(mutants_random(&state) % 8) : 512;
	if (m.len == 512)
		m.off = m.off / 512 * 512;
	if (m.len > d->size - m.off)
		m.len = (uint32_t)(d->size - m.off);
	assert_int_equal(io_pread(d->fd, old, m.len, m.off), m.len);
	memcpy(buf, old, m.len);
	for (uint32_t i = 0; i < m.len; i++)
		buf[i] = (uint8_t)(no % 8 == 0   ? buf[i] ^ 1U << mutants_random(&state) % 8
				   : no % 8 == 5 ? 0
				   : no % 8 == 6 ? 0xff
						 : mutants_random(&state));
	assert_int_equal(io_pwrite(d->fd, buf, m.len, m.off), 0);
	return m;
}

static inline void mutants_judge(const struct mutants *t, const struct mutation *m,
				 const struct extents *good, const struct dev *d, bool forced)
{
	struct area a = { d, 0, m->size };
	struct fs_info info = { 0 };
	struct extents used = { 0 }, free_now = { 0 }, lost = { 0 };
	struct timespec t0, t1;
	struct err e = { 0 };
	long ms;
	int r;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t0);
	r = t->ops->used(&a, forced, &info, &used, &e);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t1);
	ms = (t1.tv_sec - t0.tv_sec) * 1000 + (t1.tv_nsec - t0.tv_nsec) / 1000000;
	if (ms > 2000)
		fail_msg("mutant %u took %ld ms", m->no, ms);
	if (r > 0 || (r < 0 && !e.msg[0]))
		fail_msg("mutant %u: result %d without a word", m->no, r);
	if (!r && (forced || !info.problem[0])) {
		if (info.size > m->size)
			fail_msg("mutant %u: larger than its area", m->no);
		/* What follows the filesystem counts as used: see fs_scan(). */
		assert_int_equal(extents_add(&used, info.size, m->size - info.size, &e), 0);
		extents_normalize(&used);
		extents_bound(&used, m->size);
		assert_int_equal(extents_invert(&used, m->size, &free_now, &e), 0);
		for (size_t i = 0; i < free_now.n; i++)
			for (size_t k = 0; k < good->n; k++) {
				struct extent x = free_now.v[i], y = good->v[k];
				uint64_t from = x.off > y.off ? x.off : y.off;
				uint64_t to = x.off + x.len < y.off + y.len ? x.off + x.len
									    : y.off + y.len;
				if (from < to)
					assert_int_equal(
						extents_add(&lost, from, to - from, &e), 0);
			}
		if (lost.n && !info.problem[0] && !(t->may_lose && t->may_lose(m, &lost)))
			fail_msg("mutant %u (%u bytes changed at %" PRIu64 ", size %" PRIu64
				 "): used bytes are missing, first at %" PRIu64 "+%" PRIu64,
				 m->no, m->len, m->off, m->size, lost.v[0].off, lost.v[0].len);
	}
	extents_free(&used);
	extents_free(&free_now);
	extents_free(&lost);
}

static inline void mutants_check(const struct mutants *t)
{
	struct dev d = { .fd = -1, .direct_fd = -1 };
	struct area a = { &d, 0, 0 };
	struct fs_info info = { 0 };
	struct extents good = { 0 };
	struct err e = { 0 };

	assert_int_equal(dev_open_target(&d, t->path, 0, &e), 0);
	a.size = d.size;
	assert_int_equal(t->ops->used(&a, false, &info, &good, &e), 0);
	extents_normalize(&good);
	extents_bound(&good, d.size);
	assert_true(good.n > 0);
	for (unsigned i = 0; i < (t->n ? t->n : 200); i++) {
		uint8_t old[512];
		struct mutation m = mutants_make(t, &good, &d, i, old);

		mutants_judge(t, &m, &good, &d, false);
		mutants_judge(t, &m, &good, &d, true);
		if (m.len)
			assert_int_equal(io_pwrite(d.fd, old, m.len, m.off), 0);
	}
	extents_free(&good);
	dev_close(&d);
}

#endif
