// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/confirm.h"

#include "imager/screen/facts.h"
#include "imager/screen/form.h"
#include "imager/screen/inventory.h"
#include "imager/screen/list.h"
#include "imager/screen/words.h"
#include "imager/screen/work.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct confirm_data {
	struct task_question q;
	bool *declined;
	char *plan; /* what is shown to be read: the plan, or the question */
	struct list list;
	char typed[256];
	bool wrong;
	struct field fields[3];
	struct form form;
	const struct field *yes; /* the button */
};

/* What is on the partitions that are overwritten, as far as the inventory has seen it. */
static void add_partitions(struct text *t, const struct app *a, const struct task_question *q)
{
	const struct place *p = inventory_find(a->inventory, q->device);
	size_t n;
	const struct place *all = inventory_places(a->inventory, &n);
	char size[SIZE_TEXT_MAX];

	if (!p || p->partition)
		return;
	for (size_t i = (size_t)(p - all) + 1; i < n && all[i].partition; i++)
		if (words_listed(q->parts, all[i].number))
			text_add(t, "  %-18s %10s  %s  %s\n", all[i].name,
				 size_text(size, all[i].size), all[i].fs, all[i].label);
}

static void add_plan(struct text *t, const struct app *a, const struct task_view *v)
{
	const struct task_question *q = &v->question;
	char *line = work_line(a);

	text_add(t, "%s\n\n", line ? line : "");
	free(line);
	facts_add(t, T_INFO_DEVICE, q->device);
	facts_add(t, T_INFO_MODEL, q->model[0] ? q->model : tr(T_UNKNOWN));
	facts_add(t, T_INFO_SERIAL, q->serial[0] ? q->serial : tr(T_UNKNOWN));
	facts_size(t, T_INFO_SIZE, q->size);
	facts_add(t, T_CONFIRM_HOLDS, q->holds);
	add_partitions(t, a, q);
	facts_add(t, T_CONFIRM_FROM, q->from);
	for (unsigned i = 0; i < v->n_notices; i++)
		facts_add(t, T_INFO_NOTE, v->notices[i]);
}

/* Enter in the text presses the first button; without a text No is where one begins. */
static void make_form(struct confirm_data *d)
{
	struct field text = { .kind = FIELD_TEXT, .text = d->typed, .size = sizeof(d->typed) };

	if (d->q.destroys) {
		d->fields[0] = text;
		d->fields[1] = (struct field){ .kind = FIELD_BUTTON, .label = T_CONFIRM_YES };
		d->fields[2] = (struct field){ .kind = FIELD_BUTTON, .label = T_CONFIRM_NO };
		d->form.n = 3;
	} else {
		d->fields[0] = (struct field){ .kind = FIELD_BUTTON, .label = T_NO };
		d->fields[1] = (struct field){ .kind = FIELD_BUTTON, .label = T_YES };
		d->form.n = 2;
	}
	d->yes = &d->fields[1];
	d->form.fields = d->fields;
	form_begin(&d->form);
}

/* What confirm_init() gets. */
struct confirm_begin {
	const struct task_view *v;
	bool *declined;
};

static int confirm_init(struct screen *s, void *arg, struct err *e)
{
	const struct confirm_begin *b = arg;
	struct confirm_data *d = calloc(1, sizeof(*d));
	struct text t = { .s = NULL };
	int r;

	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	d->q = b->v->question;
	d->declined = b->declined;
	if (d->q.destroys)
		add_plan(&t, s->app, b->v);
	else
		text_add(&t, "%s", d->q.message);
	r = text_take(&t, &d->plan, e);
	if (r < 0) {
		free(d);
		return r;
	}
	make_form(d);
	s->data = d;
	return 0;
}

