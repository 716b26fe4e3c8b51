// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ntfs.c - NTFS by libntfs-3g.
 *
 * The library finds $MFT, the attributes of the system files and the runs of
 * $Bitmap; $Bitmap itself is read here, in large pieces.  ntfs_device_mount()
 * is not used: it also loads $UpCase, $AttrDef and $Secure, and refuses a
 * volume for faults that do not matter to the map.
 *
 * NTFS has no checksum on $Bitmap and keeps no count of free clusters.  What
 * finds a lost one is that the clusters of the system files must be marked
 * used in it, and that no two of these files may share a cluster.
 *
 * Sources: <ntfs-3g/layout.h> and <ntfs-3g/logfile.h>; for the states of
 * hiberfil.sys and of $LogFile ntfs-3g's volume.c; for the signatures that
 * Windows leaves in hiberfil.sys: libhibr's format documentation.
 */
#include "common/bytes.h"
#include "imager/fs/bitmap.h"
#include "imager/fs/fs.h"
#include "imager/fs/ntfs_vol.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/logfile.h>
#include <ntfs-3g/runlist.h>

#define PIECE         (UINT32_C(1) << 20) /* of $Bitmap, in bytes */
#define MIRRORED      4                   /* records that $MFTMirr always has */
#define HIBERFIL_HEAD 4096

#define FORCE "; --force trusts the map as it is, --raw takes every byte"
#define SHUTDOWN                                                                               \
	"start Windows and shut it down with `shutdown /s /t 0' (or turn Fast Startup off), "  \
	"then save it" FORCE

struct ntfs {
	struct ntfs_vol v;
	struct extents *used;
	/* The clusters of system files, normalized; what comes before [at] is checked. */
	struct extents meta;
	size_t at;
	uint64_t meta_len; /* their sum before that */
	uint8_t *piece;    /* of $Bitmap */
	uint64_t next;     /* the first cluster that $Bitmap has not told of yet */
	uint64_t unknown;  /* clusters below that of which it says nothing */
};

/* ---- attributes ---------------------------------------------------------- */

struct stream {
	ntfs_inode *ni;
	ntfs_attr *na;
};

static void stream_close(struct stream *s)
{
	int why = errno;

	if (s->na)
		ntfs_attr_close(s->na);
	if (s->ni)
		(void)ntfs_inode_close(s->ni); /* it has not changed */
	errno = why;
}

/* False with errno set.  To be closed in any case. */
static bool stream_open(const struct ntfs *n, MFT_REF no, ATTR_TYPES type, struct stream *s)
{
	*s = (struct stream){ .ni = ntfs_inode_open(n->v.lib, no) };
	if (s->ni)
		s->na = ntfs_attr_open(s->ni, type, AT_UNNAMED, 0);
	return s->na;
}

/* Reads the first @size bytes: how many there are, or -1 with errno set. */
static int64_t stream_head(const struct ntfs *n, MFT_REF no, ATTR_TYPES type, void *buf,
			   size_t size)
{
	struct stream s;
	int64_t len = -1;

	if (stream_open(n, no, type, &s))
		len = ntfs_attr_pread(s.na, 0, (s64)size, buf);
	stream_close(&s);
	return len;
}

/* ---- is it in a state to be imaged? -------------------------------------- */

struct volume_info {
	uint8_t major, minor;
	uint16_t flags;
};

static int read_info(const struct ntfs *n, struct volume_info *ret, struct err *e)
{
	uint8_t buf[12];
	struct rd r = rd_init(buf, sizeof(buf));
	int64_t len = stream_head(n, FILE_Volume, AT_VOLUME_INFORMATION, buf, sizeof(buf));

	if (len < (int64_t)sizeof(buf))
		return ntfs_vol_error(&n->v, "its $Volume cannot be read", e);
	rd_skip(&r, 8);
	ret->major = rd_u8(&r);
	ret->minor = rd_u8(&r);
	ret->flags = rd_le16(&r);
	return 0;
}

/* Checks return 1 when there is a problem, 0 when there is none. */
static int is_dirty(struct ntfs *n, struct err *e)
{
	struct volume_info info = { 0 };
	int r = read_info(n, &info, e);

	return r ? r : (info.flags & (0x0001 | 0x4000)) != 0; /* or chkdsk was stopped */
}

/*
 * Windows leaves "wake" (Vista: in capitals) in there when it has started from
 * the file, "rstr" while it does, and zeros after a full start.  It is short on
 * a volume without Windows that was in use when Windows was hibernated.
 */
