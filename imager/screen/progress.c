// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/progress.h"

#include "imager/screen/confirm.h"
#include "imager/screen/draw.h"
#include "imager/screen/end.h"
#include "imager/screen/inventory.h"
#include "imager/screen/picture.h"
#include "imager/screen/task.h"
#include "imager/screen/wide.h"
#include "imager/screen/work.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELLS   400 /* of the picture, at most */
#define LABEL_W 12

struct progress_data {
	struct task_view v;
	char *line; /* the command line */
	bool declined;
};

static int progress_init(struct screen *s, void *arg, struct err *e)
{
	struct progress_data *d = calloc(1, sizeof(*d));

	(void)arg;
	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	d->line = work_line(s->app);
	task_look(s->app->task, &d->v);
	s->data = d;
	return 0;
}

/* ---- drawing ------------------------------------------------------------------------ */

/* A name and its value in half of the line @y of @a. */
static void put(const struct app *app, struct pane a, int y, int half, enum text_id name,
		const char *value, enum paint look)
{
	int w = a.w / 2, x = a.x + half * w;

	draw_text(app, a.y + y, x, LABEL_W, PAINT_QUIET, tr(name));
	draw_text(app, a.y + y, x + LABEL_W, w - LABEL_W, look, value);
}

static void draw_step(const struct app *app, struct pane a, const struct task_view *v)
{
	unsigned full = share(v->p.done, v->p.total, (unsigned)a.w);
	char percent[16] = "";

	draw_text(app, a.y, a.x, a.w - 6, PAINT_HEAD,
		  v->state == TASK_STOPS ? tr(T_STEP_STOPS) : work_step(v->phase));
	if (v->p.total)
		snprintf(percent, sizeof(percent), "%u %%", share(v->p.done, v->p.total, 100));
	draw_right(app, a.y, a.x + a.w - 6, 6, PAINT_HEAD, percent);
	for (unsigned i = 0; v->p.total && i < (unsigned)a.w; i++)
		draw_text(app, a.y + 1, a.x + (int)i, 1, PAINT_FRAME,
			  term_glyph(app->term, i < full ? GLYPH_FULL : GLYPH_NONE));
}

static void draw_figures(const struct app *app, struct pane a, const struct task_view *v)
{
	const struct progress *p = &v->p;
	char one[SIZE_TEXT_MAX], two[SIZE_TEXT_MAX], n[3][24], text[256];

	if (p->total)
		tr_print(text, sizeof(text), T_PROG_OF, size_text(one, p->done),
			 size_text(two, p->total));
	else
		snprintf(text, sizeof(text), "%s", size_text(one, p->done));
	put(app, a, 0, 0, T_PROG_DONE, text, PAINT_PLAIN);
	snprintf(text, sizeof(text), "%s/s", size_text(one, whole(p->rate)));
	put(app, a, 0, 1, T_PROG_RATE, text, PAINT_PLAIN);
	put(app, a, 1, 0, T_PROG_ELAPSED, time_text(one, v->elapsed), PAINT_PLAIN);
	put(app, a, 1, 1, T_PROG_ETA, time_text(one, p->total ? p->eta : -1), PAINT_PLAIN);
	put(app, a, 2, 0, T_PROG_IMAGE, size_text(one, p->image), PAINT_PLAIN);
	put(app, a, 2, 1, T_PROG_DAMAGED, size_text(one, p->damaged),
	    p->damaged ? PAINT_BAD : PAINT_PLAIN);
	snprintf(n[0], sizeof(n[0]), "%" PRIu64, p->chunks.same);
	snprintf(n[1], sizeof(n[1]), "%" PRIu64, p->chunks.fetched);
	snprintf(n[2], sizeof(n[2]), "%" PRIu64, p->chunks.written);
	tr_print(text, sizeof(text), T_PROG_COUNTS, n[0], n[1], n[2]);
	draw_text(app, a.y + 3, a.x, LABEL_W, PAINT_QUIET, tr(T_PROG_CHUNKS));
	draw_text(app, a.y + 3, a.x + LABEL_W, a.w - LABEL_W, PAINT_PLAIN, text);
}

/* How a cell looks, and what it means. */
static const struct {
	enum glyph glyph;
	const char *text; /* instead of the glyph */
	enum paint look;
	enum text_id meaning;
} cell_looks[] = {
	[CELL_EMPTY] = { GLYPH_NONE, " ", PAINT_PLAIN, T_NONE },
	[CELL_DONE] = { GLYPH_FULL, NULL, PAINT_GOOD, T_CELL_DONE },
	[CELL_WAITS] = { GLYPH_NONE, NULL, PAINT_PLAIN, T_CELL_WAITS },
	[CELL_BEGUN] = { GLYPH_PART, NULL, PAINT_HEAD, T_CELL_BEGUN },
	[CELL_DAMAGED] = { GLYPH_FULL, "!", PAINT_BAD, T_CELL_DAMAGED },
};

static int draw_cell(const struct app *app, int y, int x, enum cell c)
{
	const char *text = cell_looks[c].text;

	draw_text(app, y, x, 1, cell_looks[c].look,
		  text ? text : term_glyph(app->term, cell_looks[c].glyph));
	return x + 1;
}

