// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fs_area.h - gives a filesystem's reader any bytes as a device of @span bytes:
 * the input, then zeros.  So a seed is the head of a filesystem whose metadata
 * is all at the front.
 */
#ifndef TESTS_FUZZ_FS_AREA_H
#define TESTS_FUZZ_FS_AREA_H

#include "common/bytes.h"
#include "common/io.h"
#include "imager/fs/fs.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every answer is right as long as it is a whole one. */
static inline void fuzz_once(const struct fs_ops *ops, const struct area *a, bool force)
{
	struct fs_info info = { 0 };
	struct extents used = { 0 };
	struct err e = { 0 };
	int r = ops->used(a, force, &info, &used, &e);

	if (r > 0 || (r < 0 && !e.msg[0]) || (!r && info.size > a->size))
		abort();
	extents_normalize(&used);
	for (size_t i = 0; i < used.n; i++)
		if (used.v[i].off > a->size || used.v[i].len > a->size - used.v[i].off)
			abort();
	if (!r && !used.n && (force || !info.problem[0]))
		abort();
	extents_free(&used);
}

static inline int fuzz_fs(const struct fs_ops *ops, const uint8_t *data, size_t size,
			  uint64_t span)
{
	char path[] = "fuzz";
	struct dev d = { .direct_fd = -1, .path = path, .size = span, .sector = 512 };
	struct area a = { &d, 0, span };

	if (size > span)
		return 0;
	d.fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (d.fd < 0 || ftruncate(d.fd, (off_t)span) || io_pwrite(d.fd, data, size, 0))
		abort();
	fuzz_once(ops, &a, false);
	fuzz_once(ops, &a, true);
	close(d.fd);
	return 0;
}

/*
 * For metadata that is scattered: the input is a list of pieces, each two
 * little-endian 32-bit numbers, offset and length in units of 512 bytes, and
 * then so many bytes; the rest is zeros.  tests/fuzz/pieces.sh makes one.
 */
static inline int fuzz_fs_pieces(const struct fs_ops *ops, const uint8_t *data, size_t size,
				 uint64_t span)
{
	char path[] = "fuzz";
	struct dev d = { .direct_fd = -1, .path = path, .size = span, .sector = 512 };
	struct area a = { &d, 0, span };
	struct rd r = rd_init(data, size);

	d.fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (d.fd < 0 || ftruncate(d.fd, (off_t)span))
		abort();
	while (rd_left(&r) > 8) {
		uint64_t off = (uint64_t)rd_le32(&r) * 512, n = (uint64_t)rd_le32(&r) * 512;

		n = n < rd_left(&r) ? n : rd_left(&r);
		if (off >= span || n > span - off)
			break;
		if (n && io_pwrite(d.fd, rd_bytes(&r, (size_t)n), (size_t)n, off))
			abort();
	}
	fuzz_once(ops, &a, false);
	fuzz_once(ops, &a, true);
	close(d.fd);
	return 0;
}

#endif
