// SPDX-License-Identifier: GPL-3.0-or-later
/* host add|list|set|remove: the machines of the lab; host_import.c has import. */
#include "pxe/cmd/host.h"

#include "pxe/cmd/json.h"
#include "pxe/cmd/table.h"
#include "pxe/cmd/when.h"
#include "pxe/import/hostlist.h"
#include "pxe/store/vault.h"
#include "pxe/wire/datagram.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int copy_option(char *field, size_t n, const char *value, const char *option,
		       struct err *e)
{
	if (!value)
		return 0;
	if (strlen(value) >= n)
		return err_set(e, -EINVAL, "--%s: at most %zu characters", option, n - 1);
	memcpy(field, value, strlen(value) + 1);
	return 0;
}

/* What the options say, over what is there. */
static int apply_options(const struct pxe_options *o, struct host *h, struct err *e)
{
	int r = copy_option(h->name, sizeof(h->name), o->name, "name", e);

	if (!r)
		r = copy_option(h->group, sizeof(h->group), o->group, "group", e);
	if (!r && o->address) {
		r = hostlist_address(o->address, &h->addr, e);
		if (r)
			err_wrap(e, r, "--address");
	}
	return r;
}

/* "NAME MAC", "MAC NAME", or "MAC --name=NAME". */
static int read_new(const struct pxe_options *o, int argc, char **argv, struct host *h,
		    struct err *e)
{
	const char *mac = argv[0], *name = o->name;
	struct mac ignored;

	if (argc == 2 && name)
		return err_set(e, -EINVAL, "the name is given twice, with and without --name");
	if (argc == 2) {
		name = argv[0];
		mac = argv[1];
		if (!mac_parse(name, &ignored, NULL)) {
			name = argv[1];
			mac = argv[0];
		}
	}
	if (mac_parse(mac, &h->mac, e))
		return -EINVAL;
	if (!name)
		return err_set(e, -EINVAL, "a machine needs a name: slate-pxe host add NAME %s",
			       mac);
	return copy_option(h->name, sizeof(h->name), name, "name", e);
}

static int add(struct place *p, int argc, char **argv, struct err *e)
{
	struct host h = { .name = "" }, old;
	char mac[MAC_TEXT_MAX];
	int r = read_new(p->o, argc, argv, &h, e);

	if (!r)
		r = apply_options(p->o, &h, e);
	if (r)
		return r;
	r = store_host_by_mac(p->store, &h.mac, &old, e);
	if (!r && old.known)
		return err_set(e, -EEXIST,
			       "%s is %s already; slate-pxe host set %s --name=%s renames it",
			       mac_text(&h.mac, mac), old.name, old.name, h.name);
	if (r && r != -ENOENT)
		return r;
	return store_host_put(p->store, &h, e);
}

static int set(struct place *p, int argc, char **argv, struct err *e)
{
	struct host h;
	int r;

	(void)argc;
	if (!p->o->name && !p->o->group && !p->o->address)
		return err_set(e, -EINVAL, "what shall be set? --name, --group or --address");
	r = place_host(p->store, argv[0], &h, e);
	if (!r)
		r = apply_options(p->o, &h, e);
	if (!r && !h.name[0])
		return err_set(e, -EINVAL, "%s has no name yet: give it one with --name",
			       argv[0]);
	return r ? r : store_host_put(p->store, &h, e);
}

/* ---- remove: with the jobs that wait for it, as it could come back as another machine ---- */

struct removed {
	struct store *store;
	struct mac mac;
	unsigned n; /* jobs of it that are cancelled */
};

static int cancel_waiting(void *ctx, const struct job *j, struct err *e)
{
	struct removed *c = ctx;
	int r;

	if ((j->state != JOB_WAITING && !job_resumes(j)) || !mac_equal(&j->mac, &c->mac))
		return 0;
	r = store_job_cancel(c->store, j->id, time(NULL), e);
	c->n += !r;
	return r;
}

/* 1: it had one, and has it no more; 0: it had none. */
static int drop_vault(struct place *p, const struct mac *mac, struct err *e)
{
	int r = stored_vault_remove(p->lab.state, mac, e);

	return r == -ENOENT ? 0 : r ? r : 1;
}

static int forget(struct place *p, int argc, char **argv, struct err *e)
{
	struct host h;
	int r = 0;

	for (int i = 0; i < argc; i++) {
		r = place_host(p->store, argv[i], &h, e);
		/* One that was removed is still known by its MAC. */
		if (r == -ENOENT && !mac_parse(argv[i], &h.mac, NULL))
			r = 0;
		if (!r)
			r = drop_vault(p, &h.mac, e);
		if (r < 0)
			return r;
		printf("%s: %s\n", argv[i],
		       r ? "its identity is forgotten; the next restore makes it a new one, "
			   "or keeps that of its disk"
			 : "there was no identity");
	}
	return 0;
}

