// SPDX-License-Identifier: GPL-3.0-or-later
/* writer.h - makes an image: header and maps, chunks in order, index, trailer. */
#ifndef IMAGER_IMAGE_WRITER_H
#define IMAGER_IMAGE_WRITER_H

#include "imager/image/format.h"
#include "imager/image/sink.h"

struct writer;

/*
 * Writes header and maps.  @sink and @h stay the caller's and must outlive the
 * writer.
 */
int writer_open(struct writer **ret, struct sink *sink, const struct header *h, struct err *e);

/*
 * Appends a chunk: @r with kind DATA or ZERO, and the packed bytes.  Chunks
 * come in the order of regions and windows, one for each window with used
 * bytes.  One that is in the image already becomes a SAME.
 */
int writer_chunk(struct writer *w, struct record *r, const void *packed, struct err *e);

/* Writes index and trailer and publishes.  @ret may be NULL. */
int writer_finish(struct writer *w, struct trailer *ret, struct err *e);

/* Bytes of the image so far. */
uint64_t writer_bytes(const struct writer *w);
void writer_free(struct writer *w);

#endif
