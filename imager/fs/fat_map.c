// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fat_map.c - the file allocation table, and what can be checked against it.
 *
 * An entry is 0 for a free cluster, ...7 for a bad one, ...8 to ...F for the
 * last of a file, else the number of the next cluster; of FAT32's 32 bits the
 * upper four mean nothing.  All of the table is read once, and only one bit a
 * cluster is kept: a link forward sets the bit of its target, which must then
 * turn out to be used; a link back must find it set.
 *
 * The boot sector of FAT12 and FAT16 has neither checksum nor copy.  What
 * tells that the numbers in it are right: every folder begins with an entry
 * "." that names its own cluster.
 *
 * Source: Microsoft, "FAT: General Overview of On-Disk Format", 1.03.
 */
#include "common/bytes.h"
#include "imager/fs/fat.h"

#include <errno.h>
#include <stdlib.h>

#define PIECE        (1U << 20) /* all of a FAT12 is in the first one */
#define DIRS_MAX     16         /* folders that are looked for */
#define ATTR_LABEL   0x08
#define ATTR_LONG    0x0f
#define ATTR_NONE    0xc0
#define ATTR_FOLDER  0x10
#define NAME_END     0x00
#define NAME_KANJI   0x05 /* stands for 0xe5 */
#define NAME_DELETED 0xe5

struct reading {
	const struct fat *f;
	struct fat_map *m;
	uint8_t *piece, *copy;
};

/* ---- bits ---------------------------------------------------------------- */

static bool is_set(const struct fat_map *m, uint32_t cluster)
{
	uint32_t k = cluster - FAT_FIRST;

	return m->used[k / 8] >> k % 8 & 1;
}

static void set(struct fat_map *m, uint32_t cluster)
{
	uint32_t k = cluster - FAT_FIRST;

	m->used[k / 8] |= (uint8_t)(1U << k % 8);
}

static void broken(struct fat_map *m, uint32_t at)
{
	if (!m->broken++)
		m->broken_at = at;
}

/* ---- entries ------------------------------------------------------------- */

static uint32_t end_mark(const struct fat *f)
{
	return fat_mask(f) & ~7U;
}

static bool is_bad(const struct fat *f, uint32_t value)
{
	return value == end_mark(f) - 1;
}

/* Bytes that the first @n entries take. */
static uint64_t bytes_of(const struct fat *f, uint64_t n)
{
	return (n * f->bits + 7) / 8;
}

/* Entry @k of a piece of the table. */
static uint32_t entry(const struct fat *f, struct rd *r, uint32_t k)
{
	if (f->bits == 32)
		return rd_le32(r) & fat_mask(f);
	if (f->bits == 16)
		return rd_le16(r);
	rd_seek(r, k + k / 2); /* two entries in three bytes */
	return k % 2 ? rd_le16(r) >> 4 : rd_le16(r) & fat_mask(f);
}

static void follow(struct reading *x, uint32_t cluster, uint32_t value)
{
	const struct fat *f = x->f;

	set(x->m, cluster);
	if (value >= end_mark(f))
		return;
	if (!fat_has_cluster(f, value) || value == cluster) {
		broken(x->m, cluster);
		return;
	}
	if (value < cluster && !is_set(x->m, value))
		broken(x->m, cluster);
	set(x->m, value);
}

static void take(struct reading *x, uint32_t cluster, uint32_t value)
{
	if (value && !is_bad(x->f, value)) {
		follow(x, cluster, value);
		return;
	}
	if (value)
		x->m->bad++;
	else
		x->m->free++;
	if (is_set(x->m, cluster)) /* a chain leads here */
		broken(x->m, cluster);
}

/* The first entry is the media byte, and ones. */
static void check_first(struct reading *x, uint32_t value)
{
	if ((value | 0xff) != fat_mask(x->f))
		x->m->strange = "its allocation table does not begin like one";
}

/* Entries @from .. @from + @n - 1, the first ones of x->piece. */
static void take_piece(struct reading *x, uint32_t from, uint32_t n, size_t len)
{
	struct rd r = rd_init(x->piece, len);

	for (uint32_t k = 0; k < n; k++) {
		uint32_t value = entry(x->f, &r, k);

		if (from + k >= FAT_FIRST)
			take(x, from + k, value);
		else if (from + k)
			x->m->second = value;
		else
			check_first(x, value);
	}
}

/* What a copy has in use counts as used, too.  Its state is not looked at. */
static void take_copy(struct reading *x, uint32_t from, uint32_t n, size_t len)
{
	struct rd r = rd_init(x->piece, len), c = rd_init(x->copy, len);

	if (!memcmp(x->piece, x->copy, len))
		return;
	for (uint32_t k = 0; k < n; k++) {
		uint32_t a = entry(x->f, &r, k), b = entry(x->f, &c, k);

		if (from + k == 0 && x->f->mirrored)
			check_first(x, b);
		if (a == b || from + k < FAT_FIRST)
			continue;
		x->m->differ++;
		if (b && !is_bad(x->f, b))
			set(x->m, from + k);
	}
}

static int read_piece(const struct reading *x, unsigned table, uint32_t from, size_t len,
		      uint8_t *buf, struct err *e)
{
	const struct fat *f = x->f;
	uint64_t at = f->table_at + table * f->table_size + bytes_of(f, from);
	int r = dev_read(f->a->dev, buf, len, f->a->off + at, e);

	return r ? err_wrap(e, r, "the file allocation table (FAT)") : 0;
}

