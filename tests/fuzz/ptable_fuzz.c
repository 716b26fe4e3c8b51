// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Any bytes as a disk of 64 MiB.  The first byte: bit 0 makes its sectors 4096
 * bytes large, bit 1 mends the checksums of the GPT, to get to what is behind
 * them.  Then pieces as in fs_area.h, made by pieces.sh: their places in units
 * of 512 bytes.
 */
#include "tests/fuzz/fuzz.h"

#include "common/io.h"
#include "imager/disk/ptable.h"

#include <errno.h>
#include <libdeflate.h>
#include <sys/mman.h>
#include <unistd.h>

#define DISK      (UINT64_C(64) << 20)
#define TABLE_MAX (1u << 20)

static void put_pieces(int fd, const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);

	while (rd_left(&r) > 8) {
		uint64_t off = (uint64_t)rd_le32(&r) * 512, n = (uint64_t)rd_le32(&r) * 512;

		n = n < rd_left(&r) ? n : rd_left(&r);
		if (off >= DISK || n > DISK - off)
			break;
		MUST(!n || !io_pwrite(fd, rd_bytes(&r, (size_t)n), (size_t)n, off));
	}
}

static void mend(int fd, uint64_t lba, uint32_t sector)
{
	uint8_t head[512], *table;
	uint64_t entries, len;
	struct rd r = rd_init(head, sizeof(head));

	MUST(io_pread(fd, head, sizeof(head), lba * sector) == sizeof(head));
	rd_seek(&r, 72);
	entries = rd_le64(&r);
	len = (uint64_t)rd_le32(&r) * 128;
	if (len > TABLE_MAX || entries > DISK / sector || len > DISK - entries * sector)
		return;
	table = malloc(len + 1);
	MUST(table && io_pread(fd, table, len, entries * sector) == (ssize_t)len);
	poke(head, 88, 4, libdeflate_crc32(0, table, len));
	poke(head, 16, 4, 0);
	poke(head, 16, 4, libdeflate_crc32(0, head, 92));
	MUST(!io_pwrite(fd, head, sizeof(head), lba * sector));
	free(table);
}

static void check_table(const struct dev *d, const struct ptable *t)
{
	uint64_t end = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct part *p = &t->v[i];
		uint64_t room = ptable_room(t, p->number, d->size);

		MUST(p->number && p->size && p->off >= end && p->off < d->size &&
		     p->size <= d->size - p->off);
		MUST(!extents_touch(&t->own, p->off, p->size));
		end = p->off + p->size;
		MUST(!room || (room > p->size && room <= d->size - p->off));
	}
	for (size_t i = 0; i < t->own.n; i++)
		MUST(t->own.v[i].off < d->size && t->own.v[i].len <= d->size - t->own.v[i].off);
	MUST(t->own.n && ptable_min_disk(t) <= d->size + t->tail);
}

/* What can be read can be written, for this disk and for a larger one. */
static void change(const struct dev *d, const struct ptable *t)
{
	struct ptable_change c = { .disk_size = d->size };
	struct extents own;
	struct err e;
	int fd;

	for (int i = 0; i < 3; i++) {
		int r = ptable_rewrite(d, t, &c, &fd, &own, &e);

		MUST(!r || (r == -ENOSPC && !i));
		if (!r)
			close(fd);
		extents_free(&own);
		c.disk_size += 16 << 20;
		c.new_ids = i == 1;
		if (t->n && ptable_room(t, t->v[t->n - 1].number, c.disk_size)) {
			c.part = t->v[t->n - 1].number;
			c.part_size = ptable_room(t, c.part, c.disk_size);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char path[] = "fuzz";
	struct dev d = { .direct_fd = -1, .path = path, .size = DISK, .sector = 512 };
	struct ptable t;
	struct err e = { 0 };
	int r;

	if (n < 1)
		return 0;
	d.sector = data[0] & 1 ? 4096 : 512;
	d.fd = memfd_create("fuzz", MFD_CLOEXEC);
	MUST(d.fd >= 0 && !ftruncate(d.fd, (off_t)DISK));
	put_pieces(d.fd, data + 1, n - 1);
	if (data[0] & 2) {
		mend(d.fd, 1, d.sector);
		mend(d.fd, DISK / d.sector - 1, d.sector);
	}
	r = ptable_read(&d, &t, &e);
	MUST(r <= 1 && (r >= 0 || e.msg[0]));
	if (r == 1) {
		check_table(&d, &t);
		change(&d, &t);
	}
	ptable_free(&t);
	close(d.fd);
	return 0;
}
