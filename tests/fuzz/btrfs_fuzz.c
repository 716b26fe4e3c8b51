// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The input is a list of pieces as in fs_area.h.  The superblock gets a right
 * checksum, and so does every piece that begins where a node can: there is no
 * guessing them.
 */
#include "common/crc32c.h"
#include "tests/fuzz/fs_area.h"

#define SPAN (UINT64_C(128) << 20)
#define NODE 4096

static void seal(int fd, uint64_t off)
{
	uint8_t buf[NODE], sum[4];
	struct wr w = wr_init(sum, sizeof(sum));

	if (io_pread(fd, buf, sizeof(buf), off) != sizeof(buf))
		abort();
	wr_le32(&w, ~crc32c(~0U, buf + 32, sizeof(buf) - 32));
	if (io_pwrite(fd, sum, sizeof(sum), off))
		abort();
}

static bool next_piece(struct rd *r, uint64_t *ret_off, size_t *ret_n)
{
	uint64_t n;

	if (rd_left(r) <= 8)
		return false;
	*ret_off = (uint64_t)rd_le32(r) * 512;
	n = (uint64_t)rd_le32(r) * 512;
	*ret_n = n < rd_left(r) ? (size_t)n : rd_left(r);
	return *ret_off < SPAN && *ret_n <= SPAN - *ret_off;
}

static void lay_out(int fd, const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	uint64_t off;
	size_t n;

	while (next_piece(&r, &off, &n))
		if (n && io_pwrite(fd, rd_bytes(&r, n), n, off))
			abort();
	/* Only now: a piece ends where there are zeros, perhaps inside a node. */
	r = rd_init(data, size);
	while (next_piece(&r, &off, &n)) {
		rd_skip(&r, n);
		if (off % NODE == 0)
			seal(fd, off);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "fuzz";
	struct dev d = { .direct_fd = -1, .path = path, .size = SPAN, .sector = 512 };
	struct area a = { &d, 0, SPAN };

	d.fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (d.fd < 0 || ftruncate(d.fd, (off_t)SPAN))
		abort();
	lay_out(d.fd, data, size);
	fuzz_once(&fs_btrfs, &a, false);
	fuzz_once(&fs_btrfs, &a, true);
	close(d.fd);
	return 0;
}
