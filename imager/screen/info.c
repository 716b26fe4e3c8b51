// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/info.h"

#include "common/plain.h"
#include "common/run_program.h"
#include "common/text.h"
#include "imager/screen/facts.h"
#include "imager/screen/inventory.h"
#include "imager/screen/list.h"
#include "imager/screen/task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A text to scroll; while the task runs there is none yet. */
struct info_data {
	char *text;
	bool runs;
	struct list list;
};

/* @arg: the text, which is taken, or NULL: the task has it at its end. */
static int info_init(struct screen *s, void *arg, struct err *e)
{
	struct info_data *d = calloc(1, sizeof(*d));

	if (!d)
		return err_set(e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));
	d->text = arg;
	d->runs = !arg;
	s->data = d;
	return 0;
}

static void info_draw(const struct screen *s, struct pane a)
{
	struct info_data *d = s->data;
	struct pane in = { a.y + 1, a.x + 1, a.h - 2, a.w - 1 };

	list_draw_text(s->app, in, &d->list,
		       d->runs   ? tr(T_INFO_RUNS)
		       : d->text ? d->text
				 : "");
}

static bool info_key(struct screen *s, const struct event *ev)
{
	struct info_data *d = s->data;

	return list_scroll(&d->list, ev);
}

static void info_hints(const struct screen *s, struct hints *h)
{
	(void)s;
	hint(h, "Up Down", T_KEY_SCROLL);
	hint(h, "Esc", T_KEY_BACK);
}

static void info_tick(struct screen *s)
{
	struct info_data *d = s->data;
	const struct outcome *o = task_outcome(s->app->task);
	struct task_view v = { .state = TASK_IDLE };
	char shown[ERR_MSG_MAX + 1], *text;

	if (!d->runs)
		return;
	task_look(s->app->task, &v); /* makes its file quiet */
	task_view_free(&v);
	if (!o)
		return;
	d->runs = false;
	text = strdup(o->status ? plain_text(shown, sizeof(shown), o->text, "\n")
				: task_printed(s->app->task));
	d->text = text;
}

static void info_free(struct screen *s)
{
	struct info_data *d = s->data;

	if (d->runs)
		task_cancel(s->app->task);
	free(d->text);
	free(d);
}

static const struct screen_ops info_screen = {
	.title = T_INFO,
	.help = T_INFO_HELP,
	.init = info_init,
	.draw = info_draw,
	.key = info_key,
	.hints = info_hints,
	.tick = info_tick,
	.free = info_free,
};

static const struct screen_ops network_screen = {
	.title = T_NETWORK,
	.help = T_NETWORK_HELP,
	.init = info_init,
	.draw = info_draw,
	.key = info_key,
	.hints = info_hints,
	.free = info_free,
};

void info_image(struct app *a, const char *image)
{
	const char *const argv[] = { "slate", "info", image };
	struct err e = { "" };

	if (task_start(a->task, 3, argv, &e) < 0)
		app_tell(a, T_PROBLEM, e.msg);
	else if (app_push(a, &info_screen, NULL) < 0)
		task_cancel(a->task);
}

/* Takes the text. */
static void show(struct app *a, const struct screen_ops *ops, struct text *t)
{
	struct err e = { "" };
	char *text = NULL;

	if (text_take(t, &text, &e) < 0)
		app_tell(a, T_PROBLEM, e.msg);
	else if (app_push(a, ops, text) < 0)
		free(text);
}

static void add_place(struct text *t, const struct place *p)
{
	facts_add(t, T_INFO_DEVICE, p->path);
	facts_size(t, T_INFO_SIZE, p->size);
	if (!p->partition) {
		facts_add(t, T_INFO_MODEL, p->model[0] ? p->model : tr(T_UNKNOWN));
		facts_add(t, T_INFO_SERIAL, p->serial[0] ? p->serial : tr(T_UNKNOWN));
		facts_add(t, T_INFO_TABLE, p->table);
	}
	if (p->partition || p->fs[0])
		facts_add(t, T_INFO_FS, p->looked == LOOKED_NOT ? tr(T_LOOKING) : p->fs);
	if (p->label[0])
		facts_add(t, T_INFO_LABEL, p->label);
	if (p->used_known)
		facts_size(t, T_INFO_USED, p->used);
	if (p->mounts[0])
		facts_add(t, T_INFO_MOUNTED, p->mounts);
	if (p->system)
		facts_add(t, T_INFO_NOTE, tr(T_SYSTEM));
	if (p->read_only)
		facts_add(t, T_INFO_NOTE, tr(T_READ_ONLY));
	text_add(t, "\n");
}

void info_place(struct app *a, const char *path)
{
	const struct place *p = inventory_find(a->inventory, path);
	struct text t = { .s = NULL };
	size_t n;
	const struct place *all = inventory_places(a->inventory, &n);

	if (!p) {
		app_tell(a, T_PROBLEM, tr(T_GONE));
		return;
	}
	add_place(&t, p);
	for (size_t i = (size_t)(p - all) + 1; !p->partition && i < n && all[i].partition; i++)
		add_place(&t, &all[i]);
	show(a, &info_screen, &t);
}

/* Beside our own program, where it was built; else along PATH. */
static const char *netconf(char *buf, size_t n)
{
	ssize_t len = readlink("/proc/self/exe", buf, n - sizeof("-netconf"));

	if (len <= 0)
		return "slate-netconf";
	memcpy(buf + len, "-netconf", sizeof("-netconf"));
	return access(buf, X_OK) == 0 ? buf : "slate-netconf";
}

void network_show(struct app *a)
{
	char program[4096], sys[4096], shown[sizeof(struct output)];
	const char *argv[] = { netconf(program, sizeof(program)), "plan", NULL, NULL };
	struct text t = { .s = NULL };
	struct output o;
	struct err e = { "" };
	int r;

	if (a->root[0]) {
		snprintf(sys, sizeof(sys), "--sys=%s/sys", a->root);
		argv[2] = sys;
	}
	r = program_run(argv, NULL, &o, &e);
	text_add(&t, "%s", plain_text(shown, sizeof(shown), r < 0 ? e.msg : o.text, "\n"));
	show(a, &network_screen, &t);
}
