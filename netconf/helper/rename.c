// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/helper/rename.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIGNS                                                                                  \
	"abcdefghijklmnopqrstuvwxyz"                                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"                                                           \
	"0123456789-._"

int rename_operands(const char *index, const char *name, int *ret, struct err *e)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(index, &end, 10);
	if (index[0] < '0' || index[0] > '9' || *end || errno || n < 1 || n > INT_MAX)
		return err_set(e, -EINVAL, "\"%.32s\" is no index of an interface", index);
	if (!*name || strlen(name) >= IFNAMSIZ || name[strspn(name, SIGNS)] || name[0] == '.')
		return err_set(e, -EINVAL, "\"%.32s\" is no name for an interface", name);
	*ret = (int)n;
	return 0;
}

static const struct rtnl_link *by_index(const struct rtnl_link *v, size_t n, int ifindex)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].ifindex == ifindex)
			return v + i;
	return NULL;
}

static const struct rtnl_link *by_name(const struct rtnl_link *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strncmp(v[i].name, name, IFNAMSIZ))
			return v + i;
	return NULL;
}

/* Who did not leave, and how this one is called now. */
static int tell_holder(struct rtnl *r, int ifindex, const char *name, struct err *e)
{
	const struct rtnl_link *own, *holder;
	struct rtnl_link *v;
	char text[MAC_TEXT_MAX] = "unknown address";
	size_t n;
	int code = rtnl_links(r, &v, &n, e);

	if (code)
		return code;
	own = by_index(v, n, ifindex);
	holder = by_name(v, n, name);
	if (holder && holder->has_perm)
		mac_text(&holder->perm, text);
	if (holder)
		err_set(e, -EEXIST,
			"%s stays %.15s: interface %d (%s%s) did not give the name up; "
			"slate-netconf check tells more",
			name, own ? own->name : "?", holder->ifindex, text,
			holder->flags & IFF_UP ? ", in use" : "");
	else
		err_set(e, -EEXIST,
			"%s stays %.15s: the name is a second one of another interface", name,
			own ? own->name : "?");
	free(v);
	return -EEXIST;
}

/* 1: it has the name already. */
static int has_name(struct rtnl *r, int ifindex, const char *name, struct err *e)
{
	const struct rtnl_link *own;
	struct rtnl_link *v;
	size_t n;
	int code = rtnl_links(r, &v, &n, e);

	if (code)
		return code;
	own = by_index(v, n, ifindex);
	code = own ? !strncmp(own->name, name, IFNAMSIZ)
		   : err_set(e, -ENODEV, "there is no interface %d any more", ifindex);
	free(v);
	return code;
}

int rename_wait(struct rtnl *r, int ifindex, const char *name, unsigned tries, struct err *e)
{
	const struct timespec step = { .tv_nsec = 50 * 1000 * 1000 };
	int code = has_name(r, ifindex, name, e);

	if (code)
		return code < 0 ? code : 0;
	code = rtnl_rename(r, ifindex, name, e);
	while (code == -EEXIST && tries--) {
		nanosleep(&step, NULL);
		code = rtnl_rename(r, ifindex, name, e);
	}
	return code == -EEXIST ? tell_holder(r, ifindex, name, e) : code;
}
