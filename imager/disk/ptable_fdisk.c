// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/ptable_internal.h"

#include "common/io.h"

#include <ctype.h>
#include <errno.h>
#include <libfdisk/libfdisk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define COPY_PIECE (64u << 10)

/* libfdisk asks and warns by this; it must get an answer, even if it is none. */
static int answer(struct fdisk_context *cxt, struct fdisk_ask *ask, void *data)
{
	int type = fdisk_ask_get_type(ask);

	(void)cxt;
	(void)data;
	return type == FDISK_ASKTYPE_INFO || type == FDISK_ASKTYPE_WARN ||
			       type == FDISK_ASKTYPE_WARNX
		       ? 0
		       : -EINVAL;
}

int ptable_scratch(uint64_t size, struct err *e)
{
	int r, fd = memfd_create("partition table", MFD_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "cannot make a file in memory");
	if (size > INT64_MAX || ftruncate(fd, (off_t)size)) {
		r = err_set(e, -EFBIG, "cannot make a file of %llu bytes in memory",
			    (unsigned long long)size);
		close(fd);
		return r;
	}
	return fd;
}

static int copy_range(const struct dev *d, uint64_t off, uint64_t len, int fd, uint8_t *buf,
		      struct err *e)
{
	int r = 0;

	while (len && !r) {
		size_t n = len < COPY_PIECE ? (size_t)len : COPY_PIECE;

		r = dev_read(d, buf, n, off, e);
		if (!r && io_pwrite(fd, buf, n, off))
			r = err_set(e, -EIO, "cannot write to a file in memory");
		off += n;
		len -= n;
	}
	return r;
}

int ptable_copy(const struct dev *d, const struct extents *ranges, int fd, struct err *e)
{
	uint8_t *buf = malloc(COPY_PIECE);
	int r = buf ? 0 : err_nomem(e);

	for (size_t i = 0; i < ranges->n && !r; i++)
		r = copy_range(d, ranges->v[i].off, ranges->v[i].len, fd, buf, e);
	free(buf);
	return r;
}

/* The length of the character at @u if it is well-formed UTF-8 and may be shown, or 0. */
static size_t shown(const unsigned char *u)
{
	size_t len = u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;

	/* Control characters; half a surrogate pair, which a GPT can hold. */
	if (u[0] < 0x20 || u[0] == 0x7f || (u[0] >= 0x80 && u[0] < 0xc2) || u[0] > 0xf4 ||
	    (u[0] == 0xc2 && u[1] < 0xa0) || (u[0] == 0xed && u[1] >= 0xa0))
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

/* Copies what fits, with '?' for what must not be shown. */
static void copy_text(char *ret, size_t size, const char *text)
{
	size_t n = 0, len;

	for (; *text && n + 4 < size; text += len) {
		len = shown((const unsigned char *)text);
		if (len) {
			memcpy(ret + n, text, len);
			n += len;
		} else {
			ret[n++] = '?';
			len = 1;
			while ((text[len] & 0xc0) == 0x80)
				len++;
		}
	}
	ret[n] = '\0';
}

static void copy_uuid(const struct ptable *t, struct part *p, const char *uuid)
{
	if (uuid) { /* GPT */
		snprintf(p->uuid, sizeof(p->uuid), "%s", uuid);
		for (char *c = p->uuid; *c; c++)
			*c = (char)tolower((unsigned char)*c);
	} else if (strtoul(t->id, NULL, 16)) { /* "0x1234abcd" */
		snprintf(p->uuid, sizeof(p->uuid), "%.8s-%02x", t->id + 2, p->number);
	}
}

static int disagree(const struct part *p, struct err *e)
{
	return err_set(e, -EOPNOTSUPP,
		       "the partition table is unusual: programs do not agree on partition %u",
		       p->number);
}

static int describe_part(struct fdisk_context *cxt, const struct ptable *t, struct part *p,
			 struct err *e)
{
	struct fdisk_partition *pa = NULL;
	struct fdisk_parttype *type;
	int r = fdisk_get_partition(cxt, p->number - 1, &pa);

	if (r || !fdisk_partition_is_used(pa) || fdisk_partition_is_container(pa) ||
	    fdisk_partition_get_start(pa) != p->off / t->sector ||
	    fdisk_partition_get_size(pa) != p->size / t->sector) {
		r = disagree(p, e);
		goto out;
	}
	type = fdisk_partition_get_type(pa);
	if (type && fdisk_parttype_get_name(type))
		copy_text(p->type, sizeof(p->type), fdisk_parttype_get_name(type));
	if (type && fdisk_parttype_get_string(type))
		snprintf(p->type_id, sizeof(p->type_id), "%s", fdisk_parttype_get_string(type));
	else if (type)
		snprintf(p->type_id, sizeof(p->type_id), "0x%02x",
			 fdisk_parttype_get_code(type));
	if (fdisk_partition_get_name(pa))
		copy_text(p->name, sizeof(p->name), fdisk_partition_get_name(pa));
	copy_uuid(t, p, fdisk_partition_get_uuid(pa));
out:
	fdisk_unref_partition(pa);
	return r;
}

/* Fails when libfdisk has a logical partition more than we have. */
static int check_number(struct fdisk_context *cxt, const struct ptable *t, struct err *e)
{
	size_t max = fdisk_get_npartitions(cxt), last = 0;

	for (size_t i = 0; i < t->n; i++)
		last = t->v[i].number > last ? t->v[i].number : last;
	for (size_t i = last < 4 ? 4 : last; !strcmp(t->type, "dos") && i < max; i++) {
		if (fdisk_is_partition_used(cxt, i))
			return disagree(&(struct part){ .number = (unsigned)i + 1 }, e);
	}
	return 0;
}

static int ask(struct fdisk_context *cxt, struct ptable *t, struct err *e)
{
	const struct fdisk_label *label = fdisk_get_label(cxt, NULL);
	char *id = NULL;
	int r;

	if (!fdisk_has_label(cxt) || strcmp(fdisk_label_get_name(label), t->type) != 0)
		return err_set(e, -EOPNOTSUPP,
			       "the partition table is unusual: libfdisk does not see it");
	if (!fdisk_get_disklabel_id(cxt, &id) && id)
		snprintf(t->id, sizeof(t->id), "%s", id);
	free(id);
	r = check_number(cxt, t, e);
	for (size_t i = 0; i < t->n && !r; i++)
		r = describe_part(cxt, t, &t->v[i], e);
	return r;
}

int ptable_describe(const struct dev *d, struct ptable *ret, struct err *e)
{
	struct fdisk_context *cxt = fdisk_new_context();
	int fd = ptable_scratch(d->size, e), r = fd < 0 ? fd : 0;

	if (!cxt)
		r = err_nomem(e);
	if (!r)
		r = ptable_copy(d, &ret->own, fd, e);
	if (!r) {
		fdisk_set_ask(cxt, answer, NULL);
		fdisk_enable_listonly(cxt, 1);
		fdisk_save_user_sector_size(cxt, ret->sector, ret->sector);
		r = fdisk_assign_device_by_fd(cxt, fd, d->path, 1);
		if (r)
			r = err_set(e, r, "libfdisk cannot read the partition table: %s",
				    strerror(-r));
	}
	if (!r)
		r = ask(cxt, ret, e);
	fdisk_unref_context(cxt);
	if (fd >= 0)
		close(fd);
	return r ? r : 1;
}
