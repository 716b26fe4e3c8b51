// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What fs_scan() says of real Btrfs filesystems, against what btrfs
 * inspect-internal says, and of unclean, damaged and hostile ones.
 */
#include "common/crc32c.h"
#include "tests/unit/mutants.h"

#include <sys/wait.h>

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

#define SUPER_AT 65536

/* ---- against btrfs inspect-internal ---------------------------------------- */

#define CHUNKS 64

struct chunk {
	uint64_t at, len, place[2];
	unsigned copies;
	bool is_meta;
};

/* What one image holds by its own tools. */
struct dump {
	struct chunk v[CHUNKS];
	size_t n;
	struct extents used; /* all of it */
	struct extents meta; /* trees and superblocks */
};

static FILE *dump_tree(const struct place *p, const char *tree)
{
	char cmd[200];
	FILE *f;

	snprintf(cmd, sizeof(cmd), "btrfs inspect-internal dump-tree -t %s %s 2>/dev/null",
		 tree, p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	return f;
}

static void dump_chunks(const struct place *p, struct dump *d)
{
	FILE *f = dump_tree(p, "chunk");
	struct chunk *c = d->v;
	char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, f) > 0) {
		const char *at = strstr(line, "CHUNK_ITEM "), *type = strstr(line, " type ");

		if (at) {
			assert_true(d->n < CHUNKS);
			c = &d->v[d->n++];
			*c = (struct chunk){ .at = strtoull(at + 11, NULL, 10) };
		} else if (sscanf(line, " length %" SCNu64, &c->len) == 1 && type) {
			c->is_meta = strstr(type, "METADATA") || strstr(type, "SYSTEM");
		} else if (sscanf(line, " stripe %*u devid %*u offset %" SCNu64,
				  &c->place[c->copies < 2 ? c->copies : 1]) == 1) {
			c->copies++;
		}
	}
	assert_int_equal(0, pclose(f));
	free(line);
	assert_true(d->n > 0);
}

static const struct chunk *chunk_of(const struct dump *d, uint64_t at)
{
	size_t i = 0;

	while (i < d->n && (at < d->v[i].at || at - d->v[i].at >= d->v[i].len))
		i++;
	assert_true(i < d->n);
	return &d->v[i];
}

/* Where on the device copy @copy of what is at @at lies. */
static uint64_t place_of(const struct dump *d, uint64_t at, unsigned copy)
{
	const struct chunk *c = chunk_of(d, at);

	assert_true(copy < c->copies);
	return c->place[copy] + (at - c->at);
}

static void dump_free(struct dump *d)
{
	extents_free(&d->used);
	extents_free(&d->meta);
}

static void dump_read(const struct place *p, uint32_t node, struct dump *d)
{
	uint64_t at, len;
	struct stat st;
	char kind[32], *line = NULL;
	size_t cap = 0;
	FILE *f;

	*d = (struct dump){ 0 };
	dump_chunks(p, d);
	f = dump_tree(p, "extent");
	while (getline(&line, &cap, f) > 0) {
		if (sscanf(line, " item %*u key (%" SCNu64 " %31s %" SCNu64, &at, kind, &len) !=
		    3)
			continue;
		if (!strcmp(kind, "METADATA_ITEM"))
			len = node;
		else if (strcmp(kind, "EXTENT_ITEM"))
			continue;
		for (unsigned i = 0; i < chunk_of(d, at)->copies; i++) {
			assert_int_equal(0,
					 extents_add(&d->used, place_of(d, at, i), len, NULL));
			if (chunk_of(d, at)->is_meta)
				assert_int_equal(0, extents_add(&d->meta, place_of(d, at, i),
								len, NULL));
		}
	}
	assert_int_equal(0, pclose(f));
	free(line);
	assert_true(d->used.n > 0);
	assert_int_equal(0, stat(p->image, &st));
	assert_int_equal(0, extents_add(&d->used, 0, MIB, NULL));
	assert_int_equal(0, extents_add(&d->meta, SUPER_AT, 4096, NULL));
	if ((uint64_t)st.st_size > 64 * MIB)
		assert_int_equal(0, extents_add(&d->used, 64 * MIB, 4096, NULL));
	extents_normalize(&d->used);
	extents_normalize(&d->meta);
}

