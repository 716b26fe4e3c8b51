// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/fs/fs.h"

#include "common/bytes.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const struct fs_ops *const readers[] = {
	&fs_ext,  &fs_ntfs, &fs_fat,     &fs_exfat,  &fs_xfs,   &fs_btrfs,    &fs_f2fs,
	&fs_swap, &fs_jfs,  &fs_hfsplus, &fs_nilfs2, &fs_minix, &fs_reiserfs, &fs_ufs,
};

#define READERS (sizeof(readers) / sizeof(readers[0]))

static const struct fs_ops *reader_for(const char *type)
{
	for (size_t i = 0; i < READERS; i++)
		for (const char *const *t = readers[i]->types; *t; t++)
			if (!strcmp(*t, type))
				return readers[i];
	return NULL;
}

struct fs_edges fs_edges(const char *name)
{
	for (size_t i = 0; i < READERS; i++)
		if (!strcmp(readers[i]->name, name))
			return readers[i]->edges;
	/* Signatures that libblkid knows: the last at the begin is that of Btrfs. */
	return (struct fs_edges){ 128 << 10, 128 << 10 };
}

/* ---- what libblkid says -------------------------------------------------- */

struct finding {
	char type[32], usage[32], table[32];
	char clash[128]; /* "ext4, xfs": more than one superblock is there */
	bool unreadable;
};