static int hiberfile_says(const uint8_t *head, int64_t len)
{
	static const char *const resumed[] = { "wake", "WAKE" };

	for (size_t i = 0; len >= 4 && i < sizeof(resumed) / sizeof(resumed[0]); i++)
		if (!memcmp(head, resumed[i], 4))
			return 0;
	if (len < HIBERFIL_HEAD)
		return 1;
	while (len && !head[len - 1])
		len--;
	return len > 0;
}

static int is_hibernated(struct ntfs *n, struct err *e)
{
	static const char name[] = "hiberfil.sys";
	ntfschar wide[sizeof(name) - 1];
	uint8_t head[HIBERFIL_HEAD];
	ntfs_inode *root = ntfs_inode_open(n->v.lib, FILE_root);
	uint64_t ref = UINT64_MAX;
	int64_t len = -1;

	for (size_t i = 0; i < sizeof(name) - 1; i++)
		wide[i] = cpu_to_le16((uint16_t)name[i]);
	if (root) {
		ref = ntfs_inode_lookup_by_name(root, wide, sizeof(name) - 1);
		if (ref == UINT64_MAX && errno == ENOENT)
			len = -2;
		stream_close(&(struct stream){ .ni = root });
	}
	if (ref != UINT64_MAX)
		len = stream_head(n, MREF(ref), AT_DATA, head, sizeof(head));
	if (len == -2)
		return 0;
	if (len < 0)
		return ntfs_vol_error(&n->v, "its root folder or hiberfil.sys cannot be read",
				      e);
	return hiberfile_says(head, len);
}

/* 1: changes to be replayed; 2: Windows has changes in its memory. */
static int log_state(struct ntfs *n, struct err *e)
{
	RESTART_PAGE_HEADER *page = NULL;
	struct stream s;
	int r = 0;

	if (!stream_open(n, FILE_LogFile, AT_DATA, &s))
		r = ntfs_vol_error(&n->v, "its $LogFile cannot be read", e);
	else if (!ntfs_check_logfile(s.na, &page) || !ntfs_is_logfile_clean(s.na, page))
		r = n->v.failed ? ntfs_vol_error(&n->v, "its $LogFile", e) : 1;
	if (page && le16_to_cpu(page->major_ver) == 2)
		r = 2;
	free(page);
	stream_close(&s);
	return r;
}

static int is_cached(struct ntfs *n, struct err *e)
{
	int r = log_state(n, e);

	return r < 0 ? r : r == 2;
}

static int has_log(struct ntfs *n, struct err *e)
{
	int r = log_state(n, e);

	return r < 0 ? r : r == 1;
}

static bool same_records(const uint8_t *a, const uint8_t *b, uint32_t size)
{
	for (unsigned i = 0; i < MIRRORED; i++, a += size, b += size) {
		struct rd r = rd_init(a, size);
		uint32_t len;

		rd_seek(&r, 24);
		len = rd_le32(&r); /* bytes in use */
		if (memcmp(a, b, len < size ? len : size))
			return false;
	}
	return true;
}

static int mirror_differs(struct ntfs *n, struct err *e)
{
	ntfs_volume *lib = n->v.lib;
	uint32_t size = lib->mft_record_size;
	uint8_t *mft = calloc(2 * MIRRORED, size), *mirror = NULL;
	int r;

	if (!mft)
		return err_nomem(e);
	mirror = mft + (size_t)MIRRORED * size;
	if (ntfs_attr_mst_pread(lib->mft_na, 0, MIRRORED, size, mft) != MIRRORED ||
	    ntfs_attr_mst_pread(lib->mftmirr_na, 0, MIRRORED, size, mirror) != MIRRORED)
		r = ntfs_vol_error(&n->v, "its $MFT or the copy $MFTMirr cannot be read", e);
	else
		r = !same_records(mft, mirror, size);
	free(mft);
	return r;
}

/* The worst first: the first hit is the one that is told. */
static const struct check {
	int (*hit)(struct ntfs *n, struct err *e);
	const char *text;
} checks[] = {
	{ is_hibernated,
	  "Windows is hibernated, or was shut down with Fast Startup: " SHUTDOWN },
	{ is_cached,
	  "Windows keeps changes to it in memory (hibernated, Fast Startup, or switched off "
	  "while running): " SHUTDOWN },
	{ has_log,
	  "its $LogFile holds changes that are not yet made: start Windows and shut it down, "
	  "or run chkdsk /f on it there" FORCE },
	{ is_dirty, "it is marked dirty: run chkdsk /f on it in Windows" FORCE },
	{ mirror_differs,
	  "its $MFT and the copy $MFTMirr differ: run chkdsk /f on it in Windows" FORCE },
};

