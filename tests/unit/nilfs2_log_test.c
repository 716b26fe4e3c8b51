// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The way to the newest checkpoint of a NILFS2 filesystem and from there to the
 * list of segments: damage on it, logs that no superblock knows, places far down
 * in the translation of block numbers.
 */
#include "tests/unit/nilfs2_place.h"

/* ---- the log ------------------------------------------------------------- */

static void test_damaged_log(void **state)
{
	struct place *p = *state;
	uint64_t log, root;

	mkfs(p, "");
	log = last_log(p);
	root = root_of(p, log);
	flip(p, log + 4000);
	assert_refused(p, &force, "no checkpoint where its superblock says");
	flip(p, log + 4000);
	passes(p, &plain, "");
	flip(p, root + 399); /* its own checksum, but not that of the log */
	seal_log(p, log);
	assert_refused(p, &force, "last checkpoint is damaged");
	flip(p, root + 399);
	poke_number(p, root + 4, 2, 5000); /* bytes */
	seal_log(p, log);
	assert_refused(p, &force, "last checkpoint is damaged");
	poke_number(p, root + 4, 2, 400);
	poke_number(p, log + 14, 1, 0); /* bit 2 of the second byte: no super root */
	poke_number(p, log + 14, 2, 3);
	seal_log(p, log);
	assert_refused(p, &force, "no checkpoint where its superblock says");
	mkfs(p, "");
	change(p, 0x48, 8, 77); /* another sequence number */
	assert_refused(p, &force, "no checkpoint where its superblock says");
	mkfs(p, "");
	change(p, 0x40, 8, UINT64_MAX);
	assert_refused(p, &force, "which is in no segment");
}

static void test_damaged_translation(void **state)
{
	struct place *p = *state;
	uint64_t log, entry, was;

	mkfs(p, "");
	log = last_log(p);
	entry = dat_entry(p, log, number(p, map_at(p, log, 2, 0), 8));
	was = number(p, entry, 8);
	poke_number(p, entry, 8, 0);
	seal(p, log);
	assert_refused(p, &force, "tree of the block translation is damaged");
	poke_number(p, entry, 8, 1000000);
	seal(p, log);
	assert_refused(p, &force, "block 1000000, which is in no segment");
	poke_number(p, entry, 8, was);
	poke_number(p, entry + 16, 8, 5); /* no longer in use since checkpoint 5 */
	seal(p, log);
	assert_refused(p, &force, "tree of the block translation is damaged");
	poke_number(p, entry + 16, 8, UINT64_MAX);
	seal(p, log);
	passes(p, &plain, "");
	poke_number(p, map_at(p, log, 2, 0), 8, UINT64_C(1) << 40); /* no such entry */
	seal(p, log);
	assert_refused(p, &force, "tree of the block translation is damaged");
}

/*
 * Entry numbers far down in the DAT.  With blocks of 1 KiB these hold 32 entries,
 * a group has 8192 in 256 of them and one of bits before, and there is one block
 * of counts before 256 groups.
 */
static void test_places_in_translation(void **state)
{
	static const struct {
		uint64_t virtual, block, entry;
	} cases[] = {
		{ 3 * 8192 + 5, 1 + 3 * 257 + 1, 5 },
		{ (256 + 2) * 8192 + 33, 1 + 256 * 257 + 1 + 2 * 257 + 1 + 1, 1 },
		{ 256 * 8192 - 1, 1 + 255 * 257 + 1 + 255, 31 },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t log, map, at, sufile_at;
		uint8_t entry[32], tree[56] = { 1, 1, 1 }; /* the root, level 1, one child */
		struct wr w = wr_init(tree, sizeof(tree));

		mkfs(p, "-b 1024 -B 16");
		log = last_log(p);
		sufile_at = number(p, map_at(p, log, 2, 0), 8);
		at = dat_entry(p, log, 0);
		peek(p, at + sufile_at * 32, entry, sizeof(entry));
		poke(p, at + cases[i].entry * 32, entry, sizeof(entry));
		poke_number(p, map_at(p, log, 2, 0), 8, cases[i].virtual);
		map = map_at(p, log, 0, 0) - 8;
		w.pos = 8;
		wr_le64(&w, cases[i].block);
		w.pos = 32;
		wr_le64(&w, at / 1024);
		poke(p, map, tree, sizeof(tree));
		seal(p, log);
		assert_used(p, &plain, 0, NULL);
		poke_number(p, map + 1, 1, 0); /* levels that cannot be */
		seal(p, log);
		assert_refused(p, &force, "tree of the block translation is damaged");
		poke_number(p, map + 1, 1, 14);
		seal(p, log);
		assert_refused(p, &force, "tree of the block translation is damaged");
		poke_number(p, map + 1, 1, 1);
		poke_number(p, map + 2, 2, 4); /* more children than have room */
		seal(p, log);
		assert_refused(p, &force, "tree of the block translation is damaged");
		poke_number(p, map + 2, 2, 1);
		poke_number(p, map + 8, 8, cases[i].block - 1); /* not just that block */
		seal(p, log);
		assert_refused(p, &force, "tree of the block translation is damaged");
	}
}

/* A copy of the last log at @to, which knows only of itself and has a segment more. */
static void write_log(const struct place *p, uint64_t to, uint64_t seq, uint64_t more)
{
	uint64_t log = last_log(p), n = log_bytes(p, log), block = block_size(p);
	uint64_t by = (to - log) / block, at;
	uint8_t *buf = malloc(n);

	assert_non_null(buf);
	peek(p, log, buf, n);
	poke(p, to, buf, n);
	free(buf);
	poke_number(p, to + 16, 8, seq);
	for (unsigned i = 0; i < 3; i++) {
		at = map_at(p, to, 0, i);
		poke_number(p, at, 8, number(p, at, 8) + by);
	}
	for (unsigned i = 0; i < 20; i++) {
		at = dat_entry(p, to, i);
		if (number(p, at, 8))
			poke_number(p, at, 8, number(p, at, 8) + by);
	}
	set_usage(p, to, more, 1, 1, 2);
}

