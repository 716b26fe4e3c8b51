// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * exfat.c - exFAT: boot regions, root directory, and the allocation bitmap.
 *
 * The two boot regions have a checksum; either is good enough to know the
 * layout.  The bitmap is a file of its own that an entry in the root directory
 * points to; it has no checksum, but it must count as used all clusters that
 * it lies in itself, and those of the root directory and of the up-case table.
 * With two tables and two bitmaps (TexFAT) what either has in use is used.
 *
 * Everything before the first cluster is used (boot regions, tables), and what
 * follows the last one.  Clusters that the table marks bad are used in the
 * bitmap, and it cannot be told for sure that they are no file's.
 *
 * Sources: Microsoft, "exFAT file system specification"; fs/exfat in the
 * kernel (which takes only the first table and bitmap).
 */
#include "common/bytes.h"
#include "imager/fs/bitmap.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SHIFT_MIN      9 /* of a sector */
#define SHIFT_MAX      12
#define CLUSTER_MAX    25 /* log2 of 32 MiB */
#define REGION_SECTORS 12 /* the last of them holds the checksum of the others */
#define TABLE_MIN      (2 * REGION_SECTORS)
#define BOOT_SIZE      512
#define BOOT_SIGN      0xaa55
#define FIRST          2 /* number of the first cluster */
#define CLUSTERS_MAX   0xfffffff5
#define LAST_CLUSTER   0xffffffff /* in the table: the end of a chain */
#define FLAG_SECOND    0x01       /* the second table and bitmap count */
#define FLAG_DIRTY     0x02
#define FLAG_FAILURE   0x04
#define ENTRY_SIZE     32
#define ENTRY_BITMAP   0x81
#define ENTRY_UPCASE   0x82
#define FOLDER_MAX     (UINT64_C(256) << 20) /* bytes of a directory */
#define PIECE          (1U << 20)
#define TABLE_PIECE    4096U
#define PERCENT_SLACK  2
#define UPCASE_MAX     (128U << 10) /* bytes */

#define FSCK    "run fsck.exfat on it, or chkdsk in Windows"
#define WAY_OUT "; --force trusts the map as it is, --raw takes every byte"
#define DAMAGED                                                                                \
	"; the map of used blocks cannot be read: " FSCK ", or take every byte with --raw"

struct file {
	uint32_t cluster; /* the first one; 0: there is no such file */
	uint64_t size;    /* bytes */
};

struct exfat {
	const struct area *a;
	unsigned shift, cluster_shift; /* log2 of bytes */
	uint64_t sectors;              /* of the volume */
	uint64_t table_at, table_size; /* bytes */
	uint64_t heap_at;              /* the first cluster */
	uint32_t clusters, root;
	uint32_t flags, tables;
	unsigned revision, percent; /* clusters in use, 0xff: not known */
	/* A part of the active table: @table_n entries from @table_from on. */
	uint32_t table_from, table_n;
	uint8_t *table, *piece;
	struct file bitmap[2], upcase;
	struct extents meta; /* clusters that the bitmap must have, counted from 0 */
	size_t meta_i;       /* those before are behind us */
	uint64_t in_use;     /* clusters, by the bitmap */
};

static uint64_t cluster_size(const struct exfat *x)
{
	return UINT64_C(1) << x->cluster_shift;
}

static bool has_cluster(const struct exfat *x, uint32_t cluster)
{
	return cluster >= FIRST && cluster - FIRST < x->clusters;
}

static int read_at(const struct exfat *x, void *buf, size_t n, uint64_t at, struct err *e)
{
	if (at > x->a->size || n > x->a->size - at)
		return err_set(e, -EUCLEAN,
			       "metadata lies beyond the end of the device" DAMAGED);
	return dev_read(x->a->dev, buf, n, x->a->off + at, e);
}

/* ---- boot regions -------------------------------------------------------- */

