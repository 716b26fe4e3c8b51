// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/identity.h"

#include "common/io.h"
#include "common/run_program.h"
#include "rescue/disk/mounts.h"
#include "rescue/vault/tar.h"
#include "rescue/work/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VAULT_PATH    "/api/v1/vault"
#define VAULT_SECONDS 60 /* to try, while the server is away */
#define NETCONF_NONE  3  /* slate-netconf --save: there is nothing that can be kept */

/* One system that is worked on. */
struct visit {
	struct agent *a;
	const struct vault *v;
	bool saved; /* an identity is in the vault */
	char dir[PATH_MAX];
};

/* Called with each Linux root mounted on @t->dir; 1: enough, no more. */
typedef int visit_do(struct visit *t, const struct part *p, struct err *e);

static int visit_all(struct visit *t, const char *disk, bool write, visit_do *act,
		     unsigned *ret_n, struct err *e)
{
	struct parts *all = malloc(sizeof(*all));
	int r = 0;

	*ret_n = 0;
	if (!all)
		return err_nomem(e);
	parts_read(t->a->root, disk, all);
	snprintf(t->dir, sizeof(t->dir), "%s/run/slate/root", t->a->root);
	for (unsigned i = 0; i < all->n && !r; i++) {
		struct err why = { "" };
		int got = mounts_root(&all->v[i], t->dir, write, &why);

		if (got == -ENOENT)
			continue;
		if (got && write) {
			r = err_set(e, got, "%s", why.msg);
		} else if (got) {
			agent_say(t->a, "passed over: %s", why.msg);
		} else {
			++*ret_n;
			r = act(t, &all->v[i], e);
			got = mounts_end(t->dir, &why);
			if (got && r >= 0)
				r = err_set(e, got, "%s", why.msg);
		}
	}
	free(all);
	return r < 0 ? r : 0;
}

/* Its exit status; what it says goes into the log. */
static int netconf(const struct visit *t, const char *const args[], struct output *o,
		   struct err *e)
{
	const char *argv[20] = { "slate-netconf", "--root", t->dir, "--sys" };
	char sys[PATH_MAX], text[sizeof(o->text)], *at = text, *line;
	unsigned n = 5;
	int r;

	snprintf(sys, sizeof(sys), "%s/sys", t->a->root);
	argv[4] = sys;
	for (; *args && n < 19; args++)
		argv[n++] = *args;
	r = program_run(argv, NULL, o, e);
	memcpy(text, o->text, sizeof(text));
	while ((line = strsep(&at, "\n")))
		if (line[0])
			log_add(&t->a->log, line);
	return r;
}

static int save_one(struct visit *t, const struct part *p, struct err *e)
{
	const char *const args[] = { "--vault", t->v->dir, "--save", "personalise", NULL };
	struct output o;
	int r = netconf(t, args, &o, e);

	if (r < 0)
		return r;
	/* It has none yet, or this machine has nothing by which a vault could know it. */
	if (r == NETCONF_NONE) {
		agent_step(t->a, "no identity is kept of the system on %s: %s", p->name,
			   output_last_line(&o));
		return 0;
	}
	if (r) {
		/* To mend a broken system is what a restore is for. */
		agent_step(t->a, "the system on %s is too damaged to keep its identity: %s",
			   p->name, output_last_line(&o));
		return 0;
	}
	agent_step(t->a, "the identity of the system on %s is kept", p->name);
	t->saved = true;
	return 1;
}

/*
 * The name that the server has for this machine, as slate-netconf's table: that counts more
 * than the name in the vault, as --hostname does not.
 */
static int write_table(const struct agent *a, const char *host, char path[PATH_MAX],
		       struct err *e)
{
	char line[100], mac[MAC_TEXT_MAX];
	int fd, r;

	snprintf(path, PATH_MAX, "%s/run/slate/names", a->root);
	snprintf(line, sizeof(line), "%s %s\n", mac_text(agent_card(a), mac), host);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "%s", path);
	r = io_write(fd, line, strlen(line));
	close(fd);
	return r ? err_set(e, r, "%s: %s", path, strerror(-r)) : 0;
}

static int personalise_one(struct visit *t, const struct part *p, struct err *e)
{
	const char *host = t->a->job.host[0] ? t->a->job.host : t->a->line.host;
	char name[80], table[PATH_MAX];
	const char *args[9] = { "personalise" };
	struct output o;
	unsigned n = 1;
	int r = host[0] ? write_table(t->a, host, table, e) : 0;

	if (r)
		return r;
	snprintf(name, sizeof(name), "--hostname=%s", host);
	if (host[0]) {
		args[n++] = name;
		args[n++] = "--table";
		args[n++] = table;
	}
	/* Without one it gets a new identity at its first start. */
	if (t->v->known) {
		args[n++] = "--restore";
		args[n++] = "--vault";
		args[n++] = t->v->dir;
	}
	r = netconf(t, args, &o, e);
	if (r < 0)
		return r;
	if (r)
		return err_set(e, -EIO, "the system on %s is not made this machine's own: %s",
			       p->name, output_last_line(&o));
	agent_step(t->a, "the system on %s is this machine's own%s%s", p->name,
		   host[0] ? ", with the name " : "", host);
	return 0;
}

