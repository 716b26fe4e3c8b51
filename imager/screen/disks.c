// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/disks.h"

#include "imager/screen/dialogues.h"
#include "imager/screen/images.h"
#include "imager/screen/info.h"
#include "imager/screen/inventory.h"
#include "imager/screen/list.h"
#include "imager/screen/menu.h"
#include "imager/screen/wide.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL 320

/* One line of the tree, as it is drawn. */
struct tree_row {
	char path[512];
	bool partition, shut;
	char cells[6][CELL];
	char details[2][1024]; /* below the tree, when it is chosen */
};

struct disks_data {
	struct tree_row *rows;
	struct list list;
	char count[128]; /* "2 disks, 7 partitions" */
	char **shut;     /* paths of disks whose partitions are not shown */
	size_t n_shut;
	void (*chosen)(void *arg, const char *path);
	void *arg;
};

static size_t shut_at(const struct disks_data *d, const char *path)
{
	size_t i = 0;

	while (i < d->n_shut && strcmp(d->shut[i], path) != 0)
		i++;
	return i;
}

static void shut(struct disks_data *d, const char *path, bool close)
{
	size_t i = shut_at(d, path);
	char **more;

	if (close == (i < d->n_shut))
		return;
	if (!close) {
		free(d->shut[i]);
		d->shut[i] = d->shut[--d->n_shut];
		return;
	}
	more = realloc(d->shut, (d->n_shut + 1) * sizeof(*more));
	if (!more)
		return;
	d->shut = more;
	d->shut[d->n_shut] = strdup(path);
	d->n_shut += d->shut[d->n_shut] != NULL;
}

static void fill_details(struct tree_row *row, const struct place *p)
{
	const char *notes[3];
	size_t n = 0;
	char who[CELL];

	if (p->system)
		notes[n++] = tr(T_SYSTEM);
	if (p->read_only)
		notes[n++] = tr(T_READ_ONLY);
	if (p->removable)
		notes[n++] = tr(T_REMOVABLE);
	tr_print(who, sizeof(who), T_DISK_LINE, p->model[0] ? p->model : tr(T_NO_MODEL),
		 p->serial[0] ? p->serial : tr(T_NO_SERIAL));
	snprintf(row->details[0], sizeof(row->details[0]), "%s  %s", p->path, who);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(row->details[1]);

		snprintf(row->details[1] + len, sizeof(row->details[1]) - len, "%s%s",
			 i ? ", " : "", notes[i]);
	}
}

static void fill_row(const struct app *a, struct tree_row *row, const struct place *p,
		     bool last, bool closed)
{
	const char *mark = term_glyph(a->term, closed ? GLYPH_SHUT : GLYPH_OPEN);
	char size[SIZE_TEXT_MAX];

	*row = (struct tree_row){ .partition = p->partition, .shut = closed };
	snprintf(row->path, sizeof(row->path), "%s", p->path);
	if (p->partition)
		mark = term_glyph(a->term, last ? GLYPH_LAST : GLYPH_TEE);
	snprintf(row->cells[0], CELL, "%s%s %s", p->partition ? " " : "", mark, p->name);
	snprintf(row->cells[1], CELL, "%s", size_text(size, p->size));
	snprintf(row->cells[2], CELL, "%s",
		 p->looked == LOOKED_NOT       ? tr(T_LOOKING)
		 : p->looked == LOOKED_IN_VAIN ? tr(T_UNREADABLE)
		 : p->fs[0]                    ? p->fs
					       : p->table);
	snprintf(row->cells[3], CELL, "%s", p->label[0] || p->partition ? p->label : p->model);
	if (p->used_known)
		snprintf(row->cells[4], CELL, "%s", size_text(size, p->used));
	snprintf(row->cells[5], CELL, "%s", p->mounts);
	fill_details(row, p);
}

/* How many there are, for who looks for one that is missing. */
static void fill_count(struct disks_data *d, size_t disks, size_t parts)
{
	char a[64], b[64];

	snprintf(d->count, sizeof(d->count), "%s, %s",
		 tr_print_n(a, sizeof(a), T_N_DISKS, disks),
		 tr_print_n(b, sizeof(b), T_N_PARTITIONS, parts));
}

