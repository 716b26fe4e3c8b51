// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/session.h"

#include "common/plain.h"
#include "imager/cmd/finish.h"
#include "imager/cmd/status.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

void session_begin(struct session *s, const struct face *f, const struct options *o,
		   const char *verb, bool image_to_stdout)
{
	*s = (struct session){ .face = f, .o = o, .rep = { .verb = verb } };
	/* A reader that went away and a limit on file sizes are errors like others. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	s->json_out = image_to_stdout ? f->err : f->out;
	s->w = f->watcher ? *f->watcher
	       : o->json  ? jsonlines_watcher(&s->lines, s->json_out, -1)
			  : text_watcher(&s->text, f->err, -1);
	if (!o->debug && !f->watcher)
		s->w.notice = NULL;
	s->ask = (struct ask){ .may = !o->batch && !o->answers && !f->watcher,
			       .yes = o->yes,
			       .answers = o->answers,
			       .out = f->err,
			       .in_fd = STDIN_FILENO,
			       .cancel_fd = s->w.cancel_fd,
			       .other = f->yes,
			       .arg = f->arg };
}

void session_image(struct session *s, const char *image)
{
	char *url = NULL, *server = NULL;

	s->rep.image = image;
	if (!remote_is_url(image))
		return;
	snprintf(s->shown, sizeof(s->shown), "%s",
		 remote_shown(image, &url, &server, NULL) < 0 ? "an address" : url);
	s->rep.image = s->shown;
	free(url);
	free(server);
}

int session_catch_signals(struct session *s, struct err *e)
{
	sigset_t set;

	if (s->face->watcher) /* it knows */
		return 0;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(e, "cannot block signals");
	s->w.cancel_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->ask.cancel_fd = s->w.cancel_fd;
	return s->w.cancel_fd < 0 ? err_sys(e, "cannot catch signals") : 0;
}

/* The signal that asked for the end, or 0. */
static int which_signal(const struct session *s)
{
	struct signalfd_siginfo info;

	if (s->face->watcher)
		return watcher_cancelled(&s->w) ? SIGINT : 0;
	if (s->w.cancel_fd < 0 || read(s->w.cancel_fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

/* Times are whole milliseconds. */
#define REPORT_STYLE (JSON_INDENT(2) | JSON_REAL_PRECISION(9))

static int write_report(FILE *err, const char *path, json_t *report)
{
	FILE *f = fopen(path, "we");
	int bad = !f || json_dumpf(report, f, REPORT_STYLE) < 0 || fputc('\n', f) == EOF;
	char name[ERR_MSG_MAX];

	if (f && fclose(f) == EOF)
		bad = 1;
	if (bad)
		fprintf(err, "slate: %s: cannot write the report: %s\n",
			plain_text(name, sizeof(name), path, ""), strerror(errno));
	return bad ? -EIO : 0;
}

static int put_result(const struct session *s, json_t *report)
{
	struct err e = { "" };
	int r = jsonlines_put(s->json_out, "result", report, &e);

	if (r < 0)
		fprintf(s->face->err, "slate: standard %s: %s\n",
			s->json_out == s->face->out ? "output" : "error", e.msg);
	return r;
}

/* The target is left without a valid filesystem. */
static bool half(const struct session *s, int status)
{
	return status && s->rep.touched && strcmp(s->rep.verb, "save") != 0 &&
	       status != STATUS_DIFFERS && !s->rep.complete;
}

static void say(const struct session *s, int status, const struct err *e, const char *done)
{
	char text[ERR_MSG_MAX];
	FILE *err = s->face->err;

	if (status) /* may quote labels and names from anywhere */
		fprintf(err, "slate: %s\n",
			plain_text(text, sizeof(text), e->msg[0] ? e->msg : "failed", "\n"));
	else if (done && done[0] && !s->o->json)
		fprintf(err, "%s\n", plain_text(text, sizeof(text), done, ""));
	if (half(s, status))
		fprintf(err,
			"slate: %s is only partly written and was left without a valid "
			"filesystem; do it again\n",
			plain_text(text, sizeof(text), s->rep.device, ""));
}

static void tell(const struct session *s, int status, const struct err *e, const char *done,
		 json_t *report)
{
	struct outcome *o = s->face->outcome;
	const char *text = done ? done : "";

	if (!o)
		return;
	if (status)
		text = e->msg[0] ? e->msg : "failed";
	*o = (struct outcome){ .status = status,
			       .half = half(s, status),
			       .report = json_incref(report) };
	plain_text(o->text, sizeof(o->text), text, "\n");
}

int session_end(struct session *s, int code, const struct err *e, const char *done)
{
	int status = status_of(code, s->rep.touched, code ? which_signal(s) : 0);
	json_t *report = report_json(&s->rep, status, status ? e->msg : "");
	bool worked = s->rep.touched || s->rep.complete;

	text_break(&s->text);
	say(s, status, e, done);
	tell(s, status, e, done, report);
	if (s->o->json && put_result(s, report) < 0 && !status)
		status = STATUS_FAILED;
	if (s->o->report && write_report(s->face->err, s->o->report, report) < 0 && !status)
		status = STATUS_FAILED;
	if (s->o->debug > 1) {
		json_dumpf(report, s->face->err, REPORT_STYLE);
		fputc('\n', s->face->err);
	}
	json_decref(report);
	report_free(&s->rep);
	if (s->w.cancel_fd >= 0 && !s->face->watcher)
		close(s->w.cancel_fd);
	return status || !worked ? status : finish(s->o->finish, s->face->err);
}
