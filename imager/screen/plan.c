// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/plan.h"

#include "imager/screen/facts.h"
#include "imager/screen/inventory.h"
#include "imager/screen/list.h"
#include "imager/screen/work.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum plan_state {
	PLAN_RUNS,
	PLAN_READS, /* nothing stands against it, the image is still read */
	PLAN_CLEAR,
	PLAN_BLOCKED,
};

struct plan_data {
	const struct dialogue *d; /* the one below */
	struct words dry;
	enum plan_state state;
	bool goes; /* the button was pressed, the dry run has not ended yet */
	char state_text[512], trouble[4200];
	char *text;
	struct list list;
	struct field fields[2];
	struct form form;
};

enum { PLAN_GO, PLAN_BACK };

static const struct place *target(const struct plan_data *d, const struct app *a)
{
	for (size_t i = 0; i < d->d->n_partners; i++)
		if (d->d->partner[i].label == T_DLG_TARGET)
			return inventory_find(a->inventory, d->d->partner[i].name);
	return NULL;
}

static void add_row(struct text *t, const char *name, uint64_t bytes, const char *fs,
		    const char *label)
{
	char size[SIZE_TEXT_MAX];

	text_add(t, "  %-22s %10s  %s%s%s\n", name, size_text(size, bytes), fs,
		 label[0] ? "  " : "", label);
}

/* @parts: of a disk with a table only these are written to; "": all of it. */
static void add_lost(struct text *t, const struct app *a, const struct place *p,
		     const char *parts)
{
	size_t n;
	const struct place *all = inventory_places(a->inventory, &n);

	text_add(t, "%s:\n", tr(T_PLAN_LOST));
	if (!p->table[0])
		parts = "";
	if (!parts[0])
		add_row(t, p->path, p->size, p->fs[0] ? p->fs : p->table, p->label);
	for (size_t i = (size_t)(p - all) + 1; !p->partition && i < n && all[i].partition; i++)
		if (words_listed(parts, all[i].number))
			add_row(t, all[i].path, all[i].size, all[i].fs, all[i].label);
}

static const char *member(const json_t *o, const char *name)
{
	const char *v = json_string_value(json_object_get(o, name));

	return v ? v : "";
}

/* Of a disk its partitions, of a filesystem itself. */
static void add_comes(struct text *t, const json_t *report, const char *parts)
{
	const json_t *list = json_object_get(report, "regions"), *g;
	size_t i;

	text_add(t, "\n%s:\n", tr(T_PLAN_COMES));
	if (!json_is_array(list))
		add_row(t,
			member(report, json_object_get(report, "image") ? "image" : "source"),
			(uint64_t)json_integer_value(json_object_get(report, "device_bytes")),
			member(report, "fs"), member(report, "label"));
	json_array_foreach (list, i, g) {
		json_int_t part = json_integer_value(json_object_get(g, "part"));
		char number[24], name[64];

		if (!part || !words_listed(parts, (unsigned)part))
			continue;
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, part);
		add_row(t, tr_print(name, sizeof(name), T_PLAN_PART, number),
			(uint64_t)json_integer_value(json_object_get(g, "size")),
			member(g, "fs"), member(g, "label"));
	}
}

/* All that is known by now; where there is no memory, the old text stays. */
static void write_text(struct plan_data *d, const struct app *a, const struct task_view *v)
{
	const struct outcome *o = task_outcome(a->task);
	const struct place *p = target(d, a);
	const char *parts = words_value(&d->dry, "--part=");
	struct text t = { .s = NULL };
	char *text = NULL;

	if (o)
		text_add(&t, "%s\n\n", o->text);
	for (unsigned i = 0; i < v->n_notices; i++)
		text_add(&t, "%s\n%s", v->notices[i], i + 1 < v->n_notices ? "" : "\n");
	if (d->state == PLAN_BLOCKED)
		text_add(&t, "%s\n", tr(T_PLAN_ADVICE));
	else if (p)
		add_lost(&t, a, p, parts);
	if (o && d->state != PLAN_BLOCKED)
		add_comes(&t, o->report, parts);
	if (text_take(&t, &text, NULL) < 0)
		return;
	free(d->text);
	d->text = text;
}

static void write_state(struct plan_data *d, const struct task_view *v)
{
	static const enum text_id texts[] = { T_PLAN_RUNS, T_PLAN_READS, T_PLAN_CLEAR,
					      T_PLAN_BLOCKED };
	char percent[16];

	snprintf(percent, sizeof(percent), "%u", share(v->p.done, v->p.total, 100));
	tr_print(d->state_text, sizeof(d->state_text), d->goes ? T_PLAN_STOPS : texts[d->state],
		 percent);
}

/* Nothing can begin before it is known that it may: until then there is no button for it. */
static void write_buttons(struct plan_data *d)
{
	bool may = (d->state == PLAN_READS || d->state == PLAN_CLEAR) && !d->trouble[0];
	size_t first = may && !d->goes ? PLAN_GO : PLAN_BACK;

	if (d->form.fields == &d->fields[first])
		return;
	/* The way back is what is chosen, whenever the other one comes or goes. */
	d->form = (struct form){ .fields = &d->fields[first],
				 .n = 2 - first,
				 .at = PLAN_BACK - first };
}

