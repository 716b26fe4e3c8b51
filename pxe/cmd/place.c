// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int place_open(const struct pxe_options *o, struct place *ret, struct err *e)
{
	bool found;
	int r;

	*ret = (struct place){ .o = o };
	r = lab_read(o->config, &ret->lab, &found, e);
	if (r)
		return r == -EINVAL ? -ECANCELED : r;
	if (access(ret->lab.state, F_OK) && errno == ENOENT)
		return err_set(e, -ECANCELED,
			       "the folder of the database, %s, is not there: start the server "
			       "once (slate-pxe serve), or make it",
			       ret->lab.state);
	return store_open(ret->lab.state, &ret->store, e);
}

int place_close(struct place *p, int r, struct err *e)
{
	store_close(p->store);
	p->store = NULL;
	if (fflush(stdout) && !r)
		r = err_sys(e, "what was to be told cannot be written");
	return r;
}

int place_status(int r, const struct err *e)
{
	if (!r)
		return PXE_STATUS_DONE;
	if (r != -EINVAL && r != -ENOENT && r != -EEXIST)
		return pxe_fail(r, e);
	verb_tell(stderr, "slate-pxe", e);
	return r == -EINVAL ? PXE_STATUS_USAGE : PXE_STATUS_PENDING;
}

static const struct place_verb *find(const struct place_verb *table, const char *command,
				     const char *name, struct err *e)
{
	char list[128] = "";
	size_t n = 0;

	for (const struct place_verb *v = table; v->name; v++) {
		if (!strcmp(v->name, name))
			return v;
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "",
				      v->name);
	}
	err_set(e, 0, "%s knows no \"%.64s\"; it has %s", command, name, list);
	return NULL;
}

static int run(const struct place_verb *v, struct place *p, int argc, char **argv,
	       struct err *e)
{
	int r = v->all_or_none ? store_begin(p->store, e) : 0;

	if (r)
		return r;
	r = v->run(p, argc, argv, e);
	if (!v->all_or_none)
		return r;
	if (!r)
		return store_commit(p->store, e);
	store_rollback(p->store);
	return r;
}

int place_run(const struct place_verb *table, const char *name, const struct pxe_options *o,
	      int argc, char **argv)
{
	struct err e = { "" };
	const struct place_verb *v = find(table, name, argv[0], &e);
	struct place p;
	int r;

	if (!v)
		return place_status(-EINVAL, &e);
	argc--;
	argv++;
	if (argc < v->min || (v->max >= 0 && argc > v->max)) {
		err_set(&e, 0, "%s %s takes %s", name, v->name, v->operands);
		return place_status(-EINVAL, &e);
	}
	r = place_open(o, &p, &e);
	if (r)
		return pxe_fail(r, &e);
	r = run(v, &p, argc, argv, &e);
	r = place_close(&p, r, &e);
	return place_status(r, &e);
}

int place_host(struct store *s, const char *who, struct host *ret, struct err *e)
{
	struct mac mac;
	int r = mac_parse(who, &mac, NULL) ? store_host_by_name(s, who, ret, e)
					   : store_host_by_mac(s, &mac, ret, e);

	if (r == -ENOENT)
		err_set(e, r,
			"there is no machine \"%s\"; slate-pxe host list --all shows them all",
			who);
	return r;
}

const char *place_name(struct store *s, const struct mac *mac, char buf[PLACE_NAME_MAX])
{
	struct host h;

	if (!store_host_by_mac(s, mac, &h, NULL) && h.name[0])
		memcpy(buf, h.name, PLACE_NAME_MAX);
	else
		mac_text(mac, buf);
	return buf;
}
