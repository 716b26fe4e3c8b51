// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of Btrfs filesystems that are unclean, damaged, forged,
 * or have features that it does not know.
 */
#include "tests/unit/btrfs_place.h"
#include "tests/unit/mutants.h"

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

/* ---- states that make the map doubtful, and features ------------------------- */

static const struct field {
	uint64_t off, set; /* bits that are added, or all bits */
	size_t len;
	bool whole;
	const char *refused, *raw, *passes; /* always; never; by --nocheck ("n") or --force */
} fields[] = {
	{ 0x38, 1 << 2, 8, false, "found errors in it", NULL, "n" },
	{ 0x38, UINT64_C(1) << 32, 8, false, "seed device", NULL, "f" },
	{ 0x38, UINT64_C(1) << 35, 8, false, "was interrupted", NULL, "f" },
	{ 0x38, UINT64_C(1) << 36, 8, false, "was interrupted", NULL, "f" },
	{ 0x38, UINT64_C(1) << 40, 8, false, "was interrupted", NULL, "f" },
	{ 0x38, UINT64_C(1) << 33, 8, false, NULL, "btrfs-image", NULL },
	{ 0x38, UINT64_C(1) << 34, 8, false, NULL, "btrfs-image", NULL },
	{ 0x38, UINT64_C(1) << 41, 8, false, NULL, "flags 0x20000000000", NULL },
	{ 0xb4, 1 << 4, 8, false, NULL, "ro-compat 0x10", NULL },
	{ 0xbc, 1 << 12, 8, false, NULL, "zoned", NULL },
	{ 0xbc, 1 << 13, 8, false, NULL, "extent-tree-v2", NULL },
	{ 0xbc, 1 << 14, 8, false, NULL, "raid-stripe-tree", NULL },
	{ 0xbc, 1 << 15, 8, false, NULL, "incompat 0x8000", NULL },
	{ 0xbc, 1 << 17, 8, false, NULL, "incompat 0x20000", NULL },
	{ 0xbc, 0x360, 8, true, NULL, "2.6.31", NULL },
	{ 0x78, 4096, 8, true, "counts 4096 used bytes", NULL, "n" },
	{ 0x48, UINT64_MAX, 8, true, "impossible numbers", NULL, NULL },
	{ 0x48, 1, 8, true, "impossible numbers", NULL, NULL }, /* chunk tree is newer */
	{ 0x48, 1000, 8, true, "of tree 1 is bad", NULL, NULL },
	{ 0xa4, 2, 8, true, "of tree 3 is bad", NULL, NULL },
	{ 0x50, 1 << 20, 8, true, "of tree 1 is bad", NULL, NULL },
	{ 0x58, UINT64_MAX - 4095, 8, true, "of tree 3 is bad", NULL, NULL },
	{ 0xc6, 1, 1, true, "of tree 1 is bad", NULL, NULL },
	{ 0xc6, 8, 1, true, "impossible numbers", NULL, NULL },
	{ 0xc7, 8, 1, true, "impossible numbers", NULL, NULL },
	{ 0xc8, 8, 1, true, "impossible numbers", NULL, NULL },
	{ 0x88, 0, 8, true, "impossible numbers", NULL, NULL },
	{ 0x88, 3, 8, true, "one of 3 devices", NULL, NULL },
	{ 0xc9, 7, 8, true, "several devices", NULL, NULL },
	{ 0x90, 512, 4, true, "impossible numbers", NULL, NULL },
	{ 0x90, 12288, 4, true, "impossible numbers", NULL, NULL },
	{ 0x90, 32768, 4, true, "impossible numbers", NULL, NULL }, /* more than a node */
	{ 0x94, 0, 4, true, "impossible numbers", NULL, NULL },
	{ 0x94, 131072, 4, true, "impossible numbers", NULL, NULL },
	{ 0x94, 24576, 4, true, "impossible numbers", NULL, NULL },
	{ 0xa0, 2049, 4, true, "impossible numbers", NULL, NULL },
	{ 0xa0, 96, 4, true, "chunk", NULL, NULL },
	{ 0xa0, 0, 4, true, "of tree 3 is bad", NULL, NULL },
	{ 0xd1, 4096, 8, true, "impossible numbers", NULL, NULL },
	{ 0xd1, UINT64_MAX, 8, true, "larger than the device", NULL, NULL },
	{ 0x20, 1, 8, true, "is bad", NULL, NULL },        /* the UUID */
	{ 0x32b, 7, 8, true, "bad list", NULL, NULL },     /* key of the first chunk */
	{ 0x32b + 8, 7, 1, true, "bad list", NULL, NULL }, /* its type */
	{ 0x33c, 0, 8, true, "impossible", NULL, NULL },   /* the chunk's length */
	{ 0x33c, UINT64_MAX - 4095, 8, true, "impossible", NULL, NULL },
	{ 0x33c, 2 << 20, 8, true, "disagree", NULL, NULL },
	{ 0x354, 1 << 4, 8, false, "impossible", NULL, NULL },    /* its type: RAID1 */
	{ 0x354, 0, 8, true, "impossible", NULL, NULL },          /* of none */
	{ 0x354, 1, 8, false, "disagree", NULL, NULL },           /* data, too */
	{ 0x368, 0, 2, true, "impossible", NULL, NULL },          /* copies */
	{ 0x36c, 2, 8, true, "several devices", NULL, NULL },     /* device of the first */
	{ 0x374, UINT64_MAX, 8, true, "impossible", NULL, NULL }, /* place of the first */
	{ 0x374, 200 << 20, 8, true, "impossible", NULL, NULL },
};

