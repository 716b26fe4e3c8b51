// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/dialogue.h"

#include "imager/screen/disks.h"
#include "imager/screen/images.h"
#include "imager/screen/inventory.h"
#include "imager/screen/plan.h"
#include "imager/screen/quote.h"
#include "imager/screen/work.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL 25 /* columns */

/* ---- whom it is about -------------------------------------------------------------- */

static void describe(struct partner *p, const struct place *place)
{
	char size[SIZE_TEXT_MAX], who[320] = "";

	if (!place->partition)
		tr_print(who, sizeof(who), T_DISK_LINE,
			 place->model[0] ? place->model : tr(T_NO_MODEL),
			 place->serial[0] ? place->serial : tr(T_NO_SERIAL));
	snprintf(p->about, sizeof(p->about), "%s%s%s%s%s%s%s", size_text(size, place->size),
		 place->fs[0] ? "  " : "", place->fs, place->label[0] ? "  " : "", place->label,
		 who[0] ? "  " : "", who);
}

static void choose_now(struct app *a, struct partner *p, const char *name)
{
	const struct place *place = inventory_find(a->inventory, name);

	snprintf(p->name, sizeof(p->name), "%s", name);
	p->about[0] = 0;
	p->trouble = T_NONE;
	p->seq = place ? place->seq : 0;
}

/* A disk that was unplugged, or another one that has its name now, must not be taken. */
static void look_after(struct app *a, struct partner *p)
{
	const struct place *place;

	if (p->image || !p->name[0])
		return;
	place = inventory_find(a->inventory, p->name);
	p->trouble = !place ? T_DLG_GONE : place->seq != p->seq ? T_DLG_OTHER_NOW : T_NONE;
	if (place)
		describe(p, place);
}

static struct partner *to_choose(struct dialogue *d)
{
	for (size_t i = 0; i < d->n_partners; i++)
		if (d->partner[i].open)
			return &d->partner[i];
	return NULL;
}

const char *dialogue_trouble(const struct dialogue *d, char *buf, size_t n)
{
	const struct partner *p = d->partner;
	enum text_id missing = d->kind->missing ? d->kind->missing(d) : T_NONE;

	for (size_t i = 0; i < d->n_partners; i++)
		if (p[i].trouble != T_NONE)
			return tr_print(buf, n, p[i].trouble, p[i].name);
	for (size_t i = 0; i < d->n_partners; i++)
		if (!p[i].name[0])
			return tr(T_DLG_CHOOSE_FIRST);
	if (d->n_partners == 2 && !strcmp(p[0].name, p[1].name))
		return tr(T_DLG_SAME);
	if (missing != T_NONE)
		return tr(missing);
	return words_ok(&d->words) ? NULL : tr(T_OUT_OF_MEMORY);
}

const char *dialogue_name(const struct dialogue *d, size_t i)
{
	const struct partner *p = &d->partner[i];

	return p->name[0] ? p->name : p->image ? "IMAGE" : "DEVICE";
}

/* ---- making one ---------------------------------------------------------------------- */

struct dialogue *dialogue_new(struct app *a, const struct dialogue_kind *kind, size_t own_size)
{
	struct dialogue *d = calloc(1, sizeof(*d));

	if (d && own_size)
		d->own = calloc(1, own_size);
	if (!d || (own_size && !d->own)) {
		free(d);
		app_tell(a, T_PROBLEM, tr(T_OUT_OF_MEMORY));
		return NULL;
	}
	d->kind = kind;
	d->app = a;
	return d;
}

void dialogue_partner(struct dialogue *d, enum text_id label, bool image, const char *name)
{
	struct partner *p = &d->partner[d->n_partners++];

	*p = (struct partner){ .label = label, .image = image, .open = !name };
	if (name)
		choose_now(d->app, p, name);
	look_after(d->app, p);
}

static size_t add_field(struct dialogue *d, struct field f)
{
	d->field[d->n_fields] = f;
	return d->n_fields++;
}

size_t dialogue_text(struct dialogue *d, enum text_id label, char *text, size_t size)
{
	return add_field(
		d, (struct field){
			   .kind = FIELD_TEXT, .label = label, .text = text, .size = size });
}