static void draw_legend(const struct app *app, struct pane a)
{
	static const enum cell order[] = { CELL_DONE, CELL_BEGUN, CELL_WAITS, CELL_DAMAGED };
	int x = a.x;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *text = tr(cell_looks[order[i]].meaning);
		int w = (int)wide_columns(text);

		x = draw_cell(app, a.y, x, order[i]) + 1;
		draw_text(app, a.y, x, w, PAINT_QUIET, text);
		x += w + 3;
	}
}

static void draw_picture(const struct app *app, struct pane a, const struct task_view *v)
{
	unsigned n = a.w < CELLS ? (unsigned)a.w : CELLS;
	enum cell cells[CELLS];
	char ruler[CELLS + 1];

	if (!v->n_regions)
		return;
	picture_ruler(v->regions, v->n_regions, ruler, n);
	picture_cells(v->regions, v->n_regions, cells, n);
	draw_text(app, a.y, a.x, a.w, PAINT_HEAD, tr(T_PROG_PICTURE));
	draw_text(app, a.y + 1, a.x, a.w, PAINT_QUIET, ruler);
	for (unsigned i = 0; i < n; i++)
		draw_cell(app, a.y + 2, a.x + (int)i, cells[i]);
	draw_legend(app, (struct pane){ a.y + 3, a.x, 1, a.w });
}

/* The newest ones that there is room for. */
static void draw_notices(const struct app *app, struct pane a, const struct task_view *v)
{
	unsigned from = v->n_notices;
	int room = a.h;

	while (from && room > 0)
		room -= (int)draw_lines(v->notices[--from], a.w);
	from += room < 0 && from + 1 < v->n_notices;
	for (int y = 0; from < v->n_notices && y < a.h; from++)
		y += draw_wrapped(app, (struct pane){ a.y + y, a.x, a.h - y, a.w }, PAINT_PLAIN,
				  v->notices[from], 0);
}

static void progress_draw(const struct screen *s, struct pane a)
{
	const struct progress_data *d = s->data;
	struct pane in = { a.y + 1, a.x + 2, a.h - 1, a.w - 4 };

	draw_wrapped(s->app, (struct pane){ in.y, in.x, 2, in.w }, PAINT_QUIET,
		     d->line ? d->line : "", 0);
	draw_step(s->app, (struct pane){ in.y + 3, in.x, 2, in.w }, &d->v);
	draw_figures(s->app, (struct pane){ in.y + 6, in.x, 4, in.w }, &d->v);
	draw_picture(s->app, (struct pane){ in.y + 11, in.x, 4, in.w }, &d->v);
	draw_text(s->app, in.y + 16, in.x, in.w, PAINT_HEAD,
		  d->v.n_notices ? tr(T_PROG_NOTICES) : "");
	draw_notices(s->app, (struct pane){ in.y + 17, in.x, in.h - 17, in.w }, &d->v);
}

/* ---- keys, and what the task wants ------------------------------------------------------ */

static void stop(struct app *a, void *arg)
{
	(void)arg;
	task_cancel(a->task);
}

static bool progress_key(struct screen *s, const struct event *ev)
{
	const struct progress_data *d = s->data;

	if (ev->key == K_HELP)
		return false;
	if ((ev->key == K_BACK || ev->key == K_STOP) && d->v.state == TASK_RUNS)
		app_ask(s->app, T_STOP, tr(work_verb(s->app)->stop), stop, NULL);
	return true;
}

static void progress_hints(const struct screen *s, struct hints *h)
{
	const struct progress_data *d = s->data;

	if (d->v.state == TASK_RUNS)
		hint(h, "Esc", T_KEY_STOP);
}

/* Takes this screen away; who called is seen again, or how it ended. */
static void finish(struct screen *s)
{
	const struct progress_data *d = s->data;
	struct app *a = s->app;
	bool declined = d->declined;

	app_pop(a);
	if (declined)
		app_tell(a, T_NOTHING_DONE, tr(T_DECLINED));
	else
		end_show(a);
}

/* What lies over it, as help or the question whether to stop, is never taken away. */
static void progress_tick(struct screen *s)
{
	struct progress_data *d = s->data;

	task_look(s->app->task, &d->v);
	if (s->app->top != s)
		return;
	if (d->v.state == TASK_ASKS)
		confirm_show(s->app, &d->v, &d->declined);
	else if (d->v.state == TASK_ENDED)
		finish(s);
}

static void progress_free(struct screen *s)
{
	struct progress_data *d = s->data;

	/* When the program ends before the task has, nobody shall look at disks any more. */
	if (task_outcome(s->app->task))
		inventory_resume(s->app->inventory);
	task_view_free(&d->v);
	free(d->line);
	free(d);
}

const struct screen_ops progress_screen = {
	.title = T_PROGRESS,
	.help = T_PROGRESS_HELP,
	.init = progress_init,
	.draw = progress_draw,
	.key = progress_key,
	.hints = progress_hints,
	.tick = progress_tick,
	.free = progress_free,
};
