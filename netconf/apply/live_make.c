// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/live.h"

#include <errno.h>
#include <time.h>

#define TRIES 40
#define PAUSE 50000000L /* nanoseconds */

static bool moves(const struct live_move *m)
{
	return !m->blocked[0] && !m->gone;
}

/* Somebody else may be giving names at the same time; waits up to two seconds for the name. */
static int rename_patiently(struct rtnl *rt, int ifindex, const char *name, struct err *e)
{
	static const struct timespec pause = { .tv_nsec = PAUSE };
	int code = 0;

	for (int i = 0; i < TRIES; i++) {
		code = rtnl_rename(rt, ifindex, name, e);
		if (code != -EEXIST)
			break;
		nanosleep(&pause, NULL);
	}
	return code;
}

/* Down first, when it is up.  A card that was pulled out meanwhile is no failure. */
static int step_aside(struct rtnl *rt, struct live_move *m, struct err *e)
{
	int code = m->up ? rtnl_set_up(rt, m->ifindex, false, e) : 0;

	if (!code)
		code = rtnl_rename(rt, m->ifindex, m->aside, e);
	if (code == -ENODEV) {
		m->gone = true;
		return 0;
	}
	return code ? err_wrap(e, code, "%s", m->from) : 0;
}

static int take_name(struct rtnl *rt, struct live_move *m, struct err *e)
{
	int code = rename_patiently(rt, m->ifindex, m->to, e);

	m->done = !code;
	if (code == -ENODEV) {
		m->gone = true;
		return 0;
	}
	return code ? err_wrap(e, code, "%s", m->from) : 0;
}

/* All get their old names, in two phases as well. */
static void go_back(struct rtnl *rt, const struct live *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].done)
			(void)rtnl_rename(rt, l->v[i].ifindex, l->v[i].aside, NULL);
	for (size_t i = 0; i < l->n; i++)
		if (moves(&l->v[i]))
			(void)rtnl_rename(rt, l->v[i].ifindex, l->v[i].from, NULL);
}

int live_make(struct rtnl *rt, struct live *l, struct err *e)
{
	int code = 0;

	for (size_t i = 0; i < l->n && !code; i++)
		if (moves(&l->v[i]))
			code = step_aside(rt, &l->v[i], e);
	for (size_t i = 0; i < l->n && !code; i++)
		if (moves(&l->v[i]))
			code = take_name(rt, &l->v[i], e);
	if (code)
		go_back(rt, l);
	for (size_t i = 0; i < l->n; i++)
		if (moves(&l->v[i]) && l->v[i].up)
			(void)rtnl_set_up(rt, l->v[i].ifindex, true, NULL);
	return code;
}