/* False: no boot sector for sectors of 1 << @shift bytes. */
static bool parse_boot(const uint8_t *buf, size_t len, unsigned shift, struct exfat *x)
{
	struct rd r = rd_init(buf, len);
	const uint8_t *jump = rd_bytes(&r, 3), *name = rd_bytes(&r, 8);
	uint64_t table, heap;

	if (!jump || !name || memcmp(name, "EXFAT   ", 8))
		return false;
	rd_seek(&r, 72);
	x->sectors = rd_le64(&r);
	table = rd_le32(&r);
	x->table_size = (uint64_t)rd_le32(&r) << shift;
	heap = rd_le32(&r);
	x->clusters = rd_le32(&r);
	x->root = rd_le32(&r);
	rd_skip(&r, 4);
	x->revision = rd_le16(&r);
	x->flags = rd_le16(&r);
	x->shift = rd_u8(&r);
	x->cluster_shift = x->shift + rd_u8(&r);
	x->tables = rd_u8(&r);
	rd_skip(&r, 1);
	x->percent = rd_u8(&r);
	x->table_at = table << shift;
	x->heap_at = heap << shift;
	rd_seek(&r, BOOT_SIZE - 2);
	return rd_le16(&r) == BOOT_SIGN && rd_ok(&r) && x->shift == shift;
}

/* The sum leaves out what changes while the volume is in use. */
static bool sum_is_right(const uint8_t *buf, unsigned shift)
{
	size_t n = (size_t)(REGION_SECTORS - 1) << shift;
	struct rd r = rd_init(buf, (size_t)REGION_SECTORS << shift);
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		if (i != 106 && i != 107 && i != 112)
			sum = (sum << 31 | sum >> 1) + buf[i];
	rd_seek(&r, n);
	while (rd_left(&r))
		if (rd_le32(&r) != sum)
			return false;
	return true;
}

/* @at: in regions.  Zero, and *@ret says whether it is good. */
static int read_region(const struct area *a, unsigned at, unsigned shift, uint8_t *buf,
		       struct exfat *x, bool *ret, struct err *e)
{
	size_t n = (size_t)REGION_SECTORS << shift;
	int r;

	*ret = false;
	if (a->size < (at + 1) * n)
		return 0;
	r = dev_read(a->dev, buf, n, a->off + at * n, e);
	if (r)
		return err_wrap(e, r, "the boot region");
	*ret = parse_boot(buf, n, shift, x) && sum_is_right(buf, shift);
	return 0;
}

/* What the regions of sectors of 1 << @shift bytes tell. */
static int read_regions(const struct area *a, unsigned shift, uint8_t *buf, struct exfat *x,
			bool good[2], struct err *e)
{
	struct exfat main_x = { .a = a }, copy_x = { .a = a };
	int r = read_region(a, 0, shift, buf, &main_x, &good[0], e);

	if (!r)
		r = read_region(a, 1, shift, buf, &copy_x, &good[1], e);
	*x = good[0] ? main_x : copy_x;
	return r;
}

static void problem(struct fs_info *ret, bool minor, const char *text)
{
	if (ret->problem[0])
		return;
	ret->minor = minor;
	snprintf(ret->problem, sizeof(ret->problem), "%s", text);
}

static int find_layout(const struct area *a, struct exfat *x, struct fs_info *ret,
		       struct err *e)
{
	uint8_t *buf = malloc((size_t)REGION_SECTORS << SHIFT_MAX);
	bool good[2] = { false, false };
	int r = buf ? 0 : err_nomem(e);

	for (unsigned s = SHIFT_MIN; s <= SHIFT_MAX && !r && !good[0] && !good[1]; s++)
		r = read_regions(a, s, buf, x, good, e);
	free(buf);
	if (r)
		return r;
	if (!good[0] && !good[1])
		return err_set(e, -EUCLEAN,
			       "both copies of its boot region are damaged" DAMAGED);
	if (!good[1])
		snprintf(ret->notice, sizeof(ret->notice),
			 "the copy of its boot region is damaged: fsck.exfat mends that");
	/* What the copy says of the state is not kept up to date. */
	if (!good[0])
		problem(ret, false,
			"its boot region is damaged, but the copy is good: run fsck.exfat on "
			"it; --force goes by the copy, --raw takes every byte");
	return 0;
}