/* Cards get their names by the policy that came with the image. */
static int generate_one(struct visit *t, const struct part *p, struct err *e)
{
	const struct agent *a = t->a;
	char policy[PATH_MAX + 32], nic[40], mac[MAC_TEXT_MAX];
	const char *args[4] = { "generate" };
	struct output o;
	struct stat st;
	int r;

	snprintf(policy, sizeof(policy), "%s/etc/slate/netconf.conf", t->dir);
	if (lstat(policy, &st))
		return 0;
	snprintf(nic, sizeof(nic), "--boot-nic=%s", mac_text(&a->line.boot_card, mac));
	if (a->line.has_boot_card)
		args[1] = nic;
	r = netconf(t, args, &o, e);
	if (r < 0)
		return r;
	if (r)
		return err_set(e, -EIO, "the network names of the system on %s: %s", p->name,
			       output_last_line(&o));
	agent_step(t->a, "the network names of the system on %s are set", p->name);
	return 0;
}

static int give_one(struct visit *t, const struct part *p, struct err *e)
{
	int r = personalise_one(t, p, e);

	return r ? r : generate_one(t, p, e);
}

/* A folder of this boot only, in memory. */
static int make_vault(const struct agent *a, struct vault *v, struct err *e)
{
	*v = (struct vault){ 0 };
	snprintf(v->dir, sizeof(v->dir), "%s/run/slate/vault.XXXXXX", a->root);
	if (mkdtemp(v->dir))
		return 0;
	v->dir[0] = '\0';
	return err_sys(e, "cannot make a folder for the vault");
}

/* 1: the server had it, 0: it has none, but can keep one; -ENOTSUP: it keeps none. */
static int fetch(struct agent *a, struct vault *v, struct err *e)
{
	const struct client_request q = { .method = "GET",
					  .path = VAULT_PATH,
					  .token = a->job.token };
	struct client_answer answer;
	int r = ask_server(a, &q, VAULT_SECONDS, &answer, e);

	if (r)
		return r;
	if (answer.status == 204)
		return 0;
	if (answer.status == 404 || answer.status == 405)
		return -ENOTSUP;
	if (answer.status != 200)
		return client_refusal("the vault", &answer, e);
	r = tar_unpack(answer.body, answer.len, v->dir, e);
	if (r)
		return r;
	agent_step(a, "this machine's identity comes from the server's vault");
	return 1;
}

static int hand_over(struct agent *a, const struct vault *v, struct err *e)
{
	struct client_request q = { .method = "PUT",
				    .path = VAULT_PATH,
				    .token = a->job.token,
				    .type = "application/octet-stream" };
	struct client_answer answer;
	void *tar;
	int r = tar_pack(v->dir, &tar, &q.len, e);

	if (r || !q.len)
		return r;
	q.body = tar;
	r = ask_server(a, &q, VAULT_SECONDS, &answer, e);
	if (!r && answer.status / 100 != 2)
		r = client_refusal("the vault", &answer, e);
	free(tar);
	return r;
}

int identity_keep(struct agent *a, const char *disk, struct vault *v, struct err *e)
{
	struct visit t = { .a = a, .v = v };
	bool keeps = false;
	unsigned n;
	int r = make_vault(a, v, e);

	if (!r && a->client) {
		r = fetch(a, v, e);
		keeps = r != -ENOTSUP;
		v->known = r > 0;
	}
	if (!keeps && r == -ENOTSUP) {
		agent_step(a,
			   "the server keeps no identities: this machine's is kept in memory");
		r = 0;
	}
	if (!r) {
		r = visit_all(&t, disk, false, save_one, &n, e);
		v->known = t.saved;
		if (!r && v->known && keeps)
			r = hand_over(a, v, e);
	}
	return r < 0 ? err_wrap(e, r,
				"this machine's identity (its SSH keys and the like) would be "
				"lost, so nothing was touched")
		     : 0;
}

int identity_give(struct agent *a, const char *disk, const struct vault *v, struct err *e)
{
	struct visit t = { .a = a, .v = v };
	unsigned n;
	int r = visit_all(&t, disk, true, give_one, &n, e);

	if (!r && !n)
		agent_step(a, "no Linux system is on the disk: nothing to personalise");
	return r;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void identity_forget(struct vault *v)
{
	if (v->dir[0])
		(void)nftw(v->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	v->dir[0] = '\0';
}
