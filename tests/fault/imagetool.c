// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * imagetool.c - takes images apart and forges them, for tests in tests/cli/.
 * It knows docs/FORMAT.md by itself: nothing of imager/image/ is used.
 *
 *	imagetool frames IMAGE		OFFSET LENGTH KIND of every frame and of every
 *					packed chunk; for a record also the chunk's
 *					kind and the number of the chunk it equals
 *	imagetool fields IMAGE		OFFSET LENGTH KIND.FIELD of all fields; of the
 *					records and index entries only the first
 *	imagetool flip FILE OFFSET	changes one bit of that byte
 *	imagetool put FILE OFFSET LENGTH NUMBER
 *					overwrites a little-endian number
 *	imagetool seal IMAGE		computes all checksums anew
 *	imagetool giant FILE SIZE SHIFT	writes header and map of a device of that size
 *					without a free byte, in chunks of 2^SHIFT
 *	imagetool zero FILE		fills the ranges "OFFSET LENGTH" of standard
 *					input with zeros
 */
#include "common/bytes.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { HEADER, MAP, RECORD, INDEX, TRAILER, KINDS };

static const struct {
	const char *name, tag[9];
	size_t seal; /* bytes of checksum at the end */
	size_t min;
} kinds[KINDS] = {
	[HEADER] = { "header", "SLATEIMG", 32, 224 },
	[MAP] = { "map", "SLATEMAP", 32, 72 },
	[RECORD] = { "record", "SLATEREC", 8, 112 },
	[INDEX] = { "index", "SLATEIDX", 0, 40 },
	[TRAILER] = { "trailer", "SLATEEND", 32, 256 },
};

/* The fields behind magic, size and tag; the last one takes what is left before the seal. */
static const struct field {
	enum kind kind;
	unsigned len; /* 0: up to the seal */
	const char *name;
} fields[] = {
	{ HEADER, 2, "version" },
	{ HEADER, 1, "chunk_shift" },
	{ HEADER, 1, "codec" },
	{ HEADER, 4, "compat" },
	{ HEADER, 4, "ro_compat" },
	{ HEADER, 4, "incompat" },
	{ HEADER, 16, "id" },
	{ HEADER, 8, "device_size" },
	{ HEADER, 4, "sector" },
	{ HEADER, 4, "physical" },
	{ HEADER, 4, "n_regions" },
	{ HEADER, 4, "json_len" },
	{ HEADER, 8, "used_bytes" },
	{ HEADER, 48, "reserved" },
	{ HEADER, 8, "region_off" },
	{ HEADER, 8, "region_size" },
	{ HEADER, 8, "region_used" },
	{ HEADER, 4, "region_kind" },
	{ HEADER, 4, "region_flags" },
	{ HEADER, 4, "region_block" },
	{ HEADER, 4, "region_extents" },
	{ HEADER, 16, "region_fs" },
	{ HEADER, 8, "region_reserved" },
	{ HEADER, 0, "json" },
	{ MAP, 16, "id" },
	{ MAP, 4, "region" },
	{ MAP, 4, "shift" },
	{ MAP, 0, "extents" },
	{ RECORD, 16, "id" },
	{ RECORD, 4, "region" },
	{ RECORD, 1, "kind" },
	{ RECORD, 1, "codec" },
	{ RECORD, 2, "reserved" },
	{ RECORD, 8, "number" },
	{ RECORD, 4, "raw" },
	{ RECORD, 4, "packed" },
	{ RECORD, 4, "n_used" },
	{ RECORD, 4, "n_bad" },
	{ RECORD, 32, "sum" },
	{ RECORD, 8, "same" },
	{ RECORD, 0, "extents" },
	{ INDEX, 16, "id" },
	{ INDEX, 8, "count" },
	{ INDEX, 8, "entry_off" },
	{ INDEX, 8, "entry_same" },
	{ INDEX, 4, "entry_stored" },
	{ INDEX, 1, "entry_kind" },
	{ INDEX, 1, "entry_flags" },
	{ INDEX, 2, "entry_reserved" },
	{ INDEX, 32, "entry_sum" },
	{ INDEX, 0, "entries" },
	{ TRAILER, 16, "id" },
	{ TRAILER, 8, "image_len" },
	{ TRAILER, 8, "index_off" },
	{ TRAILER, 8, "index_len" },
	{ TRAILER, 8, "chunks" },
	{ TRAILER, 8, "raw_bytes" },
	{ TRAILER, 8, "packed_bytes" },
	{ TRAILER, 8, "bad_bytes" },
	{ TRAILER, 40, "reserved" },
	{ TRAILER, 32, "header_sum" },
	{ TRAILER, 32, "index_sum" },
	{ TRAILER, 0, "spare" },
};