static void check_field(const struct place *p, const struct field *f, const char *part)
{
	if (f->raw) {
		assert_raw(p, "btrfs", part);
		return;
	}
	assert_refused(p, &plain, part);
	if (!f->passes) {
		assert_refused(p, &force, part);
		return;
	}
	assert_found(p, &force, "passed over: ");
	if (*f->passes == 'n')
		assert_found(p, &nocheck, "passed over: ");
	else
		assert_refused(p, &nocheck, part);
}

static void test_fields(void **state)
{
	struct place *p = *state;

	mkfs_full(p, "120M", "-m single");
	assert_found(p, &plain, "");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct field *f = &fields[i];
		uint64_t old = super_get(p, f->off, f->len);

		print_message("[ %#" PRIx64 " ] %" PRIu64 "\n", f->off, f->set);
		super_set(p, f->off, f->whole ? f->set : old | f->set, f->len);
		check_field(p, f, f->raw ? f->raw : f->refused);
		super_set(p, f->off, old, f->len);
	}
	assert_found(p, &plain, "");
	super_set(p, 0xc4, 4, 2);
	assert_raw(p, "btrfs", "kind of checksum (4)");
}

static void test_super_sum(void **state)
{
	struct place *p = *state;

	mkfs(p, "120M", "");
	flip(p, SUPER_AT + 0x800);
	assert_refused(p, &force, "superblock has a wrong checksum");
	assert_refused(p, &plain, "btrfs rescue super-recover");
}

/* A log's tree that is not there: refused at first, then found out. */
static void test_log(void **state)
{
	struct place *p = *state;

	mkfs_full(p, "120M", "-m single");
	super_set(p, 0x60, super_get(p, 0x50, 8), 8);
	assert_refused(p, &nocheck, "its log holds changes");
	assert_refused(p, &force, "zero-log");
}

static void test_several_devices(void **state)
{
	struct place *p = *state;

	assert_int_equal(0, sh("cd %s && truncate -s 200M image two &&"
			       " mkfs.btrfs -q -f -m raid1 -d single image two >log 2>&1",
			       p->dir));
	assert_refused(p, &force, "one of 2 devices");
	assert_refused(p, &plain, "image each of them with --raw");
	super_set(p, 0x88, 1, 8);
	assert_refused(p, &force, "several devices");
	assert_int_equal(0, sh("rm %s/two", p->dir));
}

/* ---- damage ------------------------------------------------------------------ */

