// SPDX-License-Identifier: GPL-3.0-or-later
/* plan.c - what could stop a restore, found before anything is touched. */
#include "imager/engine/decode.h"
#include "imager/engine/open.h"
#include "imager/engine/restore_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Writing over the image while it is read would lose both. */
static void check_not_image(const struct restore_plan *p, struct blockers *b)
{
	const struct dev *dev = &p->to.to.dev;
	struct stat st;

	if (!p->src->seekable || stat(p->src->name, &st) < 0)
		return;
	if (dev->block ? S_ISBLK(st.st_mode) && st.st_rdev == dev->id
		       : st.st_dev == dev->id && st.st_ino == dev->ino)
		blockers_add(b, "%s is the image itself", dev->path);
	else if (dev->block && !S_ISBLK(st.st_mode) && st.st_dev == dev->id)
		blockers_add(b, "the image %s lies on %s", p->src->name, dev->path);
}

static int check_image(const struct restore_plan *p, const struct restore_options *opt,
		       const struct watcher *w, struct err *e)
{
	if (p->img.indexed || !p->src->seekable)
		return 0;
	if (!opt->force)
		return err_set(e, -EBADMSG,
			       "%s: the end of the image is damaged or missing (%.512s); "
			       "\"slate verify\" tells what is readable, --force restores that",
			       p->src->name, p->img.tail.msg);
	watcher_notice(w, "%s: %s; going by the chunks alone", p->src->name, p->img.tail.msg);
	return 0;
}

/* The chunk with the bytes of window @w; @p->img.n: there is none. */
static uint64_t find_chunk(const struct restore_plan *p, uint32_t region,
			   const struct window *w)
{
	const struct entry *v = p->img.v;
	uint64_t i = 0;

	while (i < p->img.n && (v[i].region != region || v[i].number != w->number))
		i++;
	return i < p->img.n && v[i].kind == CHUNK_SAME ? v[i].same : i;
}

int restore_read_window(void *arg, uint32_t region, const struct window *w, void *buf,
			struct err *e)
{
	struct restore_plan *p = arg;
	uint64_t i = find_chunk(p, region, w);
	uint8_t *in = malloc(image_chunk_max(&p->img));
	struct decoder d;
	int64_t n;
	int r = decoder_init(&d, e);

	if (!r && (!in || i == p->img.n))
		r = err_nomem(e);
	if (r)
		goto out;
	n = image_fetch(&p->img, i, in, e);
	r = n < 0 ? (int)n : decode_chunk(&d, &p->img, &p->img.v[i], in, (size_t)n, buf, e);
	if (r == -EBADMSG)
		err_wrap(e, r, "%s: the partition table", p->src->name);
out:
	decoder_free(&d);
	free(in);
	return r;
}

static void check_parts(const struct restore_plan *p, const struct restore_options *opt,
			struct blockers *b)
{
	if (opt->parts.n && !p->img.indexed)
		blockers_add(b, "--part needs a whole image in a file: this one can only be "
				"read from its begin to its end");
}

int restore_open(struct restore_plan *p, const char *device, const char *image,
		 const struct restore_options *opt, const struct watcher *w, struct report *rep,
		 struct blockers *b, struct err *e)
{
	int r;

	*p = (struct restore_plan){ .to = DELIVERY_NONE };
	p->to.opt = &opt->deliver;
	p->to.w = w;
	p->to.rep = rep;
	p->to.img = &p->img;
	r = open_image(image, &opt->remote, w, &p->src, &p->img, e);
	if (!r) {
		report_image(rep, &p->img);
		r = check_image(p, opt, w, e);
	}
	if (!r)
		r = destination_open(&p->to.to, device, &opt->deliver.expected, rep, b, e);
	if (!r)
		check_not_image(p, b);
	return r;
}

int restore_plan(struct restore_plan *p, const char *device, const char *image,
		 const struct restore_options *opt, const struct watcher *w, struct report *rep,
		 struct err *e)
{
	struct blockers b = { 0 };
	int r = restore_open(p, device, image, opt, w, rep, &b, e);

	if (!r)
		check_parts(p, opt, &b);
	if (!r && !(opt->parts.n && b.n))
		r = deliver_check(&p->to, &opt->parts,
				  p->img.indexed ? restore_read_window : NULL, p, &b, e);
	if (!r)
		r = blockers_verdict(&b, "cannot restore", e);
	blockers_free(&b);
	return r;
}

void restore_plan_free(struct restore_plan *p)
{
	deliver_free(&p->to);
	image_close(&p->img);
	if (p->src)
		p->src->close(p->src);
	*p = (struct restore_plan){ .to = DELIVERY_NONE };
}
