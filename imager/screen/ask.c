// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/ask.h"

#include "imager/screen/form.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ask_data {
	enum text_id title;
	char *text;
	void (*yes)(struct app *a, void *arg);
	void *arg;
	struct form form;
	struct field buttons[2];
};

static int ask_init(struct screen *s, void *arg, struct err *e)
{
	const struct ask_data *from = arg;
	struct ask_data *d = malloc(sizeof(*d));

	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	*d = *from;
	d->text = strdup(from->text);
	if (!d->text) {
		free(d);
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	}
	d->buttons[0] = (struct field){ .kind = FIELD_BUTTON, .label = d->yes ? T_NO : T_OK };
	d->buttons[1] = (struct field){ .kind = FIELD_BUTTON, .label = T_YES };
	d->form = (struct form){ .fields = d->buttons, .n = d->yes ? 2 : 1 };
	s->data = d;
	return 0;
}

static void ask_draw(const struct screen *s, struct pane a)
{
	struct ask_data *d = s->data;
	struct pane in = pane_middle(a, (int)draw_lines(d->text, 60) + 4, 64);

	in = draw_box(s->app, in, tr(d->title));
	draw_wrapped(s->app, (struct pane){ in.y, in.x, in.h - 2, in.w }, PAINT_BOX, d->text,
		     0);
	form_draw(s->app, (struct pane){ in.y + in.h - 1, in.x, 1, in.w }, &d->form, 0);
}

static bool ask_key(struct screen *s, const struct event *ev)
{
	struct ask_data *d = s->data;
	struct app *a = s->app;
	struct ask_data was = *d;
	enum form_did did = form_key(&d->form, ev);

	if (did == FORM_PRESSED) {
		was.form.at = d->form.at;
		app_pop(a);
		if (was.form.at == 1)
			was.yes(a, was.arg);
		return true;
	}
	/* A second ^C shall not ask whether to ask. */
	if (ev->key == K_STOP) {
		app_pop(a);
		return true;
	}
	return did != FORM_UNUSED;
}

static void ask_hints(const struct screen *s, struct hints *h)
{
	struct ask_data *d = s->data;

	form_hints(&d->form, h);
	hint(h, "Esc", T_KEY_BACK);
}

static void ask_free(struct screen *s)
{
	struct ask_data *d = s->data;

	free(d->text);
	free(d);
}

const struct screen_ops ask_screen = {
	.title = T_NONE,
	.help = T_ASK_HELP,
	.popup = true,
	.init = ask_init,
	.draw = ask_draw,
	.key = ask_key,
	.hints = ask_hints,
	.free = ask_free,
};

void app_tell(struct app *a, enum text_id title, const char *text)
{
	struct ask_data d = { .title = title, .text = (char *)(uintptr_t)text };

	app_push(a, &ask_screen, &d);
}

void app_ask(struct app *a, enum text_id title, const char *text,
	     void (*yes)(struct app *a, void *arg), void *arg)
{
	struct ask_data d = {
		.title = title, .text = (char *)(uintptr_t)text, .yes = yes, .arg = arg
	};

	app_push(a, &ask_screen, &d);
}