size_t dialogue_check(struct dialogue *d, enum text_id label)
{
	return add_field(d, (struct field){ .kind = FIELD_CHECK, .label = label });
}

size_t dialogue_choice(struct dialogue *d, enum text_id label, const char *const *words,
		       size_t n)
{
	return add_field(
		d,
		(struct field){ .kind = FIELD_CHOICE, .label = label, .words = words, .n = n });
}

/* ---- the screen ------------------------------------------------------------------------ */

/* The buttons, behind the fields. */
enum { BUTTON_GO, BUTTON_BACK, BUTTON_CHOOSE };

static void add_buttons(struct dialogue *d)
{
	struct field *f = &d->field[d->n_fields];
	const struct partner *p = to_choose(d);

	f[BUTTON_GO] = (struct field){ .kind = FIELD_BUTTON, .label = T_DLG_GO };
	f[BUTTON_BACK] = (struct field){ .kind = FIELD_BUTTON, .label = T_DLG_BACK };
	if (p)
		f[BUTTON_CHOOSE] = (struct field){ .kind = FIELD_BUTTON,
						   .label = p->image ? T_DLG_OTHER_IMAGE
								     : T_DLG_OTHER_DISK };
	d->form = (struct form){ .fields = d->field, .n = d->n_fields + (p ? 3 : 2) };
	form_begin(&d->form);
}

static void dialogue_free(struct dialogue *d)
{
	if (d->kind->free)
		d->kind->free(d);
	words_free(&d->words);
	free(d->own);
	free(d);
}

static int dialogue_init(struct screen *s, void *arg, struct err *e)
{
	(void)e;
	s->data = arg;
	s->ops = &((struct dialogue *)arg)->ops;
	return 0;
}

static void chosen(void *arg, const char *name)
{
	struct dialogue *d = arg;

	choose_now(d->app, to_choose(d), name);
	look_after(d->app, to_choose(d));
	d->kind->write(d, &d->words);
	d->form.at = d->n_fields + BUTTON_GO;
}

static void choose(struct dialogue *d)
{
	if (to_choose(d)->image)
		images_choose(d->app, chosen, d);
	else
		disks_choose(d->app, chosen, d);
}

/* What still runs was begun by a screen that has gone, or by this one. */
static void go(struct screen *s)
{
	struct dialogue *d = s->data;
	char buf[4200];
	const char *trouble = dialogue_trouble(d, buf, sizeof(buf));

	d->goes = false;
	if (trouble) {
		app_tell(s->app, T_PROBLEM, trouble);
		return;
	}
	if (task_busy(s->app->task)) {
		task_cancel(s->app->task);
		d->goes = true;
		return;
	}
	if (d->kind->release)
		d->kind->release(d);
	if (d->kind->plan)
		plan_show(s->app, d);
	else
		work_start(s->app, d->words.n, (const char *const *)d->words.word);
}

static void pressed(struct screen *s)
{
	struct dialogue *d = s->data;
	size_t button = d->form.at - d->n_fields;

	if (button == BUTTON_GO)
		go(s);
	else if (button == BUTTON_CHOOSE)
		choose(d);
	else
		app_pop(s->app);
}

static bool dialogue_key(struct screen *s, const struct event *ev)
{
	struct dialogue *d = s->data;
	enum form_did did = form_key(&d->form, ev);

	d->goes = false;
	if (did == FORM_CHANGED)
		d->kind->write(d, &d->words);
	if (did == FORM_PRESSED)
		pressed(s);
	return did != FORM_UNUSED;
}

static void dialogue_tick(struct screen *s)
{
	struct dialogue *d = s->data;
	bool top = s->app->top == s;

	if (s->app->inventory_new)
		for (size_t i = 0; i < d->n_partners; i++)
			look_after(s->app, &d->partner[i]);
	if (d->kind->tick && !d->goes && d->kind->tick(d, top))
		d->kind->write(d, &d->words);
	if (d->goes && top)
		go(s);
}