static void test_bad_copies(void **state)
{
	static const char *const trees[] = { "root", "chunk", "extent" };
	struct place *p = *state;
	struct fs_scan s, t;
	struct dump d;
	struct err e;

	mkfs_full(p, "200M", "-m dup");
	dump_read(p, 16384, &d);
	assert_int_equal(0, scan(p, &plain, &s, &e));
	for (size_t i = 0; i < 3; i++) {
		uint64_t at = root_at(p, trees[i]);

		flip(p, place_of(&d, at, 0) + 5000);
		assert_int_equal(0, scan(p, &plain, &t, &e));
		assert_text(t.info.notice, "1 damaged blocks of metadata");
		assert_extents(&t.used, s.used.n, s.used.v);
		fs_scan_free(&t);
		flip(p, place_of(&d, at, 1) + 16000);
		assert_refused(p, &force, "is bad; its trees are damaged");
		flip(p, place_of(&d, at, 0) + 5000);
		assert_found(p, &plain, "");
		flip(p, place_of(&d, at, 1) + 16000);
	}
	fs_scan_free(&s);
	dump_free(&d);
}

/*
 * Changes of a node with a checksum that is right all the same: as the kernel
 * would never write it, but somebody else may.
 */
enum { NODE, KEY, DATA, LAST }; /* what the offset counts from */

static const struct forgery {
	const char *tree;
	int from;
	uint8_t type; /* KEY, DATA: of the first item of this type; LAST: key of the last */
	uint64_t off, value;
	size_t len;
	const char *refused;
} forgeries[] = {
	{ "extent", NODE, 0, 0x20, 1, 1, "of tree 2 is bad" },          /* UUID */
	{ "extent", NODE, 0, 0x30, 4096, 8, "of tree 2 is bad" },       /* its own address */
	{ "extent", NODE, 0, 0x50, 1, 8, "of tree 2 is bad" },          /* generation */
	{ "extent", NODE, 0, 0x58, 5, 8, "of tree 2 is bad" },          /* tree */
	{ "extent", NODE, 0, 0x60, UINT32_MAX, 4, "of tree 2 is bad" }, /* items */
	{ "extent", NODE, 0, 0x60, 652, 4, "of tree 2 is bad" },
	{ "extent", NODE, 0, 0x60, 10, 4, "used bytes, its extent tree" },
	{ "extent", NODE, 0, 0x64, 1, 1, "of tree 2 is bad" },           /* level */
	{ "extent", KEY, 168, 0, 0, 8, "of tree 2 is bad" },             /* keys fall */
	{ "extent", KEY, 168, 0, UINT64_MAX - 4095, 8, "extent 18446" }, /* in no chunk */
	{ "extent", KEY, 168, 0, 13631489, 8, "extent 13631489+" },      /* crooked */
	{ "extent", KEY, 168, 9, UINT64_MAX, 8, "impossible" },          /* length */
	{ "extent", KEY, 168, 9, 0, 8, "impossible" },                   /* none */
	{ "extent", KEY, 168, 9, 9 << 20, 8, "impossible" },             /* past the chunk */
	{ "extent", KEY, 168, 9, 1 << 20, 8, "impossible" },             /* over the next */
	{ "extent", LAST, 168, 9, 9 << 20, 8, "impossible" },
	{ "extent", KEY, 168, 17, UINT32_MAX - 15, 4, "of tree 2 is bad" }, /* data's place */
	{ "extent", KEY, 168, 17, 16384 - 101 - 8, 4, "of tree 2 is bad" }, /* at the end */
	{ "extent", KEY, 168, 17, 0, 4, "of tree 2 is bad" },               /* over the keys */
	{ "extent", KEY, 168, 21, UINT32_MAX, 4, "of tree 2 is bad" },      /* data's length */
	{ "extent", KEY, 168, 21, 16, 4, "impossible" },                    /* too short */
	{ "extent", DATA, 168, 16, 2, 8, "impossible" },                    /* a node */
	{ "extent", DATA, 168, 16, 3, 8, "impossible" },                    /* both */
	{ "extent", DATA, 169, 16, 1, 8, "impossible" },                    /* data */
	{ "extent", KEY, 169, 9, 8, 8, "impossible" },                      /* level */
	{ "chunk", KEY, 228, 21, 40, 4, "chunk at 1048576" },               /* too short */
	{ "chunk", KEY, 228, 9, 1048577, 8, "chunk at 1048577" },           /* crooked */
	{ "chunk", KEY, 228, 9, 5242880 - 4096, 8, "chunk at 5242880" },    /* overlap */
	{ "chunk", DATA, 228, 56, 5242880, 8, "in the same place" },
	{ "chunk", KEY, 216, 9, 2, 8, "several devices" },
	{ "chunk", NODE, 0, 0x60, 1, 4, "disagree" }, /* chunks */
	{ "root", NODE, 0, 0x60, 0, 4, "there is no extent tree" },
	{ "root", KEY, 132, 8, 131, 1, "there is no extent tree" },
	{ "root", KEY, 132, 21, 238, 4, "too short" },
	{ "root", DATA, 132, 160, 1 << 20, 8, "of tree 2 is bad" }, /* generation */
	{ "root", DATA, 132, 238, 8, 1, "of tree 2 is bad" },       /* level */
};

