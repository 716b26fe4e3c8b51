// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/live.h"

#include "common/io.h"
#include "netconf/root/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UDEV_FILE_MAX 65536
#define FREE_NAMES    1000

struct search {
	const struct plan *plan;
	const char *udev;
	bool force;
	struct rtnl_link *links;
	size_t n_links;
	struct live *ret;
};

void live_free(struct live *l)
{
	free(l->v);
	*l = (struct live){ 0 };
}

static const struct rtnl_link *by_index(const struct search *s, int ifindex)
{
	for (size_t i = 0; i < s->n_links; i++)
		if (s->links[i].ifindex == ifindex)
			return &s->links[i];
	return NULL;
}

static const struct rtnl_link *by_name(const struct search *s, const char *name)
{
	for (size_t i = 0; i < s->n_links; i++)
		if (!strcmp(s->links[i].name, name))
			return &s->links[i];
	return NULL;
}

static struct live_move *move_of(const struct search *s, int ifindex)
{
	for (size_t i = 0; i < s->ret->n; i++)
		if (s->ret->v[i].ifindex == ifindex)
			return &s->ret->v[i];
	return NULL;
}

static bool is_taken(const struct search *s, const char *name)
{
	if (by_name(s, name))
		return true;
	for (size_t i = 0; i < s->ret->n; i++)
		if (!strcmp(s->ret->v[i].to, name) || !strcmp(s->ret->v[i].aside, name))
			return true;
	for (size_t i = 0; i < s->plan->n; i++)
		if (!strcmp(s->plan->v[i].want->name, name))
			return true;
	return false;
}

/* "nc-eth0", which the rules know, too; a longer name steps aside to one by its number. */
static void aside_name(const struct search *s, const char *to, int ifindex,
		       char ret[NIC_NAME_MAX])
{
	if (snprintf(ret, NIC_NAME_MAX, "nc-%s", to) < NIC_NAME_MAX && !by_name(s, ret))
		return;
	for (int i = ifindex; i < ifindex + FREE_NAMES; i++) {
		snprintf(ret, NIC_NAME_MAX, "slate%d", i);
		if (!is_taken(s, ret))
			return;
	}
}

static int add(struct search *s, const struct rtnl_link *link, const char *to, bool stranger,
	       struct err *e)
{
	struct live *l = s->ret;
	struct live_move *v = reallocarray(l->v, l->n + 1, sizeof(*v));

	if (!v)
		return err_nomem(e);
	l->v = v;
	v += l->n;
	*v = (struct live_move){ .ifindex = link->ifindex,
				 .up = (link->flags & IFF_UP) != 0,
				 .stranger = stranger };
	snprintf(v->from, sizeof(v->from), "%s", link->name);
	snprintf(v->to, sizeof(v->to), "%s", to);
	aside_name(s, to, link->ifindex, v->aside);
	l->n++;
	return 0;
}

/* What udev calls it by its place; false: it does not tell, or tells nonsense. */
static bool udev_name(const struct search *s, int ifindex, char ret[NIC_NAME_MAX])
{
	static const char key[] = "E:ID_NET_NAME_PATH=";
	char path[512], *text;
	struct lines l;
	bool found = false;

	snprintf(path, sizeof(path), "%s/n%d", s->udev, ifindex);
	text = io_slurp(path, UDEV_FILE_MAX);
	if (!text)
		return false;
	lines_begin(&l, text, strlen(text));
	while (!found && lines_next(&l)) {
		const char *name = l.line + strlen(key);

		if (strncmp(l.line, key, strlen(key)) != 0)
			continue;
		if (name_check(name, NULL) || name_of_kernel(name) || is_taken(s, name))
			break;
		snprintf(ret, NIC_NAME_MAX, "%.15s", name);
		found = true;
	}
	free(text);
	return found;
}

static int add_stranger(struct search *s, const struct rtnl_link *link, struct err *e)
{
	char to[NIC_NAME_MAX];

	if (!udev_name(s, link->ifindex, to)) {
		for (int i = 0; i < FREE_NAMES; i++) {
			snprintf(to, sizeof(to), "other%d", i);
			if (!is_taken(s, to))
				break;
		}
	}
	return add(s, link, to, true, e);
}

static int add_wrong(struct search *s, struct err *e)
{
	int code = 0;

	for (size_t i = 0; i < s->plan->n && !code; i++) {
		const struct choice *c = &s->plan->v[i];
		const struct rtnl_link *link = c->nic ? by_index(s, c->nic->ifindex) : NULL;

		if (link && strcmp(link->name, c->want->name) != 0)
			code = add(s, link, c->want->name, false, e);
	}
	return code;
}

static bool in_the_way(const struct search *s, const struct rtnl_link *link)
{
	for (size_t i = 0; i < s->ret->n; i++)
		if (!s->ret->v[i].stranger && !strcmp(s->ret->v[i].to, link->name))
			return true;
	return false;
}

/* Those in the way; and, as at boot, those that are idle under a name of the kernel's. */
static int add_strangers(struct search *s, struct err *e)
{
	bool all = s->plan->policy->strangers == STRANGERS_PATH_NAME;
	int code = 0;

	for (size_t i = 0; i < s->plan->n_strangers && !code; i++) {
		const struct rtnl_link *link = by_index(s, s->plan->strangers[i]->ifindex);

		if (link && (in_the_way(s, link) ||
			     (all && name_of_kernel(link->name) && !(link->flags & IFF_UP))))
			code = add_stranger(s, link, e);
	}
	return code;
}

/* Why @m cannot move, when it cannot; @return whether that is new. */
static bool block(struct search *s, struct live_move *m)
{
	const struct rtnl_link *holder = by_name(s, m->to);
	const struct live_move *other = holder ? move_of(s, holder->ifindex) : NULL;

	if (m->blocked[0])
		return false;
	if (m->up && !s->force)
		snprintf(m->blocked, sizeof(m->blocked),
			 "it is up; \"ip link set %s down\" first, or --force", m->from);
	else if (holder && !other)
		snprintf(m->blocked, sizeof(m->blocked),
			 "another interface, no network card, has that name");
	else if (other && other->blocked[0])
		snprintf(m->blocked, sizeof(m->blocked),
			 "the card that has that name cannot leave it");
	else
		return false;
	s->ret->blocked++;
	return true;
}

int live_find(struct rtnl *rt, const struct plan *plan, const char *udev, bool force,
	      struct live *ret, struct err *e)
{
	struct search s = { .plan = plan, .udev = udev, .force = force, .ret = ret };
	bool more = true;
	int code;

	*ret = (struct live){ 0 };
	code = rtnl_links(rt, &s.links, &s.n_links, e);
	if (code)
		return code;
	code = add_wrong(&s, e);
	if (!code)
		code = add_strangers(&s, e);
	/* Who is blocked may block others. */
	while (!code && more) {
		more = false;
		for (size_t i = 0; i < ret->n; i++)
			more |= block(&s, &ret->v[i]);
	}
	free(s.links);
	return code;
}