/* A value of the last probe, without control characters; "" where there is none. */
static void copy_value(blkid_probe pr, const char *name, char *ret, size_t size)
{
	const char *s = NULL;

	if (blkid_probe_lookup_value(pr, name, &s, NULL))
		s = "";
	snprintf(ret, size, "%s", s);
	for (char *p = ret; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

static void name_clash(blkid_probe pr, struct finding *f)
{
	size_t n = 0;

	blkid_reset_probe(pr);
	while (n < sizeof(f->clash) && !blkid_do_probe(pr)) {
		char type[32];

		copy_value(pr, "TYPE", type, sizeof(type));
		if (*type)
			n += (size_t)snprintf(f->clash + n, sizeof(f->clash) - n, "%s%s",
					      n ? ", " : "", type);
	}
}

/* False: nothing, or nothing sure. */
static bool find_superblock(blkid_probe pr, int flags, struct fs_scan *ret, struct finding *f)
{
	int r;

	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, flags | BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL |
						      BLKID_SUBLKS_UUID | BLKID_SUBLKS_USAGE);
	r = blkid_do_safeprobe(pr);
	if (r == -2)
		name_clash(pr, f);
	f->unreadable = r == -1;
	if (r)
		return false;
	copy_value(pr, "TYPE", ret->type, sizeof(ret->type));
	copy_value(pr, "LABEL", ret->label, sizeof(ret->label));
	copy_value(pr, "UUID", ret->uuid, sizeof(ret->uuid));
	copy_value(pr, "USAGE", f->usage, sizeof(f->usage));
	return *ret->type;
}

static void find_table(blkid_probe pr, struct finding *f)
{
	blkid_probe_enable_superblocks(pr, 0);
	blkid_probe_enable_partitions(pr, 1);
	if (!blkid_do_safeprobe(pr))
		copy_value(pr, "PTTYPE", f->table, sizeof(f->table));
}

static int identify(const struct area *a, struct fs_scan *ret, struct finding *f, struct err *e)
{
	blkid_probe pr = blkid_new_probe();
	int r = 0;

	if (!pr)
		return err_nomem(e);
	if (blkid_probe_set_device(pr, a->dev->fd, (blkid_loff_t)a->off, (blkid_loff_t)a->size))
		r = err_set(e, -EIO, "libblkid cannot read %s", a->dev->path);
	/*
	 * A superblock with a wrong checksum is worth a refusal, but only when
	 * nothing better is there: it may be the rest of an older filesystem.
	 */
	else if (!find_superblock(pr, 0, ret, f) && !*f->clash &&
		 !find_superblock(pr, BLKID_SUBLKS_BADCSUM, ret, f))
		find_table(pr, f);
	blkid_free_probe(pr);
	/* libblkid has told the kernel that it reads here and there; we do not. */
	(void)posix_fadvise(a->dev->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return r;
}

int fs_identify(const struct area *a, struct fs_scan *ret, struct err *e)
{
	struct finding f = { 0 };

	*ret = (struct fs_scan){ 0 };
	return a->size ? identify(a, ret, &f, e) : 0; /* libblkid takes 0 for "to the end" */
}

bool fs_shows_only(const struct area *a, const char *name)
{
	const struct fs_ops *reader;
	struct finding f = { 0 };
	struct fs_scan s = { 0 };
	bool only = !a->size || identify(a, &s, &f, NULL) == 0;

	reader = reader_for(s.type);
	only = only && !*f.clash && !*f.table && !f.unreadable &&
	       (!*s.type || (reader && !strcmp(reader->name, name)));
	fs_scan_free(&s);
	return only;
}

/* ---- areas without a map ------------------------------------------------- */

/* Why there is no map, by libblkid's TYPE or USAGE, and what would be better. */
static const struct hint {
	const char *type, *usage, *text;
} hints[] = {
	{ "crypto_LUKS", NULL,
	  "it is encrypted. Imaging the opened device in /dev/mapper saves only what is "
	  "used, but then the image is not encrypted" },
	{ "BitLocker", NULL,
	  "it is encrypted. Turn BitLocker off in Windows first to save only what is used" },
	{ "LVM2_member", NULL,
	  "it belongs to an LVM volume group. Imaging each logical volume saves only what is "
	  "used" },
	{ "linux_raid_member", NULL,
	  "it belongs to a RAID array. Imaging the assembled /dev/md device saves only what is "
	  "used" },
	{ "zfs_member", NULL, "it belongs to a ZFS pool. zfs send saves only what is used" },
	{ "swsuspend", NULL,
	  "it holds a hibernated system. Start that system and shut it down to make it plain "
	  "swap" },
	{ "jbd", NULL, "it is the journal of an ext filesystem on another device" },
	{ NULL, "crypto",
	  "it is encrypted. Imaging the opened device instead may save only what is used" },
	{ NULL, "raid",
	  "it belongs to a RAID array or volume group. Imaging the assembled device saves only "
	  "what is used" },
	{ NULL, "filesystem", "its map of used blocks cannot be read by this program" },
	{ NULL, NULL, "nothing is known about its contents" },
};

static const char *hint_for(const char *type, const char *usage)
{
	const struct hint *h = hints;

	while ((h->type && strcmp(h->type, type)) || (h->usage && strcmp(h->usage, usage)))
		h++;
	return h->text;
}

/* @why: what the reader said, or "". */
static void explain_raw(const struct finding *f, const char *why, struct fs_scan *ret)
{
	char *text = ret->info.notice;
	size_t size = sizeof(ret->info.notice);

	if (*ret->type)
		snprintf(text, size, "%s is imaged byte by byte: %.190s", ret->type,
			 *why ? why : hint_for(ret->type, f->usage));
	else if (*f->clash)
		snprintf(text, size,
			 "it is imaged byte by byte: it looks like more than one thing (%s). "
			 "wipefs shows them, and can take the wrong ones away",
			 f->clash);
	else if (f->unreadable)
		snprintf(text, size,
			 "it is imaged byte by byte: what it holds cannot be read, the device "
			 "may be failing");
	else if (*f->table)
		snprintf(text, size,
			 "it is imaged byte by byte: it holds a partition table (%s), but no "
			 "filesystem of its own",
			 f->table);
	else
		snprintf(text, size,
			 "unknown content is imaged byte by byte: no filesystem is recognised");
}

static int scan_raw(const struct area *a, struct fs_scan *ret, struct err *e)
{
	struct extents data = { 0 };
	uint64_t end = a->off + a->size;
	int r = dev_data(a->dev, &data, e);

	ret->ops = NULL;
	ret->info = (struct fs_info){ .size = a->size };
	ret->used.n = 0;
	for (size_t i = 0; i < data.n && !r; i++) {
		uint64_t from = data.v[i].off, to = from + data.v[i].len;

		from = from > a->off ? from : a->off;
		to = to < end ? to : end;
		if (from < to)
			r = extents_add(&ret->used, from - a->off, to - from, e);
	}
	extents_free(&data);
	extents_normalize(&ret->used);
	ret->unused_is_zero = extents_total(&ret->used) < a->size;
	return r;
}

/* ---- areas with a map ---------------------------------------------------- */

static bool may_pass(const struct fs_info *info, const struct fs_options *opt)
{
	return opt->force || (opt->nocheck && info->minor);
}

/* A problem that is passed over stays as a notice: what it is, not the way out. */
static void pass_over(struct fs_info *info)
{
	size_t n = strlen(info->notice);

	snprintf(info->notice + n, sizeof(info->notice) - n, "%spassed over: %.*s",
		 n ? "; " : "", (int)strcspn(info->problem, ":"), info->problem);
	info->problem[0] = '\0';
}

static int read_map(const struct area *a, const struct fs_options *opt, struct fs_scan *ret,
		    struct err *e)
{
	struct fs_info *info = &ret->info;
	int r = ret->ops->used(a, opt->force, info, &ret->used, e);

	if (!r && *info->problem && !opt->force && may_pass(info, opt)) {
		*info = (struct fs_info){ 0 }; /* the reader stopped early */
		ret->used.n = 0;
		r = ret->ops->used(a, true, info, &ret->used, e);
	}
	if (r == -EUCLEAN)
		return err_wrap(e, -ECANCELED, "%s", ret->type);
	if (r)
		return r;
	if (*info->problem && !may_pass(info, opt))
		return err_set(e, -ECANCELED, "%s: %s", ret->type, info->problem);
	if (*info->problem)
		pass_over(info);
	if (info->size > a->size)
		info->size = a->size;
	r = extents_add(&ret->used, info->size, a->size - info->size, e);
	extents_normalize(&ret->used);
	extents_bound(&ret->used, a->size);
	ret->unused_is_zero = ret->ops->erase_unused;
	return r;
}

int fs_scan(const struct area *a, const struct fs_options *opt, struct fs_scan *ret,
	    struct err *e)
{
	struct finding f = { 0 };
	struct err why = { 0 };
	uint64_t end;
	int r = 0;

	*ret = (struct fs_scan){ 0 };
	if (!add_u64(a->off, a->size, &end) || end > a->dev->size)
		return err_set(e, -ERANGE, "%s has no bytes %" PRIu64 "+%" PRIu64, a->dev->path,
			       a->off, a->size);
	if (a->size) /* libblkid takes 0 for "to the end" */
		r = identify(a, ret, &f, e);
	if (r)
		return r;
	ret->ops = opt->raw ? NULL : reader_for(ret->type);
	if (ret->ops)
		r = read_map(a, opt, ret, &why);
	if (!ret->ops || r == -EOPNOTSUPP) {
		r = scan_raw(a, ret, e);
		if (!opt->raw)
			explain_raw(&f, why.msg, ret);
	} else if (r && e) {
		*e = why;
	}
	if (r)
		fs_scan_free(ret);
	return r;
}

void fs_scan_free(struct fs_scan *s)
{
	extents_free(&s->used);
	*s = (struct fs_scan){ 0 };
}