static void confirm_draw(const struct screen *s, struct pane a)
{
	struct confirm_data *d = s->data;
	struct pane in = { a.y + 1, a.x + 2, a.h - 1, a.w - 4 };
	int low = in.y + in.h - 6;
	char lost[1024];

	tr_print(lost, sizeof(lost), d->q.parts[0] ? T_CONFIRM_LOST_PARTS : T_CONFIRM_LOST,
		 d->q.parts);
	draw_text(s->app, in.y, in.x, in.w, PAINT_BAD, lost);
	list_draw_text(s->app, (struct pane){ in.y + 2, in.x, in.h - 9, in.w + 1 }, &d->list,
		       d->plan);
	draw_text(s->app, low, in.x, in.w, PAINT_HEAD, tr(T_CONFIRM_TYPE));
	form_draw(s->app, (struct pane){ low + 1, in.x, 2, in.w }, &d->form, 0);
	draw_wrapped(s->app, (struct pane){ low + 4, in.x, 2, in.w }, PAINT_BAD,
		     d->wrong ? tr(T_CONFIRM_WRONG) : "", 0);
}

static void question_draw(const struct screen *s, struct pane a)
{
	struct confirm_data *d = s->data;
	struct pane in = pane_middle(a, (int)draw_lines(d->plan, 60) + 4, 64);

	in = draw_box(s->app, in, tr(work_verb(s->app)->name));
	draw_wrapped(s->app, (struct pane){ in.y, in.x, in.h - 2, in.w }, PAINT_BOX, d->plan,
		     0);
	form_draw(s->app, (struct pane){ in.y + in.h - 1, in.x, 1, in.w }, &d->form, 0);
}

/* Takes the screen away. */
static void answer(struct screen *s, bool yes)
{
	const struct confirm_data *d = s->data;
	struct app *a = s->app;

	*d->declined = !yes;
	task_answer(a->task, yes);
	app_pop(a);
}

static void pressed(struct screen *s)
{
	struct confirm_data *d = s->data;
	bool yes = &d->fields[d->form.at] == d->yes;

	if (!yes || !d->q.destroys || inventory_names(d->typed, d->q.device, d->q.serial)) {
		answer(s, yes);
		return;
	}
	d->wrong = true;
	d->form.at = 0;
}

static bool confirm_key(struct screen *s, const struct event *ev)
{
	struct confirm_data *d = s->data;
	enum form_did did;

	if (ev->key == K_BACK || ev->key == K_STOP) {
		answer(s, false);
		return true;
	}
	if ((ev->key == K_PAGE_UP || ev->key == K_PAGE_DOWN) && list_scroll(&d->list, ev))
		return true;
	did = form_key(&d->form, ev);
	if (did == FORM_CHANGED)
		d->wrong = false;
	if (did == FORM_PRESSED)
		pressed(s);
	return did != FORM_UNUSED;
}

static bool confirm_typing(const struct screen *s)
{
	const struct confirm_data *d = s->data;

	return form_typing(&d->form);
}

static void confirm_hints(const struct screen *s, struct hints *h)
{
	const struct confirm_data *d = s->data;

	form_hints(&d->form, h);
	if (d->list.n > d->list.page)
		hint(h, "PgUp PgDn", T_KEY_SCROLL);
	hint(h, "Esc", T_KEY_BACK);
}

static void confirm_free(struct screen *s)
{
	struct confirm_data *d = s->data;

	free(d->plan);
	free(d);
}

static const struct screen_ops confirm_screen = {
	.title = T_CONFIRM,
	.help = T_CONFIRM_HELP,
	.init = confirm_init,
	.draw = confirm_draw,
	.key = confirm_key,
	.hints = confirm_hints,
	.typing = confirm_typing,
	.free = confirm_free,
};

static const struct screen_ops question_screen = {
	.title = T_CONFIRM,
	.help = T_ASK_HELP,
	.popup = true,
	.init = confirm_init,
	.draw = question_draw,
	.key = confirm_key,
	.hints = confirm_hints,
	.free = confirm_free,
};

void confirm_show(struct app *a, const struct task_view *v, bool *declined)
{
	struct confirm_begin b = { .v = v, .declined = declined };

	if (app_push(a, v->question.destroys ? &confirm_screen : &question_screen, &b) < 0)
		task_answer(a->task, false);
}