/* After a crash there are logs that no superblock knows. */
static void test_later_logs(void **state)
{
	static const uint64_t behind[] = { 5 }, next[] = { 7 }, far[] = { 9, 11 };
	struct place *p = *state;
	uint64_t log, n, seq;

	mkfs(p, "-B 256");
	log = last_log(p);
	n = log_bytes(p, log);
	seq = number(p, log + 16, 8);
	write_log(p, log + n, seq, 5);
	assert_used(p, &plain, 0, NULL); /* it is said to be clean */
	change(p, 0x74, 2, 0);
	assert_used(p, &force, 1, behind);
	poke_number(p, log + n + 16, 8, seq + 3); /* of an older life of that segment */
	seal(p, log + n);
	assert_used(p, &force, 0, NULL);
	write_log(p, segment_bytes(p), seq + 1, 7); /* the segment that comes next */
	assert_used(p, &force, 1, next);
	write_log(p, log + n, seq, 5); /* both: the last one counts */
	assert_used(p, &force, 1, next);
	poke_number(p, segment_bytes(p) + 32, 8, 9 * 256); /* and from there to the ninth */
	seal(p, segment_bytes(p));
	write_log(p, 9 * segment_bytes(p), seq + 2, 11);
	assert_used(p, &force, 2, far);
	poke_number(p, 9 * segment_bytes(p) + 32, 8, 9 * 256); /* in circles */
	seal(p, 9 * segment_bytes(p));
	assert_used(p, &force, 2, far);
	poke_number(p, 9 * segment_bytes(p) + 32, 8, UINT64_MAX);
	seal(p, 9 * segment_bytes(p));
	assert_used(p, &force, 2, far);
}

/* ---- restored over another life ------------------------------------------- */

/*
 * Copies of the last log where a mount looks for them one after the other: behind it,
 * and then at the begin of segments 1, 3, 5 and 7.
 */
static void live_on(const struct place *p, uint64_t marked)
{
	uint64_t log = last_log(p), each = segment_bytes(p);
	uint64_t seq = number(p, log + 16, 8);

	write_log(p, log + log_bytes(p, log), seq, marked);
	for (uint64_t i = 1; i < 8; i += 2) {
		write_log(p, i * each, ++seq, marked);
		poke_number(p, i * each + 32, 8, (i + 2) * each / block_size(p));
		seal(p, i * each);
	}
}

/* What a restore of @from to @to does; for the command: tests/cli/fs-nilfs2.sh. */
static void restore(const char *from, const char *to, const struct fs_scan *s)
{
	const struct extents *used = &s->used;

	if (s->unused_is_zero)
		assert_int_equal(0, sh("truncate -s 0 %s && truncate -r %s %s", to, from, to));
	for (size_t i = 0; i < used->n; i++)
		assert_int_equal(0,
				 sh("dd if=%s of=%s bs=64k conv=notrunc status=none"
				    " iflag=skip_bytes,count_bytes oflag=seek_bytes"
				    " skip=%" PRIu64 " seek=%" PRIu64 " count=%" PRIu64,
				    from, to, used->v[i].off, used->v[i].off, used->v[i].len));
}

/*
 * The target has held the same filesystem, and was used on: its logs have the right
 * checksums and the very sequence numbers that come next after the image's last log.
 * None of them may be found, neither after the restore nor when the copy has come to
 * the end of the segments that the image has in use.
 */
static void test_restored_over_later_logs(void **state)
{
	static const uint64_t stale = 20, mine[] = { 3, 30 };
	struct place *p = *state;
	struct place before = *p;
	struct fs_scan s;
	struct err e;
	uint64_t log, seq;

	mkfs(p, "-B 256");
	snprintf(before.image, sizeof(before.image), "%s/before", p->dir);
	assert_int_equal(0, sh("cp --sparse=always %s %s", p->image, before.image));
	live_on(p, stale);
	change(p, 0x74, 2, 0);
	log = last_log(p);
	seq = number(p, log + 16, 8);
	assert_int_equal(0, scan(p, &force, &s, &e)); /* they are there, indeed */
	assert_true(extents_touch(&s.used, (stale + 1) * segment_bytes(p) - 1, 1));
	assert_true(extents_touch(&s.used, 8 * segment_bytes(p) - 1, 1));
	fs_scan_free(&s);

	assert_int_equal(0, scan(&before, &plain, &s, &e));
	restore(before.image, p->image, &s);
	fs_scan_free(&s);
	change(p, 0x74, 2, 0); /* mounted, and the power fails at once */
	assert_used(p, &force, 0, NULL);
	write_log(p, log + log_bytes(p, log), seq, mine[1]); /* after one log more */
	assert_used(p, &force, 1, mine + 1);
	write_log(p, segment_bytes(p), seq + 1, mine[1]); /* it fails in the next segment */
	poke_number(p, segment_bytes(p) + 32, 8, 3 * segment_bytes(p) / block_size(p));
	seal(p, segment_bytes(p));
	assert_used(p, &force, 2, mine);
	assert_int_equal(0, unlink(before.image));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_log),
		cmocka_unit_test(test_damaged_translation),
		cmocka_unit_test(test_places_in_translation),
		cmocka_unit_test(test_later_logs),
		cmocka_unit_test(test_restored_over_later_logs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
