// SPDX-License-Identifier: GPL-3.0-or-later
/* What fs_scan() says of F2FS filesystems, against what dump.f2fs says. */
#include "tests/unit/f2fs_place.h"

/* ---- against dump.f2fs --------------------------------------------------- */

/* The number that a line of dump.f2fs gives for @key. */
static uint64_t told(const struct place *p, const char *key)
{
	char cmd[256];
	uint64_t v = 0;
	FILE *f;

	snprintf(cmd, sizeof(cmd),
		 "cd %s && dump.f2fs -d 1 %s 2>/dev/null | grep -F '%s ' | grep -o ': [0-9]*' |"
		 " tr -d ': ' | head -n 1",
		 p->dir, p->image, key);
	f = popen(cmd, "r");
	assert_non_null(f);
	assert_int_equal(1, fscanf(f, "%" SCNu64, &v));
	assert_int_equal(0, pclose(f));
	return v;
}

static bool is_current(const struct place *p, uint64_t segment)
{
	uint64_t cp = pack_at(p, 0);

	for (unsigned i = 0; i < 3; i++)
		if (number(p, cp + 36 + 4 * i, 4) == segment ||
		    number(p, cp + 84 + 4 * i, 4) == segment)
			return true;
	return false;
}

static void add(struct extents *x, uint64_t block)
{
	assert_int_equal(0, extents_add(x, block * BLOCK, BLOCK, NULL));
}

/* dump_sit: "segno: 4 vblocks:357 ...", then 64 bytes in hex unless that is 0. */
static void expected(const struct place *p, uint64_t size, struct extents *ret)
{
	uint64_t main_at = told(p, "main_blkaddr"), ssa = told(p, "ssa_blkaddr");
	uint64_t end = told(p, "block_count") * BLOCK;
	unsigned segment, count, byte;
	char path[128];
	FILE *f;

	assert_int_equal(0,
			 sh("cd %s && rm -f dump_sit && dump.f2fs -s 0~-1 %s >/dev/null 2>&1",
			    p->dir, p->image));
	snprintf(path, sizeof(path), "%s/dump_sit", p->dir);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fscanf(f, "%*[^\n]") != EOF &&
	       fscanf(f, " segno: %u vblocks: %u seg_type:%*d sit_pack:%*d", &segment,
		      &count) == 2) {
		if (ssa < main_at && (count || is_current(p, segment)))
			add(ret, ssa + segment);
		for (unsigned i = 0; i < 64 && count; i++) {
			assert_int_equal(1, fscanf(f, "%x", &byte));
			for (unsigned k = 0; k < 8; k++)
				if (byte & 0x80U >> k)
					add(ret, main_at + segment * SEG + i * 8 + k);
		}
	}
	fclose(f);
	add(ret, next_node(p)); /* or what the target held there may be replayed */
	assert_int_equal(0, extents_add(ret, 0, ssa * BLOCK, NULL));
	assert_int_equal(0, extents_add(ret, end, size - end, NULL));
	extents_normalize(ret);
}

static void compare(const struct place *p, const char *name)
{
	struct extents want = { 0 };
	struct fs_scan s;
	struct stat st;
	struct err e;

	if (scan(p, &plain, &s, &e))
		fail_msg("%s: %s", name, e.msg);
	assert_ptr_equal(&fs_f2fs, s.ops);
	assert_int_equal(0, stat(p->image, &st));
	expected(p, (uint64_t)st.st_size, &want);
	assert_true(want.n > 1);
	for (size_t i = 0; i < want.n && i < s.used.n; i++)
		if (want.v[i].off != s.used.v[i].off || want.v[i].len != s.used.v[i].len)
			fail_msg("%s: extent %zu is %" PRIu64 "+%" PRIu64
				 ", by dump.f2fs %" PRIu64 "+%" PRIu64,
				 name, i, s.used.v[i].off, s.used.v[i].len, want.v[i].off,
				 want.v[i].len);
	assert_int_equal(want.n, s.used.n);
	assert_string_equal("", s.info.notice);
	assert_int_equal(BLOCK, s.info.block);
	assert_string_equal("fixture", s.label);
	extents_free(&want);
	fs_scan_free(&s);
}

static void test_matrix(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(option_sets) / sizeof(option_sets[0]); i++) {
		mkfs(p, option_sets[i]);
		compare(p, option_sets[i]);
		fill(p, "-t /");
		compare(p, option_sets[i]);
		if (strstr(option_sets[i], "ro"))
			continue;
		fill(p, "-t /again");
		compare(p, option_sets[i]);
	}
}

/* Tools move blocks about; one of them leaves zeros in place of a checkpoint. */
static void test_moved(void **state)
{
	struct place *p = *state;

	mkfs(p, "");
	fill(p, "-t /");
	assert_int_equal(0, sh("defrag.f2fs -l 300 -s 4096 %s >/dev/null 2>&1", p->image));
	compare(p, "defragmented");
	assert_int_equal(0, sh("truncate -s 160M %s && resize.f2fs %s >/dev/null 2>&1",
			       p->image, p->image));
	compare(p, "resized");
	assert_int_equal(0, sh("fsck.f2fs -f %s >/dev/null 2>&1", p->image));
	compare(p, "checked");
	fill(p, "-t /again");
	compare(p, "filled again");
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512;
	struct fs_scan s, t;
	struct err e;

	mkfs(p, "");
	fill(p, "");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, 128 * MIB, &plain, &t, &e));
	assert_extents(&t.used, s.used.n, s.used.v);
	fs_scan_free(&t);
	/* What follows the filesystem counts as used. */
	assert_int_equal(0, scan_at(p, off, 128 * MIB + 999, &plain, &t, &e));
	assert_int_equal(extents_total(&s.used) + 999, extents_total(&t.used));
	fs_scan_free(&t);
	assert_int_equal(-ECANCELED, scan_at(p, off, 128 * MIB - 1, &plain, &t, &e));
	assert_text(e.msg, "larger than the device");
	fs_scan_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_offset),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
