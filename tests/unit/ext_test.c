// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of real ext filesystems, against what dumpe2fs says, and
 * of dirty, damaged and hostile ones.
 */
#include "tests/unit/fs_place.h"

static const struct fs_options raw = { .raw = true }, nocheck = { .nocheck = true },
			       force = { .force = true };

/* ---- against dumpe2fs ---------------------------------------------------- */

/* "12-34, 56": first blocks of free clusters of @cluster bytes. */
static void add_free(const char *list, uint64_t block, uint64_t cluster, struct extents *free_x)
{
	while (*list >= '0' && *list <= '9') {
		char *end;
		uint64_t a = strtoull(list, &end, 10), b = a;

		if (*end == '-')
			b = strtoull(end + 1, &end, 10);
		assert_int_equal(
			0, extents_add(free_x, a * block, (b - a) * block + cluster, NULL));
		list = end + strspn(end, ", ");
	}
}

/* What dumpe2fs does not list as free, and what follows the filesystem. */
static void expected(const struct place *p, uint64_t size, struct extents *ret)
{
	static const char key[] = "  Free blocks: ";
	struct extents free_x = { 0 };
	uint64_t block = 0, cluster = 0;
	char cmd[160], *line = NULL;
	size_t cap = 0;
	FILE *f;

	snprintf(cmd, sizeof(cmd), "dumpe2fs %s 2>/dev/null", p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	while (getline(&line, &cap, f) > 0) {
		if (!strncmp(line, "Block size:", 11))
			cluster = block = strtoull(line + 11, NULL, 10);
		else if (!strncmp(line, "Cluster size:", 13))
			cluster = strtoull(line + 13, NULL, 10);
		else if (!strncmp(line, key, sizeof(key) - 1))
			add_free(line + sizeof(key) - 1, block, cluster, &free_x);
	}
	assert_int_equal(0, pclose(f));
	free(line);
	assert_true(block > 0);
	assert_true(free_x.n > 0);
	extents_normalize(&free_x);
	assert_int_equal(0, extents_invert(&free_x, size, ret, NULL));
	extents_free(&free_x);
}

static void compare(const struct place *p, const char *name)
{
	struct extents want = { 0 };
	struct fs_scan s;
	struct stat st;
	struct err e;

	if (scan(p, &plain, &s, &e))
		fail_msg("%s: %s", name, e.msg);
	assert_int_equal(0, stat(p->image, &st));
	expected(p, (uint64_t)st.st_size, &want);
	for (size_t i = 0; i < want.n || i < s.used.n; i++) {
		struct extent a = i < want.n ? want.v[i] : (struct extent){ 0 };
		struct extent b = i < s.used.n ? s.used.v[i] : (struct extent){ 0 };

		if (a.off != b.off || a.len != b.len)
			fail_msg("%s: extent %zu is %" PRIu64 "+%" PRIu64
				 ", by dumpe2fs %" PRIu64 "+%" PRIu64,
				 name, i, b.off, b.len, a.off, a.len);
	}
	assert_ptr_equal(&fs_ext, s.ops);
	assert_memory_equal(name, s.label, strlen(s.label)); /* cut at 16 */
	assert_true(*s.label);
	assert_int_equal(36, strlen(s.uuid));
	assert_true(s.info.block >= 1024 && s.info.size <= (uint64_t)st.st_size);
	assert_false(s.unused_is_zero);
	if (!strcmp(name, "ext4-extjournal"))
		assert_text(s.info.notice, "journal is on another device");
	else
		assert_string_equal("", s.info.notice);
	extents_free(&want);
	fs_scan_free(&s);
}

/*
 * Lets the kernel write and delete; false where it cannot mount this.  In a
 * namespace of its own, so that no other process holds on to the mount.
 */
static bool use(const struct place *p)
{
	return !sh("u=-m; unshare -m true 2>/dev/null || u='-m --propagation unchanged';"
		   "mkdir -p %s/at && unshare $u sh -c '" /* the latter in a chroot */
		   "mount -o loop %s %s/at 2>/dev/null && cd %s/at || exit 1;"
		   "for i in $(seq 1 30); do head -c 70000 /dev/zero >n$i; done;"
		   "rm -f f[1-9] n?[13579]; mkdir -p deep/er; cp n2 deep/er;"
		   "cd / && umount %s/at'",
		   p->dir, p->image, p->dir, p->dir, p->dir);
}

static void test_matrix(void **state)
{
	struct place *p = *state;
	unsigned made = 0, mounted = 0;
	char name[64];
	FILE *f;

	if (geteuid()) {
		print_message("skipped: needs root for loop devices\n");
		skip();
	}
	f = popen(MATRIX " list", "r");
	assert_non_null(f);
	while (fscanf(f, "%63s", name) == 1) {
		if (sh("%s make %s %s %s", MATRIX, name, p->image, p->files)) {
			print_message("skipped %s: cannot be made here\n", name);
			continue;
		}
		made++;
		compare(p, name);
		debugfs(p, "rm f20");
		compare(p, name);
		if (!use(p))
			continue;
		mounted++;
		compare(p, name);
	}
	assert_int_equal(0, pclose(f));
	print_message("%u filesystems, %u of them used by the kernel\n", made, mounted);
	assert_true(made > 40 && mounted > 20);
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 40 * MIB;
	struct fs_scan s, t;
	struct err e;

	make(p, "ext4-4k");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, size, &plain, &t, &e));
	assert_extents(&t.used, s.used.n, s.used.v);
	assert_string_equal(s.uuid, t.uuid);
	fs_scan_free(&t);
	assert_int_equal(-ERANGE, scan_at(p, off, size + 2 * MIB, &plain, &t, &e));
	assert_int_equal(-ERANGE, scan_at(p, UINT64_MAX, 2, &plain, &t, &e));
	fs_scan_free(&s);
}

