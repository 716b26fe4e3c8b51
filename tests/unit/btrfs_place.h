// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * btrfs_place.h - Btrfs filesystems for the tests of their reader, and what
 * btrfs inspect-internal says of them.
 */
#ifndef TESTS_UNIT_BTRFS_PLACE_H
#define TESTS_UNIT_BTRFS_PLACE_H

#include "common/crc32c.h"
#include "tests/unit/fs_place.h"

#include <sys/wait.h>

#define SUPER_AT 65536

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

static inline FILE *dump_tree(const struct place *p, const char *tree)
{
	char cmd[200];
	FILE *f;

	snprintf(cmd, sizeof(cmd), "btrfs inspect-internal dump-tree -t %s %s 2>/dev/null",
		 tree, p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	return f;
}

static inline void dump_chunks(const struct place *p, struct dump *d)
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

static inline const struct chunk *chunk_of(const struct dump *d, uint64_t at)
{
	size_t i = 0;

	while (i < d->n && (at < d->v[i].at || at - d->v[i].at >= d->v[i].len))
		i++;
	assert_true(i < d->n);
	return &d->v[i];
}

/* Where on the device copy @copy of what is at @at lies. */
static inline uint64_t place_of(const struct dump *d, uint64_t at, unsigned copy)
{
	const struct chunk *c = chunk_of(d, at);

	assert_true(copy < c->copies);
	return c->place[copy] + (at - c->at);
}

static inline void dump_free(struct dump *d)
{
	extents_free(&d->used);
	extents_free(&d->meta);
}

static inline void dump_read(const struct place *p, uint32_t node, struct dump *d)
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
	if ((uint64_t)st.st_size > 262144 * MIB)
		assert_int_equal(0, extents_add(&d->used, 262144 * MIB, 4096, NULL));
	extents_normalize(&d->used);
	extents_normalize(&d->meta);
}

/* A number of the superblock. */
static inline uint64_t super_get(const struct place *p, uint64_t off, size_t n)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	uint8_t buf[8] = { 0 };
	struct rd r = rd_init(buf, sizeof(buf));

	assert_true(fd >= 0);
	assert_int_equal(n, io_pread(fd, buf, n, SUPER_AT + off));
	close(fd);
	return rd_le64(&r);
}

static inline void mkfs(const struct place *p, const char *size, const char *options)
{
	assert_int_equal(0, sh("rm -f %s && truncate -s %s %s && mkfs.btrfs -q -f %s %s"
			       " >%s/log 2>&1",
			       p->image, size, p->image, options, p->image, p->dir));
}

/* With all files of the folder. */
static inline void mkfs_full(const struct place *p, const char *size, const char *options)
{
	char more[200];

	snprintf(more, sizeof(more), "%s -r %s", options, p->files);
	mkfs(p, size, more);
}

static inline void seal(const struct place *p, uint64_t off, size_t n)
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
static inline void super_set(const struct place *p, uint64_t off, uint64_t value, size_t n)
{
	uint8_t buf[8];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_le64(&w, value);
	poke(p, SUPER_AT + off, buf, n);
	seal(p, SUPER_AT, 4096);
}

static inline void assert_found(const struct place *p, const struct fs_options *opt,
				const char *part)
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

/* The address of the root of a tree, as btrfs prints its number or name. */
static inline uint64_t root_at(const struct place *p, const char *tree)
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

/* Takes all items of a type out of the leaf of 16 KiB at @node. */
static inline void drop_items(const struct place *p, uint64_t node, uint8_t type)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	uint8_t leaf[16384], kept[16384];
	struct rd r = rd_init(leaf, sizeof(leaf));
	struct wr w = wr_init(kept, sizeof(kept));
	uint32_t count, left = 0;

	assert_true(fd >= 0);
	assert_int_equal(sizeof(leaf), io_pread(fd, leaf, sizeof(leaf), node));
	close(fd);
	memcpy(kept, leaf, sizeof(kept));
	rd_seek(&r, 0x60);
	count = rd_le32(&r);
	rd_skip(&r, 1); /* level */
	w.pos = r.pos;
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *item = rd_bytes(&r, 25);

		if (item[8] == type)
			continue;
		wr_bytes(&w, item, 25);
		left++;
	}
	w.pos = 0x60;
	wr_le32(&w, left);
	assert_true(wr_ok(&w) && left > 0 && left < count);
	poke(p, node, kept, sizeof(kept));
	seal(p, node, sizeof(kept));
}

#endif