static int check_layout(struct exfat *x, struct err *e)
{
	uint64_t table = x->table_size >> x->shift,
		 end = x->table_at + x->table_size * x->tables;

	if (x->revision >> 8 != 1)
		return err_set(e, -EOPNOTSUPP, "its revision %u.%u is unknown",
			       x->revision >> 8, x->revision & 0xff);
	if (x->tables < 1 || x->tables > 2 || x->cluster_shift > CLUSTER_MAX ||
	    x->table_at >> x->shift < TABLE_MIN || !table || x->heap_at < end ||
	    x->sectors > (uint64_t)INT64_MAX >> x->shift || !x->clusters ||
	    x->clusters > CLUSTERS_MAX || x->sectors << x->shift < x->heap_at ||
	    x->clusters > ((x->sectors << x->shift) - x->heap_at) >> x->cluster_shift ||
	    x->table_size / 4 < (uint64_t)x->clusters + FIRST || !has_cluster(x, x->root) ||
	    (x->flags & FLAG_SECOND && x->tables < 2))
		return err_set(e, -EUCLEAN, "its boot region has impossible numbers" DAMAGED);
	return 0;
}

/* ---- chains of clusters -------------------------------------------------- */

/* The number of the cluster that follows. */
static int next_cluster(struct exfat *x, uint32_t cluster, uint32_t *ret, struct err *e)
{
	uint32_t all = x->clusters + FIRST;
	uint64_t at = x->table_at + (x->flags & FLAG_SECOND ? x->table_size : 0);
	struct rd r;
	int err;

	if (cluster < x->table_from || cluster - x->table_from >= x->table_n) {
		x->table_from = cluster / (TABLE_PIECE / 4) * (TABLE_PIECE / 4);
		x->table_n = all - x->table_from < TABLE_PIECE / 4 ? all - x->table_from
								   : TABLE_PIECE / 4;
		err = read_at(x, x->table, (size_t)x->table_n * 4,
			      at + (uint64_t)x->table_from * 4, e);
		if (err) {
			x->table_n = 0;
			return err_wrap(e, err, "the file allocation table");
		}
	}
	r = rd_init(x->table, (size_t)x->table_n * 4);
	rd_seek(&r, (uint64_t)(cluster - x->table_from) * 4);
	*ret = rd_le32(&r);
	return 0;
}

/*
 * Appends at most @most clusters of a chain to @ret, in the order of the chain
 * and counted from 0.  @whole: the chain must not be longer.
 */
static int chain(struct exfat *x, const char *what, uint32_t cluster, uint64_t most, bool whole,
		 struct extents *ret, struct err *e)
{
	int r = 0;

	for (uint64_t i = 0; cluster != LAST_CLUSTER && (i < most || whole) && !r; i++) {
		if (!has_cluster(x, cluster) || i >= most)
			return err_set(e, -EUCLEAN, "the chain of %s is broken" DAMAGED, what);
		r = extents_add(ret, cluster - FIRST, 1, e); /* joins what is adjacent */
		if (!r)
			r = next_cluster(x, cluster, &cluster, e);
	}
	return r;
}

static uint64_t clusters_of(const struct exfat *x, uint64_t bytes)
{
	return (bytes >> x->cluster_shift) + !!(bytes & (cluster_size(x) - 1));
}

/* The first @need bytes of a file; there may be more. */
static int file_chain(struct exfat *x, const char *what, const struct file *f, uint64_t need,
		      struct extents *ret, struct err *e)
{
	uint64_t want = clusters_of(x, need);
	int r = chain(x, what, f->cluster, want, clusters_of(x, f->size) == want, ret, e);

	if (!r && extents_total(ret) != want)
		return err_set(e, -EUCLEAN, "the chain of %s is too short" DAMAGED, what);
	return r;
}

static int append(struct extents *to, const struct extents *from, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < from->n && !r; i++)
		r = extents_add(to, from->v[i].off, from->v[i].len, e);
	return r;
}

/* ---- the root directory -------------------------------------------------- */

/* True: that was the last entry. */
static bool take_entries(struct exfat *x, const uint8_t *buf, size_t len)
{
	struct rd r = rd_init(buf, len);

	while (rd_left(&r) >= ENTRY_SIZE) {
		struct rd d = rd_sub(&r, ENTRY_SIZE);
		uint32_t type = rd_u8(&d), flags = rd_u8(&d);
		struct file f, *to = NULL;

		if (!type)
			return true;
		rd_skip(&d, 18);
		f.cluster = rd_le32(&d);
		f.size = rd_le64(&d);
		if (type == ENTRY_BITMAP)
			to = &x->bitmap[flags & 1];
		else if (type == ENTRY_UPCASE)
			to = &x->upcase;
		if (to && !to->cluster)
			*to = f;
	}
	return false;
}

