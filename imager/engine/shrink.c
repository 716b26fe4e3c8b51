// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * shrink.c - --shrink: the image is that of a disk which is just large enough.
 *
 * The source is never written to: the used blocks of the last filesystem are
 * copied to a sparse scratch file, and that is shrunk by the filesystem's own
 * programs.  The table is made anew in memory.
 */
#include "imager/disk/fstools.h"
#include "imager/engine/gather.h"
#include "imager/engine/layout_internal.h"
#include "imager/engine/place.h"
#include "imager/engine/retable.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MIB    (UINT64_C(1) << 20)
#define PIECE  MIB
#define TAIL   MIB /* room for a backup table at the end of the disk */
#define SPARES (64 * MIB)

/* What the scratch file may need besides the used blocks. */
static int check_room(const char *folder, uint64_t used, struct err *e)
{
	struct statvfs v;
	uint64_t room;

	if (statvfs(folder, &v) < 0)
		return err_sys(e, "%s", folder);
	room = (uint64_t)v.f_bavail * v.f_frsize;
	if (room >= used + SPARES)
		return 0;
	return err_set(e, -ECANCELED,
		       "--shrink needs room for a copy of the filesystem: %" PRIu64
		       " bytes, and %s has %" PRIu64 "; set TMPDIR to a folder that has more",
		       used + SPARES, folder, room);
}

static int make_scratch(struct dev *ret, uint64_t size, uint64_t used, uint32_t sector,
			struct err *e)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];
	int fd, r;

	if (!folder || !*folder)
		folder = "/var/tmp";
	r = check_room(folder, used, e);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/slate-shrink.XXXXXX", folder);
	fd = mkstemp(path);
	if (fd < 0)
		return err_sys(e, "%s: no scratch file can be made", folder);
	close(fd);
	r = dev_open_target(ret, path, size, e);
	unlink(path);
	if (!r)
		ret->sector = sector;
	return r;
}

static int copy_used(const struct area *from, const struct extents *used, const struct dev *to,
		     struct meter *m, struct err *e)
{
	uint8_t *buf = malloc(PIECE);
	int r = buf ? 0 : err_nomem(e);

	for (size_t i = 0; i < used->n && !r; i++) {
		uint64_t at = used->v[i].off, end = at + used->v[i].len;

		while (at < end && !r) {
			uint64_t n = end - at < PIECE ? end - at : PIECE;

			r = dev_read(from->dev, buf, n, from->off + at, e);
			if (!r)
				r = dev_write(to, buf, n, at, e);
			if (!r && meter_add(m, n, 0))
				r = err_set(e, -EINTR, "stopped by a signal");
			at += n;
		}
	}
	free(buf);
	return r;
}

/* The piece becomes that of a smaller filesystem in a scratch file. */
static int shrink_piece(struct layout *l, uint32_t i, const struct layout_options *opt,
			const struct watcher *w, struct err *e)
{
	struct piece *p = &l->pieces[i];
	struct region *g = &l->h.regions[i];
	struct dev *scratch = &l->scratch[0];
	struct area whole = { scratch, 0, g->size };
	uint64_t used = extents_total(&g->used), size = 0;
	struct fs_options fs = { .nocheck = opt->fs.nocheck };
	struct layout_options how = *opt;
	struct meter m;
	int r = make_scratch(scratch, g->size, used, l->h.sector, e);

	how.fs = fs;
	meter_begin(&m, w, "shrink", used);
	if (!r)
		r = copy_used(&p->from, &g->used, scratch, &m, e);
	meter_end(&m);
	if (!r)
		r = resize_shrink(&whole, g->fs, &size, e);
	if (r < 0)
		return r;
	fs_scan_free(&p->scan);
	g->size = size;
	p->from = (struct area){ scratch, 0, size };
	return layout_scan(l, i, &how, w, e);
}

static int read_source(void *arg, uint32_t region, const struct window *w, void *buf,
		       struct err *e)
{
	return gather_read(arg, region, w, buf, NULL, e);
}