/* A number of the superblock. */
static uint64_t super_get(const struct place *p, uint64_t off, size_t n)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	uint8_t buf[8] = { 0 };
	struct rd r = rd_init(buf, sizeof(buf));

	assert_true(fd >= 0);
	assert_int_equal(n, io_pread(fd, buf, n, SUPER_AT + off));
	close(fd);
	return rd_le64(&r);
}

/* The end of the filesystem may be before the end of the image. */
static void compare(const struct place *p, const char *name)
{
	uint32_t node = (uint32_t)super_get(p, 0x94, 4);
	uint64_t size = super_get(p, 0xd1, 8);
	struct dump d;
	struct fs_scan s;
	struct stat st;
	struct err e;

	if (scan(p, &plain, &s, &e))
		fail_msg("%s: %s", name, e.msg);
	assert_int_equal(0, stat(p->image, &st));
	dump_read(p, node, &d);
	assert_int_equal(0, extents_add(&d.used, size, (uint64_t)st.st_size - size, NULL));
	extents_normalize(&d.used);
	for (size_t i = 0; i < d.used.n || i < s.used.n; i++) {
		struct extent a = i < d.used.n ? d.used.v[i] : (struct extent){ 0 };
		struct extent b = i < s.used.n ? s.used.v[i] : (struct extent){ 0 };

		if (a.off != b.off || a.len != b.len)
			fail_msg("%s: extent %zu is %" PRIu64 "+%" PRIu64 ", by btrfs %" PRIu64
				 "+%" PRIu64,
				 name, i, b.off, b.len, a.off, a.len);
	}
	assert_ptr_equal(&fs_btrfs, s.ops);
	assert_string_equal("btrfs", s.type);
	assert_string_equal("", s.info.notice);
	assert_int_equal(super_get(p, 0x90, 4), s.info.block);
	assert_int_equal(size, s.info.size);
	assert_true(extents_total(&s.used) < (uint64_t)st.st_size);
	assert_false(s.unused_is_zero);
	dump_free(&d);
	fs_scan_free(&s);
}

/* ---- fixtures ---------------------------------------------------------------- */

static void mkfs(const struct place *p, const char *size, const char *options)
{
	assert_int_equal(0, sh("rm -f %s && truncate -s %s %s && mkfs.btrfs -q -f %s %s"
			       " >%s/log 2>&1",
			       p->image, size, p->image, options, p->image, p->dir));
}

/* With all files of the folder. */
static void mkfs_full(const struct place *p, const char *size, const char *options)
{
	char more[200];

	snprintf(more, sizeof(more), "%s -r %s", options, p->files);
	mkfs(p, size, more);
}

/*
 * Lets the kernel write, delete, compress and snapshot; false where it cannot
 * mount this.  In a namespace of its own, so that no other process holds on to
 * the mount.
 */
static bool use(const struct place *p)
{
	return !sh("u=-m; unshare -m true 2>/dev/null || u='-m --propagation unchanged';"
		   "mkdir -p %s/at && unshare $u sh -c '" /* the latter in a chroot */
		   "mount -o loop,compress=zstd %s %s/at 2>/dev/null && cd %s/at || exit 1;"
		   "btrfs -q subvolume create sub1 && cp -r f3* sub1 &&"
		   "btrfs -q subvolume snapshot -r . snap || exit 2;"
		   "for i in $(seq 1 30); do seq $((i * 1000)) >n$i; done;"
		   "head -c 3000000 /dev/urandom >big; sync;"
		   "rm -f f[1-9] n?[13579] big; mkdir -p deep/er; cp n2 deep/er;"
		   "cd / && umount %s/at'",
		   p->dir, p->image, p->dir, p->dir, p->dir);
}