/* The tree anew; what was chosen stays so, wherever it stands now. */
static void fill(struct screen *s)
{
	struct disks_data *d = s->data;
	size_t n, used = 0, disks = 0, at = d->list.at;
	const struct place *p = inventory_places(s->app->inventory, &n);
	struct tree_row *rows = calloc(n + 1, sizeof(*rows));
	bool closed = false;

	if (!rows)
		return; /* the old one stays */
	for (size_t i = 0; i < n; i++) {
		bool last = i + 1 == n || !p[i + 1].partition;

		disks += !p[i].partition;
		if (p[i].partition && closed)
			continue;
		if (!p[i].partition)
			closed = shut_at(d, p[i].path) < d->n_shut;
		fill_row(s->app, &rows[used], &p[i], last, !p[i].partition && closed);
		if (d->list.n && strcmp(rows[used].path, d->rows[d->list.at].path) == 0)
			at = used;
		used++;
	}
	fill_count(d, disks, n - disks);
	free(d->rows);
	d->rows = rows;
	d->list.at = at;
	list_resize(&d->list, used);
}

struct choice {
	void (*chosen)(void *arg, const char *path);
	void *arg;
};

static int disks_init(struct screen *s, void *arg, struct err *e)
{
	struct disks_data *d = calloc(1, sizeof(*d));
	const struct choice *c = arg;

	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	if (c) {
		d->chosen = c->chosen;
		d->arg = c->arg;
	}
	s->data = d;
	fill(s);
	return 0;
}

/* Columns of the table; the label and what it is used as share what is left. */
static const struct {
	enum text_id head;
	int w;
	bool right;
} columns[6] = {
	{ T_COL_NAME, 17, false },  { T_COL_SIZE, 10, true }, { T_COL_FS, 11, false },
	{ T_COL_LABEL, 16, false }, { T_COL_USED, 10, true }, { T_COL_MOUNTED, 0, false },
};

static void draw_cells(const struct app *a, struct pane line, enum paint look,
		       const char *const cells[6])
{
	int extra = line.w > 90 ? (line.w - 90) / 2 : 0, x = line.x, end = line.x + line.w;

	for (size_t i = 0; i < 6; i++) {
		int w = columns[i].w + (i == 3 ? extra : 0);

		if (i == 5)
			w = end - x;
		if (columns[i].right)
			draw_right(a, line.y, x, w, look, cells[i]);
		else
			draw_text(a, line.y, x, w, look, cells[i]);
		x += w + 1;
	}
}

static void disks_row(const struct app *a, struct pane line, size_t i, enum paint look,
		      const void *arg)
{
	const struct tree_row *row = &((const struct tree_row *)arg)[i];
	const char *cells[6];

	for (size_t k = 0; k < 6; k++)
		cells[k] = row->cells[k];
	draw_cells(a, line, look, cells);
}

static void disks_draw(const struct screen *s, struct pane a)
{
	struct disks_data *d = s->data;
	struct pane tree = { a.y + 1, a.x, a.h - 5, a.w };
	const char *heads[6];

	for (size_t i = 0; i < 6; i++)
		heads[i] = tr(columns[i].head);
	draw_cells(s->app, (struct pane){ a.y, a.x + 1, 1, a.w - 2 }, PAINT_HEAD, heads);
	draw_right(s->app, a.y + a.h - 3, a.x + 1, a.w - 2, PAINT_HEAD, d->count);
	if (!d->list.n) {
		draw_wrapped(s->app, tree, PAINT_PLAIN, tr(T_DISKS_NONE), 0);
		return;
	}
	list_draw(s->app, tree, &d->list, disks_row, d->rows);
	for (int i = 0; i < 2; i++)
		draw_text(s->app, a.y + a.h - 2 + i, a.x + 1, a.w - 2,
			  i ? PAINT_WARN : PAINT_PLAIN, d->rows[d->list.at].details[i]);
}

