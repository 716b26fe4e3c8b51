// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/place.h"

#include "imager/screen/form.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place_data {
	char where[4096];
	void (*went)(void *arg, const char *where);
	void *arg;
	struct field fields[3];
	struct form form;
};

enum { PLACE_TEXT, PLACE_GO, PLACE_SERVER };

static int place_init(struct screen *s, void *arg, struct err *e)
{
	struct place_data *d = malloc(sizeof(*d));

	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	*d = *(const struct place_data *)arg;
	d->fields[PLACE_TEXT] = (struct field){
		.kind = FIELD_TEXT, .label = T_NONE, .text = d->where, .size = sizeof(d->where)
	};
	d->fields[PLACE_GO] = (struct field){ .kind = FIELD_BUTTON, .label = T_PLACE_GO };
	d->fields[PLACE_SERVER] = (struct field){ .kind = FIELD_BUTTON,
						  .label = T_PLACE_SERVER,
						  .off = !s->app->server };
	d->form = (struct form){ .fields = d->fields, .n = 3 };
	form_begin(&d->form);
	s->data = d;
	return 0;
}

static void place_draw(const struct screen *s, struct pane a)
{
	struct place_data *d = s->data;
	struct pane in = draw_box(s->app, pane_middle(a, 7, 72), tr(T_PLACE));

	draw_text(s->app, in.y, in.x, in.w, PAINT_BOX, tr(T_PLACE_FIELD));
	form_draw(s->app, (struct pane){ in.y + 1, in.x, in.h - 1, in.w }, &d->form, 0);
}

static bool place_key(struct screen *s, const struct event *ev)
{
	struct place_data *d = s->data;
	struct app *a = s->app;
	enum form_did did = form_key(&d->form, ev);
	struct place_data *was;

	if (did != FORM_PRESSED)
		return did != FORM_UNUSED;
	was = malloc(sizeof(*was));
	if (!was)
		return true;
	memcpy(was, d, sizeof(*was));
	if (d->form.at == PLACE_SERVER)
		snprintf(was->where, sizeof(was->where), "%s", a->server);
	app_pop(a);
	if (was->where[0])
		was->went(was->arg, was->where);
	free(was);
	return true;
}

static bool place_typing(const struct screen *s)
{
	const struct place_data *d = s->data;

	return form_typing(&d->form);
}

static void place_hints(const struct screen *s, struct hints *h)
{
	const struct place_data *d = s->data;

	form_hints(&d->form, h);
	hint(h, "Esc", T_KEY_BACK);
}

static void place_free(struct screen *s)
{
	free(s->data);
}

static const struct screen_ops place_screen = {
	.title = T_PLACE,
	.help = T_PLACE_HELP,
	.popup = true,
	.init = place_init,
	.draw = place_draw,
	.key = place_key,
	.hints = place_hints,
	.typing = place_typing,
	.free = place_free,
};

void place_ask(struct app *a, const char *now, void (*went)(void *arg, const char *where),
	       void *arg)
{
	struct place_data *d = calloc(1, sizeof(*d));

	if (!d) {
		app_tell(a, T_PROBLEM, tr(T_OUT_OF_MEMORY));
		return;
	}
	d->went = went;
	d->arg = arg;
	snprintf(d->where, sizeof(d->where), "%s", now);
	app_push(a, &place_screen, d);
	free(d);
}
