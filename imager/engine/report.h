// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * report.h - what a run did, as far as it came: for --report, --json and the
 * closing lines on the screen.  The engine fills it in, also when it fails.
 */
#ifndef IMAGER_ENGINE_REPORT_H
#define IMAGER_ENGINE_REPORT_H

#include "common/extents.h"
#include "imager/disk/ident.h"
#include "imager/engine/chunks.h"
#include "imager/engine/sample.h"
#include "imager/image/format.h"

#include <jansson.h>

#define REPORT_PHASES 8

struct report {
	const char *verb;
	const char *image, *source, *device; /* as given; NULL: none */
	struct ident ident;
	bool has_image; /* the fields from the image's header are set */
	uint8_t id[IMAGE_ID_SIZE];
	bool has_root;
	uint8_t root[HASH_SIZE];
	char fs[32], label[256], uuid[64]; /* of a device without partitions */
	bool raw;                          /* ... which has no map of used blocks */
	char table[17];                    /* kind of its partition table, or "" */
	json_t *regions;                   /* one object a region, or NULL */
	uint64_t device_bytes, used_bytes;
	uint64_t image_bytes; /* written or read */
	uint64_t chunks;
	struct extents unreadable;    /* save: device bytes that could not be read */
	uint64_t unreadable_in_image; /* restore, verify: bytes the image marks so */
	struct losses losses;         /* image bytes that are damaged */
	bool touched;                 /* the target was written to */
	bool delta;                   /* ... or would have been, where it differed */
	uint64_t wanted;              /* restore: chunks that were to be written */
	struct traffic {
		uint64_t read;    /* from the target, and from a --seed device, to compare */
		uint64_t fetched; /* of the image */
		uint64_t local;   /* used bytes that came from the target or a seed instead */
		uint64_t written; /* to the target */
		uint64_t trimmed; /* free space that was zeroed or discarded */
	} bytes;
	bool complete;         /* ... and is whole, but for losses */
	bool compared, direct; /* the target was read back, past the cache */
	enum verify verify;    /* what was asked for, and done */
	struct read_back {
		uint64_t chunks, of; /* read back, of so many that are there to be read */
	} read_back;
	struct losses different;     /* target bytes that are not the image's */
	struct tally {               /* ... by region, as many as the image has; or NULL */
		uint64_t chunks, of; /* that differ, of so many */
		uint64_t bytes;      /* their used bytes */
		uint64_t stored;     /* what they take in the image */
	} * tallies;
	uint32_t n_tallies;
	struct phase {
		const char *name;
		double seconds;
	} phases[REPORT_PHASES];
	unsigned n_phases;
};

/* Remembers how long a phase took. */
void report_phase(struct report *r, const char *name, double seconds);
/* What the header of an image tells. */
void report_header(struct report *r, const struct header *h);
/* ... and what an opened image does. */
struct image;
void report_image(struct report *r, const struct image *img);
/*
 * One JSON object (docs/man/slate.8, "REPORT"); the caller owns it.  NULL: out
 * of memory.  @error may be "".
 */
json_t *report_json(const struct report *r, int status, const char *error);
void report_free(struct report *r);

/* What header and metadata tell of each region; the caller owns it. */
json_t *report_regions(const struct header *h);
/* @n bytes, at most HASH_SIZE, as a string of hexadecimal digits. */
json_t *report_hex(const uint8_t *p, size_t n);

#endif
