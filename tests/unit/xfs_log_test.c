// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * When the reader of XFS takes a log for clean.  The logs are written here,
 * block by block; tests/cli/fs-xfs.sh has those of the kernel.
 */
#include "tests/unit/xfs_place.h"

#define BLOCK    512
#define MAGIC    0xfeedbabe
#define UNMOUNT  0x20
#define COMMIT   0x02
#define HEADER_K 32768 /* bytes of a record that a header block stands for */

/* A log all of whose blocks are in memory. */
struct ring {
	uint64_t off;
	uint32_t n;
	uint8_t *p;
	uint8_t uuid[16];
};

static void put(uint8_t *p, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

/* Blocks before @head were written in round @cycle, the others in the one before. */
static void turn(struct ring *l, uint32_t cycle, uint32_t head)
{
	memset(l->p, 0, (size_t)l->n * BLOCK);
	for (uint32_t i = 0; i < l->n; i++) {
		put(l->p + (size_t)i * BLOCK, i < head ? cycle : cycle - 1, 4);
		memset(l->p + (size_t)i * BLOCK + 4, 0xaa, cycle - (i >= head) ? BLOCK - 4 : 0);
	}
}

struct rec {
	uint32_t at, cycle, len, size, ops; /* len in bytes */
	uint8_t version, flags;
};

/* Writes a record's headers and its first data block; the ring may end in it. */
static void record(struct ring *l, struct rec h)
{
	uint32_t headers =
		h.version == 2 && h.size > HEADER_K ? (h.size + HEADER_K - 1) / HEADER_K : 1;
	uint8_t *p = l->p + (size_t)(h.at % l->n) * BLOCK;
	uint32_t data = (h.at + headers) % l->n;

	memset(p, 0, BLOCK);
	put(p, MAGIC, 4);
	put(p + 4, h.cycle, 4);
	put(p + 8, h.version, 4);
	put(p + 12, h.len, 4);
	put(p + 40, h.ops, 4);
	memcpy(p + 304, l->uuid, 16);
	put(p + 320, h.size, 4);
	p = l->p + (size_t)data * BLOCK;
	put(p, h.cycle + (data < h.at), 4);
	put(p + 4, 8, 4);
	p[8] = 0xaa;
	p[9] = h.flags;
}

static void ring_open(const struct place *p, const char *options, struct ring *l)
{
	mkfs(p, "40M", options);
	l->n = (uint32_t)(super(p, "logblocks") * super(p, "blocksize") / BLOCK);
	l->off = super(p, "logstart") * super(p, "blocksize"); /* in group 0 */
	l->p = malloc((size_t)l->n * BLOCK);
	assert_non_null(l->p);
	peek(p, 32, l->uuid, 16);
	peek(p, l->off, l->p, (size_t)l->n * BLOCK);
}

/* "": clean. */
static void assert_log(const struct place *p, const struct ring *l, const char *problem)
{
	struct fs_info info;
	struct err e;

	poke(p, l->off, l->p, (size_t)l->n * BLOCK);
	if (ask(p, false, &info, &e))
		fail_msg("%s", e.msg);
	if (*problem)
		assert_text(info.problem, problem);
	else
		assert_string_equal(info.problem, "");
	assert_false(info.minor);
}

static const char dirty[] = "log holds changes", strange[] = "cannot be understood";

/* Where writing stopped: anywhere, also at both ends. */
static void test_heads(void **state)
{
	struct place *p = *state;
	struct ring l;

	ring_open(p, "-d agcount=1", &l);
	assert_log(p, &l, ""); /* as mkfs.xfs made it */
	for (uint32_t i = 0; i < 40; i++) {
		uint32_t head = i < 5 ? i + 2 : i < 10 ? l.n - (i - 5) : 17 + i * i * 6;
		struct rec h = { head - 2, 3 + i, BLOCK, HEADER_K, 1, 2, UNMOUNT };

		assert_true(head <= l.n);
		turn(&l, h.cycle, head);
		record(&l, h);
		assert_log(p, &l, "");
		h.flags = COMMIT;
		record(&l, h);
		assert_log(p, &l, dirty);
		h.flags = UNMOUNT;
		h.ops = 2;
		record(&l, h);
		assert_log(p, &l, dirty);
	}
	free(l.p);
}

static void test_first_round(void **state)
{
	struct place *p = *state;
	struct ring l;

	ring_open(p, "-d agcount=1", &l);
	turn(&l, 1, 100);
	record(&l, (struct rec){ 98, 1, BLOCK, HEADER_K, 1, 2, UNMOUNT });
	assert_log(p, &l, "");
	record(&l, (struct rec){ 98, 1, BLOCK, HEADER_K, 1, 2, COMMIT });
	assert_log(p, &l, dirty);
	memset(l.p, 0, (size_t)l.n * BLOCK); /* never used */
	assert_log(p, &l, "");
	put(l.p + 5 * BLOCK, 1, 4);
	assert_log(p, &l, strange);
	memset(l.p, 0, (size_t)l.n * BLOCK);
	l.p[(size_t)l.n * BLOCK - 1] = 1;
	assert_log(p, &l, strange);
	free(l.p);
}

/* Records of several header blocks, of stripes, of version 1, over the end. */
static void test_records(void **state)
{
	static const struct rec kinds[] = {
		{ 0, 9, BLOCK, HEADER_K, 1, 1, UNMOUNT },
		{ 0, 9, 1, HEADER_K, 1, 2, UNMOUNT },
		{ 0, 9, 40, 0, 1, 2, UNMOUNT },
		{ 0, 9, BLOCK, 8 * HEADER_K, 1, 1, UNMOUNT }, /* has one header all the same */
		{ 0, 9, BLOCK, 2 * HEADER_K, 1, 2, UNMOUNT },
		{ 0, 9, 7 * BLOCK, 8 * HEADER_K, 1, 2, UNMOUNT },
		{ 0, 9, 8 * HEADER_K, 8 * HEADER_K, 1, 2, UNMOUNT },
	};
	struct place *p = *state;
	struct ring l;

	ring_open(p, "-d agcount=1", &l);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (uint32_t before = 0; before < 9; before++) {
			struct rec h = kinds[i];
			uint32_t n = h.version == 2 && h.size
					     ? (h.size + HEADER_K - 1) / HEADER_K
					     : 1;
			uint32_t head = (n + (h.len + BLOCK - 1) / BLOCK);

			h.at = before ? l.n - before : 3000;
			head += h.at;
			turn(&l, head > l.n ? 10 : 9, head > l.n ? head - l.n : head);
			record(&l, h);
			assert_log(p, &l, "");
			h.len += BLOCK; /* ends elsewhere: cut off, and nothing is before it */
			record(&l, h);
			assert_log(p, &l, dirty);
		}
	free(l.p);
}

/* The last write was cut off: what it began to write never happened. */
static void test_torn(void **state)
{
	struct place *p = *state;
	struct rec before = { 4000, 5, BLOCK, HEADER_K, 1, 2, UNMOUNT };
	struct rec torn = { 4002, 5, 20 * BLOCK, HEADER_K, 7, 2, 0 };
	struct ring l;

	ring_open(p, "-d agcount=1", &l);
	turn(&l, 5, 4010);
	record(&l, before);
	record(&l, torn);
	assert_log(p, &l, "");
	before.flags = COMMIT;
	record(&l, before);
	assert_log(p, &l, dirty);
	/* Whole, and then it counts. */
	before.flags = UNMOUNT;
	turn(&l, 5, 4023);
	record(&l, before);
	record(&l, torn);
	assert_log(p, &l, dirty);
	/* Twice is once too often. */
	turn(&l, 5, 4050);
	record(&l, before);
	record(&l, torn);
	torn.at = 4030;
	torn.len = 40 * BLOCK;
	record(&l, torn);
	assert_log(p, &l, dirty);
	free(l.p);
}

static void test_nonsense(void **state)
{
	struct place *p = *state;
	struct rec h = { 998, 9, BLOCK, HEADER_K, 1, 2, UNMOUNT };
	struct ring l;

	ring_open(p, "-d agcount=1", &l);
	turn(&l, 9, 1000); /* no record at all */
	assert_log(p, &l, dirty);
	record(&l, h);
	put(l.p + (size_t)(l.n - 1) * BLOCK, 20, 4); /* a later round at the end */
	assert_log(p, &l, strange);
	turn(&l, 9, 1000);
	record(&l, h);
	assert_log(p, &l, "");
	l.p[998 * BLOCK + 304] ^= 1;
	assert_log(p, &l, "belongs to another filesystem");
	memset(l.p + 998 * BLOCK + 304, 0, 16); /* IRIX */
	assert_log(p, &l, "");
	h.len = UINT32_MAX;
	record(&l, h);
	assert_log(p, &l, dirty);
	h.len = BLOCK;
	record(&l, h);
	put(l.p + 998 * BLOCK + 320, UINT32_MAX, 4); /* its size */
	assert_log(p, &l, dirty);
	free(l.p);
}

/* xfs_repair -L after changes makes a log with a gap behind its first record. */
static void test_repaired(void **state)
{
	struct place *p = *state;
	struct ring l;

	ring_open(p, "-d agcount=1", &l);
	turn(&l, 8, 512);
	memset(l.p, 0, 512 * BLOCK);
	record(&l, (struct rec){ 0, 8, BLOCK, HEADER_K, 1, 2, UNMOUNT });
	assert_log(p, &l, dirty); /* nothing is before it */
	record(&l, (struct rec){ l.n - 9, 7, 8 * BLOCK, HEADER_K, 1, 2, UNMOUNT });
	assert_log(p, &l, "");
	free(l.p);
}

static void test_force(void **state)
{
	struct place *p = *state;
	struct ring l;

	ring_open(p, "-m crc=0 -d agcount=1", &l);
	assert_log(p, &l, "");
	l.p[BLOCK + 9] = COMMIT;
	assert_log(p, &l, dirty);
	assert_refused(p, &plain, "mount and unmount it");
	assert_refused(p, &nocheck, "--force trusts the map");
	assert_fine(p, &force, "passed over: its log holds changes");
	free(l.p);
}

/* In another group, and the area not at the begin of the device. */
static void test_place(void **state)
{
	struct place *p = *state;
	uint64_t at, off = MIB + 512;
	struct fs_scan s;
	struct err e;

	mkfs(p, "48M", "-d agcount=3 -l agnum=1");
	at = super(p, "logstart") - (UINT64_C(1) << super(p, "agblklog"));
	assert_true(at && at < 64);
	at = off + (super(p, "agblocks") + at) * 4096;
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/zero >head &&"
			       "cat head image >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, 0, &plain, &s, &e));
	fs_scan_free(&s);
	poke(p, at + BLOCK + 9, "", 1);
	assert_int_equal(-ECANCELED, scan_at(p, off, 0, &plain, &s, &e));
	assert_text(e.msg, dirty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),    cmocka_unit_test(test_first_round),
		cmocka_unit_test(test_records),  cmocka_unit_test(test_torn),
		cmocka_unit_test(test_nonsense), cmocka_unit_test(test_repaired),
		cmocka_unit_test(test_force),    cmocka_unit_test(test_place),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