static int read_table(struct reading *x, struct err *e)
{
	const struct fat *f = x->f;
	uint32_t step = PIECE / 4;
	int r = 0;

	for (uint32_t from = 0; from < f->entries && !r; from += step) {
		uint32_t n = f->entries - from < step ? f->entries - from : step;
		size_t len = (size_t)bytes_of(f, n);

		r = read_piece(x, f->active, from, len, x->piece, e);
		if (!r)
			take_piece(x, from, n, len);
		for (unsigned t = 0; t < f->tables && !r; t++) {
			if (t == f->active)
				continue;
			r = read_piece(x, t, from, len, x->copy, e);
			if (!r)
				take_copy(x, from, n, len);
		}
	}
	return r;
}

/* ---- the root directory -------------------------------------------------- */

struct dirent {
	const uint8_t *name; /* eleven bytes */
	uint8_t attr;
	uint32_t cluster, size;
};

static struct dirent read_dirent(const struct fat *f, struct rd *r)
{
	struct rd d = rd_sub(r, FAT_DIRENTRY);
	struct dirent ret = { .name = rd_bytes(&d, 11), .attr = rd_u8(&d) };
	uint32_t high;

	rd_skip(&d, 8);
	high = rd_le16(&d);
	rd_skip(&d, 4);
	ret.cluster = rd_le16(&d);
	if (f->bits == 32) /* elsewhere the two bytes have other uses */
		ret.cluster |= high << 16;
	ret.size = rd_le32(&d);
	return ret;
}

/*
 * Does @cluster begin with an entry "." for itself?  One that cannot be read
 * tells nothing: it is data, and --rescue may save the rest.
 */
static bool is_folder(const struct fat *f, uint32_t cluster)
{
	uint8_t buf[FAT_DIRENTRY];
	struct rd r = rd_init(buf, sizeof(buf));
	uint64_t at = fat_cluster_at(f, cluster);
	struct dirent d;
	struct err e;

	if (at + sizeof(buf) > f->a->size)
		return false;
	if (dev_read(f->a->dev, buf, sizeof(buf), f->a->off + at, &e))
		return true;
	d = read_dirent(f, &r);
	return !memcmp(d.name, ".          ", 11) && d.attr & ATTR_FOLDER &&
	       d.cluster == cluster;
}

/* Parts of long names are not looked into. */
static bool is_plausible(const struct dirent *d)
{
	if (d->attr & ATTR_NONE)
		return false;
	for (size_t i = 0; i < 11 && d->attr != ATTR_LONG; i++)
		if (d->name[i] < 0x20 && (i || d->name[i] != NAME_KANJI))
			return false;
	return true;
}

static void check_root(struct reading *x, const uint8_t *dir, size_t len)
{
	struct rd r = rd_init(dir, len);
	unsigned folders = 0;

	while (rd_left(&r) >= FAT_DIRENTRY) {
		struct dirent d = read_dirent(x->f, &r);

		if (d.name[0] == NAME_END)
			break;
		if (d.name[0] != NAME_DELETED && !is_plausible(&d))
			x->m->strange = "its root directory does not look like one";
		/* Long names look like labels. */
		if (d.name[0] == NAME_DELETED || d.attr & ATTR_LABEL || !d.cluster)
			continue;
		if (!fat_has_cluster(x->f, d.cluster) || !is_set(x->m, d.cluster))
			broken(x->m, x->f->root_cluster);
		if (!fat_has_cluster(x->f, d.cluster))
			continue;
		set(x->m, d.cluster);
		if (d.attr & ATTR_FOLDER && folders++ < DIRS_MAX && !is_folder(x->f, d.cluster))
			x->m->lost_dir = d.cluster;
	}
}

static int read_root(struct reading *x, struct err *e)
{
	const struct fat *f = x->f;
	size_t len = f->root_size < FAT_DIR_PART ? f->root_size : FAT_DIR_PART;
	int r = 0;

	if (f->root_cluster) {
		if (!is_set(x->m, f->root_cluster))
			broken(x->m, f->root_cluster);
		set(x->m, f->root_cluster);
	}
	if (f->root_at >= f->a->size || f->a->size - f->root_at < len)
		return 0; /* the filesystem is cut off, and that is said */
	r = dev_read(f->a->dev, x->piece, len, f->a->off + f->root_at, e);
	if (r)
		return err_wrap(e, r, "the root directory");
	check_root(x, x->piece, len);
	return 0;
}

/* ---- all of it ----------------------------------------------------------- */

int fat_map_read(const struct fat *f, struct fat_map *ret, struct err *e)
{
	struct reading x = { .f = f, .m = ret };
	int r;

	*ret = (struct fat_map){ .used = calloc(f->clusters / 8 + 1, 1) };
	x.piece = malloc(PIECE);
	x.copy = malloc(PIECE);
	if (ret->used && x.piece && x.copy)
		r = read_table(&x, e);
	else
		r = err_nomem(e);
	for (uint32_t c = f->entries; !r && c < f->clusters + FAT_FIRST; c++)
		set(ret, c);
	if (!r)
		r = read_root(&x, e);
	free(x.piece);
	free(x.copy);
	if (r)
		fat_map_free(ret);
	return r;
}

void fat_map_free(struct fat_map *m)
{
	free(m->used);
	*m = (struct fat_map){ 0 };
}