static int find_problem(struct ntfs *n, struct fs_info *ret, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !r; i++) {
		r = checks[i].hit(n, e);
		if (r > 0)
			snprintf(ret->problem, sizeof(ret->problem), "%s", checks[i].text);
	}
	return r < 0 ? r : 0;
}

static int check_version(struct ntfs *n, struct err *e)
{
	struct volume_info info = { 0 };
	int r = read_info(n, &info, e);

	if (r || info.major == 3 || (info.major == 1 && info.minor >= 1 && info.minor <= 2))
		return r;
	return err_set(e, -EOPNOTSUPP, "its version is %u.%u, this program knows 1.2 and 3.1",
		       info.major, info.minor);
}

/* ---- the clusters of system files ---------------------------------------- */

static const struct system_file {
	MFT_REF no;
	ATTR_TYPES type;
	const char *damage;
} system_files[] = {
	{ FILE_MFT, AT_DATA, "its $MFT is broken" },
	{ FILE_MFT, AT_BITMAP, "the bitmap of its $MFT is broken" },
	{ FILE_MFTMirr, AT_DATA, "its $MFTMirr is broken" },
	{ FILE_LogFile, AT_DATA, "its $LogFile is broken" },
	{ FILE_Boot, AT_DATA, "its $Boot is broken" },
};

/* Holes are skipped: only $Bitmap may come here with one, see add_map(). */
static int add_runs(struct ntfs *n, const runlist_element *run, const char *damage,
		    struct err *e)
{
	int r = 0;

	for (; run && run->length && !r; run++) {
		uint64_t at = (uint64_t)run->lcn, len = (uint64_t)run->length;

		if (run->lcn < 0)
			continue;
		if (at > n->v.clusters || len > n->v.clusters - at)
			return ntfs_vol_damaged(damage, e);
		n->meta_len += len * n->v.cluster;
		r = extents_add(&n->meta, at * n->v.cluster, len * n->v.cluster, e);
	}
	return r;
}

static int add_stream(struct ntfs *n, struct stream *s, const char *damage, struct err *e)
{
	if (!NAttrNonResident(s->na))
		return ntfs_vol_damaged(damage, e);
	if (ntfs_attr_map_whole_runlist(s->na))
		return ntfs_vol_error(&n->v, damage, e);
	return add_runs(n, s->na->rl, damage, e);
}

static int add_system_file(struct ntfs *n, const struct system_file *f, struct err *e)
{
	struct stream s;
	int r;

	if (stream_open(n, f->no, f->type, &s))
		r = add_stream(n, &s, f->damage, e);
	else
		r = ntfs_vol_error(&n->v, f->damage, e);
	if (!r && f->no == FILE_Boot && (!s.na->rl || s.na->rl->lcn))
		r = ntfs_vol_damaged(f->damage, e); /* it must hold the boot sector */
	stream_close(&s);
	return r;
}

/* ---- the map ------------------------------------------------------------- */

/* Are the system files' clusters among the @bits from @n->next on marked in @n->piece? */
static bool meta_is_marked(struct ntfs *n, uint64_t bits)
{
	uint64_t unit = n->v.cluster, lo = n->next * unit, hi = lo + bits * unit;

	for (; n->at < n->meta.n && n->meta.v[n->at].off < hi; n->at++) {
		uint64_t from = n->meta.v[n->at].off, end = from + n->meta.v[n->at].len;
		uint64_t to = end < hi ? end : hi;

		if (end <= lo)
			continue;
		from = from > lo ? from : lo;
		to = (to - lo) / unit;
		if (bitmap_next(n->piece, (from - lo) / unit, to, false) != to)
			return false;
		if (end > hi)
			break;
	}
	return true;
}

/* The next @bits bits of $Bitmap, which are at @at of the area. */
static int add_piece(struct ntfs *n, uint64_t bits, uint64_t at, struct err *e)
{
	int r = dev_read(n->v.a->dev, n->piece, (size_t)((bits + 7) / 8), n->v.a->off + at, e);

	if (r)
		return err_wrap(e, r, "its $Bitmap");
	if (!meta_is_marked(n, bits))
		return ntfs_vol_damaged("its $Bitmap takes clusters of system files for free",
					e);
	r = bitmap_add(n->piece, bits, n->next * n->v.cluster, n->v.cluster, n->used, NULL, e);
	n->next += bits;
	return r;
}

/* Clusters up to @bit that $Bitmap says nothing of are used. */
static int add_unknown(struct ntfs *n, uint64_t bit, struct err *e)
{
	uint64_t bits = bit - n->next;
	int r = extents_add(n->used, n->next * n->v.cluster, bits * n->v.cluster, e);

	n->unknown += bits;
	n->next = bit;
	return r;
}

