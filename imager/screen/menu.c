// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/menu.h"

#include "imager/screen/list.h"
#include "imager/screen/wide.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct menu_data {
	struct screen_ops ops; /* with the help of this menu */
	char title[128], arg[4096];
	const struct menu_item *items;
	struct list list;
};

static int menu_init(struct screen *s, void *arg, struct err *e)
{
	struct menu_data *d = malloc(sizeof(*d));

	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	*d = *(const struct menu_data *)arg;
	s->data = d;
	s->ops = &d->ops;
	return 0;
}

static void menu_row(const struct app *a, struct pane line, size_t i, enum paint look,
		     const void *arg)
{
	const struct menu_item *items = arg;

	draw_text(a, line.y, line.x + 1, line.w - 1, look, tr(items[i].text));
}

static void menu_draw(const struct screen *s, struct pane a)
{
	struct menu_data *d = s->data;
	struct pane in = draw_box(s->app, pane_middle(a, (int)d->list.n + 2, 60), d->title);

	list_draw(s->app, in, &d->list, menu_row, d->items);
}

static bool menu_key(struct screen *s, const struct event *ev)
{
	struct menu_data *d = s->data;
	struct app *a = s->app;

	if (ev->key == K_ENTER || ev->key == K_SPACE) {
		const struct menu_item *item = &d->items[d->list.at];
		struct menu_data *kept = malloc(sizeof(*kept));

		if (!kept)
			return true;
		memcpy(kept, d, sizeof(*kept));
		app_pop(a);
		item->run(a, kept->arg);
		free(kept);
		return true;
	}
	return list_key(&d->list, ev);
}

static void menu_hints(const struct screen *s, struct hints *h)
{
	(void)s;
	hint(h, "Up Down", T_KEY_MOVE);
	hint(h, "Enter", T_KEY_CHOOSE);
	hint(h, "Esc", T_KEY_BACK);
}

static void menu_free(struct screen *s)
{
	free(s->data);
}

static const struct screen_ops menu_screen = {
	.title = T_MENU,
	.help = T_MENU_HELP,
	.popup = true,
	.init = menu_init,
	.draw = menu_draw,
	.key = menu_key,
	.hints = menu_hints,
	.free = menu_free,
};

void menu_open(struct app *a, const char *title, enum text_id help,
	       const struct menu_item *items, size_t n, const char *arg)
{
	struct menu_data d = { .ops = menu_screen, .items = items, .list = { .n = n } };

	d.ops.help = help;
	snprintf(d.title, sizeof(d.title), "%s", title);
	snprintf(d.arg, sizeof(d.arg), "%s", arg);
	app_push(a, &menu_screen, &d);
}
