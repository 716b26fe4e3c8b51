// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/metadata.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>

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

static json_t *regions(const struct layout *l)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < l->h.n_regions; i++) {
		const struct fs_scan *s = &l->pieces[i].scan;

		json_array_append_new(list, json_pack("{so so so}", "fs", text_or_null(s->type),
						      "label", text_or_null(s->label), "uuid",
						      text_or_null(s->uuid)));
	}
	return list;
}

static json_t *table(const struct ptable *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->n; i++) {
		const struct part *p = &t->v[i];

		json_array_append_new(
			list,
			json_pack("{si sI sI so so so so sb}", "number", (int)p->number,
				  "offset", (json_int_t)p->off, "size", (json_int_t)p->size,
				  "type", text_or_null(p->type), "type_id",
				  text_or_null(p->type_id), "name", text_or_null(p->name),
				  "uuid", text_or_null(p->uuid), "boot", p->boot));
	}
	return json_pack("{ss so si so}", "type", t->type, "id", text_or_null(t->id), "sector",
			 (int)t->sector, "partitions", list);
}

static json_t *describe(const struct layout *l, const struct layout_options *opt)
{
	struct utsname host = { .nodename = "" };
	char stamp[32] = "";
	struct tm tm;
	time_t t;
	json_t *o;

	if (!source_date(&t))
		t = time(NULL);
	if (gmtime_r(&t, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	uname(&host);
	o = json_pack("{ss ss so so so so so ss si so}", "tool", "slate " VERSION, "created",
		      stamp, "host", text_or_null(host.nodename), "description",
		      text_or_null(opt->description), "device", text_or_null(l->dev.path),
		      "model", text_or_null(l->ident.model), "serial",
		      text_or_null(l->ident.serial), "compress", opt->codec->name, "level",
		      opt->level, "regions", regions(l));
	if (l->table.type[0])
		json_object_set_new(o, "table", table(&l->table));
	return o;
}

int metadata_make(struct layout *l, const struct layout_options *opt, struct err *e)
{
	json_t *o = describe(l, opt);

	l->h.json = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (!l->h.json)
		return err_nomem(e);
	l->h.json_len = (uint32_t)strlen(l->h.json);
	return 0;
}

static int hash_header(const struct header *h, struct hash *sum, struct hash *seal,
		       struct err *e)
{
	size_t n = header_size(h);
	uint8_t *buf = malloc(n);
	int r = buf ? 0 : err_nomem(e);

	if (!r && header_render(h, buf, n, seal) < 0)
		r = err_set(e, -EIO, "cannot render the header");
	if (!r)
		hash_add(sum, buf, n);
	free(buf);
	for (uint32_t i = 0; i < h->n_regions && !r; i++) {
		n = map_size(h, i);
		buf = malloc(n);
		r = buf ? 0 : err_nomem(e);
		if (!r && map_render(h, i, buf, n, seal) < 0)
			r = err_set(e, -EIO, "cannot render a map");
		if (!r)
			hash_add(sum, buf, n);
		free(buf);
	}
	return r;
}

/*
 * The id must differ between any two images, but be the same when everything
 * that was put in is the same and the user asked for that.
 */
int metadata_make_id(struct layout *l, struct err *e)
{
	uint8_t salt[16] = { 0 }, sum[HASH_SIZE];
	struct hash *all = NULL, *seal = NULL;
	time_t t;
	int r = hash_new(&all, e);

	if (!r)
		r = hash_new(&seal, e);
	if (!r && !source_date(&t) && getrandom(salt, sizeof(salt), 0) != sizeof(salt))
		r = err_sys(e, "no random numbers");
	if (!r) {
		hash_begin(all);
		hash_add(all, salt, sizeof(salt));
		r = hash_header(&l->h, all, seal, e);
	}
	if (!r && hash_end(all, sum) < 0)
		r = err_set(e, -EIO, "libcrypto failed");
	if (!r)
		memcpy(l->h.id, sum, IMAGE_ID_SIZE);
	hash_free(all);
	hash_free(seal);
	return r;
}