static int remove_one(const char *who, struct removed *c, struct err *e)
{
	struct host h;
	int r = place_host(c->store, who, &h, e);

	if (r)
		return r;
	c->mac = h.mac;
	r = store_jobs(c->store, false, cancel_waiting, c, e);
	return r ? r : store_host_remove(c->store, &h.mac, e);
}

/* All of them, or none. */
static int remove_all(struct store *s, int argc, char **argv, struct removed *all,
		      struct err *e)
{
	int r = store_begin(s, e);

	if (r)
		return r;
	for (int i = 0; !r && i < argc; i++) {
		all[i].store = s;
		r = remove_one(argv[i], &all[i], e);
	}
	if (!r)
		return store_commit(s, e);
	store_rollback(s);
	return r;
}

/* Identities go last, as no transaction brings them back. */
static int remove_hosts(struct place *p, int argc, char **argv, struct err *e)
{
	struct removed *all = calloc((size_t)argc, sizeof(*all));
	int r = all ? remove_all(p->store, argc, argv, all, e) : err_nomem(e);

	for (int i = 0; !r && i < argc; i++) {
		r = drop_vault(p, &all[i].mac, e);
		if (r > 0)
			printf("%s: its identity is forgotten, too\n", argv[i]);
		r = r < 0 ? r : 0;
		if (all[i].n)
			printf("%s: %u waiting job%s cancelled\n", argv[i], all[i].n,
			       all[i].n == 1 ? "" : "s");
	}
	free(all);
	return r;
}

/* ---- list ------------------------------------------------------------------ */

struct listing {
	struct place *p;
	struct table table;
	int64_t now;
};

static int list_host(void *ctx, const struct host *h, struct err *e)
{
	struct listing *l = ctx;
	char mac[MAC_TEXT_MAX], addr[ADDR_TEXT_MAX], age[WHEN_TEXT_MAX];

	(void)e;
	table_cell(&l->table, "%s", h->name);
	table_cell(&l->table, "%s", mac_text(&h->mac, mac));
	table_cell(&l->table, "%s", h->group);
	table_cell(&l->table, "%s", h->addr ? addr_text(h->addr, addr) : "");
	table_cell(&l->table, "%s", h->last_addr ? addr_text(h->last_addr, addr) : "");
	table_cell(&l->table, "%s%s",
		   h->last_seen ? when_age(l->now - h->last_seen, age) : "never",
		   h->last_seen ? " ago" : "");
	table_cell(&l->table, "%s", h->kind);
	table_cell(&l->table, "%s", stored_vault_exists(l->p->lab.state, &h->mac) ? "yes" : "");
	return 0;
}

static int list_json(void *ctx, const struct host *h, struct err *e)
{
	const struct place *p = ctx;
	char mac[MAC_TEXT_MAX], addr[ADDR_TEXT_MAX], last[ADDR_TEXT_MAX];

	return json_line(
		json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:I, s:I, s:b}", "mac",
			  mac_text(&h->mac, mac), "name", h->name, "group", h->group, "known",
			  h->known, "address", h->addr ? addr_text(h->addr, addr) : "",
			  "last_address", h->last_addr ? addr_text(h->last_addr, last) : "",
			  "kind", h->kind, "uuid", h->uuid, "first_seen",
			  (json_int_t)h->first_seen, "last_seen", (json_int_t)h->last_seen,
			  "vault", stored_vault_exists(p->lab.state, &h->mac)),
		e);
}

static int list(struct place *p, int argc, char **argv, struct err *e)
{
	const char *who = argc ? argv[0] : "all";
	struct listing l = { .p = p, .now = time(NULL) };
	int r;

	if (p->o->json)
		return store_hosts(p->store, who, p->o->all, list_json, p, e);
	table_begin(&l.table, "NAME|MAC|GROUP|FIXED ADDRESS|LAST ADDRESS|SEEN|AS|VAULT");
	r = store_hosts(p->store, who, p->o->all, list_host, &l, e);
	if (!r)
		return table_end(&l.table, stdout, e);
	table_free(&l.table);
	return r;
}

int pxe_host(const struct pxe_options *o, int argc, char **argv)
{
	static const struct place_verb verbs[] = {
		{ "add", "NAME MAC, or MAC --name=NAME", 1, 2, true, add },
		{ "list", "at most one HOST or GROUP", 0, 1, false, list },
		{ "set", "one HOST", 1, 1, true, set },
		{ "forget", "HOST...", 1, -1, false, forget },
		{ "remove", "HOST...", 1, -1, false, remove_hosts },
		{ "import", "one FILE (- for standard input)", 1, 1, false, host_import },
		{ 0 },
	};

	return place_run(verbs, "host", o, argc, argv);
}