static const struct field *chosen_button(const struct plan_data *d)
{
	return &d->form.fields[d->form.at];
}

static void renew(struct plan_data *d, const struct app *a)
{
	const struct outcome *o = task_outcome(a->task);
	struct task_view v = { .state = TASK_IDLE };
	char buf[sizeof(d->trouble)];
	const char *trouble = dialogue_trouble(d->d, buf, sizeof(buf));

	task_look(a->task, &v);
	if (o)
		d->state = o->status ? PLAN_BLOCKED : PLAN_CLEAR;
	else if (!strcmp(v.phase, "simulate"))
		d->state = PLAN_READS;
	snprintf(d->trouble, sizeof(d->trouble), "%s", trouble ? trouble : "");
	write_state(d, &v);
	write_buttons(d);
	write_text(d, a, &v);
	task_view_free(&v);
}

static int plan_init(struct screen *s, void *arg, struct err *e)
{
	struct plan_data *d = calloc(1, sizeof(*d));
	const struct dialogue *below = arg;
	int r;

	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	d->d = below;
	words_begin(&d->dry, below->words.word[1]);
	words_add(&d->dry, "--dry-run");
	for (int i = 2; i < below->words.n; i++)
		words_add(&d->dry, below->words.word[i]);
	r = words_ok(&d->dry)
		    ? task_start(s->app->task, d->dry.n, (const char *const *)d->dry.word, e)
		    : err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	if (r < 0) {
		words_free(&d->dry);
		free(d);
		return r;
	}
	d->fields[PLAN_GO] =
		(struct field){ .kind = FIELD_BUTTON, .label = work_verb(s->app)->name };
	d->fields[PLAN_BACK] = (struct field){ .kind = FIELD_BUTTON, .label = T_DLG_BACK };
	write_buttons(d);
	inventory_renew(s->app->inventory);
	s->data = d;
	return 0;
}

static void plan_draw(const struct screen *s, struct pane a)
{
	static const enum paint looks[] = { PAINT_PLAIN, PAINT_PLAIN, PAINT_GOOD, PAINT_BAD };
	struct plan_data *d = s->data;
	struct pane at = { a.y + 1, a.x + 1, a.h - 1, a.w - 2 };
	int n = dialogue_draw_words(s->app, (struct pane){ at.y, at.x, 4, at.w }, &d->dry);
	bool bad = d->trouble[0];

	n += 1 + draw_wrapped(s->app, (struct pane){ at.y + n + 1, at.x, 3, at.w },
			      bad ? PAINT_BAD : looks[d->state],
			      bad ? d->trouble : d->state_text, 0);
	list_draw_text(s->app, (struct pane){ at.y + n + 1, at.x, at.h - n - 3, at.w + 1 },
		       &d->list, d->text ? d->text : "");
	form_draw(s->app, (struct pane){ at.y + at.h - 1, at.x, 1, at.w }, &d->form, 0);
}

/* The dialogue stays below; the plan would be an old one afterwards. */
static void begin(struct screen *s)
{
	const struct plan_data *d = s->data;
	struct app *a = s->app;
	const struct words *o = &d->d->words;

	app_pop(a);
	work_start(a, o->n, (const char *const *)o->word);
}

static void plan_tick(struct screen *s)
{
	struct plan_data *d = s->data;

	if (s->app->top != s && d->goes)
		return;
	if (d->goes && !task_busy(s->app->task)) {
		begin(s);
		return;
	}
	if (!d->goes)
		renew(d, s->app);
}

static void pressed(struct screen *s)
{
	struct plan_data *d = s->data;
	struct task_view v = { .state = TASK_IDLE };

	if (chosen_button(d) == &d->fields[PLAN_BACK]) {
		app_pop(s->app);
		return;
	}
	/* It may just have become impossible. */
	renew(d, s->app);
	if (chosen_button(d) == &d->fields[PLAN_BACK])
		return;
	d->goes = true;
	task_cancel(s->app->task);
	write_state(d, &v);
	write_buttons(d);
}

static bool plan_key(struct screen *s, const struct event *ev)
{
	struct plan_data *d = s->data;
	enum form_did did;

	if (list_scroll(&d->list, ev))
		return true;
	did = form_key(&d->form, ev);
	if (did == FORM_PRESSED)
		pressed(s);
	return did != FORM_UNUSED;
}

static void plan_hints(const struct screen *s, struct hints *h)
{
	const struct plan_data *d = s->data;

	form_hints(&d->form, h);
	if (d->list.n > d->list.page)
		hint(h, "Up Down", T_KEY_SCROLL);
	hint(h, "Esc", T_KEY_BACK);
}

static void plan_free(struct screen *s)
{
	struct plan_data *d = s->data;

	task_cancel(s->app->task);
	words_free(&d->dry);
	free(d->text);
	free(d);
}

static const struct screen_ops plan_screen = {
	.title = T_PLAN,
	.help = T_PLAN_HELP,
	.init = plan_init,
	.draw = plan_draw,
	.key = plan_key,
	.hints = plan_hints,
	.tick = plan_tick,
	.free = plan_free,
};

void plan_show(struct app *a, struct dialogue *d)
{
	app_push(a, &plan_screen, d);
}