static void act_save(struct app *a, const char *path)
{
	dialogue_save(a, path);
}

static void act_restore(struct app *a, const char *path)
{
	dialogue_restore(a, path, NULL);
}

static void act_diff(struct app *a, const char *path)
{
	dialogue_diff(a, path, NULL);
}

static void act(struct app *a, const char *path)
{
	static const struct menu_item items[] = {
		{ T_ACT_SAVE, act_save },        { T_ACT_RESTORE, act_restore },
		{ T_ACT_CLONE, dialogue_clone }, { T_ACT_DIFF, act_diff },
		{ T_ACT_INFO, info_place },
	};
	char title[640];
	const char *slash = strrchr(path, '/');

	tr_print(title, sizeof(title), T_ACTIONS, slash ? slash + 1 : path);
	menu_open(a, title, T_ACT_HELP, items, sizeof(items) / sizeof(items[0]), path);
}

static void enter(struct screen *s)
{
	struct disks_data *d = s->data;
	struct choice c = { d->chosen, d->arg };
	struct app *a = s->app;
	char path[512];

	if (!d->list.n)
		return;
	snprintf(path, sizeof(path), "%s", d->rows[d->list.at].path);
	if (!c.chosen) {
		act(a, path);
		return;
	}
	app_pop(a);
	c.chosen(c.arg, path);
}

/* Opens or closes the chosen disk; closing from a partition goes to its disk. */
static void fold(struct screen *s, bool close)
{
	struct disks_data *d = s->data;

	if (!d->list.n)
		return;
	while (close && d->list.at && d->rows[d->list.at].partition)
		d->list.at--;
	if (!d->rows[d->list.at].partition)
		shut(d, d->rows[d->list.at].path, close);
	fill(s);
}

static bool disks_key(struct screen *s, const struct event *ev)
{
	struct disks_data *d = s->data;

	if (ev->key == K_ENTER)
		enter(s);
	else if (ev->key == K_LEFT || ev->key == K_RIGHT)
		fold(s, ev->key == K_LEFT);
	else if (ev->key == K_SPACE && d->list.n)
		fold(s, !d->rows[d->list.at].shut);
	else if (!d->chosen && ev->key == K_NEXT)
		images_show(s->app);
	else if (!d->chosen && ev->ch == 'm')
		menu_main(s->app);
	else
		return list_key(&d->list, ev);
	return true;
}

static void disks_hints(const struct screen *s, struct hints *h)
{
	const struct disks_data *d = s->data;

	if (d->list.n)
		hint(h, "Enter", d->chosen ? T_KEY_CHOOSE : T_KEY_ACTIONS);
	if (d->list.n)
		hint(h, "Space", T_KEY_FOLD);
	if (!d->chosen) {
		hint(h, "Tab", T_KEY_IMAGES);
		hint(h, "m", T_KEY_MENU);
	}
	hint(h, "q", s->below ? T_KEY_BACK : T_KEY_LEAVE);
}

static void disks_tick(struct screen *s)
{
	if (s->app->inventory_new)
		fill(s);
}

static void disks_free(struct screen *s)
{
	struct disks_data *d = s->data;

	for (size_t i = 0; i < d->n_shut; i++)
		free(d->shut[i]);
	free(d->shut);
	free(d->rows);
	free(d);
}

const struct screen_ops disks_screen = {
	.title = T_DISKS,
	.help = T_DISKS_HELP,
	.init = disks_init,
	.draw = disks_draw,
	.key = disks_key,
	.hints = disks_hints,
	.tick = disks_tick,
	.free = disks_free,
};

static const struct screen_ops choose_screen = {
	.title = T_CHOOSE_DISK,
	.help = T_CHOOSE_DISK_HELP,
	.init = disks_init,
	.draw = disks_draw,
	.key = disks_key,
	.hints = disks_hints,
	.tick = disks_tick,
	.free = disks_free,
};

void disks_choose(struct app *a, void (*chosen)(void *arg, const char *path), void *arg)
{
	struct choice c = { chosen, arg };

	app_push(a, &choose_screen, &c);
}
