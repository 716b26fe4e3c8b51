// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/images.h"

#include "imager/screen/dialogues.h"
#include "imager/screen/disks.h"
#include "imager/screen/info.h"
#include "imager/screen/library.h"
#include "imager/screen/list.h"
#include "imager/screen/menu.h"
#include "imager/screen/place.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct image_choice {
	void (*chosen)(void *arg, const char *image);
	void *arg;
};

struct images_data {
	struct library *library;
	char where[4096], state[256];
	struct list list;
	struct image_choice choice;
};

static int look_in(struct app *a, struct images_data *d, const char *where, struct err *e)
{
	struct library *l;
	int r = library_new(&l, where, e);

	if (r < 0)
		return r;
	library_free(d->library);
	d->library = l;
	if (where != a->place)
		snprintf(a->place, sizeof(a->place), "%s", where);
	snprintf(d->where, sizeof(d->where), "%s", where);
	d->list = (struct list){ .n = 0 };
	return 0;
}

static int images_init(struct screen *s, void *arg, struct err *e)
{
	struct images_data *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	if (arg)
		d->choice = *(const struct image_choice *)arg;
	r = look_in(s->app, d, s->app->place, e);
	if (r < 0)
		free(d);
	else
		s->data = d;
	return r;
}

static void images_tick(struct screen *s)
{
	struct images_data *d = s->data;
	const char *error = "";
	size_t n;
	const struct book *b;
	bool listing;

	library_refresh(d->library);
	listing = library_listing(d->library, &error);
	b = library_books(d->library, &n);
	list_resize(&d->list, n);
	/* What can be seen is read first. */
	for (size_t i = d->list.top; i < n && i <= d->list.top + d->list.page; i++)
		if (b[i].state == BOOK_NEW)
			library_want(d->library, i);
	snprintf(d->state, sizeof(d->state), "%s",
		 error[0]  ? error
		 : listing ? tr(T_IMAGES_LISTING)
		 : n       ? ""
			   : tr(T_IMAGES_NONE));
}

static int images_fd(const struct screen *s)
{
	const struct images_data *d = s->data;

	return library_fd(d->library);
}

static const char *info_text(const struct book *b, const char *key)
{
	const json_t *about = json_object_get(b->info, "metadata");
	const char *v = json_string_value(json_object_get(about, key));

	return v ? v : "";
}

/* The last part of what was saved: "sda1". */
static const char *saved_from(const struct book *b)
{
	const char *device = info_text(b, "device"), *slash = strrchr(device, '/');

	return slash ? slash + 1 : device;
}

static void describe(const struct book *b, char *buf, size_t n)
{
	static const char *const keys[] = { "model", "host", "description" };
	json_int_t bytes = json_integer_value(json_object_get(b->info, "device_bytes"));
	char size[SIZE_TEXT_MAX];

	snprintf(buf, n, "%s", b->state == BOOK_READ ? size_text(size, (uint64_t)bytes) : "");
	for (size_t i = 0; i < 3; i++) {
		const char *v = info_text(b, keys[i]);
		size_t len = strlen(buf);

		if (v[0])
			snprintf(buf + len, n - len, "  %s", v);
	}
}