/* Of nodes of 4 KiB, where the extent tree has two levels. */
static const struct forgery forgeries_above[] = {
	{ "extent", NODE, 0, 0x60, 0, 4, "of tree 2 is bad" }, /* pointers */
	{ "extent", NODE, 0, 0x60, UINT32_MAX, 4, "of tree 2 is bad" },
	{ "extent", NODE, 0, 0x60, 122, 4, "of tree 2 is bad" },              /* no room */
	{ "extent", NODE, 0, 0x60, 1, 4, "used bytes, its extent tree" },     /* one lost */
	{ "extent", NODE, 0, 0x64, 7, 1, "of tree 2 is bad" },                /* level */
	{ "extent", NODE, 0, 101 + 33 + 25, 1, 8, "of tree 2 is bad" },       /* generation */
	{ "extent", NODE, 0, 101 + 33 + 25, 1 << 20, 8, "of tree 2 is bad" }, /* newer */
	{ "extent", NODE, 0, 101 + 33, 0, 8, "of tree 2 is bad" },            /* keys fall */
	{ "extent", NODE, 0, 101 + 33 + 9, 4711, 8, "of tree 2 is bad" },     /* not first */
	{ "extent", NODE, 0, 101 + 17, UINT64_MAX - 4095, 8, "of tree 2 is bad" }, /* where */
};

/* Where the item's key is in a leaf, or its data. */
static uint64_t item_of(const uint8_t *leaf, const struct forgery *f)
{
	struct rd r = rd_init(leaf, 16384);
	uint64_t ret = 0;
	uint32_t count;

	rd_seek(&r, 0x60);
	count = rd_le32(&r);
	rd_skip(&r, 1);
	while (count--) {
		uint64_t key = r.pos;
		uint8_t type;
		uint32_t at;

		rd_skip(&r, 8);
		type = rd_u8(&r);
		rd_skip(&r, 8);
		at = rd_le32(&r);
		rd_skip(&r, 4);
		if (type == f->type && (!ret || f->from == LAST))
			ret = f->from == DATA ? 101 + at : key;
	}
	assert_true(ret);
	return ret;
}

static void forge(const struct place *p, uint64_t node, uint32_t size, const struct forgery *f)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	uint8_t leaf[16384], buf[8];
	struct wr w = wr_init(buf, sizeof(buf));
	uint64_t off = f->off;
	time_t start = time(NULL);

	assert_true(fd >= 0);
	assert_int_equal(sizeof(leaf), io_pread(fd, leaf, sizeof(leaf), node));
	close(fd);
	if (f->from != NODE)
		off += item_of(leaf, f);
	wr_le64(&w, f->value);
	poke(p, node + off, buf, f->len);
	seal(p, node, size);
	print_message("[ %s + %" PRIu64 " ] %s\n", f->tree, off, f->refused);
	assert_refused(p, &plain, f->refused);
	assert_true(time(NULL) - start <= 3);
	poke(p, node, leaf, size);
}