/* The old table's neighbourhood with the new table in it becomes the pieces' source. */
static int use_table(struct layout *l, struct retable *t, struct err *e)
{
	int r = retable_apply(t, e);

	if (r < 0)
		return r;
	dev_close(&l->scratch[1]);
	l->scratch[1] = t->old; /* moves */
	t->old = RETABLE_NONE.old;
	ptable_free(&l->table);
	l->table = t->after;
	t->after = (struct ptable){ 0 };
	return 0;
}

/* Regions outside the partitions, on the disk that is now smaller. */
static int cut_again(struct layout *l, uint32_t last, struct err *e)
{
	uint64_t end = l->h.regions[last].off + l->h.regions[last].size;
	int r = 0;

	while (l->h.n_regions > last + 1) {
		l->h.n_regions--;
		extents_free(&l->h.regions[l->h.n_regions].used);
	}
	if (end < l->h.device_size) {
		struct region g = { .off = end,
				    .size = l->h.device_size - end,
				    .kind = REGION_TABLE };

		snprintf(g.fs, sizeof(g.fs), "%s", l->table.type);
		l->h.regions[l->h.n_regions++] = g;
	}
	for (uint32_t i = 0; i < l->h.n_regions && !r; i++) {
		struct region *g = &l->h.regions[i];

		if (g->kind != REGION_TABLE)
			continue;
		l->pieces[i].from = (struct area){ &l->scratch[1], g->off, g->size };
		extents_free(&g->used);
		r = layout_keep(&l->table.own, g, e);
	}
	return r;
}

static int shrink_table(struct layout *l, uint32_t last, struct err *e)
{
	struct region *g = &l->h.regions[last];
	struct retable t = RETABLE_NONE;
	struct ptable_change c = { .part = g->part, .part_size = g->size };
	uint64_t end = (g->off + g->size + TAIL - 1) / TAIL * TAIL;
	int r;

	c.disk_size = end + TAIL < l->h.device_size ? end + TAIL : l->h.device_size;
	l->h.chunk_shift = CHUNK_SHIFT_MAX; /* chosen later; any will do for reading */
	r = retable_collect(&t, &l->h, read_source, l, e);
	if (!r)
		r = retable_make(&t, &c, e);
	if (!r)
		r = use_table(l, &t, e);
	if (!r) {
		l->h.device_size = c.disk_size;
		l->scratch[1].size = c.disk_size;
		if (ftruncate(l->scratch[1].fd, (off_t)c.disk_size) < 0)
			r = err_sys(e, "cannot make room for the partition table");
	}
	if (!r)
		r = cut_again(l, last, e);
	retable_free(&t);
	return r;
}

int layout_shrink(struct layout *l, const struct layout_options *opt, const struct watcher *w,
		  struct err *e)
{
	uint32_t last = place_last(&l->h);
	uint64_t before = l->h.regions[last].size;
	struct err why = { "" };
	char name[256];
	int r;

	layout_name(l, last, name, sizeof(name));
	if (!l->h.regions[last].fs[0])
		return err_set(e, -ECANCELED,
			       "%s: it is imaged byte by byte and cannot be shrunk; leave "
			       "--shrink out",
			       name);
	l->h.sector = l->table.type[0] ? l->table.sector : l->dev.sector;
	r = resize_can(l->h.regions[last].fs, true, &why);
	if (r == -EOPNOTSUPP)
		return err_set(e, -ECANCELED, "%s: %s; leave --shrink out", name, why.msg);
	if (r < 0)
		return err_set(e, -ECANCELED, "%s: %s", name, why.msg);
	r = shrink_piece(l, last, opt, w, e);
	if (r < 0)
		return err_wrap(e, r, "%s cannot be shrunk", name);
	if (l->h.regions[last].size == before) {
		watcher_notice(w, "%s cannot become smaller than it is", name);
		return 0;
	}
	if (l->h.regions[last].part)
		r = shrink_table(l, last, e);
	else
		l->h.device_size = l->h.regions[last].size;
	if (!r)
		watcher_notice(w,
			       "%s: shrunk in a copy from %" PRIu64 " to %" PRIu64
			       " MiB; the image needs a disk of %" PRIu64 " MiB",
			       name, before / MIB, l->h.regions[last].size / MIB,
			       (l->h.device_size + MIB - 1) / MIB);
	return r;
}