static void images_row(const struct app *a, struct pane line, size_t i, enum paint look,
		       const void *arg)
{
	const struct book *b = &((const struct book *)arg)[i];
	char size[SIZE_TEXT_MAX], date[32] = "";
	int w = line.w - 36;
	struct tm tm;
	time_t changed = (time_t)b->changed;

	if (localtime_r(&changed, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	draw_text(a, line.y, line.x, w, look, b->name);
	draw_right(a, line.y, line.x + w + 1, 10, look, size_text(size, b->bytes));
	draw_text(a, line.y, line.x + w + 12, 10, look, date);
	draw_text(a, line.y, line.x + w + 23, 13, look,
		  b->state == BOOK_BROKEN ? tr(T_BROKEN)
		  : b->state == BOOK_READ ? saved_from(b)
					  : tr(T_LOOKING));
}

/* What is known of the chosen one. */
static void draw_details(const struct app *a, struct pane at, const struct book *b)
{
	char text[2048];

	if (b->state == BOOK_BROKEN)
		snprintf(text, sizeof(text), "%s", b->error);
	else
		describe(b, text, sizeof(text));
	draw_text(a, at.y, at.x, at.w, PAINT_PLAIN, b->image);
	draw_text(a, at.y + 1, at.x, at.w, b->state == BOOK_BROKEN ? PAINT_WARN : PAINT_PLAIN,
		  text);
}

static void images_draw(const struct screen *s, struct pane a)
{
	struct images_data *d = s->data;
	struct pane table = { a.y + 2, a.x, a.h - 5, a.w };
	char line[4200];
	size_t n;
	const struct book *b = library_books(d->library, &n);
	int w = a.w - 2 - 36;

	tr_print(line, sizeof(line), T_IMAGES_WHERE, d->where);
	draw_text(s->app, a.y, a.x + 1, a.w - 2, PAINT_PLAIN, line);
	draw_text(s->app, a.y + 1, a.x + 1, w, PAINT_HEAD, tr(T_COL_IMAGE));
	draw_right(s->app, a.y + 1, a.x + 2 + w, 10, PAINT_HEAD, tr(T_COL_SIZE));
	draw_text(s->app, a.y + 1, a.x + 13 + w, 10, PAINT_HEAD, tr(T_COL_DATE));
	draw_text(s->app, a.y + 1, a.x + 24 + w, 13, PAINT_HEAD, tr(T_COL_OF));
	if (d->state[0])
		draw_wrapped(s->app, (struct pane){ table.y, a.x + 1, 3, a.w - 2 }, PAINT_PLAIN,
			     d->state, 0);
	if (!n || d->list.at >= n || d->list.n > n)
		return;
	list_draw(s->app, table, &d->list, images_row, b);
	draw_details(s->app, (struct pane){ a.y + a.h - 2, a.x + 1, 2, a.w - 2 },
		     &b[d->list.at]);
}

static void act_img_restore(struct app *a, const char *image)
{
	dialogue_restore(a, NULL, image);
}

static void act_img_diff(struct app *a, const char *image)
{
	dialogue_diff(a, NULL, image);
}

static void act_on(struct screen *s, const char *image)
{
	static const struct menu_item items[] = {
		{ T_ACT_IMG_RESTORE, act_img_restore },
		{ T_ACT_IMG_VERIFY, dialogue_verify },
		{ T_ACT_IMG_DIFF, act_img_diff },
		{ T_ACT_INFO, info_image },
	};
	struct images_data *d = s->data;
	struct image_choice c = d->choice;
	struct app *a = s->app;
	char title[4200];
	const char *slash = strrchr(image, '/');

	if (c.chosen) {
		char *kept = strdup(image);

		app_pop_to(a, s->below);
		if (kept)
			c.chosen(c.arg, kept);
		free(kept);
		return;
	}
	tr_print(title, sizeof(title), T_ACTIONS, slash ? slash + 1 : image);
	menu_open(a, title, T_ACT_HELP, items, sizeof(items) / sizeof(items[0]), image);
}

/* What was typed: one image, or where to look. */
static void went(void *arg, const char *where)
{
	struct screen *s = arg;
	struct err e = { "" };
	size_t len = strlen(where);

	if (len > 6 && strcmp(where + len - 6, ".slate") == 0)
		act_on(s, where);
	else if (look_in(s->app, s->data, where, &e) < 0)
		app_tell(s->app, T_PROBLEM, e.msg);
}

static bool images_key(struct screen *s, const struct event *ev)
{
	struct images_data *d = s->data;
	size_t n;
	const struct book *b = library_books(d->library, &n);

	if (ev->key == K_ENTER && n && d->list.at < n)
		act_on(s, b[d->list.at].image);
	else if (ev->ch == 'f')
		place_ask(s->app, d->where, went, s);
	else if (!d->choice.chosen && ev->key == K_NEXT)
		app_pop(s->app);
	else if (!d->choice.chosen && ev->ch == 'm')
		menu_main(s->app);
	else
		return list_key(&d->list, ev);
	return true;
}

static void images_hints(const struct screen *s, struct hints *h)
{
	const struct images_data *d = s->data;

	if (d->list.n)
		hint(h, "Enter", d->choice.chosen ? T_KEY_CHOOSE : T_KEY_ACTIONS);
	hint(h, "f", T_KEY_PLACE);
	if (!d->choice.chosen) {
		hint(h, "Tab", T_KEY_DISKS);
		hint(h, "m", T_KEY_MENU);
	}
	hint(h, "q", T_KEY_BACK);
}

static void images_free(struct screen *s)
{
	struct images_data *d = s->data;

	library_free(d->library);
	free(d);
}

static const struct screen_ops images_screen = {
	.title = T_IMAGES,
	.help = T_IMAGES_HELP,
	.init = images_init,
	.draw = images_draw,
	.key = images_key,
	.hints = images_hints,
	.tick = images_tick,
	.fd = images_fd,
	.free = images_free,
};

void images_show(struct app *a)
{
	app_push(a, &images_screen, NULL);
}

void images_choose(struct app *a, void (*chosen)(void *arg, const char *image), void *arg)
{
	struct image_choice c = { chosen, arg };

	app_push(a, &images_screen, &c);
}
