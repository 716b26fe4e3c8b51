// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/mbr.h"

#include "common/bytes.h"
#include "common/io.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#define DISK_ID     440
#define HEADS       255 /* the geometry that all BIOSes of large disks pretend */
#define TRACK       63
#define CYLINDERS   1024
#define LAST_NUMBER 4 /* of a primary partition */

bool mbr_signed(const uint8_t *record)
{
	return record[510] == 0x55 && record[511] == 0xaa;
}

struct mbr_entry mbr_entry_get(const uint8_t *record, unsigned i, uint64_t lba, uint32_t sector)
{
	size_t at = MBR_ENTRIES + (size_t)i * MBR_ENTRY;
	struct rd r = rd_init(record + at, MBR_ENTRY);
	struct mbr_entry x = { .at = lba * sector + at, .base = lba };

	x.boot = rd_u8(&r);
	rd_skip(&r, 3);
	x.type = rd_u8(&r);
	rd_skip(&r, 3);
	x.start = lba + rd_le32(&r);
	x.size = rd_le32(&r);
	return x;
}

bool mbr_entry_extended(const struct mbr_entry *x)
{
	return x->size && (x->type == 0x05 || x->type == 0x0f || x->type == 0x85);
}

void mbr_entry_resize(uint8_t *entry, uint64_t start, uint64_t size)
{
	uint64_t end = start + size - 1, cylinder = end / (HEADS * TRACK);
	struct wr w = wr_init(entry + 5, 3);
	struct wr count = wr_init(entry + 12, 4);

	if (cylinder < CYLINDERS) {
		wr_u8(&w, (uint8_t)(end / TRACK % HEADS));
		wr_u8(&w, (uint8_t)((end % TRACK + 1) | (cylinder >> 8) << 6));
		wr_u8(&w, (uint8_t)cylinder);
	} else {
		wr_bytes(&w, "\xfe\xff\xff", 3); /* "see the other numbers" */
	}
	wr_le32(&count, (uint32_t)size);
}

static int read_record(const struct dev *d, const struct mbr *m, uint64_t lba, uint8_t *buf,
		       struct err *e)
{
	if (lba >= m->total)
		return err_set(e, -EUCLEAN,
			       "the chain of logical partitions leads to sector %llu, beyond "
			       "the end of the disk",
			       (unsigned long long)lba);
	return dev_read(d, buf, MBR_SIZE, lba * m->sector, e);
}

/* What one EBR tells: the logical partition, and where the next EBR is. */
struct link {
	struct mbr_entry data, next;
};

/*
 * The first entry that is a partition counts, and the first that is a link,
 * wherever they stand.  The others are seldom clean; only one that could be a
 * partition too cannot be passed over.
 */
static int take_apart(const uint8_t *record, uint64_t lba, const struct mbr_entry *container,
		      const struct mbr *m, struct link *ret, struct err *e)
{
	uint64_t end = container->start + container->size;

	*ret = (struct link){ 0 };
	for (unsigned i = 0; i < 4; i++) {
		struct mbr_entry x = mbr_entry_get(record, i, lba, m->sector);

		if (!x.size)
			continue;
		if (mbr_entry_extended(&x)) {
			if (ret->next.size)
				continue;
			x.base = container->start;
			x.start = x.start - lba + container->start;
			ret->next = x;
		} else if (!ret->data.size) {
			ret->data = x;
		} else if (x.type && x.start + x.size <= end) {
			return err_set(e, -EOPNOTSUPP,
				       "the record of logical partitions in sector %llu has "
				       "more than one",
				       (unsigned long long)lba);
		}
	}
	return 0;
}

static int check_chain(const struct mbr *m, uint64_t lba, unsigned n, struct err *e)
{
	if (extents_touch(&m->own, lba * m->sector, m->sector))
		return err_set(e, -EUCLEAN,
			       "the chain of logical partitions leads back to sector %llu",
			       (unsigned long long)lba);
	if (n == MBR_LOGICAL_MAX)
		return err_set(e, -EOPNOTSUPP, "there are more than %d logical partitions",
			       MBR_LOGICAL_MAX);
	return 0;
}

static int read_chain(const struct dev *d, struct mbr *m, const struct mbr_entry *container,
		      struct err *e)
{
	uint64_t lba = container->start;
	unsigned number = LAST_NUMBER;
	uint8_t record[MBR_SIZE];
	struct link l;
	int r;

	for (unsigned n = 0;; n++) {
		r = check_chain(m, lba, n, e);
		if (!r)
			r = read_record(d, m, lba, record, e);
		/* An empty container may never have been written to. */
		if (r || (n && !mbr_signed(record)))
			return r;
		r = extents_add(&m->own, lba * m->sector, m->sector, e);
		extents_normalize(&m->own);
		if (r || !mbr_signed(record))
			return r;
		r = take_apart(record, lba, container, m, &l, e);
		if (r)
			return r;
		if (l.data.size) {
			l.data.number = ++number;
			m->v[m->n++] = l.data;
		}
		if (!l.next.size)
			return 0;
		m->v[m->n++] = l.next;
		lba = l.next.start;
	}
}