/* One run of $Bitmap, as far as the first @end bits are in it. */
static int add_run(struct ntfs *n, const runlist_element *run, uint64_t end, struct err *e)
{
	uint64_t unit = (uint64_t)n->v.cluster * 8; /* bits */
	uint64_t first, stop, at = (uint64_t)run->lcn * n->v.cluster;
	int r = 0;

	if (run->lcn < 0)
		return 0;
	if (!mul_u64((uint64_t)run->vcn, unit, &first) ||
	    !mul_u64((uint64_t)run->vcn + (uint64_t)run->length, unit, &stop) ||
	    first < n->next)
		return ntfs_vol_damaged("its $Bitmap is broken", e);
	stop = stop < end ? stop : end;
	if (first < stop && first > n->next)
		r = add_unknown(n, first, e);
	while (n->next < stop && !r) {
		uint64_t bits = stop - n->next < PIECE * 8 ? stop - n->next : PIECE * 8;

		r = add_piece(n, bits, at + (n->next - first) / 8, e);
	}
	return r;
}

static int add_map(struct ntfs *n, const ntfs_attr *na, struct err *e)
{
	uint64_t bytes = 0, end;
	int r = 0;

	if (na->data_flags & (ATTR_COMPRESSION_MASK | ATTR_IS_ENCRYPTED))
		return ntfs_vol_damaged("its $Bitmap is compressed or encrypted", e);
	if (na->data_size > 0 && na->initialized_size > 0)
		bytes = (uint64_t)(na->data_size < na->initialized_size ? na->data_size
									: na->initialized_size);
	end = bytes < n->v.clusters / 8 + 1 ? bytes * 8 : n->v.clusters;
	end = end < n->v.clusters ? end : n->v.clusters;
	n->piece = malloc(PIECE);
	if (!n->piece)
		return err_nomem(e);
	for (const runlist_element *run = na->rl; run && run->length && !r; run++)
		r = add_run(n, run, end, e);
	if (!r)
		r = add_unknown(n, n->v.clusters, e);
	free(n->piece);
	return r;
}

/* No cluster may belong to two of them. */
static int check_shared(struct ntfs *n, struct err *e)
{
	extents_normalize(&n->meta);
	if (extents_total(&n->meta) != n->meta_len)
		return ntfs_vol_damaged("its system files overlap", e);
	return 0;
}

static int add_used(struct ntfs *n, struct fs_info *ret, struct err *e)
{
	uint64_t end = n->v.clusters * n->v.cluster;
	struct stream s = { 0 };
	int r = 0;

	for (size_t i = 0; i < sizeof(system_files) / sizeof(system_files[0]) && !r; i++)
		r = add_system_file(n, &system_files[i], e);
	if (r)
		return r;
	if (stream_open(n, FILE_Bitmap, AT_DATA, &s))
		r = add_stream(n, &s, "its $Bitmap is broken", e);
	else
		r = ntfs_vol_error(&n->v, "its $Bitmap is broken", e);
	if (!r)
		r = check_shared(n, e);
	if (!r)
		r = add_map(n, s.na, e);
	stream_close(&s);
	/* What is too short for a cluster, and the backup boot sector. */
	if (!r)
		r = extents_add(n->used, end, ret->size - end, e);
	if (!r && n->unknown)
		snprintf(ret->notice, sizeof(ret->notice),
			 "its $Bitmap says nothing of %" PRIu64
			 " clusters: they are taken as used",
			 n->unknown);
	return r;
}

static int ntfs_used(const struct area *a, bool force, struct fs_info *ret,
		     struct extents *used, struct err *e)
{
	struct ntfs n = { .used = used };
	int r = ntfs_vol_open(a, &n.v, e);

	if (!r)
		r = check_version(&n, e);
	if (!r)
		r = find_problem(&n, ret, e);
	if (r)
		goto out;
	ret->block = n.v.cluster;
	ret->size = (n.v.sectors + 1) * n.v.sector;
	if (ret->size > a->size)
		ret->size = a->size;
	if (!ret->problem[0] || force)
		r = add_used(&n, ret, e);
out:
	ntfs_vol_close(&n.v);
	extents_free(&n.meta);
	return r;
}

static const char *const ntfs_types[] = { "ntfs", NULL };

const struct fs_ops fs_ntfs = {
	.name = "ntfs",
	.types = ntfs_types,
	.edges = { .head = 4096, .tail = 4096 },
	.used = ntfs_used,
};