static int draw_partner(const struct app *a, struct pane at, const struct partner *p)
{
	int w = at.w - LABEL;

	draw_text(a, at.y, at.x, LABEL, PAINT_HEAD, tr(p->label));
	draw_text(a, at.y, at.x + LABEL, w, p->name[0] ? PAINT_PLAIN : PAINT_WARN,
		  p->name[0] ? p->name : tr(T_DLG_NOT_CHOSEN));
	if (p->about[0])
		draw_text(a, at.y + 1, at.x + LABEL, w, PAINT_PLAIN, p->about);
	return p->about[0] ? 2 : 1;
}

/* One that does not fit at all is broken in its middle, where no blank may come between. */
static void draw_word(const struct app *a, struct pane at, const char *word, int *y, int *x)
{
	char line[512];
	size_t room = (size_t)at.w - 2;
	const char *rest = word;

	room = room < sizeof(line) ? room : sizeof(line) - 1;
	if (*x && (size_t)*x + 1 + strlen(word) > room) {
		draw_text(a, at.y + *y, at.x + *x, 2, PAINT_FIELD, " \\");
		++*y;
		*x = 0;
	}
	*x += *x > 0;
	while (*y < at.h) {
		rest = quote_break(word, rest, line, room - (size_t)(*x > 0 ? *x : 0));
		draw_text(a, at.y + *y, at.x + *x, (int)strlen(line), PAINT_FIELD, line);
		*x += (int)strlen(line);
		if (!rest)
			return;
		++*y;
		*x = -1;
	}
}

int dialogue_draw_words(const struct app *a, struct pane at, const struct words *o)
{
	int y = 0, x = 0;

	for (int i = 0; i < o->n && y < at.h; i++)
		draw_word(a, at, o->quoted[i], &y, &x);
	return y < at.h ? y + 1 : at.h;
}

static void dialogue_draw(const struct screen *s, struct pane a)
{
	struct dialogue *d = s->data;
	struct pane at = { a.y + 1, a.x + 1, a.h - 1, a.w - 2 };
	char buf[4200];
	const char *trouble = NULL;
	int lines = form_lines(&d->form);

	for (size_t i = 0; i < d->n_partners; i++) {
		int n = draw_partner(s->app, at, &d->partner[i]);

		if (d->partner[i].trouble != T_NONE)
			trouble = dialogue_trouble(d, buf, sizeof(buf));
		at = (struct pane){ at.y + n, at.x, at.h - n, at.w };
	}
	form_draw(s->app, (struct pane){ at.y + 1, at.x, lines, at.w }, &d->form, LABEL);
	at = (struct pane){ at.y + lines + 2, at.x, at.h - lines - 2, at.w };
	if (trouble || d->note[0]) {
		int n = draw_wrapped(s->app, (struct pane){ at.y, at.x, 3, at.w }, PAINT_WARN,
				     trouble ? trouble : d->note, 0);

		at = (struct pane){ at.y + n + 1, at.x, at.h - n - 1, at.w };
	}
	draw_text(s->app, at.y, at.x, at.w, PAINT_HEAD, tr(T_DLG_LINE));
	dialogue_draw_words(s->app, (struct pane){ at.y + 1, at.x, at.h - 1, at.w }, &d->words);
}

static bool dialogue_typing(const struct screen *s)
{
	const struct dialogue *d = s->data;

	return form_typing(&d->form);
}

static void dialogue_hints(const struct screen *s, struct hints *h)
{
	const struct dialogue *d = s->data;

	form_hints(&d->form, h);
	hint(h, "Esc", T_KEY_BACK);
}

static void dialogue_end(struct screen *s)
{
	dialogue_free(s->data);
}

void dialogue_show(struct dialogue *d)
{
	struct app *a = d->app;

	d->ops = (struct screen_ops){ .title = d->kind->title,
				      .help = d->kind->help,
				      .init = dialogue_init,
				      .draw = dialogue_draw,
				      .key = dialogue_key,
				      .hints = dialogue_hints,
				      .typing = dialogue_typing,
				      .tick = dialogue_tick,
				      .free = dialogue_end };
	add_buttons(d);
	d->kind->write(d, &d->words);
	if (app_push(a, &d->ops, d) < 0)
		dialogue_free(d);
	else if (to_choose(d))
		choose(d);
}