/* ---- states that make the map doubtful ----------------------------------- */

static void test_needs_recovery(void **state)
{
	struct place *p = *state;

	make(p, "ext4-4k");
	debugfs(p, "feature needs_recovery");
	assert_refused(p, &plain, "journal holds changes");
	assert_refused(p, &nocheck, "mount and unmount it");
	assert_passes(p, &force, "passed over: its journal holds changes");
}

static void test_state(void **state)
{
	struct place *p = *state;

	make(p, "ext2-4k");
	debugfs(p, "set_super_value state 0");
	assert_refused(p, &nocheck, "not cleanly unmounted");
	debugfs(p, "set_super_value state 3");
	assert_refused(p, &plain, "found errors");
	assert_passes(p, &nocheck, "found errors");
	debugfs(p, "set_super_value state 1");
	debugfs(p, "set_super_value last_orphan 12");
	assert_refused(p, &nocheck, "deleted files");
	assert_passes(p, &force, "deleted files");
}

static void test_orphan_file(void **state)
{
	struct place *p = *state;

	make(p, "ext4-orphanfile");
	assert_passes(p, &plain, "");
	debugfs(p, "feature orphan_present");
	assert_refused(p, &plain, "deleted files");
}

static void test_free_count(void **state)
{
	struct place *p = *state;

	make(p, "ext4-nocsum");
	debugfs(p, "set_super_value free_blocks_count 5");
	assert_refused(p, &plain, "counts 5 free blocks");
	assert_passes(p, &nocheck, "counts 5 free blocks");
}

static void test_new_feature(void **state)
{
	struct place *p = *state;

	make(p, "ext4-nocsum");
	poke(p, 1024 + 0x60 + 3, "\x40", 1);
	assert_raw(p, "ext4", "newer than this program (incompat 0x40000000");
	poke(p, 1024 + 0x60 + 3, "\0", 1);
	poke(p, 1024 + 0x64 + 3, "\x40", 1);
	assert_raw(p, "ext4", "ro-compat 0x40000000");
}

/* ---- damage -------------------------------------------------------------- */

/* The byte offset of the block bitmap of group @group. */
static uint64_t bitmap_at(const struct place *p, unsigned group)
{
	char cmd[200];
	uint64_t block = 0, at = 0;
	FILE *f;

	snprintf(cmd, sizeof(cmd),
		 "dumpe2fs %s 2>/dev/null | awk '/^Block size/ {b = $3}"
		 " /Block bitmap at/ {if (n++ == %u) print b, $4 + 0}'",
		 p->image, group);
	f = popen(cmd, "r");
	assert_non_null(f);
	assert_int_equal(2, fscanf(f, "%" SCNu64 " %" SCNu64, &block, &at));
	assert_int_equal(0, pclose(f));
	return block * at;
}