static const struct variant {
	const char *size, *options;
	bool mounted; /* by a kernel with pages of 4 KiB */
} variants[] = {
	{ "120M", "", true },
	{ "300M", "-m single -d single", true },
	{ "16M", "-M -n 4096 -m single -d single", true },
	{ "400M", "-M -m dup -d dup", true },
	{ "400M", "-m dup -d dup", true },
	{ "200M", "-m raid0 -d raid0", true },
	{ "120M", "-n 4096", true },
	{ "200M", "-n 65536", true },
	{ "200M", "-s 16384", false },
	{ "200M", "-s 65536 -n 65536", false },
	{ "120M", "--csum xxhash", true },
	{ "120M", "--csum sha256", true },
	{ "120M", "--csum blake2 -n 4096", true },
	{ "120M", "-O ^skinny-metadata,^no-holes,^extref", true },
	{ "120M", "-R ^free-space-tree", true },
	{ "120M", "-R quota", true },
};

static void test_matrix(void **state)
{
	struct place *p = *state;
	unsigned mounted = 0;

	if (geteuid()) {
		print_message("skipped: needs root for loop devices\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		const struct variant *v = &variants[i];

		mkfs(p, v->size, v->options);
		compare(p, v->options);
		mkfs_full(p, v->size, v->options);
		compare(p, v->options);
		if (!v->mounted || !use(p))
			continue;
		mounted++;
		compare(p, v->options);
	}
	print_message("%u filesystems used by the kernel\n", mounted);
	assert_true(mounted > 10);
}

/* Another UUID for the trees than for the world; and one that was ext4. */
static void test_made_otherwise(void **state)
{
	struct place *p = *state;

	mkfs_full(p, "120M", "-m single");
	assert_int_equal(0, sh("btrfstune -f -m %s >%s/log 2>&1", p->image, p->dir));
	assert_true(super_get(p, 0xbc, 8) & 1 << 10);
	compare(p, "metadata_uuid");
	assert_int_equal(0,
			 sh("rm %s && truncate -s 200M %s && mkfs.ext4 -q -b 4096 -d %s %s &&"
			    " btrfs-convert %s >%s/log 2>&1",
			    p->image, p->image, p->files, p->image, p->image, p->dir));
	compare(p, "btrfs-convert");
}

static void test_offset(void **state)
{
	struct place *p = *state;
	uint64_t off = MIB + 512, size = 130 * MIB;
	struct fs_scan s, t;
	struct err e;

	mkfs_full(p, "130M", "");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	assert_int_equal(0, sh("cd %s && head -c %" PRIu64 " /dev/urandom >head &&"
			       "cat head image head >big && mv big image && rm head",
			       p->dir, off));
	assert_int_equal(0, scan_at(p, off, size, &plain, &t, &e));
	assert_extents(&t.used, s.used.n, s.used.v);
	assert_string_equal(s.uuid, t.uuid);
	fs_scan_free(&t);
	assert_int_equal(-ECANCELED, scan_at(p, off, size - 4096, &plain, &t, &e));
	assert_text(e.msg, "larger than the device");
	fs_scan_free(&s);
}

/* What follows the filesystem belongs to nobody known, so all of it is used. */
static void test_smaller_than_area(void **state)
{
	struct place *p = *state;
	struct fs_scan s;
	struct extent *last;
	struct err e;

	mkfs_full(p, "120M", "");
	assert_int_equal(0, truncate(p->image, 150 * (off_t)MIB));
	compare(p, "in a larger area");
	assert_int_equal(0, scan(p, &plain, &s, &e));
	last = &s.used.v[s.used.n - 1];
	assert_int_equal(120 * MIB, last->off);
	assert_int_equal(30 * MIB, last->len);
	fs_scan_free(&s);
}

/* ---- states that make the map doubtful, and features ------------------------- */

static void seal(const struct place *p, uint64_t off, size_t n)
{
	int fd = open(p->image, O_RDWR | O_CLOEXEC);
	uint8_t buf[65536], sum[4];
	struct wr w = wr_init(sum, sizeof(sum));

	assert_true(fd >= 0);
	assert_int_equal(n, io_pread(fd, buf, n, off));
	wr_le32(&w, ~crc32c(~0U, buf + 32, n - 32));
	assert_int_equal(0, io_pwrite(fd, sum, sizeof(sum), off));
	close(fd);
}

/* Changes @n bytes of the superblock, which keeps a right checksum. */
static void super_set(const struct place *p, uint64_t off, uint64_t value, size_t n)
{
	uint8_t buf[8];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_le64(&w, value);
	poke(p, SUPER_AT + off, buf, n);
	seal(p, SUPER_AT, 4096);
}

static void assert_found(const struct place *p, const struct fs_options *opt, const char *part)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_btrfs, s.ops);
	assert_string_equal("", s.info.problem);
	assert_text(s.info.notice, part);
	assert_true(s.used.n > 1 && extents_total(&s.used) < 60 * MIB);
	fs_scan_free(&s);
}

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