static void test_forged(void **state)
{
	struct place *p = *state;
	struct dump d;

	mkfs_full(p, "120M", "-m single");
	dump_read(p, 16384, &d);
	for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++)
		forge(p, place_of(&d, root_at(p, forgeries[i].tree), 0), 16384, &forgeries[i]);
	dump_free(&d);
	mkfs_full(p, "120M", "-m single -n 4096");
	dump_read(p, 4096, &d);
	for (size_t i = 0; i < sizeof(forgeries_above) / sizeof(forgeries_above[0]); i++)
		forge(p, place_of(&d, root_at(p, "extent"), 0), 4096, &forgeries_above[i]);
	dump_free(&d);
}

static void set_generation(const struct place *p, uint64_t node, uint64_t off, uint64_t value)
{
	uint8_t buf[8];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_le64(&w, value);
	poke(p, node + off, buf, sizeof(buf));
	seal(p, node, 4096);
}

/* Nodes of the future, although all that speaks of them agrees. */
static void test_future(void **state)
{
	struct place *p = *state;
	uint64_t top, below;
	uint8_t buf[8];
	struct rd r = rd_init(buf, sizeof(buf));
	struct dump d;
	int fd;

	mkfs_full(p, "120M", "-m single -n 4096");
	dump_read(p, 4096, &d);
	top = place_of(&d, root_at(p, "extent"), 0);
	fd = open(p->image, O_RDONLY | O_CLOEXEC);
	assert_int_equal(sizeof(buf), io_pread(fd, buf, sizeof(buf), top + 101 + 17));
	close(fd);
	below = place_of(&d, rd_le64(&r), 0);
	set_generation(p, top, 101 + 25, 1000);
	set_generation(p, below, 0x50, 1000);
	assert_refused(p, &force, "of tree 2 is bad");
	mkfs_full(p, "120M", "-m single -n 4096");
	top = place_of(&d, root_at(p, "extent"), 0);
	set_generation(p, top, 0x50, 1000);
	/* The first item of the root tree is the extent tree's root, at the end of the node. */
	set_generation(p, place_of(&d, root_at(p, "root"), 0), 4096 - 439 + 160, 1000);
	assert_refused(p, &force, "of tree 2 is bad");
	dump_free(&d);
}

/* What was read is used, whatever the extent tree says; what was not is not. */
static void test_unlisted(void **state)
{
	static const char *const trees[] = { "root", "chunk", "extent", "fs" };
	struct place *p = *state;
	uint64_t at[4];
	struct fs_scan s;
	struct dump d;
	struct err e;

	mkfs_full(p, "120M", "-m single");
	dump_read(p, 16384, &d);
	for (size_t i = 0; i < 4; i++)
		at[i] = place_of(&d, root_at(p, trees[i]), 0);
	drop_items(p, at[2], 169);
	assert_refused(p, &plain, "used bytes, its extent tree");
	assert_int_equal(0, scan(p, &nocheck, &s, &e));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(i < 3, extents_touch(&s.used, at[i], 16384));
	fs_scan_free(&s);
	dump_free(&d);
}

static void test_mutants(void **state)
{
	static const struct {
		const char *size, *options;
	} of[] = {
		{ "120M", "-m single" },
		{ "120M", "-m dup" },
		{ "120M", "-m single -n 4096" }, /* trees of two levels */
		{ "120M", "-m single --csum xxhash" },
		{ "120M", "-m single --csum sha256 -n 65536" },
		{ "120M", "-m single -O ^skinny-metadata,^no-holes -R ^free-space-tree" },
		{ "16M", "-M -n 4096 -m single -d single --csum blake2" },
		{ "200M", "-M -n 4096 -m dup -d dup" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		struct mutants m = { .ops = &fs_btrfs, .path = p->image };
		struct dump d;

		mkfs_full(p, of[i].size, of[i].options);
		dump_read(p, (uint32_t)super_get(p, 0x94, 4), &d);
		m.meta = &d.meta;
		mutants_check(&m);
		dump_free(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),     cmocka_unit_test(test_super_sum),
		cmocka_unit_test(test_log),        cmocka_unit_test(test_several_devices),
		cmocka_unit_test(test_bad_copies), cmocka_unit_test(test_forged),
		cmocka_unit_test(test_future),     cmocka_unit_test(test_unlisted),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