static void test_checksums(void **state)
{
	struct place *p = *state;
	uint64_t at;

	make(p, "ext4-1k");
	at = bitmap_at(p, 0);
	flip(p, at + 100);
	assert_refused(p, &force, "group 0 has a bad bitmap");
	assert_refused(p, &plain, "e2fsck -f");
	flip(p, at + 100);
	assert_passes(p, &plain, "");
	flip(p, 2048 + 64 + 12); /* free blocks of group 1 */
	assert_refused(p, &force, "group 1 has a bad descriptor");
	flip(p, 2048 + 64 + 12);
	flip(p, 1024 + 120); /* label */
	assert_refused(p, &force, "superblock has a wrong checksum");
}

/* With no checksum to tell, a bitmap that was lost must not look like free space. */
static void test_lost_bitmap(void **state)
{
	static const uint8_t zero[1024], far[4] = { 0, 0, 0, 0x70 };
	struct place *p = *state;

	make(p, "ext3-1k");
	poke(p, bitmap_at(p, 3), zero, sizeof(zero));
	assert_refused(p, &plain, "group 3 has a bad bitmap");
	make(p, "ext3-1k");
	poke(p, 2048 + 32, far, sizeof(far)); /* its bitmap's block number */
	assert_refused(p, &plain, "group 1 has a bad descriptor");
	poke(p, 2048 + 32, zero, 4);
	assert_refused(p, &plain, "group 1 has a bad descriptor");
}

static void test_truncated(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct err e;

	make(p, "ext4-4k");
	assert_int_equal(0, truncate(p->image, 30 * (off_t)MIB));
	assert_refused(p, &force, "larger than the device");
	assert_int_equal(0, scan(p, &raw, &s, &e));
	assert_null(s.ops);
	assert_string_equal("ext4", s.type);
	assert_string_equal("", s.info.notice);
	assert_true(extents_total(&s.used) <= 30 * MIB);
	fs_scan_free(&s);
}

static void test_impossible_sizes(void **state)
{
	struct place *p = *state;

	make(p, "ext4-nocsum");
	poke(p, 1024 + 0x150, "\xff\xff", 2); /* 2^48 blocks */
	assert_refused(p, &force, "superblock");
	make(p, "ext4-nocsum");
	poke(p, 1024 + 0x20, "\x08\0\0\0\x08", 5); /* 8 blocks a group */
	assert_refused(p, &force, "superblock");
	make(p, "ext4-nocsum");
	poke(p, 1024 + 0xfe, "\0\x04", 2); /* 1024-byte descriptors */
	assert_refused(p, &force, "superblock");
}

/* Every answer is allowed but a crash, a long wait, or ranges outside the area. */
static void mutate(const struct place *p, const char *name, unsigned rounds)
{
	uint8_t *clean = malloc(65536), *bad = malloc(65536);
	uint64_t seed = 20240229;
	struct fs_scan s;
	struct err e;

	assert_true(clean && bad);
	make(p, name);
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(65536, io_pread(fd, clean, 65536, 0));
	close(fd);
	for (unsigned i = 0; i < rounds; i++) {
		time_t start = time(NULL);

		memcpy(bad, clean, 65536);
		for (unsigned j = 0; j <= i % 8; j++) {
			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
			/* Half of the hits go to the superblock. */
			size_t at = j % 2 ? seed >> 48 : 1024 + (seed >> 48) % 1024;

			bad[at] = (uint8_t)(seed >> 40);
		}
		bad[1024 + 0x38] = clean[1024 + 0x38]; /* still ext */
		bad[1024 + 0x39] = clean[1024 + 0x39];
		poke(p, 0, bad, 65536);
		if (!scan(p, &force, &s, &e)) {
			struct extent last =
				s.used.n ? s.used.v[s.used.n - 1] : (struct extent){ 0 };

			assert_true(last.off + last.len <= 64 * MIB);
			fs_scan_free(&s);
		} else {
			assert_true(*e.msg);
		}
		assert_true(time(NULL) - start <= 5);
	}
	free(clean);
	free(bad);
}

static void test_mutations(void **state)
{
	mutate(*state, "ext4-nocsum", 200);
	mutate(*state, "ext4-bigalloc-1k", 100);
	mutate(*state, "ext2-2k", 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),           cmocka_unit_test(test_offset),
		cmocka_unit_test(test_needs_recovery),   cmocka_unit_test(test_state),
		cmocka_unit_test(test_orphan_file),      cmocka_unit_test(test_free_count),
		cmocka_unit_test(test_new_feature),      cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_lost_bitmap),      cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_impossible_sizes), cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
