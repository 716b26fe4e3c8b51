// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/report.h"

#include "imager/engine/place.h"
#include "imager/image/reader.h"

#include <stdio.h>
#include <stdlib.h>

/* Ranges listed one by one; more than these are a sum. */
#define RANGES_MAX 10000

void report_phase(struct report *r, const char *name, double seconds)
{
	if (r->n_phases < REPORT_PHASES)
		r->phases[r->n_phases++] = (struct phase){ name, seconds };
}

static void copy_member(char *dst, size_t n, const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	snprintf(dst, n, "%s", text ? text : "");
}

static void put_text(json_t *o, const char *name, const char *text)
{
	if (text && text[0])
		json_object_set_new(o, name, json_string(text));
}

static void put_number(json_t *o, const char *name, uint64_t v)
{
	json_object_set_new(o, name, json_integer((json_int_t)v));
}

json_t *report_regions(const struct header *h)
{
	json_t *meta = json_loadb(h->json, h->json_len, JSON_REJECT_DUPLICATES, NULL);
	json_t *known = json_object_get(meta, "regions"), *list = json_array();

	for (uint32_t i = 0; i < h->n_regions; i++) {
		const struct region *g = &h->regions[i];
		json_t *o = json_object();

		if (g->part)
			put_number(o, "part", g->part);
		put_number(o, "offset", g->off);
		put_number(o, "size", g->size);
		put_number(o, "used", g->used_bytes);
		put_number(o, "extents", g->used.n);
		put_number(o, "block", g->block);
		put_text(o, g->kind == REGION_TABLE ? "table" : "reader", g->fs);
		/* For people: where the metadata has none of these, they are not there. */
		json_object_update_missing(o, json_array_get(known, i));
		json_array_append_new(list, o);
	}
	json_decref(meta);
	return list;
}

void report_header(struct report *r, const struct header *h)
{
	const json_t *first;

	r->has_image = true;
	memcpy(r->id, h->id, IMAGE_ID_SIZE);
	r->device_bytes = h->device_size;
	r->used_bytes = place_wanted(h, true);
	json_decref(r->regions);
	r->regions = report_regions(h);
	for (uint32_t i = 0; i < h->n_regions; i++)
		if (h->regions[i].kind == REGION_TABLE)
			memcpy(r->table, h->regions[i].fs, sizeof(r->table));
	if (r->table[0])
		return;
	first = json_array_get(r->regions, 0);
	r->raw = !h->regions[0].fs[0];
	copy_member(r->fs, sizeof(r->fs), first, "fs");
	copy_member(r->label, sizeof(r->label), first, "label");
	copy_member(r->uuid, sizeof(r->uuid), first, "uuid");
}

void report_image(struct report *r, const struct image *img)
{
	report_header(r, &img->h);
	r->chunks = img->chunks;
	r->image_bytes = img->complete ? img->trailer.image_len : img->src->size;
	if (!img->complete)
		return;
	r->has_root = true;
	memcpy(r->root, img->trailer.root, HASH_SIZE);
	r->unreadable_in_image = img->trailer.bad_bytes;
}

json_t *report_hex(const uint8_t *p, size_t n)
{
	char text[2 * HASH_SIZE + 1];

	hash_hex(p, n, text);
	return json_string(text);
}

/* [{"offset":N,"length":N}, ...] */
static json_t *ranges(const struct extents *x)
{
	json_t *list = json_array();

	for (size_t i = 0; i < x->n && i < RANGES_MAX; i++)
		json_array_append_new(list,
				      json_pack("{sI sI}", "offset", (json_int_t)x->v[i].off,
						"length", (json_int_t)x->v[i].len));
	return list;
}

static void put_losses(json_t *o, const char *name, const struct losses *l)
{
	json_object_set_new(o, name,
			    json_pack("{sI sI so}", "chunks", (json_int_t)l->chunks, "bytes",
				      (json_int_t)extents_total(&l->v), "ranges",
				      ranges(&l->v)));
}