int mbr_read(const struct dev *d, uint32_t sector, struct mbr *ret, struct err *e)
{
	const struct mbr_entry *container = NULL;
	uint8_t record[MBR_SIZE];
	int r;

	*ret = (struct mbr){ .sector = sector, .total = d->size / sector };
	r = read_record(d, ret, 0, record, e);
	if (!r)
		r = extents_add(&ret->own, 0, sector, e);
	for (unsigned i = 0; i < 4 && !r; i++) {
		struct mbr_entry x = mbr_entry_get(record, i, 0, sector);

		if (mbr_entry_extended(&x)) {
			if (container)
				return err_set(e, -EOPNOTSUPP,
					       "there are two extended partitions");
			container = &ret->v[ret->n];
		} else {
			x.number = i + 1;
		}
		ret->v[ret->n++] = x;
	}
	return r || !container ? r : read_chain(d, ret, container, e);
}

void mbr_free(struct mbr *m)
{
	extents_free(&m->own);
	*m = (struct mbr){ 0 };
}

int mbr_list(const struct mbr *m, struct ptable *ret, struct err *e)
{
	int r = 0;

	ret->v = calloc(m->n, sizeof(*ret->v));
	if (!ret->v)
		return err_nomem(e);
	for (size_t i = 0; i < m->n; i++) {
		const struct mbr_entry *x = &m->v[i];

		if (!x->number || !x->size)
			continue;
		ret->v[ret->n++] = (struct part){
			.number = x->number,
			.off = x->start * m->sector,
			.size = x->size * m->sector,
			.boot = x->boot == 0x80,
			.logical = x->number > LAST_NUMBER,
		};
	}
	for (size_t i = 0; i < m->own.n && !r; i++)
		r = extents_add(&ret->own, m->own.v[i].off, m->own.v[i].len, e);
	return r;
}

static int write_size(int fd, const struct mbr_entry *x, uint64_t size, struct err *e)
{
	uint8_t entry[MBR_ENTRY];
	int r;

	if (size == x->size)
		return 0;
	if (io_pread(fd, entry, sizeof(entry), x->at) != sizeof(entry))
		return err_set(e, -EIO, "cannot read the new partition table");
	mbr_entry_resize(entry, x->start, size);
	r = io_pwrite(fd, entry, sizeof(entry), x->at);
	return r ? err_set(e, r, "cannot write the new partition table") : 0;
}

static int write_new_id(int fd, struct err *e)
{
	uint8_t id[4] = { 0 }, old[4];
	int r;

	if (io_pread(fd, old, sizeof(old), DISK_ID) != sizeof(old))
		return err_set(e, -EIO, "cannot read the new partition table");
	while (!memcmp(id, "\0\0\0", 4) || !memcmp(id, old, 4)) {
		if (getrandom(id, sizeof(id), 0) != sizeof(id))
			return err_sys(e, "cannot get random bytes");
	}
	r = io_pwrite(fd, id, sizeof(id), DISK_ID);
	return r ? err_set(e, r, "cannot write the new partition table") : 0;
}

/*
 * The size that the entry @x is to have.  Containers and links follow the
 * logical partition @changed in them (or NULL) where it becomes larger, and end
 * with the disk.
 */
static uint64_t wanted_size(const struct mbr *m, const struct mbr_entry *x,
			    const struct mbr_entry *changed, const struct ptable_change *c)
{
	uint64_t total = c->disk_size / m->sector, end = x->start + x->size, new_end;

	if (x == changed)
		return c->part_size / m->sector;
	if (x->number || !x->size)
		return x->size;
	if (changed && changed->number > LAST_NUMBER && changed->base >= x->start &&
	    changed->base < end) {
		new_end = changed->start + c->part_size / m->sector;
		end = new_end > end ? new_end : end;
	}
	if (end > total && total > x->start)
		end = total;
	return end - x->start;
}

int mbr_write(const struct mbr *m, const struct ptable_change *c, int fd, struct err *e)
{
	const struct mbr_entry *changed = NULL;
	int r = c->new_ids ? write_new_id(fd, e) : 0;

	for (size_t i = 0; i < m->n && c->part; i++) {
		if (m->v[i].number == c->part)
			changed = &m->v[i];
	}
	for (size_t i = 0; i < m->n && !r; i++)
		r = write_size(fd, &m->v[i], wanted_size(m, &m->v[i], changed, c), e);
	return r;
}
