// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/hardware/iface.h"

#include "common/plain.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERFACES_MAX 16384
#define ROUNDS         3 /* udev may be renaming while we look */

struct scan {
	struct sysfs sys;
	struct rtnl_link *links;
	size_t n_links;
	bool moved; /* something went or was renamed meanwhile */
	struct nics *ret;
};

void nics_free(struct nics *n)
{
	free(n->v);
	free(n->skipped);
	*n = (struct nics){ 0 };
}

const struct nic *nics_by_mac(const struct nics *n, const struct mac *perm)
{
	for (size_t i = 0; i < n->n; i++)
		if (mac_equal(&n->v[i].perm, perm))
			return &n->v[i];
	return NULL;
}

const struct nic *nics_by_name(const struct nics *n, const char *name)
{
	for (size_t i = 0; i < n->n; i++)
		if (!strcmp(n->v[i].name, name))
			return &n->v[i];
	return NULL;
}

static int add_card(struct nics *ret, const struct nic *nic, struct err *e)
{
	struct nic *v = reallocarray(ret->v, ret->n + 1, sizeof(*v));

	if (!v)
		return err_nomem(e);
	ret->v = v;
	v[ret->n++] = *nic;
	return 0;
}

static int add_skipped(struct nics *ret, const char *name, const char *why, struct err *e)
{
	struct skipped *v = reallocarray(ret->skipped, ret->n_skipped + 1, sizeof(*v));

	if (!v)
		return err_nomem(e);
	ret->skipped = v;
	plain_text(v[ret->n_skipped].name, sizeof(v->name), name, "");
	plain_text(v[ret->n_skipped].why, sizeof(v->why), why, "");
	ret->n_skipped++;
	return 0;
}

/* What rtnetlink calls so; by its name, as class/net may be of another namespace. */
static const struct rtnl_link *find_link(const struct scan *s, const char *name)
{
	for (size_t i = 0; i < s->n_links; i++)
		if (!strcmp(s->links[i].name, name))
			return &s->links[i];
	return NULL;
}

/* Is it there, and the one that rtnetlink told of before?  Numbers are not given again. */
static bool is_still_there(const struct scan *s, const struct iface *i)
{
	char net[PATH_MAX + 16], dir[PATH_MAX + 300];
	uint64_t index;

	snprintf(net, sizeof(net), "%s/class/net", s->sys.base);
	if (!s->sys.live)
		return sysfs_has(net, i->entry);
	snprintf(dir, sizeof(dir), "%s/%s", net, i->entry);
	return i->link && sysfs_number(dir, "ifindex", 10, INT_MAX, &index) &&
	       (int)index == i->link->ifindex;
}

static int look_at(struct scan *s, const char *entry, struct err *e)
{
	struct iface i = { .entry = entry, .link = find_link(s, entry) };
	char why[sizeof(((struct skipped *)0)->why)] = "";
	bool left_out = iface_leave_out(&s->sys, &i, why, sizeof(why));
	struct nic nic;

	if (left_out && !why[0])
		return 0;
	if (!left_out && !card_read(&s->sys, &i, &nic)) {
		snprintf(why, sizeof(why), "has no Ethernet address");
		left_out = true;
	}
	/* What went away while it was looked at, or came anew by this name, was never there. */
	if (!is_still_there(s, &i)) {
		s->moved = true;
		return 0;
	}
	return left_out ? add_skipped(s->ret, entry, why, e) : add_card(s->ret, &nic, e);
}

static int look_at_all(struct scan *s, struct err *e)
{
	char path[PATH_MAX + 16];
	struct dirent *d;
	DIR *dir;
	int r = 0;

	snprintf(path, sizeof(path), "%s/class/net", s->sys.base);
	dir = opendir(path);
	if (!dir)
		return err_sys(e, "%s: there are no network interfaces to be read", path);
	while (!r && (errno = 0, d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		if (s->ret->n + s->ret->n_skipped >= INTERFACES_MAX)
			r = err_set(e, -E2BIG, "%s: more than %d interfaces", path,
				    INTERFACES_MAX);
		else
			r = look_at(s, d->d_name, e);
	}
	if (!r && errno)
		r = err_sys(e, "%s: cannot be read", path);
	closedir(dir);
	return r;
}

static int ask_kernel(struct scan *s, struct err *e)
{
	struct rtnl *rtnl = NULL;
	int r = rtnl_open(&rtnl, e);

	if (!r)
		r = rtnl_links(rtnl, &s->links, &s->n_links, e);
	rtnl_close(rtnl);
	return r;
}

static int compare_pci(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	if (!n != !m) /* those without PCI behind those with it */
		return n ? -1 : 1;
	/* Only the domain has a length that varies. */
	return n != m ? (n < m ? -1 : 1) : strcmp(a, b);
}

static int compare(const void *va, const void *vb)
{
	const struct nic *a = va, *b = vb;
	int usb = !strcmp(a->bus, "usb") - !strcmp(b->bus, "usb");
	int r = usb ? usb : compare_pci(a->pci, b->pci);

	if (!r)
		r = (a->dev_port > b->dev_port) - (a->dev_port < b->dev_port);
	/* The number of a USB bus may change from boot to boot, the path does not. */
	if (!r)
		r = strverscmp(a->path, b->path);
	if (!r)
		r = strverscmp(a->address, b->address);
	if (!r)
		r = memcmp(a->perm.b, b->perm.b, sizeof(a->perm.b));
	return r ? r : strverscmp(a->name, b->name);
}

static int compare_skipped(const void *a, const void *b)
{
	return strverscmp(((const struct skipped *)a)->name, ((const struct skipped *)b)->name);
}

static int scan_once(struct scan *s, struct err *e)
{
	int r = s->sys.live ? ask_kernel(s, e) : 0;

	s->moved = false;
	if (!r)
		r = look_at_all(s, e);
	free(s->links);
	s->links = NULL;
	s->n_links = 0;
	return r;
}

int nics_scan(const char *sys, struct nics *ret, struct err *e)
{
	struct scan s = { .ret = ret };
	int r;

	*ret = (struct nics){ 0 };
	r = sysfs_open(sys, &s.sys, e);
	for (int round = 0; !r && round < ROUNDS && (!round || s.moved); round++) {
		nics_free(ret);
		r = scan_once(&s, e);
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare);
	if (ret->n_skipped)
		qsort(ret->skipped, ret->n_skipped, sizeof(*ret->skipped), compare_skipped);
	return r;
}
