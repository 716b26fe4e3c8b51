// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fs_sealed.h - as fuzz_fs_pieces() in fs_area.h, for filesystems with checksums:
 * @seal makes them right first, or no change would get past them.
 */
#ifndef TESTS_FUZZ_FS_SEALED_H
#define TESTS_FUZZ_FS_SEALED_H

#include "imager/fs/crc32.h"
#include "tests/fuzz/fs_area.h"

static inline uint64_t le_at(const uint8_t *p, size_t n)
{
	struct rd r = rd_init(p, n);

	return rd_le_(&r, n);
}

static inline void put_le32(uint8_t *p, uint32_t v)
{
	struct wr w = wr_init(p, 4);

	wr_le32(&w, v);
}

static inline int fuzz_fs_sealed(const struct fs_ops *ops, void (*seal)(uint8_t *disk),
				 const uint8_t *data, size_t size, uint32_t span)
{
	char path[] = "fuzz";
	struct dev d = { .direct_fd = -1, .path = path, .size = span, .sector = 512 };
	struct area a = { &d, 0, span };
	struct rd r = rd_init(data, size);
	uint8_t *disk;

	d.fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (d.fd < 0 || ftruncate(d.fd, (off_t)span))
		abort();
	disk = mmap(NULL, span, PROT_READ | PROT_WRITE, MAP_SHARED, d.fd, 0);
	if (disk == MAP_FAILED)
		abort();
	while (rd_left(&r) > 8) {
		uint64_t off = (uint64_t)rd_le32(&r) * 512, n = (uint64_t)rd_le32(&r) * 512;

		n = n < rd_left(&r) ? n : rd_left(&r);
		if (off >= span || n > span - off)
			break;
		memcpy(disk + off, rd_bytes(&r, (size_t)n), (size_t)n);
	}
	seal(disk);
	munmap(disk, span);
	fuzz_once(ops, &a, false);
	fuzz_once(ops, &a, true);
	close(d.fd);
	return 0;
}

#endif
