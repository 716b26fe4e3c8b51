// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/end.h"

#include "imager/cmd/status.h"
#include "imager/screen/list.h"
#include "imager/screen/receipt.h"
#include "imager/screen/task.h"
#include "imager/screen/work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct end_data {
	enum text_id verdict;
	enum paint look;
	char *half;         /* what to know of a target that is half written, NULL: it is not */
	char *text, *whole; /* the receipt, and all of the report; NULL: there is none */
	bool all;           /* the latter is shown */
	struct list list;
};

/* What an exit status means, and what to do. */
struct verdict {
	int status;
	enum text_id verdict, advice;
	enum paint look;
};

static const struct verdict verdicts[] = {
	{ STATUS_DONE, T_END_DONE, T_NONE, PAINT_GOOD },
	{ STATUS_REFUSED, T_END_REFUSED, T_ADVICE_REFUSED, PAINT_BAD },
	{ STATUS_BAD_IMAGE, T_END_BAD_IMAGE, T_ADVICE_BAD_IMAGE, PAINT_BAD },
	{ STATUS_DIFFERS, T_END_DIFFERS, T_NONE, PAINT_WARN },
	{ STATUS_FAILED, T_END_FAILED, T_ADVICE_FAILED, PAINT_BAD },
};

static const struct verdict unknown = { -1, T_END_FAILED, T_NONE, PAINT_BAD };
/* The image or the target is complete, but it has bad sectors, or could not grow. */
static const struct verdict nearly = { -1, T_END_NEARLY, T_NONE, PAINT_WARN };
/* What was written and read back. */
static const struct verdict unlike = { -1, T_END_UNLIKE, T_ADVICE_UNLIKE, PAINT_BAD };
/* After all of it had been written. */
static const struct verdict late = { -1, T_END_STOPPED, T_ADVICE_LATE, PAINT_WARN };

static bool is(const json_t *report, const char *member)
{
	return json_is_true(json_object_get(report, member));
}

static struct verdict verdict_of(const struct outcome *o, const struct work_verb *verb)
{
	bool complete = is(o->report, "complete") ||
			(!strcmp(verb->verb, "save") && json_object_get(o->report, "root"));

	if (o->status > STATUS_SIGNAL)
		return complete && is(o->report, "touched")
			       ? late
			       : (struct verdict){ -1, T_END_STOPPED, verb->stopped,
						   PAINT_WARN };
	if (o->status == STATUS_FAILED && complete)
		return nearly;
	if (o->status == STATUS_DIFFERS && is(o->report, "touched"))
		return unlike;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (verdicts[i].status == o->status)
			return verdicts[i];
	return unknown;
}

static char *half_text(const json_t *report)
{
	const char *device = json_string_value(json_object_get(report, "device"));
	char text[2048];

	return strdup(tr_print(text, sizeof(text), T_END_HALF, device ? device : "?"));
}

static int end_init(struct screen *s, void *arg, struct err *e)
{
	const struct outcome *o = task_outcome(s->app->task);
	struct verdict what = verdict_of(o, work_verb(s->app));
	struct end_data *d = calloc(1, sizeof(*d));
	struct task_view v = { .state = TASK_IDLE };

	(void)arg;
	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	d->verdict = what.verdict;
	d->look = what.look;
	task_look(s->app->task, &v);
	d->text = end_text(s->app, &v, what.advice);
	task_view_free(&v);
	d->half = o->half ? half_text(o->report) : NULL;
	d->whole = o->report ? json_dumps(o->report, JSON_INDENT(2) | JSON_REAL_PRECISION(9))
			     : NULL;
	s->data = d;
	return 0;
}

static void end_draw(const struct screen *s, struct pane a)
{
	struct end_data *d = s->data;
	struct pane in = { a.y + 1, a.x + 2, a.h - 1, a.w - 4 };
	char verdict[256];
	int y;

	snprintf(verdict, sizeof(verdict), "%s: %s", tr(work_verb(s->app)->name),
		 tr(d->verdict));
	draw_text(s->app, in.y, in.x, in.w, d->look, verdict);
	y = 2 + (d->half ? draw_wrapped(s->app, (struct pane){ in.y + 2, in.x, 6, in.w },
					PAINT_BAD, d->half, 0) +
				   1
			 : 0);
	list_draw_text(s->app, (struct pane){ in.y + y, in.x, in.h - y, in.w + 2 }, &d->list,
		       d->all    ? d->whole
		       : d->text ? d->text
				 : tr(T_OUT_OF_MEMORY));
}

static bool end_key(struct screen *s, const struct event *ev)
{
	struct end_data *d = s->data;

	if (ev->key == K_ENTER) {
		app_pop(s->app);
		return true;
	}
	if (ev->key == K_CHAR && ev->ch == 'i' && d->whole) {
		d->all = !d->all;
		d->list.top = 0;
		return true;
	}
	return list_scroll(&d->list, ev);
}

static void end_hints(const struct screen *s, struct hints *h)
{
	const struct end_data *d = s->data;

	if (d->list.n > d->list.page)
		hint(h, "Up Down", T_KEY_SCROLL);
	if (d->whole)
		hint(h, "i", d->all ? T_KEY_SUMMARY : T_KEY_REPORT);
	hint(h, "Esc", T_KEY_BACK);
}

/* The task may ring once more after its end. */
static void end_tick(struct screen *s)
{
	struct task_view v = { .state = TASK_IDLE };

	task_look(s->app->task, &v);
	task_view_free(&v);
}

static void end_free(struct screen *s)
{
	struct end_data *d = s->data;

	free(d->half);
	free(d->text);
	free(d->whole);
	free(d);
}

static const struct screen_ops end_screen = {
	.title = T_END,
	.help = T_END_HELP,
	.init = end_init,
	.draw = end_draw,
	.key = end_key,
	.hints = end_hints,
	.tick = end_tick,
	.free = end_free,
};

void end_show(struct app *a)
{
	app_push(a, &end_screen, NULL);
}
