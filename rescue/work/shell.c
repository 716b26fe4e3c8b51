// SPDX-License-Identifier: GPL-3.0-or-later
/* The jobs without a disk. */
#include "rescue/work/work.h"

#include "rescue/child/child.h"
#include "rescue/work/console.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#define SHELLS_MAX 4

/* For poweroff and local: what comes next is in the job. */
void work_nothing(struct agent *a, struct outcome *o)
{
	(void)a;
	(void)o;
}

/* One a console: "slate-agent console NAME", which asks for the password. */
static unsigned start_all(struct agent *a, struct child shells[SHELLS_MAX], struct err *e)
{
	char password[160], root[PATH_MAX + 8];
	unsigned n = 0;
	const char *name;

	snprintf(password, sizeof(password), "SLATE_PASSWORD=%s", a->job.password);
	snprintf(root, sizeof(root), "--root=%s", a->root);
	for (unsigned i = 0; i < SHELLS_MAX && (name = screen_console(a->screen, i)); i++) {
		const char *const argv[] = { "slate-agent", "console", name,
					     a->root[0] ? root : NULL, NULL };
		const struct child_task t = { .argv = argv, .variable = password };

		n += !child_start(&t, &shells[n], e);
	}
	return n;
}

/*
 * Until the first of them is left: 0.  -EINTR: the server has cancelled the job; -EIO: there is
 * none left that anybody was let into.
 */
static int wait_first(struct agent *a, struct child *shells, unsigned n)
{
	struct pollfd gone = { .fd = reporter_gone_fd(a->reporter), .events = POLLIN };
	unsigned left = n;
	int status;

	while (left) {
		for (unsigned i = 0; i < n; i++) {
			if (!child_ended(&shells[i], &status))
				continue;
			if (status != CONSOLE_FAILED)
				return 0;
			left--;
		}
		if (poll(&gone, 1, 200) > 0)
			return -EINTR;
	}
	return -EIO;
}

void work_shell(struct agent *a, struct outcome *o)
{
	struct child shells[SHELLS_MAX] = { 0 };
	unsigned n = start_all(a, shells, &o->e);
	int r = -EIO;

	if (n) {
		agent_step(a, "a shell is given on %u console%s", n, n > 1 ? "s" : "");
		r = wait_first(a, shells, n);
	}
	if (r == -EINTR)
		err_set(&o->e, r, "the server has cancelled the job");
	else if (r && !o->e.msg[0])
		err_set(&o->e, r, "none of the consoles is a terminal");
	if (r && r != -EINTR)
		err_wrap(&o->e, r, "no shell can be given");
	if (r)
		outcome_fail(o, r);
	for (unsigned i = 0; i < n; i++)
		if (shells[i].pid)
			child_stop(&shells[i], 1000);
}
