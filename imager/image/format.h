// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * format.h - the structures of an image file.  docs/FORMAT.md is normative;
 * here is what they look like in memory.
 *
 * Each *_parse() takes bytes from anywhere, checks all that can be checked
 * without the device, and fails with -EBADMSG and a text that names what is
 * wrong.  Each *_render() gives the bytes that *_parse() takes.
 */
#ifndef IMAGER_IMAGE_FORMAT_H
#define IMAGER_IMAGE_FORMAT_H

#include "common/bytes.h"
#include "common/err.h"
#include "common/extents.h"
#include "common/hash.h"

#include <stdbool.h>
#include <stdint.h>

#define FORMAT_VERSION     1
#define FRAME_MAGIC        UINT32_C(0x184D2A57) /* a zstd skippable frame, RFC 8878 3.1.2 */
#define FRAME_HEAD         8                    /* magic and size */
#define IMAGE_ID_SIZE      16
#define CHUNK_SHIFT_MIN    16
#define CHUNK_SHIFT_MAX    22
#define DEVICE_SIZE_MAX    (UINT64_C(1) << 62)
#define HEADER_SIZE_MAX    (4 << 20)
#define REGIONS_MAX        1024
#define SECTOR_MIN         512
#define SECTOR_MAX         (1 << 16)
#define MAP_SIZE_MAX       (64 << 20)
#define MAP_EXTENTS_MAX    (16 << 20)
#define CHUNKS_MAX         (1 << 24)
#define RECORD_FIXED       112 /* without extents */
#define RECORD_EXTENTS_MAX (2 * ((1 << CHUNK_SHIFT_MAX) / 512))
#define INDEX_FIXED        40 /* without entries */
#define INDEX_ENTRY        56
#define TRAILER_SIZE       256

/* A feature that this program does not know: see docs/FORMAT.md, "Features". */
#define INCOMPAT_KNOWN  UINT32_C(0)
#define RO_COMPAT_KNOWN UINT32_C(0)

enum frame { FRAME_HEADER, FRAME_MAP, FRAME_RECORD, FRAME_INDEX, FRAME_TRAILER, FRAME_KINDS };

/* Region flag: what no extent covers must read as zeros after a restore. */
#define REGION_UNUSED_IS_ZERO UINT32_C(1)

enum region_kind {
	REGION_AREA = 1,  /* a partition, or a device as a whole */
	REGION_TABLE = 2, /* disk space outside all partitions: table, boot code, gaps */
};

/* What a restore does with a region; not in the image. */
enum region_use {
	USE_ALL,
	USE_HELD, /* only looked at: the table is made anew from it */
	USE_NONE,
};

struct region {
	uint64_t off, size; /* bytes on the device */
	uint32_t kind, flags;
	uint32_t part; /* number of the partition, 0: none */
	enum region_use use;
	uint32_t block;     /* allocation unit in bytes, 0: none */
	char fs[17];        /* reader's name, or libblkid's type, or "" */
	uint32_t n_extents; /* in the map */
	uint64_t used_bytes;
	struct extents used; /* region offsets, normalized; from the map */
};

struct header {
	uint32_t compat, ro_compat, incompat;
	uint8_t id[IMAGE_ID_SIZE];
	uint8_t chunk_shift, codec;
	uint64_t device_size, used_bytes;
	uint32_t sector, physical;
	struct region *regions;
	uint32_t n_regions;
	char *json; /* one object, NUL-terminated; for people and programs, not needed to
		       restore */
	uint32_t json_len;
};

enum chunk_kind { CHUNK_MISSING, CHUNK_DATA, CHUNK_ZERO, CHUNK_SAME, CHUNK_KINDS };

/* The self-describing head of a chunk. */
struct record {
	uint8_t id[IMAGE_ID_SIZE];
	uint32_t region;
	uint8_t kind, codec; /* codec 0: the chunk is stored as it is */
	uint64_t number;     /* window number in the region */
	uint32_t raw, packed;
	uint64_t same; /* CHUNK_SAME: ordinal of the chunk with these bytes */
	uint8_t sum[HASH_SIZE];
	struct extents used, bad; /* window offsets; @bad: unreadable, zeros instead */
};

