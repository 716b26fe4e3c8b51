// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/help.h"

#include "common/text.h"
#include "imager/screen/list.h"

#include <errno.h>
#include <stdlib.h>

struct help_data {
	char *text;
	struct list list;
};

static int help_init(struct screen *s, void *arg, struct err *e)
{
	const struct screen *about = arg;
	struct help_data *d = calloc(1, sizeof(*d));
	struct text t = { .s = NULL };
	int r = d ? 0 : err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));

	text_add(&t, "%s\n\n%s", tr(about->ops->help), tr(T_HELP_KEYS));
	if (!r)
		r = text_take(&t, &d->text, e);
	text_free(&t);
	if (r < 0)
		free(d);
	else
		s->data = d;
	return r;
}

static void help_draw(const struct screen *s, struct pane a)
{
	struct help_data *d = s->data;
	struct pane in = pane_middle(a, a.h, a.w < 100 ? a.w : 100);

	list_draw_text(s->app, draw_box(s->app, in, tr(T_HELP_TITLE)), &d->list, d->text);
}

static bool help_key(struct screen *s, const struct event *ev)
{
	struct help_data *d = s->data;

	if (ev->key == K_HELP || ev->key == K_ENTER)
		app_pop(s->app);
	else
		return list_scroll(&d->list, ev);
	return true;
}

static void help_hints(const struct screen *s, struct hints *h)
{
	(void)s;
	hint(h, "Up Down", T_KEY_SCROLL);
	hint(h, "Esc", T_KEY_BACK);
}

static void help_free(struct screen *s)
{
	struct help_data *d = s->data;

	free(d->text);
	free(d);
}

const struct screen_ops help_screen = {
	.title = T_HELP_TITLE,
	.help = T_HELP_KEYS,
	.popup = true,
	.init = help_init,
	.draw = help_draw,
	.key = help_key,
	.hints = help_hints,
	.free = help_free,
};