static int read_run(struct exfat *x, const struct extent *run, bool *end, struct err *e)
{
	uint64_t at = x->heap_at + (run->off << x->cluster_shift);
	uint64_t left = run->len << x->cluster_shift;
	int r = 0;

	while (left && !*end && !r) {
		size_t n = left < TABLE_PIECE ? (size_t)left : TABLE_PIECE;

		r = read_at(x, x->piece, n, at, e);
		if (r)
			return err_wrap(e, r, "the root directory");
		*end = take_entries(x, x->piece, n);
		at += n;
		left -= n;
	}
	return r;
}

static int read_root(struct exfat *x, struct err *e)
{
	struct extents root = { 0 };
	bool end = false;
	int r = chain(x, "the root directory", x->root, clusters_of(x, FOLDER_MAX), true, &root,
		      e);

	for (size_t i = 0; i < root.n && !r && !end; i++)
		r = read_run(x, &root.v[i], &end, e);
	if (!r)
		r = append(&x->meta, &root, e);
	extents_free(&root);
	return r;
}

/* ---- the bitmap ---------------------------------------------------------- */

/*
 * Bits [@from, @from + @n) of the bitmap are in x->piece: are all metadata
 * clusters set?  To be asked in ascending order.
 */
static bool has_meta(struct exfat *x, uint64_t from, uint64_t n)
{
	const struct extents *m = &x->meta;

	for (; x->meta_i < m->n && m->v[x->meta_i].off < from + n; x->meta_i++) {
		uint64_t lo = m->v[x->meta_i].off, end = lo + m->v[x->meta_i].len, hi;

		lo = lo > from ? lo : from;
		hi = end < from + n ? end : from + n;
		if (bitmap_next(x->piece, lo - from, hi - from, false) < hi - from)
			return false;
		if (end > from + n) /* goes on in the next piece */
			return true;
	}
	return true;
}

static int add_piece(struct exfat *x, bool active, uint64_t from, uint64_t n,
		     struct extents *used, struct err *e)
{
	if (active && !has_meta(x, from, n))
		return err_set(
			e, -EUCLEAN,
			"its allocation bitmap counts clusters as free that are not" DAMAGED);
	return bitmap_add(x->piece, n, x->heap_at + (from << x->cluster_shift),
			  (uint32_t)cluster_size(x), used, active ? &x->in_use : NULL, e);
}

/* @runs: the clusters of the bitmap, in their order. */
static int add_bitmap(struct exfat *x, const struct extents *runs, bool active,
		      struct extents *used, struct err *e)
{
	uint64_t from = 0;
	int r = 0;

	for (size_t i = 0; i < runs->n; i++) {
		uint64_t at = x->heap_at + (runs->v[i].off << x->cluster_shift);
		uint64_t left = runs->v[i].len << x->cluster_shift;

		while (left && from < x->clusters) {
			size_t len = left < PIECE ? (size_t)left : PIECE;
			uint64_t n = (uint64_t)len * 8;

			n = n < x->clusters - from ? n : x->clusters - from;
			r = read_at(x, x->piece, (size_t)((n + 7) / 8), at, e);
			if (r)
				return err_wrap(e, r, "the allocation bitmap");
			r = add_piece(x, active, from, n, used, e);
			if (r)
				return r;
			from += n;
			at += len;
			left -= len;
		}
	}
	return 0;
}

static int bitmap_chain(struct exfat *x, const struct file *f, struct extents *ret,
			struct err *e)
{
	uint64_t need = ((uint64_t)x->clusters + 7) / 8;

	if (!f->cluster)
		return err_set(e, -EUCLEAN,
			       "its root directory names no allocation bitmap" DAMAGED);
	if (f->size < need)
		return err_set(e, -EUCLEAN,
			       "its allocation bitmap is too short: %" PRIu64
			       " bytes for %" PRIu32 " clusters" DAMAGED,
			       f->size, x->clusters);
	return file_chain(x, "the allocation bitmap", f, need, ret, e);
}