/* The address of the root of a tree, as btrfs prints its number or name. */
static uint64_t root_at(const struct place *p, const char *tree)
{
	FILE *f = dump_tree(p, tree);
	char line[200];
	uint64_t at = 0;

	while (!at && fgets(line, sizeof(line), f))
		if (sscanf(line, "leaf %" SCNu64, &at) != 1)
			(void)sscanf(line, "node %" SCNu64, &at);
	while (fgets(line, sizeof(line), f))
		; /* or it dies of a closed pipe */
	assert_int_equal(0, pclose(f));
	assert_true(at > 0);
	return at;
}

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
enum { NODE, KEY, DATA }; /* what the offset counts from */

static const struct forgery {
	const char *tree;
	int from;
	uint8_t type; /* KEY, DATA: of the first item of this type */
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
	{ "extent", NODE, 0, 0x64, 1, 1, "of tree 2 is bad" },              /* level */
	{ "extent", KEY, 168, 0, 0, 8, "of tree 2 is bad" },                /* keys fall */
	{ "extent", KEY, 168, 0, UINT64_MAX - 4095, 8, "extent 18446" },    /* in no chunk */
	{ "extent", KEY, 168, 0, 13631489, 8, "extent 13631489+" },         /* crooked */
	{ "extent", KEY, 168, 9, UINT64_MAX, 8, "impossible" },             /* length */
	{ "extent", KEY, 168, 9, 0, 8, "impossible" },                      /* none */
	{ "extent", KEY, 168, 9, 9 << 20, 8, "impossible" },                /* past the chunk */
	{ "extent", KEY, 168, 9, 1 << 20, 8, "impossible" },                /* over the next */
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
	{ "extent", NODE, 0, 0x60, 0, 4, "of tree 2 is bad" },                /* pointers */
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
	uint32_t count, at = 0;
	uint8_t type = 0;

	rd_seek(&r, 0x60);
	count = rd_le32(&r);
	rd_skip(&r, 1);
	while (count-- && type != f->type) {
		rd_skip(&r, 8);
		type = rd_u8(&r);
		rd_skip(&r, 8);
		at = rd_le32(&r);
		rd_skip(&r, 4);
	}
	assert_int_equal(f->type, type);
	return f->from == KEY ? r.pos - 25 : 101 + at;
}

static void forge(const struct place *p, uint64_t node, uint32_t size, const struct forgery *f)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	uint8_t leaf[16384], buf[8];
	struct wr w = wr_init(buf, sizeof(buf));
	uint64_t off = f->off;

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

static void test_mutants(void **state)
{
	static const struct {
		const char *size, *options;
		unsigned n;
	} of[] = {
		{ "120M", "-m single", 200 },
		{ "120M", "-m dup", 200 },
		{ "16M", "-M -n 4096 -m single -d single --csum blake2", 100 },
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		struct mutants m = { .ops = &fs_btrfs, .path = p->image, .n = of[i].n };
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
		cmocka_unit_test(test_matrix),     cmocka_unit_test(test_made_otherwise),
		cmocka_unit_test(test_offset),     cmocka_unit_test(test_smaller_than_area),
		cmocka_unit_test(test_fields),     cmocka_unit_test(test_super_sum),
		cmocka_unit_test(test_log),        cmocka_unit_test(test_several_devices),
		cmocka_unit_test(test_bad_copies), cmocka_unit_test(test_forged),
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
