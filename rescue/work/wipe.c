// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/disk/wipe.h"

#include "rescue/screen/progress.h"
#include "rescue/work/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct wiping {
	struct agent *a;
	int64_t began, next; /* ms */
};

static bool show(void *ctx, uint64_t done, uint64_t total)
{
	struct wiping *w = ctx;
	int64_t ms = work_now() - w->began;
	struct screen_progress p = { .phase = "wipe", .done = done, .total = total, .eta = -1 };
	char text[PROGRESS_TEXT_MAX], line[200];

	if (reporter_gone(w->a->reporter))
		return false;
	if (work_now() < w->next)
		return true;
	w->next = work_now() + 500;
	if (ms > 1000) {
		p.rate = (uint64_t)((double)done * 1000 / (double)ms);
		p.eta = p.rate ? (int64_t)((total - done) / p.rate) : -1;
	}
	snprintf(line, sizeof(line),
		 "{\"event\":\"progress\",\"phase\":\"wipe\",\"done\":%llu,\"total\":%llu,"
		 "\"elapsed\":%.1f,\"rate\":%llu,\"eta\":%lld}",
		 (unsigned long long)done, (unsigned long long)total, (double)ms / 1000,
		 (unsigned long long)p.rate, p.eta < 0 ? 0 : (long long)p.eta);
	reporter_line(w->a->reporter, line);
	screen_move(w->a->screen, false, "%s", screen_progress_text(&p, text));
	return true;
}

/* Whether the job has its second confirmation: this machine's name, once more. */
static int confirm(const struct agent *a, struct err *e)
{
	if (a->job.host[0] && !strcmp(a->job.confirm, a->job.host))
		return 0;
	return err_set(e, -ECANCELED,
		       "a wipe needs to be confirmed by the name of the machine (%s), but the "
		       "job says \"%s\": nothing was touched",
		       a->job.host[0] ? a->job.host : "this one has none", a->job.confirm);
}

void work_wipe(struct agent *a, struct outcome *o)
{
	struct wiping w = { .a = a, .began = work_now() };
	struct wiped is = { 0 };
	struct disk d;
	int r = confirm(a, &o->e);

	if (!r)
		r = target_choose(a, a->job.disk, NULL, &d, &o->e);
	if (!r) {
		r = disk_wipe(d.path, show, &w, &is, &o->e);
		o->receipt = json_pack("{s:s, s:s, s:s, s:s, s:I, s:b, s:b, s:{s:I}}", "verb",
				       "wipe", "device", d.path, "model", d.ident.model,
				       "serial", d.ident.serial, "device_bytes",
				       (json_int_t)(is.size ? is.size : d.size), "touched",
				       is.touched, "complete", r == 0, "bytes", "written",
				       (json_int_t)is.done);
	}
	if (r)
		outcome_fail(o, r == -EINTR || is.touched ? r : -ECANCELED);
	else
		agent_step(a, "%s is empty: all of its %llu MiB are zeros", d.name,
			   (unsigned long long)(is.done >> 20));
}