static int upcase_chain(struct exfat *x, struct extents *ret, struct err *e)
{
	if (!x->upcase.cluster)
		return 0; /* Linux takes a table of its own then */
	if (x->upcase.size > UPCASE_MAX)
		return err_set(e, -EUCLEAN, "its up-case table is too long" DAMAGED);
	return file_chain(x, "the up-case table", &x->upcase, x->upcase.size, ret, e);
}

static int add_used(struct exfat *x, struct extents *used, struct err *e)
{
	struct extents runs[2] = { { 0 }, { 0 } }, upcase = { 0 };
	int r = upcase_chain(x, &upcase, e);

	if (!r)
		r = append(&x->meta, &upcase, e);
	for (unsigned i = 0; i < x->tables && !r; i++) {
		r = bitmap_chain(x, &x->bitmap[i], &runs[i], e);
		if (!r)
			r = append(&x->meta, &runs[i], e);
	}
	extents_normalize(&x->meta);
	for (unsigned i = 0; i < x->tables && !r; i++)
		r = add_bitmap(x, &runs[i], i == (x->flags & FLAG_SECOND), used, e);
	extents_free(&runs[0]);
	extents_free(&runs[1]);
	extents_free(&upcase);
	return r;
}

/* ---- all of it ----------------------------------------------------------- */

static void find_problem(const struct exfat *x, struct fs_info *ret)
{
	if (x->sectors << x->shift > x->a->size)
		problem(ret, false,
			"it is larger than the device: repair that first; --force images what "
			"is there, --raw takes every byte");
	/* A file may be found without table and bitmap, so these matter only here. */
	if (x->flags & FLAG_DIRTY)
		problem(ret, false,
			"it was not cleanly unmounted, or is mounted now: unmount it, or " FSCK
				WAY_OUT);
	if (x->flags & FLAG_FAILURE)
		problem(ret, true,
			"errors in reading or writing it have been found: check the device, "
			"then run chkdsk /r in Windows; --nocheck images it all the same");
}

/* Only a hint: Linux leaves the number as it was. */
static void check_percent(const struct exfat *x, struct fs_info *ret)
{
	uint64_t percent = x->in_use * 100 / x->clusters;
	size_t n = strlen(ret->notice);

	if (x->percent <= 100 && percent + PERCENT_SLACK < x->percent)
		snprintf(ret->notice + n, sizeof(ret->notice) - n,
			 "%sits boot sector says that %u %% are in use, its bitmap %u %%: "
			 "fsck.exfat compares the bitmap with the files",
			 n ? "; " : "", x->percent, (unsigned)percent);
}

static int read_map(struct exfat *x, struct extents *used, struct err *e)
{
	uint64_t end = x->heap_at + ((uint64_t)x->clusters << x->cluster_shift);
	int r;

	x->table = malloc(TABLE_PIECE);
	x->piece = malloc(PIECE);
	r = x->table && x->piece ? read_root(x, e) : err_nomem(e);
	if (!r)
		r = add_used(x, used, e);
	if (!r)
		r = extents_add(used, 0, x->heap_at, e);
	if (!r)
		r = extents_add(used, end, (x->sectors << x->shift) - end, e);
	extents_normalize(used);
	extents_bound(used, x->a->size);
	free(x->table);
	free(x->piece);
	extents_free(&x->meta);
	return r;
}

static int exfat_used(const struct area *a, bool force, struct fs_info *ret,
		      struct extents *used, struct err *e)
{
	struct exfat x;
	uint64_t size;
	int r = find_layout(a, &x, ret, e);

	if (!r)
		r = check_layout(&x, e);
	if (r)
		return r;
	size = x.sectors << x.shift;
	ret->block = 1U << x.cluster_shift;
	ret->size = size < a->size ? size : a->size;
	find_problem(&x, ret);
	if (ret->problem[0] && !force)
		return 0;
	r = read_map(&x, used, e);
	if (!r)
		check_percent(&x, ret);
	return r;
}

static const char *const exfat_types[] = { "exfat", NULL };

/* Both boot regions, with sectors up to 4096 bytes. */
const struct fs_ops fs_exfat = {
	.name = "exfat",
	.types = exfat_types,
	.edges = { .head = 2 * REGION_SECTORS << SHIFT_MAX },
	.used = exfat_used,
};