/* What the index has of a chunk, and what the region map adds (not stored). */
struct entry {
	uint64_t off;    /* of the record in the image */
	uint64_t same;   /* CHUNK_SAME: ordinal of the chunk with these bytes */
	uint32_t stored; /* bytes of record and packed chunk together */
	uint8_t kind;
	bool bad; /* holds bytes that could not be read */
	uint8_t sum[HASH_SIZE];
	uint32_t region;
	uint64_t number;
};

struct trailer {
	uint8_t id[IMAGE_ID_SIZE];
	uint64_t image_len, index_off, index_len, chunks;
	uint64_t raw_bytes, packed_bytes, bad_bytes;
	uint8_t header_sum[HASH_SIZE], index_sum[HASH_SIZE];
	uint8_t root[HASH_SIZE]; /* the trailer's own sum: names the whole content */
};

/* --- frames: frame.c --- */

/*
 * Looks at the first FRAME_HEAD + 8 bytes.  Returns the kind and sets *ret_len
 * to the length of the whole frame, or -EBADMSG when this is no frame of ours.
 */
int frame_peek(const void *p, size_t n, uint64_t *ret_len);
/* Starts a frame with size 0; frame_end() fills the size in. */
void frame_begin(struct wr *w, enum frame kind);
void frame_end(struct wr *w, size_t begin, size_t end);
/* A cursor behind magic, size and tag when @p is one whole frame of @kind. */
int frame_open(const void *p, size_t n, enum frame kind, struct rd *ret, struct err *e);
/* The first @sum_len bytes of a SHA-256 over what is before them, at a frame's end. */
int frame_seal(struct wr *w, size_t begin, size_t sum_len, struct hash *h);
int frame_check_seal(const void *p, size_t n, size_t sum_len, struct hash *h, const char *what,
		     struct err *e);
/* Where the next frame of @kind with this image id begins, or NULL. */
const uint8_t *frame_find(const void *p, size_t n, enum frame kind,
			  const uint8_t id[IMAGE_ID_SIZE]);

/* --- header and maps: header.c, map.c --- */

size_t header_size(const struct header *h);
int header_render(const struct header *h, void *buf, size_t n, struct hash *hash);
/* Regions come without extents.  header_free() also after a failure. */
int header_parse(const void *buf, size_t n, struct header *ret, struct hash *hash,
		 struct err *e);
void header_free(struct header *h);

size_t map_size(const struct header *h, uint32_t region);
int map_render(const struct header *h, uint32_t region, void *buf, size_t n, struct hash *hash);
/* Fills h->regions[region].used, which must be the map that comes next. */
int map_parse(const void *buf, size_t n, struct header *h, uint32_t region, struct hash *hash,
	      struct err *e);

/* --- records: record.c --- */

static inline size_t record_size(size_t n_used, size_t n_bad)
{
	return RECORD_FIXED + 8 * (n_used + n_bad);
}
int record_render(const struct record *r, void *buf, size_t n, struct hash *hash);
int record_parse(const void *buf, size_t n, struct record *ret, struct hash *hash,
		 struct err *e);
void record_free(struct record *r);
/* The extents of window @w of @region as a record has them. */
int record_extents(const struct region *region, unsigned shift, const struct window *w,
		   struct extents *ret, struct err *e);

/* --- index and trailer: index.c --- */

int index_render(const struct header *h, const struct entry *v, uint64_t n, void *buf,
		 size_t len);
/* @v has room for as many entries as the maps have windows (@n); fills them all. */
int index_parse(const void *buf, size_t len, const struct header *h, struct entry *v,
		uint64_t n, struct err *e);
/* True if @v is a DATA chunk that a SAME chunk with @used bytes and this sum may refer to. */
bool entry_equals(const struct header *h, const struct entry *v, uint32_t used,
		  const uint8_t sum[HASH_SIZE]);
/* The length of an index frame of @n entries. */
static inline uint64_t index_size(uint64_t n)
{
	return INDEX_FIXED + INDEX_ENTRY * n;
}

/* Also fills t->root. */
int trailer_render(struct trailer *t, uint8_t buf[TRAILER_SIZE], struct hash *hash);
int trailer_parse(const void *buf, size_t n, struct trailer *ret, struct hash *hash,
		  struct err *e);

#endif