#define HEAD     16 /* magic, size, tag */
#define N_FIELDS (sizeof(fields) / sizeof(*fields))

struct file {
	const char *name;
	uint8_t *p; /* the file itself: what is changed here is changed there */
	size_t len;
};

struct frame {
	enum kind kind;
	size_t off, len;
	uint32_t packed; /* a record's: bytes of the chunk behind it */
};

static struct file map_file(const char *name)
{
	int fd = open(name, O_RDWR);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(1, "%s", name);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		err(1, "%s", name);
	close(fd);
	return (struct file){ name, p, (size_t)st.st_size };
}

/* A cursor at byte @off of a frame. */
static struct rd at(const struct file *f, const struct frame *fr, size_t off)
{
	struct rd r = rd_init(f->p + fr->off, fr->len);

	rd_seek(&r, off);
	return r;
}

/* The frame behind @fr (and behind its packed chunk), or the first one. */
static bool next_frame(const struct file *f, struct frame *fr)
{
	struct rd r = rd_init(f->p, f->len);
	const uint8_t *tag;

	fr->off += fr->len + fr->packed;
	rd_seek(&r, fr->off);
	if (!rd_left(&r))
		return false;
	rd_skip(&r, 4);
	fr->len = 8 + (size_t)rd_le32(&r);
	fr->packed = 0;
	tag = rd_bytes(&r, 8);
	for (fr->kind = 0; tag && fr->kind < KINDS; fr->kind++)
		if (!memcmp(tag, kinds[fr->kind].tag, 8))
			break;
	if (!tag || fr->kind == KINDS || fr->len < kinds[fr->kind].min ||
	    fr->len > f->len - fr->off)
		errx(1, "%s: no frame at byte %zu", f->name, fr->off);
	if (fr->kind == RECORD) {
		r = at(f, fr, 52);
		fr->packed = rd_le32(&r);
	}
	return true;
}

static void print_frames(const struct file *f)
{
	struct frame fr = { 0 };

	while (next_frame(f, &fr)) {
		struct rd kind = at(f, &fr, 36), same = at(f, &fr, 96);

		printf("%zu %zu %s", fr.off, fr.len, kinds[fr.kind].name);
		if (fr.kind == RECORD)
			printf(" %u %" PRIu64, rd_u8(&kind), rd_le64(&same));
		printf("\n");
		if (fr.packed)
			printf("%zu %" PRIu32 " data\n", fr.off + fr.len, fr.packed);
	}
}

static void print_frame_fields(const struct frame *fr)
{
	const char *name = kinds[fr->kind].name;
	size_t seal = fr->len - kinds[fr->kind].seal, off = fr->off + HEAD;

	printf("%zu 4 %s.magic\n%zu 4 %s.size\n%zu 8 %s.tag\n", fr->off, name, fr->off + 4,
	       name, fr->off + 8, name);
	for (size_t i = 0; i < N_FIELDS; i++) {
		size_t len = fields[i].len ? fields[i].len : fr->off + seal - off;

		if (fields[i].kind != fr->kind || !len)
			continue;
		printf("%zu %zu %s.%s\n", off, len, name, fields[i].name);
		off += len;
	}
	if (seal < fr->len)
		printf("%zu %zu %s.seal\n", off, kinds[fr->kind].seal, name);
}

static void print_fields(const struct file *f)
{
	bool seen[KINDS] = { false };
	struct frame fr = { 0 };

	while (next_frame(f, &fr)) {
		if (!seen[fr.kind])
			print_frame_fields(&fr);
		seen[fr.kind] = true;
	}
}

