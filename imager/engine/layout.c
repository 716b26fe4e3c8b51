// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/layout.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>

/*
 * 256 KiB: see docs/BENCHMARKS.md, "Chunk size".  A device with more used
 * chunks than CHUNKS_WANTED gets larger ones, so that the index stays small
 * enough for a PC with little memory.
 */
#define CHUNK_SHIFT_DEFAULT 18
#define CHUNKS_WANTED       (1 << 18)

/* Set by whoever wants the same bytes again; see reproducible-builds.org. */
static bool source_date(time_t *ret)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	char *end;
	long long v;

	if (!text || !*text)
		return false;
	errno = 0;
	v = strtoll(text, &end, 10);
	*ret = (time_t)v;
	return !*end && !errno && v >= 0;
}

static json_t *text_or_null(const char *text)
{
	/* Labels come from the disk: what is no UTF-8 is left out. */
	json_t *s = text && text[0] ? json_string(text) : NULL;

	return s ? s : json_null();
}

static json_t *describe(const struct dev *dev, const struct ident *ident,
			const struct layout_options *opt, const struct fs_scan *s)
{
	struct utsname host = { .nodename = "" };
	char stamp[32] = "";
	struct tm tm;
	time_t t;

	if (!source_date(&t))
		t = time(NULL);
	if (gmtime_r(&t, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	uname(&host);
	return json_pack("{ss ss so so so so so ss si s[{so so so}]}", "tool", "slate " VERSION,
			 "created", stamp, "host", text_or_null(host.nodename), "description",
			 text_or_null(opt->description), "device", text_or_null(dev->path),
			 "model", text_or_null(ident->model), "serial",
			 text_or_null(ident->serial), "compress", opt->codec->name, "level",
			 opt->level, "regions", "fs", text_or_null(s->type), "label",
			 text_or_null(s->label), "uuid", text_or_null(s->uuid));
}

static int put_json(struct header *h, json_t *o, struct err *e)
{
	h->json = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (!h->json)
		return err_nomem(e);
	h->json_len = (uint32_t)strlen(h->json);
	return 0;
}

/*
 * The id must differ between any two images, but be the same when everything
 * that was put in is the same and the user asked for that.
 */
static int make_id(struct header *h, struct err *e)
{
	size_t n = header_size(h), m = map_size(h, 0);
	uint8_t *buf = malloc(n + m), salt[16] = { 0 }, sum[HASH_SIZE];
	struct hash *hash = NULL;
	time_t t;
	int r = buf ? hash_new(&hash, e) : err_nomem(e);

	if (!r && !source_date(&t) && getrandom(salt, sizeof(salt), 0) != sizeof(salt))
		r = err_sys(e, "no random numbers");
	if (!r &&
	    (header_render(h, buf, n, hash) < 0 || map_render(h, 0, buf + n, m, hash) < 0))
		r = err_set(e, -EIO, "cannot render the header");
	if (!r) {
		hash_begin(hash);
		hash_add(hash, salt, sizeof(salt));
		hash_add(hash, buf, n + m);
		r = hash_end(hash, sum);
	}
	if (!r)
		memcpy(h->id, sum, IMAGE_ID_SIZE);
	hash_free(hash);
	free(buf);
	return r;
}

static int choose_chunks(struct header *h, uint64_t wanted, struct err *e)
{
	const struct extents *used = &h->regions[0].used;
	unsigned shift = CHUNK_SHIFT_DEFAULT;

	if (wanted)
		shift = (unsigned)__builtin_ctzll(wanted);
	else
		while (shift < CHUNK_SHIFT_MAX && window_count(used, shift) > CHUNKS_WANTED)
			shift++;
	if (window_count(used, shift) > CHUNKS_MAX)
		return err_set(e, -ECANCELED, "more than %d chunks; use a larger --chunk-size",
			       CHUNKS_MAX);
	h->chunk_shift = (uint8_t)shift;
	return 0;
}

static int fill_header(struct header *h, const struct dev *dev,
		       const struct layout_options *opt, struct fs_scan *s, struct err *e)
{
	struct region *g = calloc(1, sizeof(*g));

	if (!g)
		return err_nomem(e);
	g->size = dev->size;
	g->kind = REGION_AREA;
	g->flags = s->unused_is_zero ? REGION_UNUSED_IS_ZERO : 0;
	g->block = s->info.block;
	snprintf(g->fs, sizeof(g->fs), "%.16s", s->ops ? s->ops->name : "");
	g->used = s->used; /* moves */
	s->used = (struct extents){ 0 };
	g->used_bytes = extents_total(&g->used);
	g->n_extents = (uint32_t)g->used.n;
	h->regions = g;
	h->n_regions = 1;
	h->codec = opt->codec->id;
	h->device_size = dev->size;
	h->used_bytes = g->used_bytes;
	h->sector = dev->sector;
	h->physical = dev->physical;
	if (g->used.n > MAP_EXTENTS_MAX || map_size(h, 0) > MAP_SIZE_MAX)
		return err_set(e, -ECANCELED,
			       "%s: the used space is in too many pieces (%zu); use --raw",
			       dev->path, g->used.n);
	return choose_chunks(h, opt->chunk_size, e);
}

int layout_make(const struct dev *dev, const struct ident *ident,
		const struct layout_options *opt, const struct watcher *w, struct header *ret,
		struct fs_scan *ret_scan, struct err *e)
{
	struct area whole = { dev, 0, dev->size };
	int r;

	*ret = (struct header){ 0 };
	r = fs_scan(&whole, &opt->fs, ret_scan, e);
	if (r == -EIO)
		return err_wrap(e, r,
				"%s: what is in use cannot be found out (--raw --rescue "
				"saves all that can be read)",
				dev->path);
	if (r < 0)
		return err_wrap(e, r, "%s", dev->path);
	if (ret_scan->info.notice[0])
		watcher_notice(w, "%s: %s", dev->path, ret_scan->info.notice);
	r = fill_header(ret, dev, opt, ret_scan, e);
	if (!r)
		r = put_json(ret, describe(dev, ident, opt, ret_scan), e);
	return r ? r : make_id(ret, e);
}
