// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/inspect.h"

#include "imager/codec/codec.h"
#include "imager/engine/open.h"
#include "imager/engine/report.h"
#include "imager/image/reader.h"

#include <errno.h>

/* The metadata is for people: damage in it must not hide the rest. */
static json_t *metadata(const struct header *h)
{
	json_t *o = json_loadb(h->json, h->json_len, JSON_REJECT_DUPLICATES, NULL);

	return json_is_object(o) ? o : json_object();
}

static void put_number(json_t *o, const char *name, uint64_t v)
{
	json_object_set_new(o, name, json_integer((json_int_t)v));
}

static void put_tail(json_t *o, const struct image *img)
{
	uint64_t kinds[CHUNK_KINDS] = { 0 };

	json_object_set_new(o, "complete", json_boolean(img->indexed));
	put_number(o, "image_bytes", img->src->size);
	if (!img->indexed) {
		json_object_set_new(o, "damage", json_string(img->tail.msg));
		return;
	}
	for (uint64_t i = 0; i < img->n; i++)
		kinds[img->v[i].kind]++;
	json_object_set_new(o, "root", report_hex(img->trailer.root, HASH_SIZE));
	put_number(o, "chunks_data", kinds[CHUNK_DATA]);
	put_number(o, "chunks_zero", kinds[CHUNK_ZERO]);
	put_number(o, "chunks_same", kinds[CHUNK_SAME]);
	put_number(o, "packed_bytes", img->trailer.packed_bytes);
	put_number(o, "unreadable_bytes", img->trailer.bad_bytes);
}

static json_t *render(const struct image *img)
{
	const struct codec *c = codec_by_id(img->h.codec);
	json_t *o = json_object();

	json_object_set_new(o, "format", json_integer(FORMAT_VERSION));
	json_object_set_new(o, "image_id", report_hex(img->h.id, IMAGE_ID_SIZE));
	json_object_set_new(o, "codec", c ? json_string(c->name) : json_null());
	put_number(o, "chunk_size", (uint64_t)1 << img->h.chunk_shift);
	put_number(o, "chunks", img->chunks);
	put_number(o, "device_bytes", img->h.device_size);
	put_number(o, "used_bytes", img->h.used_bytes);
	put_number(o, "sector", img->h.sector);
	put_number(o, "physical_sector", img->h.physical);
	if (img->src->volumes)
		put_number(o, "volumes", img->src->volumes);
	json_object_set_new(o, "regions", report_regions(&img->h));
	json_object_set_new(o, "metadata", metadata(&img->h));
	if (img->src->seekable)
		put_tail(o, img);
	return o;
}

int inspect_run(const char *image, const struct remote *remote, const struct watcher *w,
		json_t **ret, struct err *e)
{
	struct source *src = NULL;
	struct image img = { 0 };
	int r = open_image(image, remote, w, &src, &img, e);

	if (r < 0)
		return r;
	*ret = render(&img);
	if (!img.indexed && src->seekable)
		r = err_set(e, -EBADMSG, "%s: %s", src->name, img.tail.msg);
	image_close(&img);
	src->close(src);
	return r;
}