/* Header and maps are sealed twice: by themselves and, together, in the trailer. */
static void seal(struct file *f)
{
	struct frame fr = { 0 };
	uint8_t sum[32];
	size_t chunks = 0, index = 0;

	while (next_frame(f, &fr)) {
		size_t n = fr.len - kinds[fr.kind].seal;
		uint8_t *p = f->p + fr.off;

		if (fr.kind == HEADER || fr.kind == MAP)
			chunks = fr.off + fr.len;
		if (fr.kind == INDEX)
			index = fr.off;
		if (fr.kind == TRAILER) {
			SHA256(f->p, chunks, p + 128);
			SHA256(f->p + index, fr.off - index, p + 160);
		}
		SHA256(p, n, sum);
		memcpy(p + n, sum, kinds[fr.kind].seal);
	}
}

static void zero(struct file *f)
{
	uint64_t off, len;

	while (scanf("%" SCNu64 " %" SCNu64, &off, &len) == 2) {
		if (off > f->len || len > f->len - off)
			errx(1, "%s: ends before %" PRIu64 "+%" PRIu64, f->name, off, len);
		memset(f->p + off, 0, len);
	}
}

static void put(struct file *f, uint64_t off, uint64_t n, uint64_t v)
{
	struct wr w = wr_init(f->p, f->len);

	w.pos = off;
	if (n > 8 || off > f->len || n > f->len - off)
		errx(1, "%s: ends before %" PRIu64 "+%" PRIu64, f->name, off, n);
	wr_le_(&w, v, n);
}

/* The magic, size and tag of a frame of @len bytes, and the image's id where it has its place.
 */
static void begin(struct wr *w, enum kind kind, size_t len)
{
	wr_le32(w, 0x184D2A57);
	wr_le32(w, (uint32_t)len - 8);
	wr_bytes(w, kinds[kind].tag, 8);
	if (kind != HEADER)
		wr_zero(w, 16);
}

static void giant(const char *name, uint64_t size, uint64_t shift)
{
	enum { UNIT = 20, HEADER_LEN = 128 + 64 + 32, MAP_LEN = 40 + 1 + 8 + 32 };
	uint8_t image[HEADER_LEN + MAP_LEN];
	struct wr w = wr_init(image, sizeof(image));
	struct file f = { name, image, sizeof(image) };
	FILE *out = fopen(name, "we");

	begin(&w, HEADER, HEADER_LEN);
	wr_le16(&w, 1);
	wr_u8(&w, (uint8_t)shift);
	wr_zero(&w, 1 + 3 * 4 + 16);
	wr_le64(&w, size);
	wr_le32(&w, 512);
	wr_le32(&w, 512);
	wr_le32(&w, 1);
	wr_le32(&w, 0);
	wr_le64(&w, size);
	wr_zero(&w, 48 + 8);
	wr_le64(&w, size);
	wr_le64(&w, size);
	wr_le32(&w, 1);
	wr_zero(&w, 8);
	wr_le32(&w, 1);
	wr_zero(&w, 16 + 8 + 32);
	begin(&w, MAP, MAP_LEN);
	wr_le32(&w, 0);
	wr_le32(&w, UNIT);
	wr_u8(&w, 0);
	for (int i = 0; i < 7; i++) /* LEB128 in eight bytes, whatever the number */
		wr_u8(&w, (uint8_t)(size >> (UNIT + 7 * i) & 0x7f) | 0x80);
	wr_u8(&w, 0);
	wr_zero(&w, 32);
	seal(&f);
	if (!out || fwrite(image, sizeof(image), 1, out) != 1 || fclose(out))
		err(1, "%s", name);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	uint64_t n[3] = { 0 };
	struct file f;

	for (int i = 3; i < argc && i < 6; i++)
		n[i - 3] = strtoull(argv[i], NULL, 0);
	if (argc < 3)
		errx(2, "see the begin of imagetool.c");
	if (!strcmp(what, "giant")) {
		giant(argv[2], n[0], n[1]);
		return 0;
	}
	f = map_file(argv[2]);
	if (!strcmp(what, "frames"))
		print_frames(&f);
	else if (!strcmp(what, "fields"))
		print_fields(&f);
	else if (!strcmp(what, "flip") && n[0] < f.len)
		f.p[n[0]] ^= (uint8_t)(1 << n[0] % 8);
	else if (!strcmp(what, "put"))
		put(&f, n[0], n[1], n[2]);
	else if (!strcmp(what, "seal"))
		seal(&f);
	else if (!strcmp(what, "zero"))
		zero(&f);
	else
		errx(2, "%s: cannot do that", what);
	return 0;
}
