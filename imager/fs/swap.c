// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * swap.c - Linux swap areas: only the header page is worth keeping.
 *
 * The first page holds union swap_header (include/linux/swap.h in the kernel):
 * at byte 1024 version, last_page, nr_badpages, UUID and label, then the list
 * of bad pages; its last ten bytes are the signature.  The page size is that
 * of the machine that made it.  Numbers are in the byte order of that machine
 * too; an area with foreign byte order does not show version 1 and is left to
 * raw imaging.
 */
#include "common/bytes.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE_MIN     4096
#define PAGE_MAX     65536
#define INFO_OFFSET  1024
#define SIGNATURE    "SWAPSPACE2"
#define SIGNATURE_SZ 10

/* The page size at whose end the signature stands, or 0. */
static uint32_t find_page_size(const uint8_t *head, size_t len)
{
	for (uint32_t page = PAGE_MIN; page <= len; page *= 2) {
		struct rd r = rd_init(head, len);
		const uint8_t *sig;

		rd_seek(&r, page - SIGNATURE_SZ);
		sig = rd_bytes(&r, SIGNATURE_SZ);
		if (sig && !memcmp(sig, SIGNATURE, SIGNATURE_SZ))
			return page;
	}
	return 0;
}

static int parse(const uint8_t *head, size_t len, uint64_t area, struct fs_info *ret,
		 struct err *e)
{
	struct rd r = rd_init(head, len);
	uint32_t version, last_page;

	ret->block = find_page_size(head, len);
	if (!ret->block)
		return err_set(e, -EOPNOTSUPP, "it has no swap signature");
	rd_seek(&r, INFO_OFFSET);
	version = rd_le32(&r);
	last_page = rd_le32(&r);
	if (!rd_ok(&r) || version != 1)
		return err_set(e, -EOPNOTSUPP, "its header has version %" PRIu32 ", not 1",
			       version);
	if (!last_page)
		return err_set(e, -EOPNOTSUPP, "its header says that it has no pages");
	ret->size = ((uint64_t)last_page + 1) * ret->block;
	if (ret->size > area) {
		snprintf(ret->notice, sizeof(ret->notice),
			 "the swap header says %" PRIu64 " bytes, but only %" PRIu64
			 " are there: swapon will refuse it until mkswap is run",
			 ret->size, area);
		ret->size = area;
	}
	return 0;
}

static int swap_used(const struct area *a, bool force, struct fs_info *ret,
		     struct extents *used, struct err *e)
{
	size_t len = a->size < PAGE_MAX ? (size_t)a->size : PAGE_MAX;
	uint8_t *head = malloc(PAGE_MAX);
	int r;

	(void)force; /* nothing here can be a problem */
	if (!head)
		return err_nomem(e);
	r = dev_read(a->dev, head, len, a->off, e);
	if (!r)
		r = parse(head, len, a->size, ret, e);
	if (!r)
		r = extents_add(used, 0, ret->block, e);
	free(head);
	return r;
}

static const char *const swap_types[] = { "swap", NULL };

const struct fs_ops fs_swap = {
	.name = "swap",
	.types = swap_types,
	.edges = { .head = 4096 },
	.used = swap_used,
};