static void put_image(json_t *o, const struct report *r)
{
	json_object_set_new(o, "image_id", report_hex(r->id, IMAGE_ID_SIZE));
	if (r->has_root)
		json_object_set_new(o, "root", report_hex(r->root, HASH_SIZE));
	put_text(o, "fs", r->fs);
	put_text(o, "table", r->table);
	if (r->table[0])
		json_object_set(o, "regions", r->regions);
	put_number(o, "device_bytes", r->device_bytes);
	put_number(o, "used_bytes", r->used_bytes);
	put_number(o, "image_bytes", r->image_bytes);
	put_number(o, "chunks", r->chunks);
}

/* Of each region that was compared, what the table of "slate diff" shows. */
static json_t *tallies(const struct report *r)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < r->n_tallies; i++) {
		const struct tally *t = &r->tallies[i];
		json_t *o = json_pack("{si sI sI sI sI}", "region", (int)i, "chunks",
				      (json_int_t)t->chunks, "of", (json_int_t)t->of, "bytes",
				      (json_int_t)t->bytes, "stored", (json_int_t)t->stored);
		const json_t *g = json_array_get(r->regions, i);

		json_object_set(o, "part", json_object_get(g, "part"));
		json_array_append_new(list, o);
	}
	return list;
}

static void put_traffic(json_t *o, const struct report *r)
{
	const struct traffic *b = &r->bytes;

	if (!strcmp(r->verb, "restore")) {
		json_object_set_new(o, "delta", json_boolean(r->delta));
		put_number(o, "chunks_wanted", r->wanted);
	}
	json_object_set_new(o, "bytes",
			    json_pack("{sI sI sI sI sI}", "read", (json_int_t)b->read,
				      "fetched", (json_int_t)b->fetched, "local",
				      (json_int_t)b->local, "written", (json_int_t)b->written,
				      "trimmed", (json_int_t)b->trimmed));
}

/* In seconds.  Without round(), as it alone would bring libm into the rescue system. */
static double to_milliseconds(double seconds)
{
	return (double)(int64_t)(1000 * seconds + 0.5) / 1000;
}

json_t *report_json(const struct report *r, int status, const char *error)
{
	json_t *o = json_object(), *phases = json_object();

	put_text(o, "verb", r->verb);
	put_number(o, "status", (uint64_t)status);
	put_text(o, "error", error);
	put_text(o, "image", r->image);
	put_text(o, "source", r->source);
	put_text(o, "device", r->device);
	put_text(o, "model", r->ident.model);
	put_text(o, "serial", r->ident.serial);
	if (r->has_image)
		put_image(o, r);
	put_text(o, "label", r->label);
	put_text(o, "uuid", r->uuid);
	json_object_set_new(o, "touched", json_boolean(r->touched));
	if (r->device && strcmp(r->verb, "save") && strcmp(r->verb, "verify") &&
	    strcmp(r->verb, "diff"))
		json_object_set_new(o, "complete", json_boolean(r->complete));
	if (r->device && strcmp(r->verb, "save"))
		put_traffic(o, r);
	if (r->unreadable.n) {
		put_number(o, "unreadable_bytes", extents_total(&r->unreadable));
		json_object_set_new(o, "unreadable", ranges(&r->unreadable));
	} else if (r->unreadable_in_image) {
		put_number(o, "unreadable_bytes", r->unreadable_in_image);
	}
	if (r->losses.chunks)
		put_losses(o, "lost", &r->losses);
	put_text(o, "verify",
		 r->verify == VERIFY_FULL     ? "full"
		 : r->verify == VERIFY_SAMPLE ? "sample"
					      : NULL);
	if (r->compared || r->verify)
		put_number(o, "chunks_read_back", r->read_back.chunks);
	if (r->compared) {
		json_object_set_new(o, "read_back",
				    json_string(r->direct ? "direct" : "cached"));
		put_losses(o, "different", &r->different);
		json_object_set_new(o, "different_regions", tallies(r));
	}
	for (unsigned i = 0; i < r->n_phases; i++)
		json_object_set_new(phases, r->phases[i].name,
				    json_real(to_milliseconds(r->phases[i].seconds)));
	json_object_set_new(o, "seconds", phases);
	return o;
}

void report_free(struct report *r)
{
	extents_free(&r->unreadable);
	losses_free(&r->losses);
	losses_free(&r->different);
	free(r->tallies);
	json_decref(r->regions);
}
